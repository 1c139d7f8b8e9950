#include "store/index/index.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/probe.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostMapBytes = 64 * 1024 * kMiB;  // address space only: costs nothing until used
constexpr std::uint64_t kLeastMapBytes = 256 * kMiB;       // for processes under `ulimit -v`

constexpr std::uint64_t kRoomBytes = 4 * kMiB;  // less than this after the last page: extend
constexpr std::uint64_t kLeastStepBytes = 16 * kMiB;
constexpr std::uint64_t kMostStepBytes = 64 * kMiB;

constexpr const char* kSchemaKey = "schema";

// NOLOCK: see the header. NOTLS: a read transaction belongs to its object, not to its thread.
constexpr unsigned kEnvFlags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS;

void check(int code, std::string_view operation) {
  if (code != MDB_SUCCESS) throw IndexError(code, operation);
}

[[noreturn]] void throw_damaged(const std::string& path, std::string_view problem) {
  throw Corruption(fmt::format("the index {} {}", path, problem), std::string(kRebuildHint));
}

// LMDB's checks of its own tree abort the process unless told otherwise. They fail on damaged pages only. Leaving
// through LMDB's frames is safe: it is compiled with unwind tables, and holds no locks under MDB_NOLOCK.
void on_failed_assertion(MDB_env*, const char* message) {
  throw IndexError(MDB_CORRUPTED, fmt::format("trust its own pages ({})", message));
}

class EnvHandle {
 public:
  EnvHandle() { check(mdb_env_create(&env_), "create a handle"); }
  ~EnvHandle() {
    if (env_ != nullptr) mdb_env_close(env_);
  }
  EnvHandle(const EnvHandle&) = delete;
  EnvHandle& operator=(const EnvHandle&) = delete;

  [[nodiscard]] MDB_env* get() const { return env_; }
  [[nodiscard]] MDB_env* release() { return std::exchange(env_, nullptr); }

 private:
  MDB_env* env_ = nullptr;
};

// Writable for the group exactly where the directory is, whatever the umask leaves.
mdb_mode_t mode_of_new_file(const std::string& path) {
  const auto directory = stat_path(std::string(parent_of(path)) + "/.");
  return directory ? mode_of_directory_in(*directory) & 0666 : 0644;
}

// Returns LMDB's code for what can be answered by another attempt, throws for the rest.
int try_open_env(const std::string& path, unsigned flags, std::uint64_t map_bytes, MDB_env*& env) {
  EnvHandle handle;
  unsigned tables = 0;
  Schema().for_each([&](const auto&) { ++tables; });
  check(mdb_env_set_maxdbs(handle.get(), tables), "reserve its tables");
  check(mdb_env_set_mapsize(handle.get(), map_bytes), "set the size of its map");
  check(mdb_env_set_assert(handle.get(), on_failed_assertion), "set up its checks");
  const int code = mdb_env_open(handle.get(), path.c_str(), kEnvFlags | flags, mode_of_new_file(path));
  if (code == MDB_SUCCESS) env = handle.release();
  return code;
}

// Opens with the largest map that the process's limits admit. `read_only_errno` says why it could only be read.
MDB_env* open_env(const std::string& path, IndexAccess access, int& read_only_errno) {
  unsigned flags = access == IndexAccess::read ? MDB_RDONLY : 0;
  std::uint64_t map_bytes = kMostMapBytes;
  read_only_errno = access == IndexAccess::read ? EROFS : 0;
  while (true) {
    MDB_env* env = nullptr;
    const int code = try_open_env(path, flags, map_bytes, env);
    if (code == MDB_SUCCESS) return env;
    if (code == ENOMEM && map_bytes > kLeastMapBytes) {
      map_bytes /= 2;
    } else if ((code == EROFS || code == EACCES) && flags == 0) {
      flags = MDB_RDONLY;
      read_only_errno = code;
    } else if (const IndexError error(code, "open"); error.is_damage()) {
      throw_damaged(path, fmt::format("is damaged: {}", mdb_strerror(code)));
    } else if (code == ENOMEM) {
      throw error;
    } else {
      throw SystemError(read_only_errno != 0 ? read_only_errno : code, "open the index", path, error.hint());
    }
  }
}

IndexStats stats_of(MDB_env* env, std::uint64_t file_bytes) {
  MDB_envinfo info{};
  MDB_stat stat{};
  check(mdb_env_info(env, &info), "describe itself");
  check(mdb_env_stat(env, &stat), "describe itself");
  return {file_bytes, (info.me_last_pgno + 1) * std::uint64_t{stat.ms_psize}, info.me_mapsize};
}

int data_fd(MDB_env* env) {
  int fd = -1;
  check(mdb_env_get_fd(env, &fd), "name its file");
  return fd;
}

// Table handles outlive the transaction that opened them only when it is committed, be it a reading one.
class OpeningTxn : public ReadTxn {
 public:
  using ReadTxn::ReadTxn;
  void keep_handles() { check(mdb_txn_commit(std::exchange(txn_, nullptr)), "keep its tables open"); }
};

std::string lock_path(const std::string& directory) { return directory + "/index.lock"; }
std::string data_path(const std::string& directory) { return directory + "/data.mdb"; }
std::string new_data_path(const std::string& directory) { return directory + "/data.mdb.new"; }

void refuse_network_filesystem(const std::string& directory) {
  const FilesystemInfo filesystem = filesystem_of(directory);
  if (!filesystem.network) return;
  throw UsageError(
      fmt::format("the index cannot lie in {}: {} is a network filesystem, whose locks and mappings are not those of "
                  "a local disk",
                  directory, filesystem.type),
      "put it on a local disk with --index-dir or CAS_INDEX; the rest of the store may stay where it is");
}

}  // namespace

Index::Index(std::string directory, IndexAccess access)
    : directory_(std::move(directory)), data_path_(data_path(directory_)), access_(access) {}

Index::~Index() {
  if (env_ != nullptr) mdb_env_close(env_);
}

std::unique_ptr<Index> Index::open(const std::string& directory, IndexAccess access) {
  if (access == IndexAccess::write && !stat_path(directory)) make_directories(directory, 0755);
  refuse_network_filesystem(directory);

  std::unique_ptr<Index> index(new Index(directory, access));
  {
    const auto lock = index->take_shared_lock();
    if (index->open_existing()) return index;
  }
  if (access == IndexAccess::read) {
    throw NotFound("the index " + index->data_path_ + " is missing", std::string(kRebuildHint));
  }
  const FileLock lock = FileLock::acquire(lock_path(directory), LockMode::exclusive);
  if (index->open_existing()) return index;  // another process was faster
  index->create();
  if (!index->open_existing()) throw NotFound(fmt::format("the index {} vanished", index->data_path_));
  return index;
}

// Requires the lock. false: there is no index yet.
bool Index::open_existing() {
  const auto info = stat_path(data_path_);
  if (!info || info->st_size == 0) return false;
  opened_ = {info->st_dev, info->st_ino};
  env_ = open_env(data_path_, access_, read_only_errno_);
  if (access_ == IndexAccess::read) read_only_errno_ = filesystem_of(directory_).read_only ? EROFS : EACCES;
  try {
    check_size();
    bind_tables();
  } catch (const IndexError& error) {
    if (error.is_damage()) throw_damaged(data_path_, fmt::format("is damaged: {}", error.message()));
    throw;
  }
  return true;
}

// Made aside and renamed into place, so that a crash leaves no half-made index behind.
void Index::create() {
  const std::string path = new_data_path(directory_);
  remove_file_at(AT_FDCWD, path);
  int read_only_errno = 0;
  MDB_env* const env = open_env(path, IndexAccess::write, read_only_errno);
  const std::unique_ptr<MDB_env, void (*)(MDB_env*)> closing(env, mdb_env_close);

  WriteTxn txn(env);
  schema_.for_each([&](auto& table) {
    MDB_dbi dbi = 0;
    check(mdb_dbi_open(txn.handle(), table.name(), MDB_CREATE, &dbi), fmt::format("create the table {}", table.name()));
    table.bind(dbi);
  });
  schema_.meta.put(txn, kSchemaKey, U32Codec::encode(kSchemaVersion));
  txn.commit();
  failpoint("index-create");
  rename_at(AT_FDCWD, path, AT_FDCWD, data_path_);
  sync_parent(data_path_);
}

// A page beyond the end of the file would be a SIGBUS in the middle of a read.
void Index::check_size() const {
  const IndexStats stats = stats_locked();
  if (stats.file_bytes >= stats.used_bytes) return;
  throw_damaged(data_path_, fmt::format("is truncated: {} bytes of {}", stats.file_bytes, stats.used_bytes));
}

void Index::bind_tables() {
  OpeningTxn txn(env_);
  const auto bind = [&](auto& table) {
    MDB_dbi dbi = 0;
    const int code = mdb_dbi_open(txn.handle(), table.name(), 0, &dbi);
    if (code == MDB_NOTFOUND) throw_damaged(data_path_, fmt::format("has no table {}", table.name()));
    check(code, fmt::format("open the table {}", table.name()));
    table.bind(dbi);
  };

  // The version first: another one may have other tables.
  bind(schema_.meta);
  const auto stored = schema_.meta.get(txn, kSchemaKey);
  if (!stored) throw_damaged(data_path_, "has no schema version");
  if (const std::uint32_t version = U32Codec::decode(*stored); version != kSchemaVersion) {
    throw Error(
        fmt::format("the index {} has schema version {}, but this cas (" CAS_VERSION ") knows version {} only",
                    data_path_, version, kSchemaVersion),
        "use the cas that made it, or let `cas index rebuild` make it anew for this one from what lies on disk");
  }
  schema_.for_each(bind);
  txn.keep_handles();
}

// nullopt: a filesystem mounted read-only, without lock file. Nobody can write there, so reading needs no lock.
std::optional<FileLock> Index::take_shared_lock() const {
  if (access_ == IndexAccess::read) return FileLock::acquire_existing(lock_path(directory_), LockMode::shared);
  try {
    return FileLock::acquire(lock_path(directory_), LockMode::shared);
  } catch (const SystemError& error) {
    if (error.is(EROFS)) return std::nullopt;
    throw;
  }
}

// Whoever still maps a file that destroy() removed would read the past, and commit into nowhere.
void Index::check_current() const {
  const auto info = stat_path(data_path_);
  if (info && FileId{info->st_dev, info->st_ino} == opened_) return;
  throw Error(fmt::format("the index {} was replaced by another process", data_path_), "run the command again");
}

Index::ReadLock Index::lock_for_reading() {
  auto lock = take_shared_lock();
  if (lock) check_current();
  return {std::move(lock), std::shared_lock(threads_)};
}

Index::WriteLock Index::lock_for_writing(Growth growth) {
  if (read_only()) throw SystemError(read_only_errno_, "write to the index", data_path_);
  WriteLock lock{FileLock::acquire(lock_path(directory_), LockMode::exclusive), std::unique_lock(threads_)};
  check_current();
  if (growth == Growth::ahead) extend_ahead();
  return lock;
}

// Requires the lock exclusively and no transaction, so that nobody uses what lies beyond the last page. A full disk is
// no error here: the commit itself may still fit.
void Index::extend_ahead() {
  const IndexStats stats = stats_locked();
  if (stats.used_bytes + kRoomBytes <= stats.file_bytes) return;
  const std::uint64_t quarter = (stats.used_bytes / 4 + kMiB / 2) / kMiB * kMiB;
  const std::uint64_t step = std::clamp(quarter, kLeastStepBytes, kMostStepBytes);

  const int fd = data_fd(env_);
  const int problem = write_zeroes_at(fd, stats.file_bytes, step);
  if (problem != 0) {
    if (!truncate_fd(fd, stats.file_bytes)) return;  // the zeroes do no harm
    if (problem == ENOSPC || problem == EDQUOT || problem == EFBIG) return;
    throw SystemError(problem, "extend the index", data_path_);
  }
  failpoint("index-extend");
  // A fresh index has nothing to keep apart from others' commits yet.
  const bool fresh = stats.file_bytes < kLeastStepBytes;
  if (!fresh) sync_data_fd(fd, data_path_);
}

IndexStats Index::stats_locked() const {
  return stats_of(env_, static_cast<std::uint64_t>(stat_fd(data_fd(env_), data_path_).st_size));
}

IndexStats Index::stats() {
  const ReadLock lock = lock_for_reading();
  return stats_locked();
}

std::string Index::data_file(const std::string& directory) { return data_path(directory); }

void Index::destroy(const std::string& directory) {
  if (!stat_path(directory)) return;
  const FileLock lock = FileLock::acquire(lock_path(directory), LockMode::exclusive);
  remove_file_at(AT_FDCWD, new_data_path(directory));
  if (remove_file_at(AT_FDCWD, data_path(directory))) sync_parent(data_path(directory));
}

}  // namespace cas
