#include "store/bytecode.hpp"

#include "store/base/codec.hpp"
#include "store/base/crc32.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/progress.hpp"
#include "store/object_taker.hpp"
#include "store/objects/object_batch.hpp"
#include "store/sys/file.hpp"
#include "store/unsynced.hpp"

namespace cas {
namespace {

constexpr std::size_t kForgetRows = 2048;  // some milliseconds

}  // namespace

struct BytecodeBatch::Objects {
  explicit Objects(const Store& store) : batch(store.layout(), store.index(), store.durability()) {}
  ObjectBatch batch;
  FromBases from_bases;
};

Sha256Digest bytecode_key(const Sha256Digest& source, std::string_view compiler) {
  std::string text = "bytecode";
  ByteWriter out(text);
  out.digest(source);
  out.string(compiler);
  return sha256(text);
}

bool is_lost(const ReadTxn& txn, const Schema& schema, const BytecodeRow& row) {
  if (row.size > 0) return !schema.objects.has(txn, row.object);
  return !schema.objects.has(txn, {row.source, Executable::no}) &&
         !schema.objects.has(txn, {row.source, Executable::yes});
}

void forget_lost_bytecode(const Store& store) {
  std::optional<Sha256Digest> last;
  std::size_t rows = kForgetRows;
  while (rows == kForgetRows) {
    check_interrupt();
    rows = 0;
    std::vector<Sha256Digest> lost;
    store.index().read([&](const ReadTxn& txn, const Schema& schema) {
      schema.bytecode.for_each_from(txn, last.value_or(Sha256Digest{}),
                                    [&](const Sha256Digest& key, const BytecodeRow& row) {
                                      if (key == last) return true;
                                      if (is_lost(txn, schema, row)) lost.push_back(key);
                                      last = key;
                                      return ++rows < kForgetRows;
                                    });
    });
    if (lost.empty()) continue;
    store.index().write(
        [&](WriteTxn& txn, const Schema& schema) {
          // Looked at again: it may have been compiled anew meanwhile.
          for (const Sha256Digest& key : lost) {
            const auto row = schema.bytecode.get(txn, key);
            if (row && is_lost(txn, schema, *row)) schema.bytecode.erase(txn, key);
          }
          failpoint("gc-bytecode");
        },
        Growth::none);
    failpoint("gc-bytecode-committed");
  }
}

std::vector<std::optional<BytecodeRow>> find_bytecode(const Store& store, std::span<const Sha256Digest> sources,
                                                      std::string_view compiler) {
  std::vector<Sha256Digest> keys;
  keys.reserve(sources.size());
  for (const Sha256Digest& source : sources) keys.push_back(bytecode_key(source, compiler));
  std::vector<std::optional<BytecodeRow>> rows(sources.size());
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto row = schema.bytecode.get(txn, keys[i]);
      if (row && row->source == sources[i] && !is_lost(txn, schema, *row)) rows[i] = *row;
    }
  });
  return rows;
}

BytecodeBatch::BytecodeBatch(const Store& store, std::string_view compiler) : store_(store), compiler_(compiler) {}

BytecodeBatch::~BytecodeBatch() = default;

BytecodeRow BytecodeBatch::put(const Sha256Digest& source, std::string_view bytes) {
  if (!objects_) objects_ = std::make_unique<Objects>(store_);
  const auto produce = [&](const ObjectBatch::Sink& sink) {
    sink(bytes);
    return sha256(bytes);
  };
  const BytecodeRow row{source, objects_->batch.put(produce, Executable::no, crc32_of(bytes)), bytes.size()};
  linked_.push_back(row.object);
  rows_.emplace_back(bytecode_key(source, compiler_), row);
  failpoint("bytecode-put");
  return row;
}

BytecodeRow BytecodeBatch::put_refused(const Sha256Digest& source) {
  const BytecodeRow row{source, {}, 0};
  rows_.emplace_back(bytecode_key(source, compiler_), row);
  return row;
}

bool BytecodeBatch::take_over(const Store& base, std::span<const ObjectId> objects, unsigned threads) {
  if (objects.empty()) return true;
  if (!objects_) objects_ = std::make_unique<Objects>(store_);
  const auto taken = take_objects(store_, base, objects_->batch, objects, threads);
  if (!taken) return false;
  objects_->from_bases += *taken;
  linked_.insert(linked_.end(), objects.begin(), objects.end());
  return true;
}

bool BytecodeBatch::take_over(const Store& base, const Sha256Digest& source, const BytecodeRow& row) {
  if (row.size > 0 && !take_over(base, {&row.object, 1}, 1)) return false;
  note(source, row);
  return true;
}

void BytecodeBatch::synchronise() {
  if (objects_) objects_->batch.synchronise();
}

bool BytecodeBatch::commit_rows(WriteTxn& txn, const Schema& schema) {
  collected_ = false;
  if (objects_ && store_.durability() == Durability::none)
    note_unsynced(txn, schema, boot_id(), objects_->batch.segments());
  if (objects_) objects_->batch.begin_rows();
  for (const ObjectId& id : linked_) {
    const bool there =
        objects_ ? objects_->batch.commit_row(txn, schema, id) != RowOutcome::absent : schema.objects.has(txn, id);
    if (!there) collected_ = true;
  }
  if (collected_) return false;
  for (const auto& [key, row] : rows_) schema.bytecode.put(txn, key, row);
  return true;
}

void BytecodeBatch::committed() {
  if (!objects_) return;
  objects_->batch.committed();
  store_.note_from_bases(std::exchange(objects_->from_bases, {}));
}

}  // namespace cas
