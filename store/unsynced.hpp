// What a crash of the machine may have cost a store that is written with Durability::none.
//
// There objects and manifests are not synchronised, while the index always is. So the transaction that names them also notes the
// machine's boot and where they lie (`unsynced` in meta.v1). As long as the machine runs, what was written is what is read. After
// another boot whoever opens the store first looks at every byte of it, before anything is linked, and forgets what is not
// whole. A clean shutdown leaves the same note: it costs one look, and finds nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace cas {

// For the transaction that is to insert rows of objects in these segments, and packages and plans with sequence numbers from the
// next one on. `boot`: boot_id() (store/sys/file.hpp).
void note_unsynced(WriteTxn& txn, const Schema& schema, std::string_view boot, std::span<const std::uint32_t> segments);

// Segments of the store that the note names and that nobody has looked at since another boot than `boot`; for those who may not
// write there and look for themselves.
[[nodiscard]] std::vector<std::uint32_t> unsynced_segments(const Store& store, std::string_view boot);

struct Distrusted {
  std::uint64_t objects_checked = 0;  // 0: there was nothing to look at
  std::uint64_t objects_lost = 0;
  std::vector<std::string> packages;  // "name version" of those that were forgotten with them, sorted
};

// Where the note is of another boot than `boot`, or nobody knows of which (""): reads what it names, under gc.lock, exclusively. Takes
// objects that are not what their rows say out of the index, and packages and plans that stand on them, and then the note.
// Environments that were made of them since keep what they have linked.
Distrusted distrust_unsynced(const Store& store, std::string_view boot, unsigned threads);

}  // namespace cas
