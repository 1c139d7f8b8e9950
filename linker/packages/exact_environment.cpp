#include "linker/packages/exact_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "linker/environment_others.hpp"
#include "linker/installed/dependency_graph.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/package_selection.hpp"
#include "store/base/relpath.hpp"
#include "store/packages/packages.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/system_name.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::array<std::string_view, 3> kSeeds{"pip", "setuptools", "wheel"};

bool is_seed_name(std::string_view normalized) { return std::ranges::find(kSeeds, normalized) != kSeeds.end(); }

class Seeds {
 public:
  Seeds(const InstalledEnvironment& environment, const InterpreterFacts& facts)
      : graph_(environment, marker_environment(facts, system_name())) {}

  [[nodiscard]] bool contains(const std::string& normalized, bool requested) const {
    if (!is_seed_name(normalized) || requested) return false;
    const auto node = graph_.find(normalized);
    return node && std::ranges::all_of(graph_.dependents(*node), [&](std::size_t dependent) {
             return is_seed_name(graph_.at(dependent).normalized);
           });
  }

 private:
  DependencyGraph graph_;
};

// All that lies in the folder that describes it: not every tool lists all of that.
void add_folder(const std::string& target, const std::string& info_path, std::set<std::string, std::less<>>& files) {
  const Fd environment = open_directory(target);
  const auto info = stat_at(environment.get(), info_path);
  if (!info || !S_ISDIR(info->st_mode)) return;
  walk_tree(open_directory_at(environment.get(), info_path).get(), [&](const std::string& path, const struct stat& at) {
    if (!S_ISDIR(at.st_mode)) files.insert(info_path + "/" + path);
  });
}

}  // namespace

std::vector<PlannedPackage> ExactEnvironment::seeds(const Store& store, const Anchor& anchor, const std::string& target,
                                                    const InterpreterFacts& facts) const {
  std::vector<PlannedPackage> seeds;
  const auto may_be = [](const AnchoredPackage& one) {
    return is_seed_name(normalize_name(one.name)) && !one.requested;
  };
  if (std::ranges::none_of(anchor.packages, may_be)) return seeds;
  const InstalledEnvironment installed = read_installed(target);
  const Seeds seeding(installed, facts);
  const OthersWork others = look_at_others(store, anchor, target);
  for (std::size_t i = 0; i < anchor.packages.size(); ++i) {
    const AnchoredPackage& one = anchor.packages[i];
    if (is_taken_over(others, i) || !seeding.contains(normalize_name(one.name), one.requested)) continue;
    if (const auto package = find_package(store.index(), one.artifact)) seeds.push_back(planned_package(*package, one));
  }
  return seeds;
}

ForeignPackages ExactEnvironment::foreign_packages(const Store& store, const Anchor& anchor, const std::string& target,
                                                   const std::vector<PlannedPackage>& wanted,
                                                   const InterpreterFacts& facts) const {
  ForeignPackages foreign;
  const OthersWork others = look_at_others(store, anchor, target);
  if (others.installed.empty()) return foreign;
  const InstalledEnvironment installed = read_installed(target);
  const Seeds seeding(installed, facts);
  std::set<std::string, std::less<>> staying;
  for (const InstalledDistribution& one : installed.distributions) {
    if (!others.folders.contains(std::string(name_of(one.info_path)))) continue;
    const bool named = std::ranges::any_of(
        wanted, [&](const PlannedPackage& package) { return package.metadata.normalized_name == one.normalized; });
    auto files = files_of_distribution(target, installed.site_packages, one.info_path);
    // pip that upgraded itself is what the environment was seeded with.
    if (!named && (one.normalized == "pip" || seeding.contains(one.normalized, one.requested))) {
      if (files) staying.merge(*files);
      continue;
    }
    if (!files) {
      foreign.warnings.push_back(
          fmt::format("{} {} was not installed by cas, and stays: there is no list of its files (RECORD) to go by; the "
                      "environment's own pip "
                      "may know more: {}/{}/python -m pip uninstall {}",
                      printable(one.name), printable(one.version), printable(target), printable(anchor.scripts),
                      printable(one.name)));
      continue;
    }
    add_folder(target, one.info_path, *files);
    foreign.edited.merge(edited_of_distribution(target, installed.site_packages, one.info_path));
    foreign.files.merge(*files);
    if (!named) foreign.going.push_back(one.name + " " + one.version);
  }
  for (const auto& sentences : {installed.unreadable, installed.passed_over}) {
    for (const std::string& sentence : sentences) foreign.warnings.push_back(sentence + "; it stays");
  }
  const auto stays = [&](const std::string& path) { return staying.contains(path); };
  std::erase_if(foreign.files, stays);
  std::erase_if(foreign.edited, stays);
  return foreign;
}

}  // namespace cas
