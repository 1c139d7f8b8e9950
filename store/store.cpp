#include "store/store.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <mutex>

#include "store/base/relpath.hpp"
#include "store/base_stores.hpp"
#include "store/sys/access.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

constexpr std::size_t kReserveBytes = std::size_t{1} << 20;

void write_version(const StoreLayout& layout) {
  const Fd root = open_directory(layout.root());
  bool empty = true;
  list_directory(root.get(), layout.root(), [&](const std::string& name, unsigned char) {
    // What another process that creates this store at the same moment may have made already.
    if (name != "index" && name != "lost+found" && !name.starts_with(".version.")) empty = false;
  });
  if (!empty) {
    // Somebody else may have finished it between our look at the version file and now.
    if (stat_path(layout.version_file())) return;
    throw UsageError("opening the store " + layout.root() + ": the directory holds something else",
                     "name an empty or new directory with --store or CAS_STORE");
  }
  // Whatever the umask, or a mount, left for others: a store is its owner's alone, until he shares it.
  const struct stat info = stat_fd(root.get(), layout.root());
  if (info.st_uid == effective_user()) set_mode(root.get(), info.st_mode & 07777 & ~(S_IWGRP | S_IWOTH), layout.root());
  publish_file(layout.root(), "version", kStoreVersionText, 0444, Durability::batch);
}

void check_version(const StoreLayout& layout, const std::string& text) {
  if (text == kStoreVersionText) return;
  std::string found = text.substr(0, text.find('\n'));
  throw Error(
      "opening the store " + layout.root() + ": its version is '" + found + "', this program reads 'cas store 1'",
      "use the version of cas that made it, or another directory");
}

// An empty index beside packages would let the collector take all of them for garbage.
void refuse_lost_index(const StoreLayout& layout, const std::string& index_directory) {
  const std::string data = Index::data_file(index_directory);
  const auto missing = [&] {
    const auto info = stat_path(data);
    return !info || info->st_size == 0;
  };
  if (!missing()) return;
  bool packages = false;
  list_directory(open_directory(layout.manifests()).get(), layout.manifests(),
                 [&](const std::string&, unsigned char) { packages = true; });
  // Looked at again: another process may have made the store, and added packages, since.
  if (!packages || !missing()) return;
  throw Corruption("the index " + data + " is missing, but the store has packages",
                   "run `cas index rebuild`; if the index lies elsewhere, name it with --index-dir or CAS_INDEX");
}

// Half a rebuild knows half of the packages: the collector would take the others for garbage.
void refuse_half_rebuilt(const StoreLayout& layout) {
  if (!stat_path(layout.rebuilding())) return;
  throw Corruption("the index of " + layout.root() + " is being rebuilt, or that was interrupted",
                   "run `cas index rebuild`, unless it is running");
}

}  // namespace

StoreOwnership prepare_store_directories(StoreLayout& layout, const std::string& index_directory, Trust trust) {
  StoreOwnership ownership = look_at_ownership(layout, index_directory, trust);
  if (ownership.group()) layout.set_cache_user(effective_user());
  make_directories(layout.root());
  const auto version = try_read_file_at(kCurrentDirectory, layout.version_file(), 4096);
  if (version) {
    check_version(layout, *version);
  } else {
    write_version(layout);
  }
  for (const std::string& directory :
       {layout.objects(), layout.manifests(), layout.roots(), layout.running(), layout.staging(), layout.locks()}) {
    try_make_store_directory(directory);
  }
  if (index_directory == layout.default_index()) try_make_store_directory(index_directory);
  if (stat_path(layout.reserve())) return ownership;  // every command comes through here: a megabyte is written once
  try {
    publish_file(layout.root(), "reserve", std::string(kReserveBytes, '\0'), 0600, Durability::none);
  } catch (const SystemError& error) {
    // A collection on a full disk has given it back: the store must open all the same, or nothing could free space.
    // Nor does it matter to whoever can only look.
    if (!error.is(ENOSPC) && !error.is(EDQUOT) && !error.is(EACCES) && !error.is(EROFS)) throw;
  }
  return ownership;
}

namespace {

// Of a store that is there: why it can only be read, an error number; 0: it can be written.
int write_problem(const StoreLayout& layout) {
  return directory_write_problem(kCurrentDirectory, stat_path(layout.staging()) ? layout.staging() : layout.root());
}

[[noreturn]] void throw_only_readable(const StoreLayout& layout, const StoreOwnership& ownership, int problem) {
  if (const auto looking = looking_only(layout, ownership)) {
    throw Error(fmt::format("changing the store {}: {}", printable(layout.root()), looking->reason), looking->hint);
  }
  throw SystemError(problem, "write to the store", layout.root(),
                    "name a store of your own with --store or CAS_STORE, and this one with --base-store");
}

// Nothing of it is written, so what is missing stays missing.
StoreOwnership check_directories(StoreLayout& layout, const std::string& index_directory, Trust trust) {
  const StoreOwnership ownership = look_at_ownership(layout, index_directory, trust);
  if (ownership.group()) layout.set_cache_user(effective_user());
  const auto version = try_read_file_at(kCurrentDirectory, layout.version_file(), 4096);
  if (!version) throw NotFound("there is no store at " + layout.root());
  check_version(layout, *version);
  return ownership;
}

}  // namespace

struct Store::Below {
  std::vector<std::string> paths;
  std::function<void(const std::string&)> warn;
  std::mutex mutex;
  std::optional<std::vector<Store>> stores;
  FromBases from_bases;
};

Store::Store(StoreLayout layout, std::string index_directory, StoreOwnership ownership, const StoreOptions& options,
             StoreAccess access)
    : layout_(std::move(layout)),
      index_directory_(std::move(index_directory)),
      ownership_(ownership),
      looking_only_(cas::looking_only(layout_, ownership_)),
      durability_(options.durability),
      index_(Index::open(index_directory_, access == StoreAccess::read ? IndexAccess::read : IndexAccess::write)),
      below_(std::make_unique<Below>()) {
  below_->paths = options.base_stores;
  below_->warn = options.warn;
}

Store::Store(Store&& other) noexcept = default;
Store& Store::operator=(Store&& other) noexcept = default;
Store::~Store() = default;

std::string index_directory_of(const StoreOptions& options, const StoreLayout& layout) {
  return options.index_directory.empty() ? layout.default_index() : absolute_path(options.index_directory);
}

Store Store::open(const StoreOptions& options) {
  StoreLayout layout(absolute_path(options.path));
  if (options.must_exist && !stat_path(layout.version_file())) {
    throw NotFound("there is no store at " + layout.root(),
                   "`cas add` or `cas create` makes one; --store or CAS_STORE names another");
  }
  std::string index = index_directory_of(options, layout);
  StoreAccess access = options.access;
  // Whose it is comes first: what is not to be trusted is not to be taken for a base store either.
  if (access == StoreAccess::write && stat_path(layout.version_file())) {
    if (const int problem = write_problem(layout); problem == EROFS || problem == EACCES) {
      const StoreOwnership ownership = look_at_ownership(layout, index, options.trust);
      if (!options.must_exist) throw_only_readable(layout, ownership, problem);
      access = StoreAccess::read;
    }
  }
  const StoreOwnership ownership = access == StoreAccess::read
                                       ? check_directories(layout, index, options.trust)
                                       : prepare_store_directories(layout, index, options.trust);
  // Before the index is missed: whoever rebuilds it has removed it.
  if (!options.rebuilding) refuse_half_rebuilt(layout);
  if (!options.rebuilding) refuse_lost_index(layout, index);
  Store store(std::move(layout), std::move(index), ownership, options, access);
  // After the index was opened: whoever destroys it from now on makes this handle useless.
  if (!options.rebuilding) refuse_half_rebuilt(store.layout());
  return store;
}

void Store::require_writable() const {
  if (!looking_only_) return;
  throw Error(fmt::format("changing the store {}: {}", printable(layout_.root()), looking_only_->reason),
              looking_only_->hint);
}

const std::vector<Store>& Store::bases() const {
  const std::lock_guard lock(below_->mutex);
  if (!below_->stores) below_->stores = open_base_stores(layout_, below_->paths);
  return *below_->stores;
}

FromBases Store::from_bases() const {
  const std::lock_guard lock(below_->mutex);
  return below_->from_bases;
}

void Store::note_from_bases(const FromBases& more) const {
  const std::lock_guard lock(below_->mutex);
  below_->from_bases += more;
}

void Store::warn(const std::string& message) const {
  if (below_->warn) below_->warn(message);
}

FromBases& FromBases::operator+=(const FromBases& other) {
  packages += other.packages;
  plans += other.plans;
  interpreters += other.interpreters;
  linked += other.linked;
  cloned += other.cloned;
  copied += other.copied;
  bytes += other.bytes;
  return *this;
}

namespace {

constexpr const char* kLostObjectHint = "run `cas index rebuild`, then add the wheel of its package again";

}  // namespace

std::optional<ObjectRow> find_object(const Store& store, const ObjectId& id) {
  return store.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.objects.get(txn, id); });
}

Fd open_object(const Store& store, const ObjectId& id) {
  const auto row = find_object(store, id);
  if (!row) throw Corruption("the object " + id.file_name() + " is not in the index", kLostObjectHint);
  Fd fd = try_open_read_at(kCurrentDirectory, store.layout().object(row->segment, id));
  if (!fd) {
    throw Corruption("the object " + store.layout().object(row->segment, id) + " is missing", kLostObjectHint);
  }
  return fd;
}

}  // namespace cas
