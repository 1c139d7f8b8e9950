#include "linker/locked/folder_lock.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "linker/find_links.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/tags.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/package_index/index_client.hpp"
#include "store/packages/packages.hpp"
#include "store/source/wheel.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/glob.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

// Hostile wheels may require each other's extras, as many as they like.
constexpr std::size_t kMostSteps = 100'000;

struct Chosen {
  std::string path;  // "": it is installed
  Version version;
  Sha256Digest digest;
  PackageMetadata metadata;
};

// Which of them count then is the resolver's to know.
bool asks_for_prereleases(const SpecifierSet& specifiers) {
  return !specifiers.exact_version() && std::ranges::any_of(specifiers.clauses(), &Specifier::names_prerelease);
}

std::vector<std::string> files_in(const std::vector<std::string>& folders) {
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    const Fd directory = open_directory(folder);
    const std::size_t first = files.size();
    list_directory(directory.get(), folder,
                   [&](const std::string& name, unsigned char) { files.push_back(folder + "/" + name); });
    // The order of a directory says nothing, that of folders does.
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  return files;
}

bool applies(const Requirement& requirement, MarkerEnvironment environment, const std::string& extra) {
  environment.extra = extra;
  return requirement.applies(environment);
}

bool has_sources(const std::vector<std::string>& files, const std::string& name) {
  return std::ranges::any_of(files, [&](const std::string& path) {
    const std::string_view file = name_of(path);
    return !file.ends_with(".whl") && may_be_of_project(file, name);
  });
}

class FolderSearch {
 public:
  FolderSearch(const Store& store, const FolderQuestion& question, const InterpreterFacts& facts)
      : store_(store),
        question_(question),
        facts_(facts),
        tags_(facts),
        environment_(marker_environment(facts, system_name())),
        files_(files_in(question.folders)) {}

  // false: not without a resolver.
  [[nodiscard]] bool run() {
    for (const ListedRequirement& listed : question_.files.requirements) {
      if (!listed.hashes.empty() || listed.editable) return false;
      if (!listed.constraint) {
        demand(listed.requirement, {});
      } else if (applies(listed.requirement, environment_, {})) {
        if (!listed.requirement.url.empty() || asks_for_prereleases(listed.requirement.specifiers)) return false;
        constraints_.push_back(&listed.requirement);
      }
    }
    for (std::size_t step = 0; !demands_.empty(); ++step) {
      const Requirement next = std::move(demands_.front());
      demands_.pop_front();
      if (step == kMostSteps || !meet(next)) return false;
    }
    return true;
  }

  [[nodiscard]] Pylock lock() const {
    Pylock lock;
    lock.created_by = "cas";
    for (const auto& [name, chosen] : chosen_) {
      if (chosen.path.empty()) continue;
      LockedPackage& package = lock.packages.emplace_back();
      package.name = name;
      package.version = chosen.version.text();
      LockedFile& wheel = package.wheels.emplace_back();
      wheel.name = name_of(chosen.path);
      wheel.path = chosen.path;
      wheel.hashes.emplace("sha256", chosen.digest.hex());
    }
    return lock;
  }

 private:
  [[nodiscard]] bool meet(const Requirement& requirement) {
    if (!requirement.url.empty() || requirement.normalized.empty()) return false;
    if (asks_for_prereleases(requirement.specifiers)) return false;
    auto chosen = chosen_.find(requirement.normalized);
    if (chosen == chosen_.end()) {
      std::vector<SpecifierSet> wanted = wanted_[requirement.normalized];
      for (const Requirement* constraint : constraints_) {
        if (constraint->normalized == requirement.normalized) wanted.push_back(constraint->specifiers);
      }
      auto found = choose(requirement.normalized, wanted);
      if (!found) return false;
      chosen = chosen_.emplace(requirement.normalized, *std::move(found)).first;
      ask(chosen->second, {});
    } else if (!requirement.specifiers.contains(chosen->second.version, Prereleases::allowed)) {
      return false;
    }
    for (const std::string& extra : requirement.extras) {
      if (extras_.emplace(requirement.normalized, extra).second) ask(chosen->second, extra);
    }
    return true;
  }

  void ask(const Chosen& chosen, const std::string& extra) {
    if (!question_.dependencies) return;
    for (const std::string& line : chosen.metadata.requires_dist) demand(parse_requirement(line), extra);
  }

  // What it says of versions counts from now on, before one is chosen for what was demanded earlier.
  void demand(Requirement requirement, const std::string& extra) {
    if (!applies(requirement, environment_, extra)) return;
    wanted_[requirement.normalized].push_back(requirement.specifiers);
    demands_.push_back(std::move(requirement));
  }

  // Wheels of the project whose version is what everybody wants; only of the preferred one, where it is among them.
  [[nodiscard]] std::vector<std::string> candidates(const std::string& name,
                                                    const std::vector<SpecifierSet>& wanted) const {
    std::vector<std::string> found, preferred;
    const auto preference = std::ranges::find(question_.preferences, name, &std::pair<std::string, std::string>::first);
    const auto version_preferred =
        preference == question_.preferences.end() ? std::nullopt : Version::parse(preference->second);
    for (const std::string& path : files_) {
      const std::string file(name_of(path));
      if (!file.ends_with(".whl") || !may_be_of_project(file, name)) continue;
      try {
        const Version version = parse_wheel_name(file).version;
        const auto contains = [&](const SpecifierSet& set) { return set.contains(version, Prereleases::allowed); };
        if (!std::ranges::all_of(wanted, contains)) continue;
        found.push_back(path);
        if (version == version_preferred) preferred.push_back(path);
      } catch (const InvalidInput&) {
        // A folder may hold anything.
      }
    }
    return preferred.empty() ? found : preferred;
  }

  [[nodiscard]] std::optional<Chosen> installed(const std::string& name,
                                                const std::vector<SpecifierSet>& wanted) const {
    const auto there = std::ranges::find(question_.installed, name, &InstalledDistribution::normalized);
    const auto version = there == question_.installed.end() ? std::nullopt : Version::parse(there->version);
    if (!version) return std::nullopt;
    for (const SpecifierSet& set : wanted) {
      if (!set.contains(*version, Prereleases::allowed)) return std::nullopt;
    }
    Chosen chosen{"", *version, {}, {}};
    chosen.metadata.requires_dist = there->requires_dist;
    return chosen;
  }

  [[nodiscard]] std::optional<Chosen> choose(const std::string& name, const std::vector<SpecifierSet>& wanted) {
    if (auto there = installed(name, wanted)) return there;
    if (!question_.format.allows_wheel(name)) return std::nullopt;
    if (question_.format.allows_build(name) && has_sources(files_, name)) return std::nullopt;
    std::vector<std::string> files = candidates(name, wanted);
    NameRequirement any;
    any.normalized_name = any.text = name;
    std::vector<std::string> reasons;
    while (const auto path = find_wheel(any, files, {facts_, tags_}, reasons)) {
      Chosen chosen = read(*path);
      if (!misfit(chosen.metadata, facts_, tags_)) return chosen;
      std::erase(files, *path);  // it requires another Python
    }
    return std::nullopt;
  }

  // From the store, if it is there; else of the wheel itself.
  [[nodiscard]] Chosen read(const std::string& path) const {
    const std::string name(name_of(path));
    const Fd file = open_user_file(path);
    Chosen chosen{path, parse_wheel_name(name).version, {}, {}};
    chosen.digest = identify_artifact(file.get(), path, store_.index()).digest;
    if (const auto known = find_whole_package(store_.layout(), store_.index(), chosen.digest)) {
      chosen.metadata = read_manifest(store_.layout(), *known).metadata;
    } else {
      chosen.metadata = open_wheel(file.get(), name, RecordPolicy::artifact_pinned)->metadata();
    }
    return chosen;
  }

  const Store& store_;
  const FolderQuestion& question_;
  const InterpreterFacts& facts_;
  const TagSet tags_;
  const MarkerEnvironment environment_;
  std::vector<std::string> files_;
  std::vector<const Requirement*> constraints_;
  std::deque<Requirement> demands_;
  std::map<std::string, std::vector<SpecifierSet>> wanted_;
  std::map<std::string, Chosen> chosen_;
  std::set<std::pair<std::string, std::string>> extras_;  // that were asked for their own requirements
};

}  // namespace

bool are_folders(const std::vector<std::string>& places) {
  return !places.empty() && std::ranges::all_of(places, [](const std::string& place) {
    return place.find("://") == std::string::npos && kind_of_path(place) == PathKind::directory;
  });
}

void refuse_missing(const FolderQuestion& question, const InterpreterFacts& facts) {
  const TagSet tags(facts);
  const MarkerEnvironment environment = marker_environment(facts, system_name());
  const std::vector<std::string> files = files_in(question.folders);
  for (const ListedRequirement& listed : question.files.requirements) {
    const Requirement& wanted = listed.requirement;
    if (listed.constraint || wanted.normalized.empty() || !wanted.url.empty() || !applies(wanted, environment, {}))
      continue;
    const auto there = std::ranges::find(question.installed, wanted.normalized, &InstalledDistribution::normalized);
    const auto installed = there == question.installed.end() ? std::nullopt : Version::parse(there->version);
    if (installed && wanted.specifiers.contains(*installed, Prereleases::allowed)) continue;
    if (!question.format.allows_wheel(wanted.normalized) || has_sources(files, wanted.normalized)) continue;
    const auto version = wanted.specifiers.exact_version();
    static_cast<void>(choose_wheel({wanted.normalized, version ? version->text() : "", wanted.text()}, files,
                                   {facts, tags}, question.folders));
  }
}

std::optional<Pylock> folder_lock(const Store& store, const FolderQuestion& question, const InterpreterFacts& facts) {
  FolderSearch search(store, question, facts);
  try {
    if (!search.run()) return std::nullopt;
  } catch (const UsageError&) {
    return std::nullopt;  // somebody's METADATA requires what is not understood here
  }
  return search.lock();
}

}  // namespace cas
