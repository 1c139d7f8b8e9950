// Bytecode in the store: which object a compiler made of which source.
//
// Compiled bytecode is an object like any other. Only plans keep it (PlanRow::objects); bytecode.v1 finds it again. It is committed
// together with the plan that links it: there is no moment at which it is in the index and nothing needs it.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

// The key in bytecode.v1. `compiler`: everything beside the source that the bytecode depends on.
[[nodiscard]] Sha256Digest bytecode_key(const Sha256Digest& source, std::string_view compiler);

// Whether the row means nothing any more: its object, or the source that does not compile, is not in the index.
[[nodiscard]] bool is_lost(const ReadTxn& txn, const Schema& schema, const BytecodeRow& row);
// Removes all such rows, in small steps: nobody waits long for the index.
void forget_lost_bytecode(const Store& store);

// The rows of `sources` for this compiler, in their order; nullopt: has to be compiled. Rows that are lost are never returned.
[[nodiscard]] std::vector<std::optional<BytecodeRow>> find_bytecode(const Store& store,
                                                                    std::span<const Sha256Digest> sources,
                                                                    std::string_view compiler);

// What was compiled for one plan. Objects become real when record_plan() (store/ingest.hpp) commits them; what was not is removed
// by the destructor. One thread.
class BytecodeBatch {
 public:
  BytecodeBatch(const Store& store, std::string_view compiler);
  ~BytecodeBatch();
  BytecodeBatch(const BytecodeBatch&) = delete;
  BytecodeBatch& operator=(const BytecodeBatch&) = delete;

  // What `source` was compiled to; bytes are not empty.
  BytecodeRow put(const Sha256Digest& source, std::string_view bytes);
  // It does not compile.
  BytecodeRow put_refused(const Sha256Digest& source);
  // What is in the store already and the plan links, too.
  void link(const ObjectId& id) { linked_.push_back(id); }

  // What a base store has: the row as it stands there. Its object is taken over, unless the store has it; where that cannot be, the
  // answer is false and nothing is noted.
  [[nodiscard]] bool take_over(const Store& base, const Sha256Digest& source, const BytecodeRow& row);
  // Other objects of a base store that the plan links, on that many threads; false: not all can be had.
  [[nodiscard]] bool take_over(const Store& base, std::span<const ObjectId> objects, unsigned threads);
  // A row of a base store whose object was taken over by that.
  void note(const Sha256Digest& source, const BytecodeRow& row) {
    rows_.emplace_back(bytecode_key(source, compiler_), row);
  }

  // All objects that the plan has to keep, those of put() included.
  [[nodiscard]] const std::vector<ObjectId>& linked() const { return linked_; }
  // An object that was in the store has been collected: look again, and compile what is missing.
  [[nodiscard]] bool collected() const { return collected_; }

  // For record_plan().
  void synchronise();
  [[nodiscard]] bool commit_rows(WriteTxn& txn, const Schema& schema);
  void committed();

 private:
  struct Objects;
  const Store& store_;
  std::string_view compiler_;
  std::unique_ptr<Objects> objects_;  // made when the first object is put
  std::vector<ObjectId> linked_;
  std::vector<std::pair<Sha256Digest, BytecodeRow>> rows_;
  bool collected_ = false;
};

}  // namespace cas
