// Roots: what keeps packages alive.
//
// Every environment has an anchor, a small JSON file `roots/<id>`, hard-linked to `ENV/.cas/anchor`. As long as the
// environment exists, wherever it was moved, the file has two names; after `rm -rf ENV` it has one, and the
// environment is known to be gone. Where a hard link is impossible (another filesystem, a bind mount) the anchor says so, and on
// which machine it was made; path, id and a grace period decide, on that machine: others cannot see that it is gone. An environment
// that came back to its place from a backup, and lost the link on the way, is known by the id in its anchor.
//
// The anchor is written before the first link of a new environment, under `gc.lock` shared. Its maker then holds flock
// on `running/<id>` while it fetches and links; that file names the scratch directory, so that whoever finds the
// lock free can clean up. An anchor is never changed in place; a changed environment gets a new one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/base/built_from.hpp"
#include "store/base/digest.hpp"
#include "store/store.hpp"
#include "store/sys/fd.hpp"

namespace cas {

inline constexpr const char* kAnchorDirectory = ".cas";  // in an environment
inline constexpr const char* kAnchorPath = ".cas/anchor";
inline constexpr const char* kStagedAnchor = "anchor";  // in the staging directory of a change
inline constexpr std::size_t kMostAnchorBytes = std::size_t{16} << 20;
// How long an environment that cannot be seen, and has no link that tells of it, stays alive after its last use.
inline constexpr std::chrono::hours kUnseenGrace{24 * 30};

struct AnchoredPackage {
  Sha256Digest artifact;
  std::string name;  // as METADATA spells it
  std::string version;
  bool requested = false;
  std::string direct_url;                 // text of direct_url.json; "" where there is none
  std::optional<BuiltFrom> built_from{};  // where it was chosen by name, and built
};

struct Anchor {
  std::string id;                // 32 hexadecimal digits, random
  std::string target;            // absolute path of the environment when it was made
  bool linked = true;            // the store's file and the environment's are one inode
  std::string host;              // host_identity() of its maker, where it is not linked; "" unknown
  std::uint64_t created_at = 0;  // seconds since the epoch
  std::string interpreter;       // path of the base interpreter
  std::string python_version;
  std::string base;       // "store", "system", "standalone": whose the interpreter is (linker/environment.hpp)
  std::string link_mode;  // "hardlink", "reflink", "copy": what most files became
  Sha256Digest plan;
  // What the plan was made with, so that it can be made again when the index has forgotten it (linker/plan.hpp).
  std::string site_packages, scripts, headers;
  bool relocatable = false;
  std::vector<AnchoredPackage> packages;
  // Its place among the revisions of the environment (store/history.hpp). Anchors of the first versions have none.
  std::string history;         // 32 hexadecimal digits; ""
  std::uint64_t revision = 0;  // from 1; 0: unknown
  std::string replaces;        // id of the anchor before; "" there was none
  std::string command;         // that made it: "install"; ""
};

[[nodiscard]] std::string encode_anchor(const Anchor& anchor);
// Throws Corruption.
[[nodiscard]] Anchor decode_anchor(const std::string& text);

enum class AnchorState {
  live,     // the environment exists (its link, or its path, says so)
  running,  // somebody is making or changing it right now
  unseen,   // not linked, not at its path, and within the grace period: alive
  dead
};

// What a command that was killed left of an environment that is not where it was made.
enum class HalfDone {
  no,
  change,  // the new environment of a change, staged in the old one
  removal  // set aside to be removed; the collector does the rest
};

struct Root {
  Anchor anchor;
  AnchorState state = AnchorState::live;
  bool at_target = false;  // what lies at anchor.target now is this environment
  HalfDone half_done = HalfDone::no;
  std::int64_t used_at = 0;  // the anchor's modification time: last use; now, where that lies in the future
};

// Where an environment that is about to be removed goes first, and where a change stages the new anchor in it.
[[nodiscard]] std::string removal_scratch(const std::string& target, const std::string& id);
[[nodiscard]] std::string change_staging(const std::string& id);  // in ENV/.cas

// Announces scratch outside the store (a directory that is being filled, or removed) for as long as it lives: the file
// running/<id> names it and is locked. Whoever finds it unlocked removes the scratch.
class RunningMark {
 public:
  // Throws Error when `id` is in use by somebody.
  RunningMark(const Store& store, std::string id, const std::string& scratch);
  ~RunningMark();  // removes the file: the scratch is gone, or has become something else
  RunningMark(const RunningMark&) = delete;
  RunningMark& operator=(const RunningMark&) = delete;

  // While `left` the destructor keeps the file: the scratch is garbage, and the collector's should this maker fail.
  void leave_scratch(bool left) { left_ = left; }

 private:
  const Store& store_;
  std::string id_;
  Fd file_;
  bool left_ = false;
};

// Holds a new environment's anchor while the environment is being made.
//
// Order of use: construct (takes the lock), publish() under gc.lock shared, make the environment, attach(), rename it into
// place, finish(). The destructor without finish() removes anchor and lock file; scratch is the maker's to remove.
class PendingRoot {
 public:
  // `scratch`: absolute path of the directory that is being filled and that must go if the maker dies; its name must
  // contain the anchor's id. "": there is none, or it recovers by itself (a change from inside).
  PendingRoot(const Store& store, Anchor anchor, const std::string& scratch);
  ~PendingRoot();
  PendingRoot(const PendingRoot&) = delete;
  PendingRoot& operator=(const PendingRoot&) = delete;

  // Writes roots/<id>. From now on the collector keeps the anchor's packages, present or yet to come.
  void publish();
  // Makes the anchor known in the environment as `name` in the open `directory`: the same inode, or, where that is
  // impossible, a copy, and the store's anchor is replaced by one that says so.
  void attach(int directory, const std::string& name);
  // The environment is in place: the anchor stays. The lock goes with this object.
  void finish() { finished_ = true; }

  [[nodiscard]] const Anchor& anchor() const { return anchor_; }

 private:
  const Store& store_;
  Anchor anchor_;
  RunningMark running_;
  bool finished_ = false;
};

// Every readable anchor with its state. Unreadable ones are reported through `unreadable` (their file names) and must be
// treated as alive.
[[nodiscard]] std::vector<Root> list_roots(const Store& store, std::vector<std::string>* unreadable = nullptr);
// Those of the user's environments: without what lies in the store's staging directory, to build something there.
[[nodiscard]] std::vector<Root> list_environments(const Store& store, std::vector<std::string>* unreadable = nullptr);
// The state of one: in the order that makes it safe beside a maker who is just finishing.
[[nodiscard]] Root look_at_root(const Store& store, const Anchor& anchor);

// The anchor of the environment at `path`; nullopt: no cas environment, or not one of any store.
[[nodiscard]] std::optional<Anchor> read_environment_anchor(const std::string& path);
// The root that belongs to the environment at `path` in this store: throws NotFound (not an environment of cas; an
// environment of another store, or whose anchor is gone; a copy, also one of hard links, of an environment that is there).
[[nodiscard]] Root find_root(const Store& store, const std::string& path);

// The roots of environments that were made at `path`, or have this id, and are not there: nobody can see whether they are gone, but
// the user says so. Several where each was deleted and made again on a filesystem that tells nobody. One that is alive
// elsewhere (it was moved, or lies on a mount of somebody else's) is meant by its id alone. Throws NotFound where there is no such root,
// Error where the environment is there, is being changed, or alive elsewhere.
[[nodiscard]] std::vector<Root> find_forgettable(const Store& store, const std::string& path_or_id);

// 32 hexadecimal digits.
[[nodiscard]] bool is_anchor_id(const std::string& text);

// Notes in the index that the anchors' packages were in use until their last use.
void note_last_use(const Store& store, std::span<const Root> roots);
// Removes roots/<id> of each, and notes in the index that its packages were in use until then.
void retire_roots(const Store& store, std::span<const Root> roots);
inline void retire_root(const Store& store, const Root& root) { retire_roots(store, {&root, 1}); }

// Removes what makers that died have left: their scratch directories and running/ files. Returns the ids of their anchors: dead ones
// among them are of environments that never came to be. `dry_run`: only looks.
[[nodiscard]] std::vector<std::string> clean_dead_makers(const Store& store, bool dry_run);

}  // namespace cas
