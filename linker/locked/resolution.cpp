#include "linker/locked/resolution.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/build/build_in_place.hpp"
#include "linker/build/tree_state.hpp"
#include "linker/locked/checked_archives.hpp"
#include "linker/locked/digest_search.hpp"
#include "linker/locked/folder_lock.hpp"
#include "linker/locked/installed_answer.hpp"
#include "linker/locked/lock_credentials.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/locked/pinned_lock.hpp"
#include "linker/locked/promised_hashes.hpp"
#include "linker/locked/requirement_names.hpp"
#include "linker/locked/requirement_sources.hpp"
#include "linker/locked/resolution_memo.hpp"
#include "linker/locked/resolver_run.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/requirement/url_path.hpp"
#include "store/sys/file.hpp"
#include "store/sys/glob.hpp"
#include "store/sys/system_name.hpp"

namespace cas {
namespace {

// Bumped when the same question gets another answer from the same resolver.
constexpr std::uint32_t kQuestionVersion = 3;

// A line that means the same wherever it stands.
std::string line_of(const ListedRequirement& listed) {
  Requirement requirement = listed.requirement;
  const bool repository = is_version_control_url(requirement.url);
  if (repository && !requirement.url.starts_with("git+")) {
    throw UsageError(fmt::format("{}: {}: only git is known here", listed.place.text(), printable(requirement.text())),
                     "check it out, and name the directory");
  }
  if (repository && listed.editable) {
    throw UsageError(fmt::format("{}: {} cannot be editable", listed.place.text(), printable(requirement.text())),
                     "leave -e out; or clone it, and name the directory with -e");
  }
  if (listed.editable) requirement.name.clear();
  requirement.url = url_with_hash(listed);
  if (url_scheme(requirement.url).empty()) {
    if (const auto path = local_path(requirement)) requirement.url = *path;
  }
  std::string line = (listed.editable ? "-e " : "") + requirement.text();
  for (const RequirementHash& hash : listed.hashes) line += fmt::format(" --hash={}:{}", hash.algorithm, hash.hex);
  return line;
}

// For uv, a package's sources may be built or not, wherever they come from: those that are named themselves are allowed by their names.
void add_formats(const FormatControl& format, const RequirementFiles& files, ResolverQuestion& question) {
  std::set<std::string> named;
  for (const ListedRequirement& listed : files.requirements) {
    if (listed.constraint || listed.editable || format.allows_build(listed.requirement.normalized)) continue;
    const std::string name = name_of_sources(listed.requirement);
    if (!name.empty() && format.allows_build(name, SourceOrigin::named)) named.insert(name);
  }
  if (format.without_builds().contains(":all:")) question.buildable.assign(named.begin(), named.end());
  std::vector<std::string>& options = question.options;
  if (format.forbids_builds()) {
    options.insert(options.end(), {"--only-binary", ":all:"});
    return;
  }
  for (const std::string& name : format.without_builds()) {
    if (!named.contains(name)) options.insert(options.end(), {"--only-binary", name});
  }
  for (const std::string& name : format.without_wheels()) options.insert(options.end(), {"--no-binary", name});
}

ResolverQuestion question_of(const RequirementFiles& files, const InterpreterFacts& facts,
                             const ResolveOptions& options) {
  ResolverQuestion question;
  for (const ListedRequirement& listed : files.requirements) {
    (listed.constraint ? question.constraints : question.requirements).push_back(line_of(listed));
    if (!listed.requirement.url.empty()) question.addresses.push_back(listed.requirement.url);
    // The resolver looks at no hash of what it finds in an index, and would run code out of it to learn what it requires.
    const std::string& name = listed.requirement.normalized;
    if (!listed.hashes.empty() && listed.requirement.url.empty() && !name.empty() &&
        !options.build.format.without_wheels().contains(name)) {
      question.options.insert(question.options.end(), {"--only-binary", name});
    }
  }
  for (const ListedRequirement& listed : options.build.constraints) {
    question.build_constraints.push_back(line_of(listed));
  }
  bool prereleases = options.prereleases;
  for (const ListedOption& option : files.options) {
    if (option.kind == RequirementOptionKind::pre) prereleases = true;
  }
  if (options.no_dependencies) question.options.emplace_back("--no-deps");
  question.preferences = options.preferences;
  question.installed = options.installed;
  if (options.build.limit_is_said && !options.build.format.forbids_builds()) question.limit = options.build.limit;
  if (prereleases) question.options.insert(question.options.end(), {"--prerelease", "allow"});
  add_formats(options.build.format, files, question);
  if (options.build.in_place) {
    question.options.emplace_back("--no-build-isolation");
    question.python = PlaceToBuild(options.build.in_place->environment, facts).python();
  }
  for (const auto& [key, value] : options.build.settings) {
    question.options.insert(question.options.end(), {"--config-setting", key + "=" + value});
  }
  return question;
}

// What lies here and may be another one the next time.
std::string state_of_locals(const RequirementFiles& files) {
  std::string text;
  for (const ListedRequirement& listed : files.requirements) {
    const auto path = local_path(listed.requirement);
    if (!path || listed.constraint) continue;
    if (kind_of_path(*path) == PathKind::directory) {
      const auto state = look_at_tree(*path);
      // What is too large to look at may always be another one.
      text += state ? digest_of(*state).hex() : random_name();
    } else {
      const Fd file = with_context(listed.place.text(), [&] { return open_user_file(*path); });
      const auto info = stat_fd(file.get(), *path);
      text += fmt::format("{} {} {}.{}", info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    }
    text += '\n';
  }
  return text;
}

// What there is to build with.
std::string state_of_place(const InterpreterFacts& facts, const BuildOptions& build) {
  if (!build.in_place) return {};
  const PlaceToBuild place(build.in_place->environment, facts);
  return place.state("").value_or("in " + place.path());
}

void add(ByteWriter& out, const std::vector<std::string>& texts) {
  out.u64(texts.size());
  for (const std::string& text : texts) out.string(text);
}

// Of all that the answer depends on, but for what the indexes have.
Sha256Digest fingerprint_of(const ResolverQuestion& question, const InterpreterFacts& facts,
                            const PackageNetwork& network, const ResolverProgram& program, const std::string& locals) {
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
  add(out, question.build_constraints);
  add(out, question.options);
  // Without any the question is the one that it always was.
  for (const auto& [name, version] : question.preferences) {
    out.string(name);
    out.string(version);
  }
  for (const InstalledDistribution& one : question.installed) {
    out.string(one.normalized);
    out.string(one.version);
    out.string(one.requires_python);
    add(out, one.requires_dist);
    add(out, one.extras);
  }
  out.string(locals);
  add(out, places.indexes);
  add(out, places.find_links);
  out.u8(places.no_index ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(places.strategy));
  return sha256(text);
}

// Folders of wheels alone, or before all: without an option that only a resolver understands.
bool begins_with_folders(const ResolverQuestion& question, const ResolveOptions& options, const IndexPlaces& places) {
  const auto is_resolvers = [](const std::string& option) { return option == "--prerelease"; };
  return (places.no_index || options.folders_first) && are_folders(places.find_links) && options.resolver.empty() &&
         std::ranges::none_of(question.options, is_resolvers);
}

struct FoundLock {
  Pylock lock;
  std::optional<Sha256Digest> question;  // what it is to be remembered by; nullopt: it is not, or was
};

// Remembered, else found out.
FoundLock found_lock(const Store& store, PackageNetwork& network, const RequirementFiles& files,
                     const InterpreterFacts& facts, const ResolveOptions& options, const ResolverQuestion& question,
                     const MarkerEnvironment& environment, bool pinned, Progress& progress) {
  const std::string locals = state_of_locals(files) + state_of_place(facts, options.build);
  // What is pinned has one answer, whoever finds it.
  ResolverProgram program = pinned ? ResolverProgram{} : known_resolver(store, options.resolver);
  const Sha256Digest key = fingerprint_of(question, facts, network, program, locals);
  const auto max_age = network.offline() || pinned ? std::chrono::seconds::max() : options.max_age;
  const auto known = options.refresh ? std::nullopt : remembered_lock(store, key, max_age);
  if (known) return {parse_pylock(*known, "the lock of the requirements"), std::nullopt};
  Pylock lock;
  if (pinned) {
    // Not remembered: an index that may be asked may have what fits better.
    if (auto stored = network.offline() ? pinned_lock_of_store(store, files, environment) : std::nullopt)
      return {*std::move(stored), std::nullopt};
    PinnedLock found = pinned_lock(store, files, environment, facts, network.indexes());
    for (const std::string& warning : found.warnings) progress.warning(warning);
    lock = std::move(found.lock);
  } else if (question.requirements.empty()) {
    lock.created_by = "cas";
  } else {
    obtain_resolver(store, network, progress, program);
    progress.phase("finding versions", 0);
    const RequirementFiles checked = with_checked_archives(store, network, files, environment, progress);
    lock = ask_resolver(store, program, question_of(checked, facts, options), facts, network, progress);
  }
  take_credentials(network, lock);
  return {std::move(lock), key};
}

}  // namespace

LockSource resolve(const Store& store, PackageNetwork& network, const RequirementFiles& files,
                   const InterpreterFacts& facts, const ResolveOptions& options, Progress& progress) {
  const MarkerEnvironment environment = marker_environment(facts, system_name());
  refuse_other_files(files, environment);
  const bool pinned = is_fully_pinned(files, environment);
  const ResolverQuestion question = question_of(files, facts, options);
  for (const ListedRequirement& listed : files.requirements) (void)take_credentials(network, listed.requirement.url);
  LockSource source;
  source.place = "the lock of the requirements";
  source.directory = "/";
  const IndexPlaces& places = network.options().places;
  std::optional<Pylock> of_folders;
  std::optional<Sha256Digest> question_key;
  if (!pinned && begins_with_folders(question, options, places)) {
    const FolderQuestion simple{files,
                                places.find_links,
                                options.build.format,
                                options.preferences,
                                !options.no_dependencies,
                                options.installed};
    of_folders = folder_lock(store, simple, facts);
    if (!of_folders && places.no_index) refuse_missing(simple, facts);
  }
  if (of_folders) {
    source.lock = *std::move(of_folders);
    source.vouched = false;
  } else {
    FoundLock found = found_lock(store, network, files, facts, options, question, environment, pinned, progress);
    source.lock = std::move(found.lock);
    question_key = found.question;
  }
  // Whoever was asked, now or when it was remembered.
  if (!pinned) hold_to_hashes(files, environment, options.no_dependencies, source.lock);
  source.wishes.build = options.build;
  search_digests(store, network, facts, WeakHashes::checked, source, progress);
  if (question_key) {
    drop_unvouched(source.lock);
    remember_lock(store, *question_key, pylock_text(source.lock));
  }
  source.requested.emplace();
  for (const ListedRequirement& listed : files.requirements) {
    if (listed.constraint) continue;
    if (pinned && !options.no_dependencies && is_wanted(listed, environment)) source.pins.push_back(listed.requirement);
    for (const std::string& name : names_of(listed.requirement, source.lock)) {
      source.requested->insert(name);
      ConfigSettings& settings = source.wishes.build.settings_of[name];
      settings.insert(settings.end(), listed.config_settings.begin(), listed.config_settings.end());
    }
  }
  return source;
}

}  // namespace cas
