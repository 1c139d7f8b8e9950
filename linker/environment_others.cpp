#include "linker/environment_others.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "linker/package_selection.hpp"
#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/packages/packages.hpp"
#include "store/source/record.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostRecord = std::size_t{12} << 20;
constexpr std::size_t kMostInstaller = 256;
constexpr std::size_t kBlock = std::size_t{256} << 10;

struct Installed {
  std::string folder;   // "typing_extensions-4.12.2.dist-info"
  std::string version;  // as the folder's name says
};

// By normalized name.
std::map<std::string, std::vector<Installed>> installed_in(int site_packages, const std::string& shown) {
  std::map<std::string, std::vector<Installed>> installed;
  list_directory(site_packages, shown, [&](const std::string& name, unsigned char) {
    if (!name.ends_with(".dist-info") && !name.ends_with(".egg-info")) return;
    const std::string label = name.substr(0, name.rfind('.'));
    const std::size_t dash = label.find('-');
    if (dash == std::string::npos) return;
    installed[normalize_name(label.substr(0, dash))].push_back({name, label.substr(dash + 1)});
  });
  return installed;
}

bool is_version(const std::string& in_folder_name, const std::string& version) {
  if (in_folder_name == version) return true;
  const auto a = parse_escaped_version(in_folder_name);
  const auto b = Version::parse(version);
  return a && b && *a == *b;
}

std::optional<std::string> try_text(int directory, const std::string& path, std::size_t most) {
  try {
    return try_read_file_at(directory, path, most);
  } catch (const Error&) {  // no file, too large, not for us
    return std::nullopt;
  }
}

// Another tool that installs the same version again leaves the folder's name as it was.
bool is_anothers(int site_packages, const std::string& folder) {
  const auto installer = try_text(site_packages, folder + "/INSTALLER", kMostInstaller);
  return installer && !trimmed(*installer, " \t\r\n").empty() && trimmed(*installer, " \t\r\n") != "cas";
}

bool is_below(std::string_view path, std::string_view directory) {
  return path == directory || (path.starts_with(directory) && path.substr(directory.size()).starts_with('/'));
}

// No directory, and no symbolic link on the way to it.
bool is_plain_file(int environment, const std::string& path) {
  for (std::string_view parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
    const auto info = stat_at(environment, std::string(parent));
    if (!info || !S_ISDIR(info->st_mode)) return false;
  }
  const auto info = stat_at(environment, path);
  return info && !S_ISDIR(info->st_mode);
}

void add_files(int site_packages, const std::string& folder, const Anchor& anchor, OthersWork& others) {
  auto text = try_text(site_packages, folder + "/RECORD", kMostRecord);
  if (!text) return;
  try {
    for (const RecordRow& row : parse_record(*text)) {
      if (auto path = recorded_path(anchor.site_packages, row.path)) others.files.insert(std::move(*path));
    }
  } catch (const InvalidInput&) {  // says nothing
  }
}

// Calls f(path, row) for what a RECORD lists that lies inside the environment. false: there is none that can be read.
template <class Each>
bool each_file(int environment, const std::string& site_packages, const std::string& info_path, Each&& f) {
  auto text = try_text(environment, info_path + "/RECORD", kMostRecord);
  if (!text) return false;
  try {
    for (const RecordRow& row : parse_record(*text)) {
      auto path = recorded_path(site_packages, row.path);
      if (path && !is_below(*path, kAnchorDirectory) && is_plain_file(environment, *path)) f(std::move(*path), row);
    }
  } catch (const InvalidInput&) {
    return false;
  }
  return true;
}

// A digest that nobody can compute is not held against the file.
bool is_as_recorded(int environment, const std::string& path, const RecordRow& row) {
  RecordHash wanted;
  try {
    wanted = parse_record_hash(row.hash);
  } catch (const InvalidInput&) {
    return true;
  }
  const auto info = stat_at(environment, path);
  if (!info || !S_ISREG(info->st_mode)) return false;
  if (row.size && *row.size != static_cast<std::uint64_t>(info->st_size)) return false;
  const Fd file = open_read_at(environment, path);
  RecordHasher hasher(wanted.algorithm);
  std::string block(kBlock, '\0');
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = pread_full(file.get(), block.data(), block.size(), offset, path);
    hasher.update(std::string_view(block).substr(0, count));
    if (count < block.size()) return hasher.finish() == wanted;
    offset += count;
  }
}

PlannedPackage planned_of(const Store& store, const AnchoredPackage& anchored) {
  const auto stored = find_package(store.index(), anchored.artifact);
  return stored ? planned_package(*stored, anchored) : PlannedPackage{};
}

std::vector<std::size_t> all_but(const Anchor& anchor, const std::vector<TakenOver>& taken_over) {
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < anchor.packages.size(); ++i) {
    if (std::ranges::find(taken_over, i, &TakenOver::package) == taken_over.end()) rest.push_back(i);
  }
  return rest;
}

// Whether files that only it has are still there.
bool has_files_left(const Store& store, const Anchor& anchor, std::size_t package, const OthersWork& others,
                    const std::set<std::string, std::less<>>& of_the_rest, int environment) {
  const auto paths = paths_of_packages(store, anchor, {package});
  return std::ranges::any_of(paths, [&](const std::string& path) {
    return !of_the_rest.contains(path) && !others.files.contains(path) && stat_at(environment, path).has_value();
  });
}

}  // namespace

std::optional<std::string> recorded_path(std::string_view site_packages, std::string_view path) {
  std::string_view directory = site_packages;
  if (path.starts_with('/')) return std::nullopt;
  while (path.starts_with("../")) {
    if (directory.empty()) return std::nullopt;
    directory = parent_of(directory);
    path.remove_prefix(3);
  }
  if (relative_path_problem(path)) return std::nullopt;
  return join_path(directory, path);
}

std::set<std::string, std::less<>> paths_of_packages(const Store& store, const Anchor& anchor,
                                                     const std::vector<std::size_t>& packages) {
  std::vector<PlannedPackage> planned;
  for (const std::size_t package : packages) {
    PlannedPackage one = planned_of(store, anchor.packages[package]);
    if (!one.metadata.name.empty()) planned.push_back(std::move(one));
  }
  return paths_of_packages(store, std::move(planned), {anchor.site_packages, anchor.scripts, anchor.headers});
}

std::set<std::string, std::less<>> paths_of_packages(const Store& store, std::vector<PlannedPackage> packages,
                                                     const EnvironmentLayout& layout) {
  std::set<std::string, std::less<>> paths;
  if (!load_packages(store, packages)) return paths;
  sort_for_plan(packages);
  const Plan plan = make_plan(packages, layout, {});
  const auto add = [&](const auto& file) { paths.insert(join_path(plan.directories[file.directory], file.name)); };
  std::ranges::for_each(plan.files, add);
  std::ranges::for_each(plan.empty_files, add);
  std::ranges::for_each(plan.links, add);
  for (const PlanScript& script : plan.scripts) paths.insert(join_path(plan.scripts_directory, script.name));
  for (const PlanRecord& record : plan.records) paths.insert(record.path);
  return paths;
}

std::optional<std::set<std::string, std::less<>>> files_of_distribution(const std::string& target,
                                                                        const std::string& site_packages,
                                                                        const std::string& info_path) {
  const Fd environment = open_directory(target);
  std::set<std::string, std::less<>> files;
  const bool readable = each_file(environment.get(), site_packages, info_path,
                                  [&](std::string path, const RecordRow&) { files.insert(std::move(path)); });
  return readable ? std::optional(std::move(files)) : std::nullopt;
}

std::set<std::string, std::less<>> edited_of_distribution(const std::string& target, const std::string& site_packages,
                                                          const std::string& info_path) {
  const Fd environment = open_directory(target);
  std::set<std::string, std::less<>> edited;
  each_file(environment.get(), site_packages, info_path, [&](std::string path, const RecordRow& row) {
    if (!row.hash.empty() && !is_as_recorded(environment.get(), path, row)) edited.insert(std::move(path));
  });
  return edited;
}

bool is_taken_over(const OthersWork& others, std::size_t package) {
  return std::ranges::find(others.taken_over, package, &TakenOver::package) != others.taken_over.end();
}

OthersWork look_at_others(const Store& store, const Anchor& anchor, const std::string& target) {
  OthersWork others;
  const std::string path = target + "/" + anchor.site_packages;
  const Fd site_packages = try_open_directory_at(kCurrentDirectory, path);
  // No tool removes it: whatever is gone with it is missing.
  if (!site_packages) return others;
  auto installed = installed_in(site_packages.get(), path);
  bool removed = false;
  for (std::size_t i = 0; i < anchor.packages.size(); ++i) {
    const PlannedPackage package = planned_of(store, anchor.packages[i]);
    if (package.metadata.name.empty() || is_interpreter(package.metadata)) continue;
    std::vector<Installed>& found = installed[package.metadata.normalized_name];
    const auto ours = std::ranges::find_if(found, [&](const Installed& one) {
      return is_version(one.version, package.metadata.version) && !is_anothers(site_packages.get(), one.folder);
    });
    if (ours != found.end()) {
      found.erase(ours);
      continue;
    }
    TakenOver& taken = others.taken_over.emplace_back(TakenOver{i, {}});
    for (const Installed& one : found) taken.now.push_back(one.version);
    removed = removed || found.empty();
  }
  for (const auto& [name, found] : installed) {
    if (found.empty()) continue;
    others.installed.insert(name);
    for (const Installed& one : found) {
      others.folders.insert(one.folder);
      add_files(site_packages.get(), one.folder, anchor, others);
    }
  }
  if (!removed) return others;
  const auto of_the_rest = paths_of_packages(store, anchor, all_but(anchor, others.taken_over));
  const Fd environment = open_directory(target);
  std::erase_if(others.taken_over, [&](const TakenOver& taken) {
    return taken.now.empty() && has_files_left(store, anchor, taken.package, others, of_the_rest, environment.get());
  });
  return others;
}

}  // namespace cas
