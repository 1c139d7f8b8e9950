#include "linker/python/capture.hpp"

#include <fmt/format.h>

#include <boost/filesystem.hpp>
#include <chrono>

#include "linker/environment_plan.hpp"
#include "linker/environment_request.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/python/tree_repair.hpp"
#include "store/base/clock.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/base/timing.hpp"
#include "store/damage.hpp"
#include "store/ingest.hpp"
#include "store/lost_interpreters.hpp"
#include "store/roots.hpp"
#include "store/source/python_tree.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/trust.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

constexpr int kMaxRounds = 10;
constexpr std::chrono::seconds kProbeLimit{30};
constexpr const char* kElsewhereHint = "use this Python where it is, with --base system";

// PEP 668: tools that would install into the tree itself are told not to. Environments on top of it do not see this.
constexpr std::string_view kExternallyManaged =
    "[externally-managed]\n"
    "Error=This Python belongs to a store of cas, and environments share it.\n"
    " Make an environment: cas create ENV\n";

// Where the headers lie, relative to the prefix: "include/python3.12", with the old versions' ABI flag.
std::string headers_of(const InterpreterFacts& facts) {
  const std::string plain = fmt::format("{}/include/python{}.{}", facts.base_prefix, facts.major, facts.minor);
  for (const char* flags : {"", "m", "t", "d", "dm", "td"}) {
    if (stat_path(plain + flags)) return plain + flags;
  }
  return {};
}

// Debian keeps the real pyconfig.h apart, for each architecture: include/x86_64-linux-gnu/python3.11.
std::string platform_headers_of(const InterpreterFacts& facts, const std::string& headers) {
  if (headers.empty()) return {};
  const std::size_t dash = facts.soabi.find('-', facts.soabi.find('-') + 1);
  if (dash != std::string::npos) {
    std::string own =
        fmt::format("{}/include/{}/{}", facts.base_prefix, facts.soabi.substr(dash + 1), name_of(headers));
    if (stat_path(own)) return own;
  }
  return headers;
}

PythonInstallation describe_installation(const InterpreterFacts& facts, bool with_tests) {
  if (facts.implementation != "cpython") {
    throw NotCapturable(
        fmt::format("{} is {}: only CPython can be captured", printable(facts.executable), python_label(facts)),
        kElsewhereHint);
  }
  if (facts.base_prefix != facts.base_exec_prefix || facts.stdlib != facts.platstdlib ||
      !facts.stdlib.starts_with(facts.base_prefix + "/")) {
    throw NotCapturable(fmt::format("{} has its parts in several places ({}, {}, {})", printable(facts.executable),
                                    printable(facts.base_prefix), printable(facts.stdlib), printable(facts.platstdlib)),
                        kElsewhereHint);
  }
  PythonInstallation at;
  at.implementation = facts.implementation;
  at.version = facts.version + (facts.free_threaded ? "t" : "") + (facts.debug ? "d" : "");
  at.platform = facts.platform;
  at.prefix = facts.base_prefix;
  boost::system::error_code error;
  at.executable = fs::canonical(facts.executable, error).string();
  if (error) throw SystemError(error.value(), "resolving", printable(facts.executable));
  at.binary_name = facts.binary_name;
  at.standard_library = facts.stdlib.substr(facts.base_prefix.size() + 1);
  at.headers = headers_of(facts);
  at.platform_headers = platform_headers_of(facts, at.headers);
  at.shared_library = facts.shared_library;
  at.patched_site = facts.patched_schemes;
  at.with_tests = with_tests;
  return at;
}

std::vector<WatchedPath> watched_paths(const PythonInstallation& at) {
  std::vector<WatchedPath> watched;
  const std::string stdlib = at.prefix + "/" + at.standard_library;
  for (const std::string& path : {at.executable, at.shared_library, stdlib, stdlib + "/lib-dynload"}) {
    if (path.empty()) continue;
    if (auto found = watch(path)) watched.push_back(std::move(*found));
  }
  return watched;
}

// The facts of the same interpreter in another place.
InterpreterFacts moved(InterpreterFacts facts, const std::string& prefix) {
  const std::string before = facts.base_prefix;
  facts.base_prefix = prefix;
  facts.executable = prefix + "/bin/" + facts.binary_name;
  const auto follow = [&](std::string& path) {
    if (path.starts_with(before + "/")) path = prefix + path.substr(before.size());
  };
  facts.base_exec_prefix = prefix;
  follow(facts.stdlib);
  follow(facts.platstdlib);
  follow(facts.shared_library);
  follow(facts.installed_library);
  facts.externally_managed = true;
  return facts;
}

// A captured interpreter that does not run is worse than none.
void prove(const InterpreterFacts& expected) {
  const InterpreterFacts found = [&] {
    try {
      return inspect_interpreter(expected.executable, kProbeLimit);
    } catch (const Error& error) {
      throw NotCapturable("the captured copy does not run: " + error.message(), kElsewhereHint);
    }
  }();
  if (found.base_prefix != expected.base_prefix || found.version != expected.version) {
    throw NotCapturable(fmt::format("the captured copy does not find itself: its prefix is {}, its version {}",
                                    printable(found.base_prefix), found.version),
                        kElsewhereHint);
  }
}

class Capture {
 public:
  Capture(const Store& store, const InterpreterFacts& facts, const CaptureOptions& options, Progress& progress,
          const std::string& archive)
      : store_(store), facts_(facts), options_(options), progress_(progress), archive_(archive) {
    options_.threads = options.threads == 0 ? available_cpus() : options.threads;
  }

  CaptureResult run() {
    const Timer timer("capture the interpreter");
    const PythonInstallation at = describe_installation(facts_, options_.with_tests);
    CaptureResult result;
    // Before reading: what changes meanwhile makes the capture an outdated one.
    if (archive_.empty()) result.interpreter.watched = watched_paths(at);
    result.interpreter.rules = kPythonTreeRules;
    result.interpreter.implementation = facts_.implementation;
    result.interpreter.version = facts_.version;
    result.interpreter.origin = archive_.empty() ? facts_.executable : archive_;
    result.interpreter.captured_at = now_seconds();
    const auto source = open_python_tree(at);
    try_make_store_directory(store_.layout().interpreters());
    for (int round = 0; round < kMaxRounds; ++round) {
      IngestResult ingested = ingest_source(store_, *source, options_.threads, progress_);
      // Known, and changed in place: then the store gets what was just read.
      if (ingested.already && forget_damaged_package(store_, ingested.artifact)) {
        ingested = ingest_source(store_, *source, options_.threads, progress_);
      }
      result.interpreter.artifact = ingested.artifact;
      result.interpreter.name = interpreter_name(ingested.file_name, ingested.artifact);
      result.files = ingested.files;
      result.bytes = ingested.bytes;
      result.new_files = ingested.new_files;
      result.new_bytes = ingested.new_bytes;
      if (publish(result)) return result;
    }
    throw Error("capturing " + printable(facts_.executable) + ": its files are collected again and again meanwhile",
                "wait for `cas gc` to finish");
  }

  // The tree that a base store has of it. false: its package cannot be had.
  bool take_over(CaptureResult& result) {
    const Timer timer("take over the interpreter");
    make_directories(store_.layout().interpreters());
    for (int round = 0; round < kMaxRounds; ++round) {
      take_over_packages(store_, {&result.interpreter.artifact, 1}, options_.threads);
      if (!find_package(store_.index(), result.interpreter.artifact)) return false;
      if (publish(result)) return true;
    }
    return false;
  }

  // The tree of a package that the store has. false: it has it no more.
  bool publish_again(CaptureResult& result) { return publish(result); }

 private:
  // false: collected before it was anchored.
  bool publish(CaptureResult& result) {
    StoredInterpreter& interpreter = result.interpreter;
    const std::string tree = store_.layout().interpreter(interpreter.name);
    const InterpreterFacts facts = moved(facts_, tree);
    interpreter.facts = encode_facts(facts);

    Anchor anchor;
    anchor.id = random_name();
    anchor.target = tree;
    anchor.created_at = interpreter.captured_at;
    anchor.interpreter = facts.executable;
    anchor.python_version = facts.version;
    anchor.packages.push_back({interpreter.artifact, interpreter.implementation, interpreter.version, false, {}});
    const std::string scratch_name = ".new-" + anchor.id;
    const std::string parent_path = store_.layout().interpreters();
    const Fd parent = open_directory(parent_path);
    // Gives the anchor up at its end: then the tree is a root of its own.
    PendingRoot root(store_, std::move(anchor), parent_path + "/" + scratch_name);
    root.publish();

    PlannedPackage package;
    package.artifact = interpreter.artifact;
    package.metadata.file_name = interpreter.name;
    std::vector<PlannedPackage> packages{package};
    PlanOptions options;
    // Always: else Python would write it into the tree, by whatever root happens to import.
    options.bytecode = interpreter_bytecode(facts_);
    // Compiled by the original: its copy is not there yet.
    const auto found = obtain_plan(store_, packages, facts_, options, {options_.threads, progress_});
    if (!found) return false;

    // Before the tree is there: else it could be gone again, and not be missed.
    note_captured_interpreter(store_, interpreter.name);
    if (stat_at(parent.get(), interpreter.name)) {
      // The same content, captured again: what is known of its origin is new, and what was damaged meanwhile comes back.
      make_directories(tree + "/.cas");
      static_cast<void>(repair_tree(store_, interpreter));
      publish_file(tree + "/.cas", "interpreter", encode_interpreter(interpreter), 0644, store_.durability());
      result.already = true;
      return true;
    }
    ScratchDirectory scratch(parent.get(), scratch_name, parent_path + "/" + scratch_name);
    MaterialiseOptions how;
    how.threads = options_.threads;
    // A part of the store: whoever can write to that can write to the tree, and nobody else, whatever the umask leaves.
    how.directory_mode = mode_of_directory_in(stat_fd(parent.get(), parent_path));
    set_mode(scratch.fd(), stat_fd(scratch.fd(), scratch_name).st_mode & 07777 & (how.directory_mode | S_ISGID),
             scratch_name);
    static_cast<void>(materialise(store_, found->plan, scratch.fd(), how));
    const std::string library(parent_of(facts.layout.site_packages));
    write_new_file_at(scratch.fd(), library + "/EXTERNALLY-MANAGED", kExternallyManaged, 0644);
    prove(moved(facts_, parent_path + "/" + scratch_name));
    make_directory_at(scratch.fd(), ".cas", how.directory_mode);
    write_new_file_at(scratch.fd(), kInterpreterRecord, encode_interpreter(interpreter), 0644);
    if (store_.durability() != Durability::none) sync_filesystem(scratch.fd(), tree);
    failpoint("interpreter-staged");
    // Somebody else may have captured the same one meanwhile: then ours is not needed.
    if (rename_noreplace_at(parent.get(), scratch_name, parent.get(), interpreter.name)) scratch.keep();
    failpoint("interpreter-published");
    return true;
  }

  const Store& store_;
  const InterpreterFacts& facts_;
  CaptureOptions options_;
  Progress& progress_;
  const std::string& archive_;
};

}  // namespace

CaptureResult capture_interpreter(const Store& store, const InterpreterFacts& facts, const CaptureOptions& options,
                                  Progress& progress, const std::string& archive) {
  return Capture(store, facts, options, progress, archive).run();
}

StoredInterpreter restore_captured(const Store& store, const LostInterpreter& lost, Progress& progress) {
  const Timer timer("restore the interpreter");
  CaptureResult result;
  StoredInterpreter& interpreter = result.interpreter;
  interpreter.name = lost.name;
  interpreter.artifact = lost.artifact;
  interpreter.implementation = lost.implementation;
  interpreter.version = lost.version;
  // What the lost record said of the original nobody knows: the next capture of it, which finds this tree, writes it down again.
  interpreter.origin = lost.executable;
  interpreter.captured_at = now_seconds();
  try_make_store_directory(store.layout().interpreters());
  const BareTree bare(store, interpreter);
  const InterpreterFacts facts =
      inspect_interpreter(bare.path() + "/bin/" + std::string(name_of(lost.executable)), kProbeLimit);
  interpreter.version = facts.version;
  const std::string none;
  if (!Capture(store, facts, {}, progress, none).publish_again(result)) {
    throw Error("making python/" + lost.name + " again: its package was collected meanwhile", "run the command again");
  }
  return std::move(interpreter);
}

std::optional<InterpreterFacts> facts_of(const StoredInterpreter& interpreter) {
  return decode_facts(interpreter.facts);
}

namespace {

std::optional<StoredInterpreter> newest_of(const std::vector<StoredInterpreter>& interpreters,
                                           const std::string& executable) {
  const StoredInterpreter* newest = nullptr;
  for (const StoredInterpreter& interpreter : interpreters) {
    if (interpreter.origin != executable || interpreter.rules != kPythonTreeRules) continue;
    if (is_outdated(interpreter) || !facts_of(interpreter)) continue;
    if (newest == nullptr || interpreter.captured_at > newest->captured_at) newest = &interpreter;
  }
  return newest == nullptr ? std::nullopt : std::optional(*newest);
}

std::optional<StoredInterpreter> lies_in_tree(const Store& store, const std::vector<StoredInterpreter>& interpreters,
                                              const std::string& executable) {
  for (const StoredInterpreter& interpreter : interpreters) {
    if (executable.starts_with(store.layout().interpreter(interpreter.name) + "/")) return interpreter;
  }
  return std::nullopt;
}

// Those of a base store that nobody but this user and root could have changed: they are run.
std::vector<StoredInterpreter> believed_interpreters(const Store& base) {
  const auto ours = [](const std::string& path) {
    const auto info = stat_path(path);
    return info && is_only_ours(*info);
  };
  if (!ours(base.layout().interpreters())) return {};
  std::vector<StoredInterpreter> interpreters = list_interpreters(base);
  std::erase_if(interpreters, [&](const StoredInterpreter& one) {
    const std::string tree = base.layout().interpreter(one.name);
    return !ours(tree) || !ours(tree + "/.cas") || !ours(tree + "/" + kInterpreterRecord);
  });
  return interpreters;
}

}  // namespace

std::optional<StoredInterpreter> find_captured(const Store& store, const std::string& executable) {
  return newest_of(list_interpreters(store), executable);
}

std::optional<StoredInterpreter> captured_at_path(const Store& store, const std::string& executable) {
  if (!executable.starts_with(store.layout().interpreters() + "/")) return std::nullopt;
  return lies_in_tree(store, list_interpreters(store), executable);
}

std::vector<std::string> captured_executables(const Store& store) {
  std::vector<std::string> executables;
  for (const StoredInterpreter& interpreter : list_interpreters(store)) {
    if (const auto facts = facts_of(interpreter)) executables.push_back(facts->executable);
  }
  for (const Store& base : store.bases()) {
    for (const StoredInterpreter& interpreter : believed_interpreters(base)) {
      // It may be mounted elsewhere than where it was captured.
      const auto facts = facts_of(interpreter);
      if (facts) executables.push_back(moved(*facts, base.layout().interpreter(interpreter.name)).executable);
    }
  }
  return executables;
}

namespace {

// The one that is what lies at `executable` now, in the first base store that has it; taken over.
std::optional<StoredInterpreter> take_over_interpreter(const Store& store, const InterpreterFacts& facts,
                                                       const CaptureOptions& options, Progress& progress) {
  for (const Store& base : store.bases()) {
    const std::vector<StoredInterpreter> interpreters = believed_interpreters(base);
    auto found = lies_in_tree(base, interpreters, facts.executable);
    if (!found) found = newest_of(interpreters, facts.executable);
    if (!found) continue;
    CaptureResult result;
    result.interpreter = std::move(*found);
    if (!Capture(store, facts, options, progress, {}).take_over(result)) continue;
    FromBases taken;
    taken.interpreters = 1;
    store.note_from_bases(taken);
    return std::move(result.interpreter);
  }
  return std::nullopt;
}

}  // namespace

OwnedInterpreter owned_interpreter(const Store& store, const InterpreterFacts& facts, const CaptureOptions& options,
                                   Progress& progress) {
  if (auto own = captured_at_path(store, facts.executable)) return {std::move(*own), facts, false};
  OwnedInterpreter owned;
  if (auto captured = find_captured(store, facts.executable)) {
    owned.interpreter = std::move(*captured);
  } else if (auto taken = take_over_interpreter(store, facts, options, progress)) {
    owned.interpreter = std::move(*taken);
  } else {
    owned.interpreter = capture_interpreter(store, facts, options, progress).interpreter;
    owned.captured_now = true;
  }
  owned.facts = *facts_of(owned.interpreter);
  return owned;
}

}  // namespace cas
