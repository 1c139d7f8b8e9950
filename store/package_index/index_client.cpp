#include "store/package_index/index_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

bool is_distribution(std::string_view name) {
  return name.ends_with(".whl") || name.ends_with(".tar.gz") || name.ends_with(".zip");
}

bool is_page(std::string_view name) { return name.ends_with(".html") || name.ends_with(".htm"); }

bool is_directory(const std::string& path) { return leads_to_file(path + "/."); }

// A URL, or the path of something on this machine.
Url place_url(const std::string& place) {
  if (place.find("://") != std::string::npos) return parse_url(place);
  return parse_url(file_url(absolute_path(place)));
}

// With "/" at the end, so that names can be appended.
Url index_url(const std::string& place) {
  Url url = place_url(place);
  if (!url.path.ends_with('/')) url.path += '/';
  return url;
}

ProjectPage read_page_file(const std::string& path) {
  const std::string body = read_fd(open_user_file(path).get(), kMaxHtmlPageBytes, path);
  return parse_project_page(body, "text/html", parse_url(file_url(path)));
}

IndexFile file_of_folder(const std::string& folder, const std::string& name) {
  IndexFile file;
  file.name = name;
  file.url = file_url(folder + "/" + name);
  return file;
}

ProjectPage read_folder(const std::string& path) {
  ProjectPage page;
  const Fd folder = open_directory(path);
  list_directory(folder.get(), path, [&](const std::string& name, unsigned char) {
    if (!is_distribution(name) || component_problem(name)) return;
    if (page.files.size() == kMaxFilesOfPage) throw Error(fmt::format("reading {}: holds too many files", path));
    page.files.push_back(file_of_folder(path, name));
  });
  // The order of a directory says nothing.
  std::sort(page.files.begin(), page.files.end(),
            [](const IndexFile& a, const IndexFile& b) { return a.name < b.name; });
  return page;
}

ProjectPage read_local_place(const std::string& path) {
  if (is_directory(path)) return read_folder(path);
  if (is_page(path)) return read_page_file(path);
  if (!leads_to_file(path)) throw NotFound(path + ": does not exist", "check --find-links");
  if (!is_distribution(path)) throw InvalidInput(path + ": is neither a folder, nor a page (.html), nor a wheel");
  ProjectPage page;
  page.files.push_back(file_of_folder(std::string(parent_of(path)), std::string(name_of(path))));
  return page;
}

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// An index that knows the name has it, also where nothing is left of it: somebody else may publish under the name elsewhere.
bool is_found(const ProjectFiles& project) { return !project.files.empty() || !project.known.empty(); }

}  // namespace

bool may_be_of_project(std::string_view file_name, std::string_view name) {
  if (file_name.ends_with(".whl")) return normalize_name(file_name.substr(0, file_name.find('-'))) == name;
  const std::string normalized = normalize_name(file_name);
  return normalized.size() > name.size() + 1 && normalized.starts_with(name) && normalized[name.size()] == '-';
}

IndexClient::IndexClient(HttpClient& client, const HttpCache* cache, CacheMode mode, const IndexPlaces& places)
    : client_(client), fetcher_(client, cache, mode), strategy_(places.strategy) {
  for (const std::string& place : places.find_links) find_links_.push_back(place_url(place));
  if (!places.no_index) {
    for (const std::string& place : places.indexes) indexes_.push_back(index_url(place));
  }
  // Before anything is fetched: one place's page may link to files at another's.
  for (const Url& url : find_links_) client_.credentials().remember(url);
  for (const Url& url : indexes_) client_.credentials().remember(url);
}

void IndexClient::take_page(const Document& document, const std::string& place, ProjectFiles& project) {
  const int status = document.response.status;
  // Only these say that there is nothing; everything else is an error.
  if (status == 404 || status == 410) return;
  with_context(fmt::format("asking {} for {}", place, project.name), [&] {
    document.response.require_ok();
    ProjectPage page = parse_project_page(document.body, document.content_type, parse_url(document.response.url));
    project.known.push_back(place);
    project.left_out += page.left_out;
    for (IndexFile& file : page.files) {
      if (!may_be_of_project(file.name, project.name)) {
        ++project.left_out;
        continue;
      }
      file.place = place;
      project.files.push_back(std::move(file));
    }
  });
}

void IndexClient::load_find_links() {
  if (std::exchange(find_links_loaded_, true)) return;
  const auto add = [&](ProjectPage page, const Url& url) {
    for (IndexFile& file : page.files) {
      if (!is_distribution(file.name)) continue;
      file.place = redacted_url(url.text());
      linked_files_.push_back(std::move(file));
    }
  };
  std::vector<DocumentRequest> requests;
  for (const Url& url : find_links_) {
    if (!url.is_file()) requests.push_back({url.text(), "text/html", kMaxHtmlPageBytes});
  }
  const std::vector<Document> documents = fetcher_.fetch(requests);
  auto document = documents.begin();
  for (const Url& url : find_links_) {
    with_context("looking for files at " + redacted_url(url.text()), [&] {
      if (url.is_file()) {
        add(read_local_place(without_last_slash(file_path(url))), url);
        return;
      }
      document->response.require_ok();
      add(parse_project_page(document->body, document->content_type, parse_url(document->response.url)), url);
      ++document;
    });
  }
}

void IndexClient::ask_find_links(std::vector<ProjectFiles>& projects) {
  if (find_links_.empty()) return;
  load_find_links();
  for (ProjectFiles& project : projects) {
    for (const Url& url : find_links_) project.asked.push_back(redacted_url(url.text()));
    for (const IndexFile& file : linked_files_) {
      if (may_be_of_project(file.name, project.name)) project.files.push_back(file);
    }
  }
}

void IndexClient::ask_index(const Url& index, std::vector<ProjectFiles>& projects) {
  const std::string place = redacted_url(index.text());
  std::vector<ProjectFiles*> asking;
  std::vector<DocumentRequest> requests;
  for (ProjectFiles& project : projects) {
    if (strategy_ == IndexStrategy::first_index && is_found(project)) {
      project.passed_over.push_back(place);
      continue;
    }
    project.asked.push_back(place);
    Url page = index;
    page.path += project.name + "/";
    if (!index.is_file()) {
      requests.push_back({page.text(), kProjectPageAccept, kMaxPageBytes});
      asking.push_back(&project);
      continue;
    }
    const std::string path = file_path(page) + "index.html";
    if (!leads_to_file(path)) continue;
    Document document;
    document.response.status = 200;
    document.response.url = file_url(path);
    document.body = read_fd(open_user_file(path).get(), kMaxHtmlPageBytes, path);
    take_page(document, place, project);
  }
  const std::vector<Document> documents = fetcher_.fetch(requests);
  // Offline everything that is missing is named at once.
  std::string missing, hint;
  for (std::size_t i = 0; i < asking.size(); ++i) {
    try {
      take_page(documents[i], place, *asking[i]);
    } catch (const NotFound& error) {
      missing += (missing.empty() ? "" : "\n") + error.message();
      hint = error.hint();
    }
  }
  if (!missing.empty()) throw NotFound(missing, hint);
}

std::vector<ProjectFiles> IndexClient::find(const std::vector<std::string>& names) {
  std::vector<ProjectFiles> projects(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    // It becomes part of URLs and paths.
    if (!is_project_name(names[i])) throw UsageError(printable(names[i]) + ": not the name of a project");
    projects[i].name = normalize_name(names[i]);
  }
  ask_find_links(projects);
  for (const Url& index : indexes_) ask_index(index, projects);
  return projects;
}

}  // namespace cas
