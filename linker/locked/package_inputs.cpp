#include "linker/locked/package_inputs.hpp"

#include <fmt/format.h>

#include "linker/locked/exported_lock.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/requirement/project_file.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;
constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;

// A build between versions ("3.11.2+") counts as that version.
Version version_of(const InterpreterFacts& facts) {
  const std::string_view text = facts.version;
  const auto version = Version::parse(text.substr(0, text.find('+')));
  return version ? *version : *Version::parse(fmt::format("{}.{}", facts.major, facts.minor));
}

}  // namespace

std::string PackageInputs::python_versions() const {
  if (!python.empty()) return python;
  std::string text;
  const auto add = [&](const SpecifierSet& versions) {
    if (!versions.empty()) text += (text.empty() ? "" : ",") + versions.text();
  };
  for (const PythonDemand& demand : pythons) add(demand.versions);
  for (const SpecifierSet& versions : lock_pythons) add(versions);
  return text;
}

void refuse_python(const PackageInputs& inputs, const InterpreterFacts& facts) {
  for (const PythonDemand& demand : inputs.pythons) {
    if (demand.versions.contains(version_of(facts), Prereleases::allowed)) continue;
    throw InvalidInput(fmt::format("{} requires Python {}, and {} is {}", demand.place, demand.versions.text(),
                                   printable(facts.executable), python_label(facts)),
                       fmt::format("-p '{}'", demand.versions.text()));
  }
}

SpecifierSet python_of_lock(const std::string& path) {
  try {
    if (!is_foreign_lock_name(name_of(path))) {
      const Pylock lock = parse_pylock(read_file(path, kMostLockBytes), printable(path));
      return SpecifierSet::parse(lock.requires_python).value_or(SpecifierSet{});
    }
    const std::string project = std::string(parent_of(absolute_path(path))) + "/pyproject.toml";
    return parse_project_file(read_file(project, kMostProjectBytes), project).requires_python;
  } catch (const Error&) {
    return {};
  }
}

LockSource read_lock(const std::string& path, const LockWishes& wishes) {
  LockSource source;
  source.place = absolute_path(path);
  source.directory = std::string(parent_of(source.place));
  const Fd file = open_user_file(path);
  source.lock = parse_pylock(read_fd(file.get(), kMostLockBytes, path), source.place);
  source.wishes = wishes;
  source.requested = source.lock.requested;
  return source;
}

LockedSupply::Locks find_locks(const PackageInputs& inputs, PackageNetwork& network) {
  return [&inputs, &network](const Store& store, const InterpreterFacts& facts, Progress& progress) {
    refuse_python(inputs, facts);
    std::vector<LockSource> sources;
    for (const std::string& path : inputs.locks) {
      if (is_foreign_lock_name(name_of(path))) {
        sources.push_back(export_lock(store, network, path, inputs, facts, progress));
        continue;
      }
      sources.push_back(read_lock(path, inputs.wishes));
      if (inputs.all_extras) sources.back().wishes.extras = sources.back().lock.extras;
    }
    if (!inputs.requirements.requirements.empty()) {
      sources.push_back(resolve(store, network, inputs.requirements, facts, inputs.resolve, progress));
    }
    return sources;
  };
}

}  // namespace cas
