#include "linker/locked/resolution_memo.hpp"

#include "store/base/clock.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/take_over.hpp"

namespace cas {

std::optional<std::string> remembered_lock(const Store& store, const Sha256Digest& question,
                                           std::chrono::seconds max_age) {
  return first_remembered(store, question, [&](const std::string& value) -> std::optional<std::string> {
    try {
      ByteReader reader(value);
      const std::uint64_t found_at = reader.u64();
      std::string text(reader.string());
      const std::uint64_t now = now_seconds();
      // A clock that was set back makes nothing young.
      const bool young =
          max_age.count() >= 0 && found_at <= now && now - found_at <= static_cast<std::uint64_t>(max_age.count());
      return young ? std::optional(std::move(text)) : std::nullopt;
    } catch (const Corruption&) {
      return std::nullopt;
    }
  });
}

void remember_lock(const Store& store, const Sha256Digest& question, const std::string& text) {
  if (store.index().read_only()) return;
  std::string value;
  ByteWriter out(value);
  out.u64(now_seconds());
  out.string(text);
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.memo.put(txn, question, value); });
}

}  // namespace cas
