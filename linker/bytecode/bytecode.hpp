// Bytecode for the sources of a plan: found in the store, or compiled.
//
// It is named by the source's bytes and the compiler, not by paths: one source has one bytecode, wherever packages put it. Python
// sets the file name in the code when it imports it. It believes a file in __pycache__ as long as time and size in its header are the
// source's (PEP 552, timestamps): an object's time is derived from its digest, so it is valid wherever the object is linked, cloned or
// copied, and an edited source is compiled anew by Python, into a file of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "linker/bytecode/format.hpp"
#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/bytecode.hpp"
#include "store/store.hpp"

namespace cas {

struct ObtainedBytecode {
  std::unordered_map<Sha256Digest, BytecodeFile> files;  // by source; one that is not here does not compile
  std::unique_ptr<BytecodeBatch> batch;                  // for record_plan()
  std::uint64_t compiled = 0, found = 0, refused = 0;    // sources: compiled now, known, do not compile (both)
};

// `identity`: bytecode_identity(), and has to outlive the result. The caller holds a published root for the packages that bring the
// sources. Throws what compile_sources() does, and Corruption where a source that is to be compiled is not what its digest says.
[[nodiscard]] ObtainedBytecode obtain_bytecode(const Store& store, const std::string& interpreter,
                                               const std::string& identity, std::span<const BytecodeSource> sources,
                                               unsigned threads, Progress& progress);

}  // namespace cas
