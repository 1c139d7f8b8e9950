// What creating and changing an environment have in common. For linker/environment*.cpp only.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "linker/environment.hpp"
#include "linker/environment_plan.hpp"
#include "linker/materialise.hpp"
#include "store/base/error.hpp"
#include "store/interpreters.hpp"
#include "store/roots.hpp"
#include "store/sys/tree.hpp"

namespace cas {

// Everything that was decided before the disk is touched.
struct EnvironmentRequest {
  const Store& store;
  const CreateOptions& options;
  std::string target;      // absolute
  InterpreterFacts facts;  // of the base: with BaseKind::standalone, of the tree whose parts the environment links
  BaseKind base = BaseKind::system;
  std::string captured;                             // CreateResult::captured
  std::optional<PlannedPackage> own_interpreter{};  // BaseKind::standalone
  std::vector<PlannedPackage> packages;             // in plan order
  PlanOptions plan_options;
  Progress& progress;
  bool replace = false;             // build_environment: takes the place of the directory that is there
  std::optional<Anchor> before{};   // of that one, where it is an environment of this store
  std::string id{};                 // of the anchor; "": a new one
  std::optional<Anchor> same_as{};  // build_environment(): it is that environment, in another place, with its history
  // change_environment(): files of other tools' packages that go.
  std::set<std::string, std::less<>> others_to_go{};
  // change_environment(): packages that are the same before and after stay as they lie there, edited or not, but for these (normalized
  // names). nullopt: all are made as they should be.
  std::optional<std::set<std::string>> remade{};
  bool keep_obstacles = false;  // change_environment(): as in ChangeScope
  // Id of the anchor that this was planned from; "": there was none. Another one by the time of the lock: throws ChangedMeanwhile
  // (linker/replanning.hpp). nullopt: it does not depend on what is there.
  std::optional<std::string> planned_from{};
  std::set<std::string, std::less<>> others_edited{};  // of those: kept below .cas/kept
  // build_environment() calls it before the environment is put in its place, with the open directory that will be it.
  std::function<void(int root)> complete{};
};

// The directory at its target cannot be replaced as a whole: a mount point, an unwritable parent.
class OnlyInPlace : public Error {
 public:
  using Error::Error;
};
// Whether a rename failed for such a reason.
[[nodiscard]] bool only_in_place(const SystemError& error);

// Throws UsageError where another program's environment is at `target`.
void refuse_foreign(const std::string& target);

// What clearing the directory at `target` means. Throws UsageError where it is neither empty nor an environment, or holds more
// than one of another tool: nothing that nobody made for an environment is ever deleted.
struct Clearing {
  bool replace = false;                // the whole directory may go
  std::vector<std::string> foreign{};  // entries that are not the environment's, and stay: it is changed instead
  std::optional<Anchor> before{};
};
[[nodiscard]] Clearing plan_clearing(const Store& store, const std::string& target);
// A warning that names what stays.
[[nodiscard]] std::string stays_beside(const Clearing& clearing);

// Entries of the environment's directory that it has no part in, sorted. `plan`: the one it was made by, where there is one.
[[nodiscard]] std::vector<std::string> foreign_entries(const std::string& target, const std::optional<Plan>& plan);
// Empties the directory, what makes it an environment first.
RemovedTree remove_in_place(const std::string& path);

// Throws UsageError where no environment may be, even if somebody has put one there: in the store, or around it. `target`: absolute.
void refuse_store_place(const Store& store, const std::string& target);
// Where none may be made, too: a path that cannot stand in PATH.
void refuse_place(const Store& store, const std::string& target);
// A path as the user gave it, as an environment's: absolute, and a symbolic link to a directory stands for the directory.
[[nodiscard]] std::string resolve_target(const std::string& path);
// The captured interpreter as a package of a standalone environment.
[[nodiscard]] PlannedPackage interpreter_package(const StoredInterpreter& interpreter);

// Failures of the system, as failures to make this environment: with its path, and what to do.
[[nodiscard]] bool is_full_disk(const SystemError& error);
[[noreturn]] void throw_full_disk(const EnvironmentRequest& request, const SystemError& error);
// Where no directory could be made for it. A full disk is thrown on as it is.
[[noreturn]] void throw_no_place(const EnvironmentRequest& request, const SystemError& error);

// Throws ChangedMeanwhile where the request was planned from another environment than what is at its target now. The caller holds
// the lock.
void refuse_stale(const EnvironmentRequest& request);

// A new path, or one that is replaced: staged beside it, then renamed. Throws OnlyInPlace. nullopt: a package was collected meanwhile, and must be added again.
[[nodiscard]] std::optional<CreateResult> build_environment(const EnvironmentRequest& request);
// An existing directory: changed from inside, through the journal. nullopt as above.
[[nodiscard]] std::optional<CreateResult> change_environment(const EnvironmentRequest& request);

// What the request would come to, without doing it: `files` are the wheels that were chosen, `packages` what the store has.
[[nodiscard]] CreateResult preview_environment(const EnvironmentRequest& request,
                                               const std::vector<PackageRequest>& files,
                                               const std::optional<Anchor>& before);
// Fills in `added` and `dropped`, which may have other tools' packages already. `before`: of the environment that was there.
void compare_packages(const std::optional<Anchor>& before, CreateResult& result);

[[nodiscard]] Anchor make_anchor(const EnvironmentRequest& request);
[[nodiscard]] PlanWork plan_work(const EnvironmentRequest& request);
[[nodiscard]] MaterialiseOptions materialise_options(const EnvironmentRequest& request);
[[nodiscard]] EnvironmentFiles environment_files(const EnvironmentRequest& request, Markers markers);
// Paths of what makes the anchored environment's directory an environment: bin/python and its names, activation scripts, lib64,
// pyvenv.cfg. Without the markers (own_markers): those say themselves whose they are.
[[nodiscard]] std::vector<std::string> own_files_before(const Anchor& anchor);
// `home` of the anchored environment's pyvenv.cfg; "": it has none.
[[nodiscard]] std::string configured_home(const Anchor& anchor);
// Whether bin/python of the environment of cas at `target` is a copy of the system's interpreter. false, too, where none is there.
[[nodiscard]] bool has_copied_python(const std::string& target);
// What was written for the anchored environment, made by `plan`.
[[nodiscard]] std::vector<WrittenText> texts_before(const Store& store, const Anchor& anchor, const Plan& plan);
// With --strict-conflicts: throws InvalidInput where packages disagree.
void refuse_conflicts(const EnvironmentRequest& request, const Plan& plan);
// `root`: the open directory of the environment, which is complete.
[[nodiscard]] CreateResult describe_result(const EnvironmentRequest& request, const Anchor& anchor,
                                           const FoundPlan& found, const Materialised& made, int root);

// A directory that is removed with everything in it, unless it became part of the environment.
class ScratchDirectory {
 public:
  // `parent`: an open directory that outlives this object. `shown`: the path for messages.
  ScratchDirectory(int parent, std::string name, std::string_view shown);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  void keep() { kept_ = true; }

 private:
  int parent_;
  std::string name_;
  Fd fd_;
  bool kept_ = false;
};

}  // namespace cas
