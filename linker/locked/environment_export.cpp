#include "linker/locked/environment_export.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "linker/installed/comparison.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/locked/pinned_lock.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/requirement/url_path.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

bool is_archive(const InstalledDistribution& one) {
  return !one.direct_url || one.direct_url->kind == DirectUrl::Kind::archive;
}

[[noreturn]] void throw_unknown_files(const std::vector<std::string>& names, std::string hint) {
  throw Error(fmt::format("of {} it is not known which file {} installed from", fmt::join(names, ", "),
                          names.size() == 1 ? "it was" : "they were"),
              std::move(hint));
}

std::string with_hashes(const std::string& requirement, const std::set<std::string>& sha256) {
  std::string text = requirement;
  for (const std::string& digits : sha256) text += " \\\n    --hash=sha256:" + digits;
  return text + "\n";
}

// The address as a path where it is one of this machine.
void set_place(LockedFile& file, const std::string& url) {
  const auto path = file_url_path(url);
  (path ? file.path : file.url) = path ? *path : url;
  file.name = std::string(name_of(path ? *path : url.substr(0, url.find_first_of("?#"))));
}

LockedPackage built_package(const InstalledDistribution& one, const BuiltFrom& sources) {
  LockedPackage package;
  package.name = one.normalized;
  package.version = shown_version(one);
  LockedFile& sdist = package.sdist.emplace();
  set_place(sdist, sources.url);
  sdist.name = sources.file_name;
  sdist.hashes.emplace("sha256", sources.sha256.hex());
  return package;
}

LockedPackage direct_package(const InstalledDistribution& one, const std::optional<Sha256Digest>& sha256) {
  const DirectUrl& origin = *one.direct_url;
  LockedPackage package;
  package.name = one.normalized;
  if (origin.kind == DirectUrl::Kind::version_control) {
    package.vcs =
        LockedVcs{origin.vcs, origin.url, {}, origin.requested_revision, origin.commit_id, origin.subdirectory};
  } else if (origin.kind == DirectUrl::Kind::directory) {
    const auto path = file_url_path(origin.url);
    package.directory = LockedDirectory{path ? *path : origin.url, origin.editable, origin.subdirectory};
  } else {
    package.version = shown_version(one);
    package.archive = LockedFile{};
    set_place(*package.archive, origin.url);
    package.archive->hashes.emplace("sha256", sha256->hex());
    package.archive->subdirectory = origin.subdirectory;
  }
  return package;
}

std::vector<std::string> names_needed(const DependencyGraph& graph, const std::string& name) {
  std::set<std::string> names;
  if (const auto node = graph.find(name)) {
    for (const Dependency& dependency : graph.dependencies(*node)) {
      if (dependency.target) names.insert(graph.at(*dependency.target).normalized);
    }
  }
  return {names.begin(), names.end()};
}

// extras and dependency_groups are variables of lock files alone.
bool asks_for_choice(const MarkerNode& node) {
  const auto is_set = [](const MarkerNode::Operand& operand) {
    return operand.is_variable &&
           (operand.text == "extras" || operand.text == "dependency_groups" || operand.text == "extra");
  };
  if (node.alternatives.empty()) return is_set(node.left) || is_set(node.right);
  return std::ranges::any_of(node.alternatives,
                             [](const auto& all) { return std::ranges::any_of(all, asks_for_choice); });
}

// Text of a lock that becomes part of a line.
const std::string& one_word(const std::string& text, const LockedPackage& package, const LockSource& source) {
  const auto ends_word = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; };
  if (std::ranges::none_of(text, ends_word)) return text;
  throw InvalidInput(
      fmt::format("{}: {}: '{}' cannot stand in a requirement", source.place, package.name, printable(text)),
      "blanks in a URL are written %20");
}

std::string locked_requirement(const LockedPackage& package, const LockSource& source) {
  const auto word = [&](const std::string& text) -> const std::string& { return one_word(text, package, source); };
  if (package.vcs) {
    const std::string& place = package.vcs->url.empty() ? package.vcs->path : package.vcs->url;
    const std::string& folder = package.vcs->subdirectory;
    return fmt::format("{} @ {}+{}@{}{}", package.name, word(package.vcs->type), word(place),
                       word(package.vcs->commit_id), folder.empty() ? "" : "#subdirectory=" + word(folder));
  }
  const auto absolute = [&](const std::string& path) {
    return path.starts_with('/') ? path : normal_path(source.directory + "/" + path);
  };
  if (package.directory) {
    const std::string path = absolute(package.directory->path);
    return package.directory->editable ? "-e " + word(path) : fmt::format("{} @ {}", package.name, file_url(path));
  }
  if (package.archive) {
    const LockedFile& file = *package.archive;
    return fmt::format("{} @ {}", package.name, file.path.empty() ? word(file.url) : file_url(absolute(file.path)));
  }
  const auto version = Version::parse(package.version);
  if (!version) throw InvalidInput(fmt::format("{}: {} has no version", source.place, package.name), "lock it again");
  return package.name + "==" + version->text();
}

std::set<std::string> hashes_of(const LockedPackage& package) {
  std::set<std::string> hashes;
  const auto add = [&](const LockedFile& file) {
    if (const auto digest = file.sha256()) hashes.insert(digest->hex());
  };
  std::ranges::for_each(package.wheels, add);
  if (package.sdist) add(*package.sdist);
  if (package.archive) add(*package.archive);
  return hashes;
}

}  // namespace

std::string requirements_text(const std::vector<FrozenRequirement>& frozen, const std::optional<Anchor>& anchor,
                              ExportedHashes hashes) {
  std::string text;
  std::vector<std::string> unknown;
  for (const FrozenRequirement& one : frozen) {
    if (!one.comment.empty()) text += one.comment + "\n";
    if (hashes == ExportedHashes::none) {
      text += one.requirement + "\n";
      continue;
    }
    const auto digest = is_archive(*one.distribution) ? artifact_of(*one.distribution, anchor) : std::nullopt;
    if (!digest) {
      unknown.push_back(one.distribution->name);
    } else {
      text += with_hashes(one.requirement, {digest->hex()});
    }
  }
  if (!unknown.empty()) {
    throw_unknown_files(unknown,
                        "--no-hashes writes all without hashes; --exclude NAME leaves one out; `cas create` with "
                        "the same requirements makes an environment of which everything is known");
  }
  return text;
}

std::string minor_version_of(const InterpreterFacts& facts) {
  return fmt::format("=={}.{}.*", facts.major, facts.minor);
}

Pylock exported_lock(const Store& store, const std::vector<FrozenRequirement>& frozen,
                     const std::optional<Anchor>& anchor, const DependencyGraph& graph, const InterpreterFacts& facts,
                     IndexClient& indexes) {
  RequirementFiles pinned;
  std::vector<LockedPackage> known;  // where they come from
  std::vector<std::string> unknown;
  for (const FrozenRequirement& one : frozen) {
    const auto digest = artifact_of(*one.distribution, anchor);
    const AnchoredPackage* const ours = anchor ? anchored_as(*one.distribution, *anchor) : nullptr;
    if (is_archive(*one.distribution) && !digest) {
      unknown.push_back(one.distribution->name);
    } else if (one.distribution->direct_url) {
      known.push_back(direct_package(*one.distribution, digest));
    } else if (ours != nullptr && ours->built_from) {
      known.push_back(built_package(*one.distribution, *ours->built_from));
    } else {
      ListedRequirement listed;
      listed.place = {one.requirement, 0};
      listed.requirement = parse_requirement(one.requirement);
      listed.hashes.push_back({"sha256", digest->hex()});
      pinned.requirements.push_back(std::move(listed));
    }
  }
  if (!unknown.empty()) {
    throw_unknown_files(unknown,
                        "--exclude NAME leaves one out; --format requirements.txt --no-hashes names versions alone");
  }
  Pylock lock;
  if (!pinned.requirements.empty()) lock = pinned_lock(store, pinned, system_markers(facts), facts, indexes).lock;
  std::ranges::move(known, std::back_inserter(lock.packages));
  std::ranges::sort(lock.packages, {}, &LockedPackage::name);
  lock.created_by = "cas";
  lock.requires_python = minor_version_of(facts);
  // Where nothing is marked, whoever installed it does not tell.
  for (const FrozenRequirement& one : frozen) {
    if (!one.distribution->requested) continue;
    if (!lock.requested) lock.requested.emplace();
    lock.requested->insert(one.distribution->normalized);
  }
  for (LockedPackage& package : lock.packages) {
    package.dependencies = names_needed(graph, package.name);
    if (const auto node = graph.find(package.name); node && SpecifierSet::parse(graph.at(*node).requires_python))
      package.requires_python = graph.at(*node).requires_python;
  }
  return lock;
}

std::string requirements_text(const LockSource& source, ExportedHashes hashes) {
  std::string text;
  std::vector<std::string> unknown;
  for (const LockedPackage& package : source.lock.packages) {
    std::string line = locked_requirement(package, source);
    if (!package.marker.empty()) {
      const Marker marker = with_context(source.place, [&] { return Marker::parse(package.marker); });
      if (asks_for_choice(marker.root())) {
        throw InvalidInput(
            fmt::format("{}: {} belongs to an extra or a dependency group, of which requirements know nothing",
                        source.place, package.name),
            "`cas sync ENV LOCK --extra NAME` or --group NAME chooses; then export the environment");
      }
      line += " ; " + marker.text();
    }
    const std::set<std::string> sha256 = hashes == ExportedHashes::all ? hashes_of(package) : std::set<std::string>();
    if (hashes == ExportedHashes::all && sha256.empty()) unknown.push_back(package.name);
    text += with_hashes(line, sha256);
  }
  if (!unknown.empty()) {
    throw InvalidInput(fmt::format("{}: {} without a file that has a SHA-256", source.place, fmt::join(unknown, ", ")),
                       "--no-hashes writes all without hashes");
  }
  return text;
}

}  // namespace cas
