#include "linker/repair/repair_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "linker/python/capture.hpp"
#include "linker/repair/object_places.hpp"
#include "linker/seed.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/interpreters.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/roots.hpp"
#include "store/source/wheel.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::vector<ObjectId> still_wanted(const ObjectRepair& repair) {
  std::vector<ObjectId> ids;
  for (const auto& [id, state] : repair.wanted()) ids.push_back(id);
  return ids;
}

// A file: URL of a wheel; "": none. The text was written by cas, and may have been changed by anybody.
std::string wheel_of_direct_url(const std::string& text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("url") || !document["url"].is_string()) return {};
  const auto url = try_parse_url(document["url"].get<std::string>());
  if (!url || !url->is_file() || !url_file_name(*url).ends_with(".whl")) return {};
  return file_path(*url);
}

void offer_entry(ObjectRepair& repair, const Source& source, std::size_t index, const std::string& shown) {
  const SourceEntry& entry = source.entries()[index];
  const auto offer = [&](const ObjectId& id) {
    const auto produce = [&](const ByteSink& sink) { static_cast<void>(source.read(index, sink)); };
    if (!repair.wants(id)) return;
    static_cast<void>(repair.offer_bytes(id, produce, fmt::format("{}: {}", shown, printable(entry.path))));
  };
  if (entry.size == 0 || entry.absent) return;
  if (entry.expected) return offer({*entry.expected, entry.executable});
  // Its RECORD gives no SHA-256: the bytes say what it is.
  if (repair.wanted().empty()) return;
  offer({source.read(index, [](std::string_view) {}), entry.executable});
}

void add_unique(std::vector<std::string>& paths, const std::string& path) {
  const auto info = leads_to_file(path);
  if (info && std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
}

}  // namespace

void offer_from_trees(const Store& store, ObjectRepair& repair, std::vector<std::string>& warnings) {
  if (repair.wanted().empty()) return;
  for_each_object_tree(store, warnings, [&](const ObjectTree& tree) {
    const Fd root = open_directory(tree.path);
    for (const auto& [path, file] : tree.files) {
      if (!repair.wants(file.object)) continue;
      if (repair.offer_file(file.object, root.get(), path, tree.path + "/" + path)) continue;
      const auto info = stat_at(root.get(), path);
      if (info && S_ISREG(info->st_mode) && info->st_nlink > 1) repair.add_bad_inode(inode_of(*info), file.object);
    }
  });
}

void offer_from_store(ObjectRepair& repair, const std::string& other) {
  const StoreLayout layout(absolute_path(other));
  if (!stat_path(layout.version_file())) {
    throw NotFound("there is no store at " + layout.root(), "--from names the directory of another store");
  }
  if (repair.wanted().empty()) return;
  const Fd objects = open_directory(layout.objects());
  std::vector<std::string> segments;
  list_directory(objects.get(), layout.objects(), [&](const std::string& name, unsigned char) {
    if (parse_segment_name(name)) segments.push_back(name);
  });
  for (const std::string& name : segments) {
    const Fd segment = try_open_directory_at(objects.get(), name);
    if (!segment) continue;
    for (const ObjectId& id : still_wanted(repair)) {
      static_cast<void>(
          repair.offer_file(id, segment.get(), id.file_name(), layout.objects() + "/" + name + "/" + id.file_name()));
    }
  }
}

void offer_from_wheel(ObjectRepair& repair, const std::string& wheel, const std::string& shown,
                      std::vector<std::string>& warnings) {
  if (repair.wanted().empty()) return;
  Fd file;
  std::unique_ptr<Source> source;
  try {
    file = open_user_file(wheel);
    // What RECORD says wrongly is no matter: every object is hashed.
    source = open_wheel(file.get(), std::string(name_of(wheel)), RecordPolicy::artifact_pinned);
  } catch (const Error& error) {
    warnings.push_back(printable(shown) + " is of no use: " + error.message());
    return;
  }
  for (std::size_t i = 0; i < source->entries().size(); ++i) {
    try {
      offer_entry(repair, *source, i, shown);
    } catch (const InvalidInput&) {  // the wheel is damaged there
    }
  }
}

std::vector<std::string> wheels_at_hand(const Store& store, const std::vector<Package>& packages,
                                        const std::vector<std::string>& given) {
  std::vector<std::string> wheels;
  std::vector<std::string> folders;
  for (const std::string& path : given) {
    if (try_open_directory_at(kCurrentDirectory, path)) {
      folders.push_back(path);
    } else {
      wheels.push_back(path);  // must be there: opening it says so
    }
  }
  for (const StoredInterpreter& interpreter : list_interpreters(store)) {
    const auto facts = facts_of(interpreter);
    if (!facts) continue;
    for (std::string& folder : bundled_wheel_folders(*facts)) folders.push_back(std::move(folder));
  }
  for (const Package& package : packages) {
    for (const std::string& folder : folders) add_unique(wheels, folder + "/" + package.row.file_name);
  }
  for (const Root& root : list_environments(store)) {
    for (const AnchoredPackage& anchored : root.anchor.packages) {
      const auto same = [&](const Package& package) { return package.artifact == anchored.artifact; };
      if (anchored.direct_url.empty() || std::ranges::none_of(packages, same)) continue;
      const std::string path = wheel_of_direct_url(anchored.direct_url);
      if (!path.empty()) add_unique(wheels, path);
    }
  }
  return wheels;
}

std::vector<std::string> fetch_wheels(PackageNetwork& network, const std::vector<Package>& packages, const Store& store,
                                      const std::string& directory, Progress& progress) {
  std::vector<std::string> names;
  for (const Package& package : packages) names.push_back(package.row.normalized_name);
  if (names.empty()) return {};
  progress.phase("asking for wheels", 0);
  const std::vector<ProjectFiles> found = network.indexes().find(names);
  std::vector<DownloadRequest> requests;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    Sha256Digest wanted = packages[i].artifact;
    try {
      // A wheel that was put together from parts has another identity than the whole one.
      wanted = read_manifest(store.layout(), packages[i].row.manifest).assembled.value_or(wanted);
    } catch (const Corruption&) {  // then its identity is all that is known
    }
    const auto file = std::ranges::find_if(found[i].files, [&](const IndexFile& one) { return one.sha256 == wanted; });
    if (file == found[i].files.end()) continue;
    bytes += file->size.value_or(0);
    DownloadRequest& request = requests.emplace_back();
    request.url = file->url;
    request.name = file->name;
    request.sha256 = wanted;
    request.size = file->size;
  }
  std::vector<std::string> paths;
  if (requests.empty()) return paths;
  progress.downloads(requests.size(), bytes);
  for (const DownloadedFile& file : download_files(network.client(), {directory}, requests, progress)) {
    paths.push_back(file.path);
  }
  return paths;
}

}  // namespace cas
