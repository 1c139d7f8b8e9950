// Where an ELF file says that its libraries lie (elf(5), ld.so(8): DT_RUNPATH, or DT_RPATH in its absence).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/source/input_file.hpp"

namespace cas {

struct ElfRunpath {
  std::uint64_t offset = 0;  // of the text in the file; a NUL follows it there
  std::string text;          // directories, separated by ':'
};

// nullopt: no little-endian ELF file, one without a run path, or one whose headers lead outside the file.
[[nodiscard]] std::optional<ElfRunpath> find_runpath(const InputFile& file);

// `text` with every directory at or below `prefix` named relative to the file's own place, "$ORIGIN/…"; others stay.
// `directory`: where the file lies, relative to `prefix` ("bin", "lib/python3.12/lib-dynload").
[[nodiscard]] std::string relocated_runpath(std::string_view text, std::string_view prefix, std::string_view directory);

}  // namespace cas
