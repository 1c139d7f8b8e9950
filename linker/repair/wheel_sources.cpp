#include "linker/repair/wheel_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "linker/python/capture.hpp"
#include "linker/seed.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/interpreters.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/package_index/index_client.hpp"
#include "store/roots.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// A file: URL of a wheel; "": none. The text was written by cas, and may have been changed by anybody.
std::string wheel_of_direct_url(const std::string& text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("url") || !document["url"].is_string()) return {};
  const auto url = try_parse_url(document["url"].get<std::string>());
  if (!url || !url->is_file() || !url_file_name(*url).ends_with(".whl")) return {};
  return file_path(*url);
}

// The path of a place on this machine; "": it is elsewhere.
std::string local_path(const std::string& place) {
  if (place.find("://") == std::string::npos) return place;
  const auto url = try_parse_url(place);
  return url && url->is_file() ? file_path(*url) : std::string();
}

// Of find-links: what has to be read to know what files there are, rather than a folder or a file of this machine.
bool is_page(const std::string& place) {
  const std::string path = local_path(place);
  return path.empty() || path.ends_with(".html") || path.ends_with(".htm");
}

void add_unique(std::vector<std::string>& paths, const std::string& path) {
  if (leads_to_file(path) && std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
}

bool is_folder(const std::string& path) { return leads_to_file(path + "/."); }

}  // namespace

WantedWheel wanted_wheel(const Store& store, const Package& package) {
  WantedWheel wanted{package.artifact, package.artifact, package.row.normalized_name, package.row.version};
  try {
    wanted.whole = read_manifest(store.layout(), package.row.manifest).assembled.value_or(package.artifact);
  } catch (const Corruption&) {  // then its identity is all that is known
  }
  return wanted;
}

WantedWheel wanted_wheel(const LostPackage& package) {
  return {package.artifact, package.artifact, normalize_name(package.name), package.version, package.direct_urls};
}

bool is_wheel_of(const std::string& file_name, const WantedWheel& wanted) {
  if (!file_name.ends_with(".whl")) return false;
  try {
    const WheelName name = parse_wheel_name(file_name);
    const auto version = Version::parse(wanted.version);
    return name.normalized == wanted.name && (!version || *version == name.version);
  } catch (const InvalidInput&) {
    return false;
  }
}

WheelSources::WheelSources(const Store& store, PackageNetwork& network, std::vector<std::string> given,
                           Progress& progress, std::vector<std::string>& warnings)
    : store_(store), network_(network), given_(std::move(given)), progress_(progress), warnings_(warnings) {
  for (const std::string& path : given_) {
    if (!leads_to_file(path)) throw NotFound(printable(path) + ": does not exist", "name wheels, or folders of wheels");
  }
}

void WheelSources::failed(const std::string& what) {
  all_answered_ = false;
  if (std::ranges::find(warnings_, what) == warnings_.end()) warnings_.push_back(what);
}

void WheelSources::find_folders() {
  if (folders_) return;
  folders_.emplace();
  for (const std::string& path : given_) {
    (is_folder(path) ? *folders_ : files_).push_back(path);
  }
  for (const std::string& place : network_.options().places.find_links) {
    if (is_page(place)) continue;
    const std::string path = local_path(place);
    if (is_folder(path)) {
      folders_->push_back(path);
    } else if (leads_to_file(path)) {
      files_.push_back(path);
    } else {
      failed(fmt::format("--find-links {}: does not exist", printable(path)));
    }
  }
  for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
    const auto facts = facts_of(interpreter);
    if (!facts) continue;
    for (std::string& folder : bundled_wheel_folders(*facts)) folders_->push_back(std::move(folder));
  }
}

std::vector<std::string> WheelSources::at_hand(const std::vector<WantedWheel>& wanted) {
  find_folders();
  std::vector<std::string> wheels = files_;
  for (const std::string& folder : *folders_) {
    const Fd directory = try_open_directory_at(kCurrentDirectory, folder);
    if (!directory) continue;
    std::vector<std::string> names;
    list_directory(directory.get(), folder, [&](const std::string& name, unsigned char) {
      if (std::ranges::any_of(wanted, [&](const WantedWheel& one) { return is_wheel_of(name, one); })) {
        names.push_back(name);
      }
    });
    std::ranges::sort(names);
    for (const std::string& name : names) add_unique(wheels, folder + "/" + name);
  }
  const auto add_named = [&](const std::string& direct_url) {
    const std::string path = wheel_of_direct_url(direct_url);
    if (!path.empty()) add_unique(wheels, path);
  };
  for (const WantedWheel& one : wanted) std::ranges::for_each(one.direct_urls, add_named);
  for (const Root& root : list_environments(store_)) {
    for (const AnchoredPackage& anchored : root.anchor.packages) {
      const auto same = [&](const WantedWheel& one) { return one.artifact == anchored.artifact; };
      if (!anchored.direct_url.empty() && std::ranges::any_of(wanted, same)) add_named(anchored.direct_url);
    }
  }
  return wheels;
}

// Pages of find-links, and indexes. One by one: what is taken is told by its digest, so it does not matter who has it, or who does not answer.
std::vector<IndexPlaces> WheelSources::places() {
  std::vector<IndexPlaces> places;
  const IndexPlaces& all = network_.places();
  for (const std::string& page : all.find_links) {
    if (is_page(page)) places.push_back({{}, {page}, true});
  }
  if (all.no_index) return places;
  for (const std::string& index : all.indexes) places.push_back({{index}, {}, false});
  return places;
}

void WheelSources::fetch_from(const IndexPlaces& place, std::vector<WantedWheel>& wanted, const std::string& directory,
                              std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const WantedWheel& one : wanted) names.push_back(one.name);
  const auto found = IndexClient(network_.client(), nullptr, network_.options().mode, place).find(names);
  std::vector<WantedWheel> rest;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    bool had = false;
    for (const IndexFile& file : found[i].files) {
      if (had || !(file.sha256 ? *file.sha256 == wanted[i].whole : is_wheel_of(file.name, wanted[i]))) continue;
      // Each in a folder of its own: of one name there may be several, where no digest is told.
      const std::string folder = fmt::format("{}/{}", directory, paths.size());
      make_directories(folder);
      DownloadRequest request;
      request.url = file.url;
      request.name = file.name;
      request.sha256 = file.sha256;
      request.size = file.size;
      progress_.downloads(1, file.size.value_or(0));
      paths.push_back(download_files(network_.client(), {folder}, {request}, progress_).front().path);
      had = file.sha256.has_value();
    }
    if (!had) rest.push_back(wanted[i]);
  }
  wanted = std::move(rest);
}

std::vector<std::string> WheelSources::fetch(std::vector<WantedWheel> wanted, const std::string& directory) {
  std::vector<std::string> paths;
  if (wanted.empty() || network_.offline()) return paths;
  progress_.phase("asking for wheels", 0);
  const auto try_to = [&](auto&& ask) {
    try {
      ask();
    } catch (const Error& error) {
      failed("the package indexes could not be asked: " + error.message());
    }
  };
  std::vector<IndexPlaces> all;
  try_to([&] { all = places(); });
  for (const IndexPlaces& place : all) {
    if (wanted.empty()) break;
    try_to([&] { fetch_from(place, wanted, directory, paths); });
  }
  return paths;
}

}  // namespace cas
