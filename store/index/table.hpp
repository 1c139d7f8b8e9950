// Typed tables over LMDB: keys and values have codecs, reading and writing transactions are different
// types, so that writing in a read transaction does not compile.
#pragma once

#include <lmdb.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/error.hpp"

namespace cas {

// What to do about a damaged index: the hint of every error that means one.
inline constexpr std::string_view kRebuildHint = "`cas index rebuild` restores it from what lies on disk";

// An LMDB call failed. Keeps LMDB's code (MDB_MAP_FULL, MDB_CORRUPTED, …, or an errno). The hint names the remedy.
class IndexError : public Error {
 public:
  IndexError(int code, std::string_view operation);
  [[nodiscard]] int code() const noexcept { return code_; }
  // The file does not say what it must (MDB_CORRUPTED, MDB_PAGE_NOTFOUND, …).
  [[nodiscard]] bool is_damage() const noexcept;
  [[nodiscard]] std::string_view kind() const noexcept override { return is_damage() ? "corruption" : "system"; }

 private:
  int code_;
};

template <class C>
concept Codec = requires(const typename C::type& value, std::string_view bytes) {
  { C::encode(value) } -> std::convertible_to<std::string>;
  { C::decode(bytes) } -> std::same_as<typename C::type>;
};

// A snapshot. Ends (aborts) in the destructor. One thread.
class ReadTxn {
 public:
  explicit ReadTxn(MDB_env* env) : ReadTxn(env, MDB_RDONLY) {}
  ~ReadTxn() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }
  ReadTxn(const ReadTxn&) = delete;
  ReadTxn& operator=(const ReadTxn&) = delete;

  [[nodiscard]] MDB_txn* handle() const { return txn_; }

 protected:
  ReadTxn(MDB_env* env, unsigned flags);
  MDB_txn* txn_ = nullptr;
};

// "Can write" is in the type. Aborted in the destructor unless committed.
class WriteTxn : public ReadTxn {
 public:
  explicit WriteTxn(MDB_env* env) : ReadTxn(env, 0) {}
  // Durable on return. The transaction is over also when this throws, and then nothing has changed.
  void commit();
};

namespace detail {
// nullopt: absent. The view dies with the transaction, or with the next write.
std::optional<std::string_view> get(const ReadTxn& txn, MDB_dbi dbi, std::string_view key);
// With `overwrite` false: returns false if the key was there already.
bool put(WriteTxn& txn, MDB_dbi dbi, std::string_view key, std::string_view value, bool overwrite);
bool erase(WriteTxn& txn, MDB_dbi dbi, std::string_view key);
// Calls f(key, value) in key order from the first key >= `from`, until it returns false.
void scan(const ReadTxn& txn, MDB_dbi dbi, std::string_view from,
          const std::function<bool(std::string_view, std::string_view)>& f);
std::uint64_t count(const ReadTxn& txn, MDB_dbi dbi);
void clear(WriteTxn& txn, MDB_dbi dbi);
}  // namespace detail

template <Codec K, Codec V>
class Table {
 public:
  using Key = typename K::type;
  using Value = typename V::type;

  explicit constexpr Table(const char* name) : name_(name) {}

  [[nodiscard]] const char* name() const { return name_; }
  // Called once by Index, for every table.
  void bind(MDB_dbi dbi) { dbi_ = dbi; }

  [[nodiscard]] std::optional<Value> get(const ReadTxn& txn, const Key& key) const {
    const auto bytes = detail::get(txn, dbi_, K::encode(key));
    if (!bytes) return std::nullopt;
    return V::decode(*bytes);
  }
  [[nodiscard]] bool has(const ReadTxn& txn, const Key& key) const {
    return detail::get(txn, dbi_, K::encode(key)).has_value();
  }
  // The encoded value, without a copy: dies with the transaction, or with the next write.
  [[nodiscard]] std::optional<std::string_view> get_raw(const ReadTxn& txn, const Key& key) const {
    return detail::get(txn, dbi_, K::encode(key));
  }
  // false: the key was there already, and nothing changed.
  bool insert(WriteTxn& txn, const Key& key, const Value& value) const {
    return detail::put(txn, dbi_, K::encode(key), V::encode(value), false);
  }
  void put(WriteTxn& txn, const Key& key, const Value& value) const {
    detail::put(txn, dbi_, K::encode(key), V::encode(value), true);
  }
  // false: was not there.
  bool erase(WriteTxn& txn, const Key& key) const { return detail::erase(txn, dbi_, K::encode(key)); }
  void clear(WriteTxn& txn) const { detail::clear(txn, dbi_); }
  [[nodiscard]] std::uint64_t size(const ReadTxn& txn) const { return detail::count(txn, dbi_); }

  // Calls f(key, value) for every row in key order. `f` must not write.
  template <class F>
  void for_each(const ReadTxn& txn, F&& f) const {
    detail::scan(txn, dbi_, {}, [&](std::string_view key, std::string_view value) {
      f(K::decode(key), V::decode(value));
      return true;
    });
  }
  // The same with the value as it is encoded, without a copy: for large ones of which little is wanted. A view dies with the call.
  template <class F>
  void for_each_raw(const ReadTxn& txn, F&& f) const {
    detail::scan(txn, dbi_, {}, [&](std::string_view key, std::string_view value) {
      f(K::decode(key), value);
      return true;
    });
  }
  // As for_each() from the first key >= `from` in encoded order, until f returns false.
  template <class F>
  void for_each_from(const ReadTxn& txn, const Key& from, F&& f) const {
    detail::scan(txn, dbi_, K::encode(from),
                 [&](std::string_view key, std::string_view value) { return f(K::decode(key), V::decode(value)); });
  }

 private:
  const char* name_;
  MDB_dbi dbi_ = 0;
};

}  // namespace cas
