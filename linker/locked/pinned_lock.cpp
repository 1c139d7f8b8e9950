#include "linker/locked/pinned_lock.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>

#include "linker/tags.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/packages/packages.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

// As the index tells it; of a file that lies here, its own.
std::optional<Sha256Digest> digest_of(const Store& store, const IndexFile& file) {
  const auto url = try_parse_url(file.url);
  if (file.sha256 || !url || !url->is_file()) return file.sha256;
  const std::string path = file_path(*url);
  return identify_artifact(open_user_file(path).get(), path, store.index()).digest;
}

bool is_accepted(const std::optional<Sha256Digest>& digest, const std::vector<RequirementHash>& hashes) {
  return digest && std::ranges::find(hashes, RequirementHash{"sha256", digest->hex()}) != hashes.end();
}

bool is_sha256(const RequirementHash& hash) { return hash.algorithm == "sha256"; }

LockedFile locked_file(const IndexFile& file) {
  LockedFile locked;
  locked.name = file.name;
  const auto url = try_parse_url(file.url);
  if (url && url->is_file()) {
    locked.path = file_path(*url);
  } else {
    locked.url = file.url;
  }
  locked.size = file.size;
  if (file.sha256) locked.hashes.emplace("sha256", file.sha256->hex());
  return locked;
}

bool is_wheel_of(const std::string& name, const Version& version) {
  if (!name.ends_with(".whl")) return false;
  try {
    return parse_wheel_name(name).version == version;
  } catch (const InvalidInput&) {
    return false;  // as indexes have them from before there were rules
  }
}

bool is_sdist_of(const std::string& name, const Version& version) {
  for (const std::string_view end : {".tar.gz", ".zip", ".tar.bz2", ".tar.xz"}) {
    const std::size_t dash = name.rfind('-');
    if (!name.ends_with(end) || dash == std::string::npos || dash + end.size() >= name.size()) continue;
    if (Version::parse(name.substr(dash + 1, name.size() - end.size() - dash - 1)) == version) return true;
  }
  return false;
}

// Without what makes it no release yet ("3.13.0rc1", "3.11.2+"): so pip compares it with what a file requires.
std::optional<Version> python_release(const InterpreterFacts& facts) {
  const std::string_view text = facts.version;
  return Version::parse(text.substr(0, text.find_first_not_of("0123456789.")));
}

// What the files of one requirement are.
class Choice {
 public:
  Choice(const Store& store, const ListedRequirement& listed, const InterpreterFacts& facts, const TagSet& tags)
      : store_(store),
        listed_(listed),
        facts_(facts),
        tags_(tags),
        version_(*listed.requirement.specifiers.exact_version()),
        hashes_(listed.accepted_hashes()) {
    package_.name = listed.requirement.normalized;
    package_.version = version_.text();
    for (const RequirementHash& hash : hashes_) {
      const auto digest = hash.algorithm == "sha256" ? Sha256Digest::from_hex(hash.hex) : std::nullopt;
      const auto stored = digest ? find_package_anywhere(store, *digest) : std::nullopt;
      if (stored && stored->artifact == *digest) stored_.emplace(hash.hex, stored->row.file_name);
    }
  }

  void consider(IndexFile& file) {
    const bool wheel = is_wheel_of(file.name, version_);
    const bool named = wheel || is_sdist_of(file.name, version_);
    if (named) file.sha256 = digest_of(store_, file);
    if (wheel) ++of_version_;
    const bool accepted = is_accepted(file.sha256, hashes_);
    // What its index tells says nothing of hashes of another kind: those the file must have when it has come.
    const bool others = !std::ranges::all_of(hashes_, is_sha256);
    if (!accepted && (!named || (file.sha256 && !others))) return;
    if (!wheel && file.name.ends_with(".whl")) return;
    LockedFile locked = locked_file(file);
    if (!accepted && !may_be_accepted(locked)) return;
    const auto pythons = SpecifierSet::parse(file.requires_python);
    if (const auto python = python_release(facts_);
        pythons && python && !pythons->contains(*python, Prereleases::allowed)) {
      other_python_ = file.requires_python;
      return;
    }
    if (file.yanked) yanked_.emplace(file.name, *file.yanked);
    if (wheel) {
      package_.wheels.push_back(std::move(locked));
    } else if (!package_.sdist || (file.sha256 && !package_.sdist->sha256())) {
      package_.sdist = std::move(locked);
    }
  }

  [[nodiscard]] bool is_empty() const { return package_.wheels.empty() && !package_.sdist; }

  // Of what the interpreter could take, what was taken back does not count beside what was not. Else it does, with a warning.
  std::optional<std::string> leave_yanked_out() {
    if (yanked_.empty()) return std::nullopt;
    std::vector<std::string> usable;
    for (const LockedFile& wheel : package_.wheels) {
      const WheelName name = parse_wheel_name(wheel.name);
      if (tags_.rank(name.python_tags, name.abi_tags, name.platform_tags)) usable.push_back(wheel.name);
    }
    if (package_.sdist) usable.push_back(package_.sdist->name);
    const auto is_yanked = [&](const std::string& name) { return yanked_.contains(name); };
    if (std::ranges::all_of(usable, is_yanked)) {
      if (usable.empty()) return std::nullopt;  // said by whoever chooses among them
      const std::string& reason = yanked_.at(usable.front());
      return fmt::format("{}: {} {} is yanked, which means that it should not be used any more: {}",
                         listed_.place.text(), printable(package_.name), package_.version,
                         reason.empty() ? "no reason is given" : printable(reason));
    }
    std::erase_if(package_.wheels, [&](const LockedFile& wheel) { return is_yanked(wheel.name); });
    if (package_.sdist && is_yanked(package_.sdist->name)) package_.sdist.reset();
    return std::nullopt;
  }

  [[nodiscard]] std::string problem(const ProjectFiles& found) const {
    const std::string name = printable(package_.name);
    if (!other_python_.empty()) {
      return fmt::format("{} {} needs Python {}, and this is {}", name, package_.version, printable(other_python_),
                         python_label(facts_));
    }
    if (!found.known.empty() && found.files.empty()) {
      return fmt::format("{} knows {}, and has no file of it", fmt::join(found.known, ", "), name);
    }
    if (found.files.empty()) return fmt::format("no index has {}", name);
    if (of_version_ == 0) return fmt::format("no index has a wheel of {} {}", name, package_.version);
    return fmt::format("{} of {} {} has {} of the hashes given",
                       of_version_ == 1 ? "the wheel" : fmt::format("none of the {} wheels", of_version_), name,
                       package_.version, of_version_ == 1 ? "none" : "one");
  }

  // Where one file alone can be meant by one hash, it is that of the file.
  [[nodiscard]] LockedPackage take() {
    std::vector<LockedFile*> open;
    for (LockedFile& wheel : package_.wheels) open.push_back(&wheel);
    if (package_.sdist) open.push_back(&*package_.sdist);
    std::erase_if(open, [](const LockedFile* file) { return file->one_of.empty(); });
    if (open.size() == 1 && open.front()->one_of.size() == 1 && !open.front()->sha256()) {
      open.front()->hashes.insert(open.front()->one_of.front());
      open.front()->one_of.clear();
    }
    return std::move(package_);
  }

 private:
  // Of a file of which nobody tells that it is accepted: holds it to what would be. What the store has under an accepted hash has its name.
  bool may_be_accepted(LockedFile& file) const {
    for (const RequirementHash& hash : hashes_) {
      if (is_sha256(hash) && file.sha256()) continue;  // it has another
      const auto stored = is_sha256(hash) ? stored_.find(hash.hex) : stored_.end();
      if (stored == stored_.end()) {
        file.one_of.emplace_back(hash.algorithm, hash.hex);
      } else if (stored->second == file.name) {
        file.one_of.clear();
        file.hashes.emplace(hash.algorithm, hash.hex);
        return true;
      }
    }
    return !file.one_of.empty();
  }

  const Store& store_;
  const ListedRequirement& listed_;
  const InterpreterFacts& facts_;
  const TagSet& tags_;
  Version version_;
  std::vector<RequirementHash> hashes_;
  std::map<std::string, std::string> stored_;  // accepted SHA-256 -> name of the file that the store has
  std::map<std::string, std::string> yanked_;  // file -> why
  std::string other_python_;
  std::size_t of_version_ = 0;
  LockedPackage package_;
};

// "": looking elsewhere is not what helps.
std::string hint_of(const ProjectFiles& found) {
  if (found.passed_over.empty()) return {};
  return fmt::format(
      "only {} was asked, as the first that has {}; --index-strategy unsafe-best-match asks {}, too: where everybody "
      "who can publish in one of "
      "them is trusted",
      found.known.empty() ? "--find-links" : found.known.front(), printable(found.name),
      fmt::join(found.passed_over, ", "));
}

// Nobody finds another version, so a constraint can only agree or not.
void refuse_constrained(const RequirementFiles& files, const MarkerEnvironment& environment,
                        const ListedRequirement& pinned, const std::string& version) {
  const auto known = Version::parse(version);
  for (const ListedRequirement& listed : files.requirements) {
    if (!listed.constraint || listed.requirement.normalized != pinned.requirement.normalized) continue;
    if (!listed.requirement.applies(environment)) continue;
    if (!known || listed.requirement.specifiers.contains(*known, Prereleases::allowed)) continue;
    throw InvalidInput(
        fmt::format("{}: {} is not what the constraint {} ({}) allows", pinned.place.text(),
                    printable(pinned.requirement.text()), printable(listed.requirement.text()), listed.place.text()),
        "change the one or the other");
  }
}

// What a requirement with an address on the network and a hash names: that file alone. nullopt: it is none, or nobody can tell whose file it is.
std::optional<LockedPackage> archive_of(const ListedRequirement& listed) {
  const auto url = try_parse_url(listed.requirement.url);
  if (!url || url->is_file() || listed.editable || listed.accepted_hashes().empty()) return std::nullopt;
  LockedPackage package;
  package.name = listed.requirement.normalized;
  LockedFile file;
  file.name = url_file_name(*url);
  if (file.name.ends_with(".whl")) {
    try {
      const WheelName name = parse_wheel_name(file.name);
      if (package.name.empty()) package.name = name.normalized;
      package.version = name.version.text();
    } catch (const InvalidInput&) {
      return std::nullopt;
    }
  }
  if (package.name.empty()) return std::nullopt;
  file.url = listed.requirement.url.substr(0, listed.requirement.url.find('#'));
  if (const auto at = url->fragment.find("subdirectory="); at != std::string::npos) {
    const std::size_t from = at + std::string_view("subdirectory=").size();
    file.subdirectory = url->fragment.substr(from, url->fragment.find('&', from) - from);
  }
  const std::vector<RequirementHash> hashes = listed.accepted_hashes();
  if (hashes.size() == 1) {
    file.hashes.emplace(hashes.front().algorithm, hashes.front().hex);
  } else {
    for (const RequirementHash& hash : hashes) file.one_of.emplace_back(hash.algorithm, hash.hex);
  }
  package.archive = std::move(file);
  return package;
}

}  // namespace

bool is_wanted(const ListedRequirement& listed, const MarkerEnvironment& environment) {
  return !listed.constraint && listed.requirement.applies(environment);
}

bool is_fully_pinned(const RequirementFiles& files, const MarkerEnvironment& environment) {
  bool by_option = false;
  for (const ListedRequirement& listed : files.requirements) {
    if (!is_wanted(listed, environment)) continue;
    if (listed.editable || listed.accepted_hashes().empty()) return false;
    by_option = by_option || !listed.hashes.empty();
    const bool exact = listed.requirement.url.empty() && !listed.requirement.name.empty() &&
                       listed.requirement.specifiers.exact_version().has_value();
    if (!exact && !archive_of(listed)) return false;
  }
  return by_option;
}

PinnedLock pinned_lock(const Store& store, const RequirementFiles& files, const MarkerEnvironment& environment,
                       const InterpreterFacts& facts, IndexClient& indexes) {
  PinnedLock result;
  result.lock.created_by = "cas";
  std::vector<const ListedRequirement*> wanted;
  std::vector<std::string> names;
  for (const ListedRequirement& listed : files.requirements) {
    if (!is_wanted(listed, environment)) continue;
    if (auto archive = archive_of(listed)) {
      refuse_constrained(files, environment, listed, archive->version);
      result.lock.packages.push_back(*std::move(archive));
      continue;
    }
    refuse_constrained(files, environment, listed, listed.requirement.specifiers.exact_version()->text());
    wanted.push_back(&listed);
    names.push_back(listed.requirement.normalized);
  }
  const TagSet tags(facts);
  std::string problems, hint;
  std::vector<ProjectFiles> found = indexes.find(names);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    Choice choice(store, *wanted[i], facts, tags);
    for (IndexFile& file : found[i].files) choice.consider(file);
    if (choice.is_empty()) {
      problems +=
          fmt::format("{}{}: {}", problems.empty() ? "" : "\n", wanted[i]->place.text(), choice.problem(found[i]));
      if (hint.empty()) hint = hint_of(found[i]);
      continue;
    }
    if (const auto warning = choice.leave_yanked_out()) result.warnings.push_back(*warning);
    result.lock.packages.push_back(choice.take());
  }
  if (!problems.empty())
    throw InvalidInput(problems,
                       hint.empty() ? "look at the versions and hashes, or at the index (--index-url)" : hint);
  return result;
}

std::optional<Pylock> pinned_lock_of_store(const Store& store, const RequirementFiles& files,
                                           const MarkerEnvironment& environment) {
  const std::vector<Package> packages = list_packages(store.index());
  Pylock lock;
  lock.created_by = "cas";
  for (const ListedRequirement& listed : files.requirements) {
    if (!is_wanted(listed, environment)) continue;
    if (auto archive = archive_of(listed)) {
      refuse_constrained(files, environment, listed, archive->version);
      lock.packages.push_back(*std::move(archive));
      continue;
    }
    refuse_constrained(files, environment, listed, listed.requirement.specifiers.exact_version()->text());
    const Version version = *listed.requirement.specifiers.exact_version();
    const std::vector<RequirementHash> hashes = listed.accepted_hashes();
    LockedPackage locked;
    locked.name = listed.requirement.normalized;
    locked.version = version.text();
    for (const Package& package : packages) {
      if (package.row.normalized_name != locked.name || !is_accepted(package.artifact, hashes) ||
          !is_wheel_of(package.row.file_name, version)) {
        continue;
      }
      LockedFile& wheel = locked.wheels.emplace_back();
      wheel.name = package.row.file_name;
      wheel.size = package.row.artifact_bytes;
      wheel.hashes.emplace("sha256", package.artifact.hex());
    }
    if (locked.wheels.empty()) return std::nullopt;
    lock.packages.push_back(std::move(locked));
  }
  return lock;
}

}  // namespace cas
