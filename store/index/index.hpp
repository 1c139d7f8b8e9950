// The index: one LMDB environment, opened with MDB_NOLOCK and guarded by our own gated flock files.
//
// LMDB's own locks identify processes by pid and threads by tid; two containers sharing a store have equal
// ones, and lost commits were reproduced within seconds. Here a read holds the lock `index.lock` shared, a write
// holds it exclusively, each for milliseconds: copy out what is needed, then work.
//
// Files in the index directory: data.mdb, index.lock, index.lock.gate, and data.mdb.new while one is made.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "store/index/schema.hpp"
#include "store/index/table.hpp"
#include "store/sys/lock.hpp"

namespace cas {

struct IndexStats {
  std::uint64_t file_bytes = 0;  // size of the data file, including what was extended ahead
  std::uint64_t used_bytes = 0;  // up to LMDB's last used page
  std::uint64_t map_bytes = 0;
};

// Whether a write extends the data file ahead of its use. A commit that makes the file grow forces the journal,
// which carries everybody's links: so those who add packages extend it, in large steps, and those who create
// environments or collect garbage find room.
enum class Growth { ahead, none };

enum class IndexAccess {
  write,  // made where there is none
  read    // looked at as it is: no file is made, changed or opened for writing, not even a lock
};

// Thread-safe: read() and write() may be called from several threads, never nested: a write inside a read waits
// for itself. One Index per process and directory.
class Index {
 public:
  // Opens the index in `directory`, creating directory and tables if needed. Data and lock files are opened
  // read-write from the start: on overlayfs this makes the copy-up happen before the file is mapped. Where that is
  // not allowed (EROFS, EACCES) an existing index is opened for reading only.
  // With IndexAccess::read the lock is taken where there is one; without, nobody has ever opened this index for writing where it lies.
  // Throws NotFound there where it is missing; UsageError on a network filesystem (named in the message, hint: --index-dir or CAS_INDEX), Error for an
  // unknown schema version (naming both), Corruption for a damaged file (hint: cas index rebuild).
  [[nodiscard]] static std::unique_ptr<Index> open(const std::string& directory,
                                                   IndexAccess access = IndexAccess::write);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // Runs f(txn, schema) on a snapshot and returns its result, by value. `f` must not keep views, and should end
  // soon. Throws IndexError; Error when another process has replaced the index since open().
  template <class F>
  auto read(F&& f) {
    ReadGuard guard(*this);
    return f(guard.txn, std::as_const(schema_));
  }

  // Runs f(txn, schema) and commits durably; when f throws, nothing changes. Throws as read() does, and SystemError
  // when the index is open for reading only.
  template <class F>
  auto write(F&& f, Growth growth = Growth::ahead) {
    WriteGuard guard(*this, growth);
    if constexpr (std::is_void_v<decltype(f(guard.txn, std::as_const(schema_)))>) {
      f(guard.txn, std::as_const(schema_));
      guard.txn.commit();
    } else {
      auto result = f(guard.txn, std::as_const(schema_));
      guard.txn.commit();
      return result;
    }
  }

  [[nodiscard]] IndexStats stats();
  [[nodiscard]] bool read_only() const { return read_only_errno_ != 0; }

  // Removes the index files of `directory` (not its locks), holding the lock exclusively, so that open()
  // makes an empty one. For rebuilding a damaged index. Other processes that have it open get an Error from their
  // next read() or write().
  static void destroy(const std::string& directory);
  // The path of the data file of the index in `directory`.
  [[nodiscard]] static std::string data_file(const std::string& directory);

 private:
  // The file lock keeps processes and threads apart. The mutex taken after it is never contended: it gives threads
  // the order of memory that C++ (and its race detectors) cannot see in a kernel's lock. Members end in reverse order.
  struct ReadLock {
    std::optional<FileLock> file;
    std::shared_lock<std::shared_mutex> threads;
  };
  struct WriteLock {
    FileLock file;
    std::unique_lock<std::shared_mutex> threads;
  };
  struct ReadGuard {
    explicit ReadGuard(Index& index) : lock(index.lock_for_reading()), txn(index.env_) {}
    ReadLock lock;
    ReadTxn txn;
  };
  struct WriteGuard {
    WriteGuard(Index& index, Growth growth) : lock(index.lock_for_writing(growth)), txn(index.env_) {}
    WriteLock lock;
    WriteTxn txn;
  };
  struct FileId {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const FileId&) const = default;
  };

  Index(std::string directory, IndexAccess access);

  [[nodiscard]] std::optional<FileLock> take_shared_lock() const;
  [[nodiscard]] ReadLock lock_for_reading();
  [[nodiscard]] WriteLock lock_for_writing(Growth growth);
  void check_current() const;
  [[nodiscard]] IndexStats stats_locked() const;

  bool open_existing();
  void create();
  void check_size() const;
  void bind_tables();
  void extend_ahead();

  std::string directory_;
  std::string data_path_;
  IndexAccess access_;
  FileId opened_;            // of the data file that env_ maps
  int read_only_errno_ = 0;  // why it is open for reading only; 0: it is not
  std::shared_mutex threads_;
  MDB_env* env_ = nullptr;
  Schema schema_;
};

}  // namespace cas
