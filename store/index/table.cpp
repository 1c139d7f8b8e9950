#include "store/index/table.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace cas {
namespace {

// LMDB's C interface takes what it only reads as void*, too.
MDB_val to_val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

std::string_view to_view(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

bool means_damage(int code) {
  switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CURSOR_FULL:   // a tree deeper than any real one
    case MDB_INCOMPATIBLE:  // a record of another kind where a table's must be
    case MDB_PANIC:
      return true;
    default:
      return false;
  }
}

std::string remedy(int code) {
  if (means_damage(code)) return std::string(kRebuildHint);
  switch (code) {
    case MDB_MAP_FULL:
    case MDB_MAP_RESIZED:
    case ENOMEM:
      return "the index needs more address space than this process may use: raise its limit (`ulimit -v unlimited`), "
             "or make the index smaller with `cas gc`";
    case ENOSPC:
    case EDQUOT:
      return "free some space, for example with `cas gc`";
    case EIO:  // also what LMDB makes of a write that only fits in part
      return "the disk may be full: free some space, for example with `cas gc`; if it is not, see the kernel's log";
    default:
      return {};
  }
}

void check(int code, std::string_view operation) {
  if (code != MDB_SUCCESS) throw IndexError(code, operation);
}

class Cursor {
 public:
  Cursor(const ReadTxn& txn, MDB_dbi dbi) { check(mdb_cursor_open(txn.handle(), dbi, &cursor_), "open a cursor"); }
  ~Cursor() { mdb_cursor_close(cursor_); }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // false: there is no such record.
  bool move(MDB_val& key, MDB_val& value, MDB_cursor_op operation) {
    const int code = mdb_cursor_get(cursor_, &key, &value, operation);
    if (code == MDB_NOTFOUND) return false;
    check(code, "go through a table");
    return true;
  }

 private:
  MDB_cursor* cursor_ = nullptr;
};

}  // namespace

IndexError::IndexError(int code, std::string_view operation)
    : Error(fmt::format("the index failed to {}: {}", operation, mdb_strerror(code)), remedy(code)), code_(code) {}

bool IndexError::is_damage() const noexcept { return means_damage(code_); }

ReadTxn::ReadTxn(MDB_env* env, unsigned flags) {
  check(mdb_txn_begin(env, nullptr, flags, &txn_), "begin a transaction");
}

void WriteTxn::commit() {
  MDB_txn* const ending = std::exchange(txn_, nullptr);  // mdb_txn_commit frees it in any case
  check(mdb_txn_commit(ending), "commit");
}

namespace detail {

std::optional<std::string_view> get(const ReadTxn& txn, MDB_dbi dbi, std::string_view key) {
  MDB_val wanted = to_val(key);
  MDB_val found{};
  const int code = mdb_get(txn.handle(), dbi, &wanted, &found);
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "read a record");
  return to_view(found);
}

bool put(WriteTxn& txn, MDB_dbi dbi, std::string_view key, std::string_view value, bool overwrite) {
  MDB_val where = to_val(key);
  MDB_val what = to_val(value);
  const int code = mdb_put(txn.handle(), dbi, &where, &what, overwrite ? 0 : MDB_NOOVERWRITE);
  if (code == MDB_KEYEXIST) return false;
  check(code, "write a record");
  return true;
}

bool erase(WriteTxn& txn, MDB_dbi dbi, std::string_view key) {
  MDB_val which = to_val(key);
  const int code = mdb_del(txn.handle(), dbi, &which, nullptr);
  if (code == MDB_NOTFOUND) return false;
  check(code, "erase a record");
  return true;
}

void scan(const ReadTxn& txn, MDB_dbi dbi, std::string_view from,
          const std::function<bool(std::string_view, std::string_view)>& f) {
  Cursor cursor(txn, dbi);
  MDB_val key = to_val(from);
  MDB_val value{};
  bool there = cursor.move(key, value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (there && f(to_view(key), to_view(value))) there = cursor.move(key, value, MDB_NEXT);
}

std::uint64_t count(const ReadTxn& txn, MDB_dbi dbi) {
  MDB_stat stat{};
  check(mdb_stat(txn.handle(), dbi, &stat), "count a table");
  return stat.ms_entries;
}

void clear(WriteTxn& txn, MDB_dbi dbi) { check(mdb_drop(txn.handle(), dbi, 0), "empty a table"); }

}  // namespace detail
}  // namespace cas
