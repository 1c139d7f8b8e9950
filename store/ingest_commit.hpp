// The last step of ingest: what was extracted becomes part of the store.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "store/extract.hpp"
#include "store/ingest.hpp"
#include "store/objects/object_batch.hpp"
#include "store/store.hpp"

namespace cas {

// Makes the batch's objects durable, publishes the manifests of all packages that were extracted, and commits both to the
// index in one transaction: objects durable before names, names before the index. Fills in `results` (by request) what was
// new. Returns the requests that have to be read again, because what they relied on was collected meanwhile.
[[nodiscard]] std::vector<std::size_t> commit_group(const Store& store, ObjectBatch& batch,
                                                    const std::deque<ExtractedWheel>& wheels,
                                                    std::vector<IngestResult>& results);

// The number of what is being committed. They grow forever, and are given out in the transaction that uses them: a collector
// sees by them that something came after its mark.
std::uint64_t next_sequence(WriteTxn& txn, const Schema& schema);

}  // namespace cas
