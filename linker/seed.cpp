#include "linker/seed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "linker/find_links.hpp"
#include "linker/tags.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostConfiguration = std::size_t{4} << 20;
// In front of the file names of packages that have no file any more; no path begins like this.
constexpr std::string_view kStored = "\n/";

bool has_setuptools(const InterpreterFacts& facts) { return facts.major < 3 || (facts.major == 3 && facts.minor < 12); }

// Wheels of the three, by path, in the order of their names. Empty where the folder does not exist.
std::vector<std::string> seed_wheels_in(const std::string& folder) {
  std::vector<std::string> files;
  const auto info = stat_path(folder + "/.");
  if (!info || !S_ISDIR(info->st_mode)) return files;
  // The user, or an interpreter that is executed anyway, names the folder: a link to it is followed.
  const Fd directory = open_directory(folder + "/.");
  list_directory(directory.get(), folder, [&](const std::string& name, unsigned char) {
    const std::string project = normalize_name(name.substr(0, name.find('-')));
    const bool wanted = project == "pip" || project == "setuptools" || project == "wheel";
    if (wanted && name.ends_with(".whl")) files.push_back(folder + "/" + name);
  });
  std::sort(files.begin(), files.end());
  return files;
}

// What could be seeded, in the order of preference.
class Stock {
 public:
  Stock(const Store& store, const SeedOptions& options, const InterpreterFacts& facts)
      : store_(store), options_(options), facts_(facts), tags_(facts) {
    for (const std::string& folder : options.folders) {
      if (!stat_path(folder + "/."))
        throw NotFound(fmt::format("{}: there is no such folder of wheels", printable(folder)));
      add(folder, files_);
    }
    for (const std::string& folder : bundled_wheel_folders(facts)) add(folder, bundled_);
  }

  SeedWheel choose(const std::string& name) {
    const SeedWish& wish = seed_wish(options_, name);
    const NameRequirement requirement =
        parse_name_requirement(wish.version.empty() ? name : name + "==" + wish.version);
    std::vector<std::string> reasons;
    for (const std::vector<std::string>& candidates : in_turn(wish)) {
      const auto found = find_wheel(requirement, candidates, {facts_, tags_}, reasons);
      if (found) return wheel(name, *found);
    }
    // The store's are a choice of chance: only where they were asked for, or nothing else is there.
    if (!wish.bundled) {
      std::vector<std::string> stored;
      add_stored(stored);
      const auto found = find_wheel(requirement, stored, {facts_, tags_}, reasons);
      if (found) return wheel(name, *found);
    }
    refuse(name, requirement, reasons);
  }

 private:
  void add(const std::string& folder, std::vector<std::string>& files) {
    looked_in_.push_back(folder);
    for (std::string& file : seed_wheels_in(folder)) files.push_back(std::move(file));
  }

  // As the Python's own venv has it, where nothing else is wished.
  std::vector<std::vector<std::string>> in_turn(const SeedWish& wish) {
    if (wish.bundled) return {bundled_};
    std::vector<std::string> both = files_;
    both.insert(both.end(), bundled_.begin(), bundled_.end());
    const bool any = !wish.version.empty() || options_.upgrade;
    if (any) add_stored(both);
    if (any || options_.newest_in_folders) return {both};
    return {bundled_, files_};
  }

  void add_stored(std::vector<std::string>& candidates) {
    if (!stored_read_) {
      add_stored_in(store_);
      for (const Store& base : store_.bases()) add_stored_in(base);
      stored_read_ = true;
    }
    for (const auto& package : stored_) candidates.push_back(package.first);
  }

  void add_stored_in(const Store& store) {
    for (Package& package : list_packages(store.index())) {
      const std::string& name = package.row.normalized_name;
      if (name != "pip" && name != "setuptools" && name != "wheel") continue;
      stored_.emplace(std::string(kStored) + package.row.file_name, std::move(package));
    }
  }

  SeedWheel wheel(const std::string& name, const std::string& chosen) const {
    if (!chosen.starts_with(kStored)) return {name, chosen, {}};
    return {name, "", stored_.at(chosen)};
  }

  [[noreturn]] void refuse(const std::string& name, const NameRequirement& requirement,
                           const std::vector<std::string>& reasons) const {
    std::string places;
    for (const std::string& folder : looked_in_) {
      places += fmt::format("\n  {}{}", printable(folder), stat_path(folder + "/.") ? "" : " (not there)");
    }
    throw NotFound(
        fmt::format("no wheel of {} to seed an environment of Python {} with{}{}; looked in{}\n  the store {}",
                    requirement.text, facts_.version, reasons.empty() ? "" : ": ", first_reasons(reasons), places,
                    printable(store_.layout().root())),
        fmt::format(
            "{}name a folder that has the wheel (--find-links of cas create, --extra-search-dir of cas venv), add "
            "it to the store with `cas add`, or go without it (--no-{} of cas venv)",
            name == "wheel" || !requirement.version.empty()
                ? ""
                : "install the package that brings this Python's ensurepip (python3-venv on Debian), ",
            name));
  }

  const Store& store_;
  const SeedOptions& options_;
  const InterpreterFacts& facts_;
  const TagSet tags_;
  std::vector<std::string> files_, bundled_, looked_in_;
  std::map<std::string, Package> stored_;
  bool stored_read_ = false;
};

}  // namespace

const SeedWish& seed_wish(const SeedOptions& options, std::string_view name) {
  if (name == "pip") return options.pip;
  return name == "setuptools" ? options.setuptools : options.wheel;
}

std::optional<std::string> sysconfig_text(std::string_view module, std::string_view variable) {
  const std::string key = fmt::format("'{}': '", variable);
  const std::size_t start = module.find(key);
  if (start == std::string_view::npos) return std::nullopt;
  std::string_view value = module.substr(start + key.size());
  const std::size_t end = value.find_first_of("'\\\n");
  if (end == std::string_view::npos || value[end] != '\'') return std::nullopt;
  return std::string(value.substr(0, end));
}

std::vector<std::string> bundled_wheel_folders(const InterpreterFacts& facts) {
  if (facts.stdlib.empty()) return {};
  std::vector<std::string> folders{facts.stdlib + "/ensurepip/_bundled"};
  if (!seed_wheels_in(folders.front()).empty()) return folders;
  const Fd stdlib = try_open_directory_at(kCurrentDirectory, facts.stdlib);
  if (!stdlib) return folders;
  std::vector<std::string> modules;
  list_directory(stdlib.get(), facts.stdlib, [&](const std::string& name, unsigned char) {
    if (name.starts_with("_sysconfigdata_") && name.ends_with(".py")) modules.push_back(name);
  });
  std::sort(modules.begin(), modules.end());
  for (const std::string& name : modules) {
    // A link between the names of one file, on Debian.
    const Fd module = open_user_file(facts.stdlib + "/" + name);
    const auto folder = sysconfig_text(read_fd(module.get(), kMostConfiguration, name), "WHEEL_PKG_DIR");
    if (!folder || !folder->starts_with('/')) continue;
    folders.push_back(folder->substr(0, folder->find_last_not_of('/') + 1));
    break;
  }
  return folders;
}

std::vector<std::string> seed_names(const SeedOptions& options, const InterpreterFacts& facts) {
  std::vector<std::string> names;
  const auto add = [&](const char* name, bool usual) {
    const SeedWish::Choice choice = seed_wish(options, name).choice;
    if (choice == SeedWish::Choice::yes || (choice == SeedWish::Choice::as_venv && usual)) names.emplace_back(name);
  };
  add("pip", true);
  add("setuptools", has_setuptools(facts));
  add("wheel", false);
  return names;
}

std::vector<SeedWheel> choose_seeds(const Store& store, const SeedOptions& options,
                                    const std::vector<std::string>& names, const InterpreterFacts& facts) {
  std::vector<SeedWheel> seeds;
  if (names.empty()) return seeds;
  Stock stock(store, options, facts);
  for (const std::string& name : names) seeds.push_back(stock.choose(name));
  return seeds;
}

}  // namespace cas
