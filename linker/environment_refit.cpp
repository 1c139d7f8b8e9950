#include "linker/change_journal.hpp"
#include "linker/change_permission.hpp"
#include "linker/environment_lock.hpp"
#include "linker/environment_move.hpp"
#include "linker/environment_request.hpp"
#include "linker/relocation.hpp"
#include "store/base/failpoint.hpp"
#include "store/history.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

void make_parents(int root, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    try_make_directory_at(root, path.substr(0, slash), 0777);
  }
}

// pyvenv.cfg last, as for every change.
Change stage(int tree, const std::vector<RelocatedFile>& files, const std::string& staging) {
  Change change;
  change.staging = staging;
  for (const RelocatedFile& file : files) {
    make_parents(tree, file.path);
    const Fd fd = create_file_at(tree, file.path, file.mode);
    write_all(fd.get(), file.text, file.path);
    change.place.push_back(file.path);
  }
  return change;
}

}  // namespace

RefitResult refit_environment(const Store& store, const std::string& path, const std::vector<std::string>& former) {
  RefitResult result;
  result.path = resolve_target(path);
  refuse_store_place(store, result.path);
  const Fd environment = open_directory(result.path);
  if (!stat_at(environment.get(), kAnchorDirectory)) {
    throw NotFound(result.path + " is no environment made by cas", "`cas list` shows those of this store");
  }
  const EnvironmentLock lock(environment.get(), result.path);
  finish_change(environment.get(), result.path, store.layout().roots());
  const Anchor old = find_root(store, result.path).anchor;
  std::vector<std::string> places{old.target};
  places.insert(places.end(), former.begin(), former.end());
  const std::vector<RelocatedFile> files = relocated_files(store, environment.get(), old, places, result.path);
  if (old.target == result.path && files.empty()) return result;
  if (old.target != result.path) result.was = old.target;
  result.rewritten = files.size();

  settle_history(store, old);
  Anchor anchor = old;
  anchor.replaces.clear();  // the same revision, in another place
  anchor.id = random_name();
  anchor.target = result.path;
  anchor.linked = true;
  const std::string staging = change_staging(anchor.id);
  PendingRoot root(store, std::move(anchor), "");
  root.publish();
  ScratchDirectory scratch(lock.directory(), staging, result.path + "/.cas/" + staging);
  make_directory_at(scratch.fd(), kStagedTree, 0777);
  const Change change = stage(open_directory_at(scratch.fd(), kStagedTree).get(), files, staging);
  refuse_unchangeable(environment.get(), result.path, change);
  root.attach(scratch.fd(), kStagedAnchor);
  if (store.durability() != Durability::none) sync_filesystem(environment.get(), result.path);
  failpoint("refit-staged");
  // As for every change: the journal is believed as long as the anchor stands in the store.
  root.finish();
  commit_change(environment.get(), change);
  scratch.keep();
  failpoint("journal");
  finish_change(environment.get(), result.path, store.layout().roots());
  retire_root(store, look_at_root(store, old));
  if (store.durability() == Durability::strict) sync_filesystem(environment.get(), result.path);
  return result;
}

}  // namespace cas
