// A few interpreter processes that compile sources to bytecode.
//
// A source may be hostile: it is only compiled, never executed, in a process that is bounded in time, memory and what it may
// answer. A compiler that crashes, hangs or answers nonsense costs its process and the file it was at, nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct CompilerOptions {
  std::string interpreter;  // absolute path
  std::string magic;        // hexadecimal, of its bytecode: a worker that says otherwise is refused
  std::string cache_tag;
  unsigned workers = 1;
  std::chrono::seconds limit{60};                       // for one file
  std::chrono::seconds start_limit{30};                 // until a worker greets
  std::uint64_t memory_bytes = std::uint64_t{4} << 30;  // of address space, for one worker
  std::size_t most_code_bytes = std::size_t{64} << 20;  // of one file; more counts as nonsense
  std::uint32_t files_per_worker = 2000;                // then another process takes over: its memory is given back
  std::vector<std::string> command;                     // for tests, in place of the interpreter with its program
};

// `code`: the marshalled code object; nullopt: the source does not compile with this interpreter.
using CompileDone = std::function<void(std::size_t source, std::optional<std::string_view> code)>;

// Compiles the files at `paths` and calls `done` for each, on this thread, in the order in which they become ready. A file at which
// two workers in a row died, or one took longer than the limit, does not compile. Throws Error when the interpreter does not
// start as a compiler, or is another one than `options` say; SystemError; Interrupted; what `done` throws.
void compile_sources(const CompilerOptions& options, std::span<const std::string> paths, const CompileDone& done);

}  // namespace cas
