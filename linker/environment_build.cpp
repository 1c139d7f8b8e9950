#include "linker/environment_lock.hpp"
#include "linker/environment_request.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/history.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"
#include "store/sys/write_out.hpp"

namespace cas {
namespace {

[[noreturn]] void throw_only_in_place(const EnvironmentRequest& request, const SystemError& error) {
  if (request.replace && only_in_place(error)) throw OnlyInPlace(error.message());
  throw error;
}

// The old directory lies under the scratch's name now. Whatever fails here: the new environment is in place.
void remove_replaced(const EnvironmentRequest& request, int parent, const std::string& name, const Anchor& made,
                     CreateResult& result) {
  result.cleared = true;
  try {
    remove_tree_at(parent, name);
  } catch (const Error& error) {
    result.warnings.push_back("what was there before could not be removed: " + error.message());
  }
  if (!request.before) return;
  try {
    keep_revision(request.store, look_at_root(request.store, *request.before), made);
  } catch (const Error& error) {
    result.warnings.push_back("the environment cannot be rolled back to what was there before: " + error.message());
  }
}

// The new environment's own bytes go ahead of its name: after a crash of the machine it is whole, or not there. Links need nothing,
// for objects are on disk before the index names them.
void put_in_order(const EnvironmentRequest& request, int root, Materialised& made) {
  if (request.store.durability() == Durability::none) return;
  if (made.counts.copied > 0 || request.complete) return sync_filesystem(root, request.target);
  std::vector<std::string> paths = environment_file_paths(environment_files(request, Markers::yes));
  paths.insert(paths.end(), std::make_move_iterator(made.written.begin()), std::make_move_iterator(made.written.end()));
  write_out_at(root, paths);
}

// The right to take away the environment of cas at `target`: nobody is changing it.
Fd lock_replaced(const EnvironmentRequest& request) {
  if (!request.replace) return {};
  Fd own = try_open_directory_at(kCurrentDirectory, request.target + "/" + kAnchorDirectory);
  if (own) lock_environment(own.get(), request.target);
  return own;
}

}  // namespace

std::optional<CreateResult> build_environment(const EnvironmentRequest& request) {
  const std::string parent_path(parent_of(request.target).empty() ? "/" : parent_of(request.target));
  const std::string name(name_of(request.target));
  try {
    make_directories(parent_path);
  } catch (const SystemError& error) {
    throw_no_place(request, error);
  }
  const Fd parent = open_directory(parent_path);

  Anchor anchor = make_anchor(request);
  const std::string scratch_name = ".cas-" + anchor.id;
  PendingRoot root(request.store, std::move(anchor), parent_path + "/" + scratch_name);
  root.publish();
  // From here on the collector keeps what this environment needs.
  std::vector<PlannedPackage> packages = request.packages;
  const auto found = obtain_plan(request.store, packages, request.facts, request.plan_options, plan_work(request));
  if (!found) return std::nullopt;
  refuse_conflicts(request, found->plan);

  const Fd replaced = lock_replaced(request);
  if (request.replace) refuse_stale(request);
  std::optional<ScratchDirectory> made_scratch;
  try {
    made_scratch.emplace(parent.get(), scratch_name, parent_path + "/" + scratch_name);
  } catch (const SystemError& error) {
    if (request.replace && only_in_place(error)) throw OnlyInPlace(error.message());
    throw_no_place(request, error);
  }
  ScratchDirectory& scratch = *made_scratch;
  make_directory_at(scratch.fd(), kAnchorDirectory, 0777);
  root.attach(open_directory_at(scratch.fd(), kAnchorDirectory).get(), "anchor");
  failpoint("anchor-attached");
  Materialised made = materialise(request.store, found->plan, scratch.fd(), materialise_options(request));
  made.counts.created += write_environment_files(scratch.fd(), environment_files(request, Markers::yes));
  if (request.complete) request.complete(scratch.fd());
  put_in_order(request, scratch.fd(), made);
  failpoint("staged");
  if (request.replace) {
    try {
      exchange_at(parent.get(), scratch_name, name);
    } catch (const SystemError& error) {
      throw_only_in_place(request, error);
    }
  } else if (!rename_noreplace_at(parent.get(), scratch_name, parent.get(), name)) {
    throw Error(request.target + ": somebody else has just made it", "choose another path, or run the command again");
  }
  scratch.keep();
  root.finish();  // it is live: whatever fails from here on, its anchor stays
  if (request.store.durability() == Durability::strict) sync_filesystem(parent.get(), request.target);
  failpoint("renamed");
  CreateResult result = describe_result(request, root.anchor(), *found, made, scratch.fd());
  if (request.replace) remove_replaced(request, parent.get(), scratch_name, root.anchor(), result);
  return result;
}

}  // namespace cas
