#include "linker/locked/resolution.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/locked/marker_facts.hpp"
#include "linker/locked/pinned_lock.hpp"
#include "linker/locked/resolution_memo.hpp"
#include "linker/locked/resolver_run.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/requirement/url_path.hpp"
#include "store/sys/file.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

// Bumped when the same question gets another answer from the same resolver.
constexpr std::uint32_t kQuestionVersion = 1;

bool is_wheel_location(const std::string& url) { return url.substr(0, url.find_first_of("?#")).ends_with(".whl"); }

// A line that means the same wherever it stands.
std::string line_of(const ListedRequirement& listed) {
  Requirement requirement = listed.requirement;
  const bool location = !requirement.url.empty();
  if (listed.editable ||
      (location && (is_version_control_url(requirement.url) || !is_wheel_location(requirement.url)))) {
    throw UsageError(fmt::format("{}: {} would have to be built, and only wheels can be installed", listed.place.text(),
                                 printable(requirement.text())),
                     "build a wheel of it (`pip wheel`), and name that");
  }
  if (location && url_scheme(requirement.url).empty()) requirement.url = absolute_path(requirement.url);
  std::string line = requirement.text();
  for (const RequirementHash& hash : listed.hashes) line += fmt::format(" --hash={}:{}", hash.algorithm, hash.hex);
  return line;
}

ResolverQuestion question_of(const RequirementFiles& files, const ResolveOptions& options) {
  ResolverQuestion question;
  for (const ListedRequirement& listed : files.requirements) {
    (listed.constraint ? question.constraints : question.requirements).push_back(line_of(listed));
  }
  bool prereleases = options.prereleases;
  for (const ListedOption& option : files.options) {
    if (option.kind == RequirementOptionKind::pre) prereleases = true;
    if (option.kind == RequirementOptionKind::require_hashes) question.options.emplace_back("--require-hashes");
    if (option.kind == RequirementOptionKind::no_binary && option.value != ":none:") {
      throw UsageError(option.place.text() + ": --no-binary: only wheels can be installed",
                       "leave the option out, or build wheels and name their folder with --find-links");
    }
  }
  if (options.no_dependencies) question.options.emplace_back("--no-deps");
  question.preferences = options.preferences;
  if (prereleases) question.options.insert(question.options.end(), {"--prerelease", "allow"});
  return question;
}

void add(ByteWriter& out, const std::vector<std::string>& texts) {
  out.u64(texts.size());
  for (const std::string& text : texts) out.string(text);
}

// Of all that the answer depends on, but for what the indexes have.
Sha256Digest fingerprint_of(const ResolverQuestion& question, const InterpreterFacts& facts,
                            const PackageNetwork& network, const ResolverProgram& program) {
  std::string text = "resolution";
  ByteWriter out(text);
  const SystemName system = system_name();
  const IndexPlaces& places = network.options().places;
  out.u32(kQuestionVersion);
  for (const std::string& part : {program.identity, facts.implementation, facts.version, facts.soabi, facts.platform,
                                  facts.libc, system.machine, system.release}) {
    out.string(part);
  }
  out.u32(facts.libc_major);
  out.u32(facts.libc_minor);
  add(out, question.requirements);
  add(out, question.constraints);
  add(out, question.options);
  // Without any the question is the one that it always was.
  for (const auto& [name, version] : question.preferences) {
    out.string(name);
    out.string(version);
  }
  add(out, places.indexes);
  add(out, places.find_links);
  out.u8(places.no_index ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(places.strategy));
  return sha256(text);
}

std::set<std::string> names_of(const RequirementFiles& files, const Pylock& lock) {
  std::set<std::string> names;
  for (const ListedRequirement& listed : files.requirements) {
    if (listed.constraint) continue;
    if (!listed.requirement.normalized.empty()) {
      names.insert(listed.requirement.normalized);
      continue;
    }
    // A location without a name: the package that comes from there.
    for (const LockedPackage& package : lock.packages) {
      if (package.archive && (listed.requirement.url.ends_with(package.archive->name))) names.insert(package.name);
    }
  }
  return names;
}

}  // namespace

LockSource resolve(const Store& store, PackageNetwork& network, const RequirementFiles& files,
                   const InterpreterFacts& facts, const ResolveOptions& options, Progress& progress) {
  const MarkerEnvironment environment = marker_environment(facts, system_name());
  const bool pinned = is_fully_pinned(files, environment);
  const ResolverQuestion question = question_of(files, options);
  // What is pinned has one answer, whoever finds it.
  ResolverProgram program = pinned ? ResolverProgram{} : known_resolver(store, options.resolver);
  const Sha256Digest key = fingerprint_of(question, facts, network, program);
  const auto max_age = network.offline() || pinned ? std::chrono::seconds::max() : options.max_age;

  LockSource source;
  source.place = "the lock of the requirements";
  source.directory = "/";
  const auto known = options.refresh ? std::nullopt : remembered_lock(store, key, max_age);
  if (known) {
    source.lock = parse_pylock(*known, source.place);
  } else {
    if (pinned) {
      source.lock = pinned_lock(store, files, environment, network.indexes());
    } else if (question.requirements.empty()) {
      source.lock.created_by = "cas";
    } else {
      obtain_resolver(store, network, progress, program);
      progress.phase("finding versions", 0);
      source.lock = run_resolver(store, program, question, facts, network);
    }
    remember_lock(store, key, pylock_text(source.lock));
  }
  source.requested = names_of(files, source.lock);
  return source;
}

}  // namespace cas
