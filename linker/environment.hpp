// Environments as a whole: create, change, remove.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "linker/package_supply.hpp"
#include "linker/plan.hpp"
#include "linker/seed.hpp"
#include "store/base/progress.hpp"
#include "store/ingest.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

class Exactness;  // linker/environment_exactness.hpp

// What an environment's Python is.
enum class BaseKind {
  store,      // a tree that the store owns (PEP 405, over linker/python/capture.hpp)
  system,     // the interpreter that was found, where it is: the classic virtual environment
  standalone  // inside the environment: nothing outside it but the system's shared libraries
};
[[nodiscard]] std::string_view base_kind_name(BaseKind kind);
[[nodiscard]] std::optional<BaseKind> parse_base_kind(std::string_view name);

enum class LinkMode { automatic, hardlink, reflink, copy };

// A package that the environment shall have: a wheel file, or a name to look for in folders.
struct PackageRequest {
  WheelRequest wheel;  // path != "" : this file
  std::string name;    // else NAME or NAME==VERSION, chosen from the folders of CreateOptions::find_links
};

// What becomes of an environment of cas that is there already.
enum class Existing {
  change,  // afterwards it has exactly the packages named; prompt and the like stay where nothing else is said
  keep,    // and those that it had, where they are still there
  clear    // nothing of it stays, nor of another tool's (plan_clearing())
};

struct CreateOptions {
  std::optional<std::string> python;         // -p
  std::vector<std::string> other_pythons{};  // tried in turn where that is not found
  std::string python_versions{};             // as `python`: one of these where none is named, and none is kept; "": any
  std::vector<std::string> preferred_pythons{};  // of those rather one that is one of these, where one is found
  Existing existing = Existing::change;
  // Existing::change: what other tools installed and is not named goes, too, but for seeds. nullptr: it stays.
  const Exactness* exactness = nullptr;
  bool dry_run = false;      // only say what would be made: nothing is written, and no wheel is read
  bool keep_python = false;  // the interpreter of an environment that is there stays where `python` is unset
  // Existing::keep: where `python` is unset, the newest of the environment's implementation and minor version; and what it was
  // seeded without stays out.
  bool upgrade = false;
  std::optional<SeedOptions> seed{};  // unset: no pip
  std::vector<PackageRequest> packages;
  std::vector<std::string> find_links;
  std::map<std::string, Sha256Digest, std::less<>>
      pins;  // wheel file name -> SHA-256, for those chosen from find_links
  // Unset: what the environment there has, else the store's, else (what cannot be captured) the system's.
  std::optional<BaseKind> base;
  bool system_site_packages = false;  // REQUIRES: base is unset or system
  LinkMode link_mode = LinkMode::automatic;
  bool strict_conflicts = false;
  bool relocatable = false;
  // bin/python is a copy of the interpreter (BaseKind::system; else without effect). Unset: as the environment there has it.
  std::optional<bool> copies{};
  bool ignore_file = true;  // .gitignore, in a new environment
  bool compile_bytecode = true;
  bool check = false;  // look at every linked object's size, time, mode and owner
  std::optional<std::string> prompt;
  std::string command = "create";   // what its history says of it
  bool in_store = false;            // it may lie in the store, whose scratch it is: the environment of a build
  PackageSupply* supply = nullptr;  // what more it shall have
  IngestOptions ingest;
  unsigned threads = 0;  // 0: as many as CPUs
};

struct LinkCounts {
  std::uint64_t hardlinked = 0, reflinked = 0, copied = 0;
  std::uint64_t created = 0;  // empty files, scripts, RECORDs, pyvenv.cfg: written for this environment
  // Of those that were cloned or copied, what a hard link was tried for in vain:
  std::uint64_t forbidden = 0;  // it belongs to another user, or the filesystem has no links
  std::uint64_t elsewhere = 0;  // the environment is on another filesystem than the store, or another mount
};

// Of an environment's bytecode (linker/bytecode/bytecode.hpp).
struct BytecodeCounts {
  std::uint64_t files = 0;     // in the environment
  std::uint64_t compiled = 0;  // sources compiled for it now; the others had been before
  std::uint64_t refused = 0;   // sources that do not compile; 0 where the plan was known
};

struct CreateResult {
  std::string path;                // absolute
  bool changed_existing = false;   // an environment was there, and is now another one
  bool unchanged = false;          // it was there, exactly as it was asked for; `links` are none
  bool cleared = false;            // something was there, and is no longer
  bool dry_run = false;            // none of it happened: `ingested`, `links`, the counts and `bytecode` are not known
  std::vector<std::string> added;  // "name version" of what the environment did not have before, in this version
  std::vector<std::string> dropped;  // of what it had before and has no longer, in any version
  std::string python_before;         // version, where it had another interpreter
  InterpreterFacts interpreter;
  BaseKind base = BaseKind::system;
  std::string captured;                // name of the interpreter that had to be captured for it; "" none
  std::vector<SeedWheel> seeded;       // what nobody named
  std::vector<IngestResult> ingested;  // wheels that were read for it
  std::vector<AnchoredPackage> packages;
  std::vector<PlanConflict> conflicts;
  LinkCounts links;
  std::uint64_t files = 0, directories = 0;
  bool plan_reused = false;
  BytecodeCounts bytecode;
  std::vector<std::string> warnings;
  FromBases from_bases;  // from base stores, by everything that was done with the store so far
};

// Makes the environment at `path`, or changes the cas environment that is there into the one asked for: a new path is
// staged beside it and renamed; an existing directory is changed from inside, and is afterwards the old or the new one, also
// when the program is killed. Files that are not cas's own stay.
// Throws UsageError where another tool's environment is at `path` and not to be cleared, InvalidInput where a wheel is refused or does not fit.
[[nodiscard]] CreateResult create_environment(const Store& store, const std::string& path, const CreateOptions& options,
                                              Progress& progress);

struct RemoveResult {
  std::string path;
  std::uint64_t files = 0, directories = 0;
  std::uint64_t freed_bytes = 0;  // allocated for its own files and directories
  std::vector<std::string>
      kept;  // entries of the directory that are not the environment's, and stay, with the directory
};

// Removes the environment at `path`: renamed aside first, so that it is gone at once, or not at all. Where its directory holds
// other things, too (it was made inside a project, say), only what cas placed goes, file by file, and the rest stays, unless `others`
// says that it goes as well (it is known to be elsewhere).
// Throws NotFound where no cas environment is there.
enum class OtherThings { stay, go };
[[nodiscard]] RemoveResult remove_environment(const Store& store, const std::string& path, bool dry_run,
                                              Progress& progress, OtherThings others = OtherThings::stay);

// Finishes or undoes a change that was interrupted, and moves of whatever environment. true: there was a change.
bool recover_environment(const Store& store, const std::string& path);
// The same for every environment that lies where it was made: for commands that look at all of them. Where one cannot be
// finished, a warning says why, and it stays as it is.
void recover_environments(const Store& store, std::vector<std::string>& warnings);

}  // namespace cas
