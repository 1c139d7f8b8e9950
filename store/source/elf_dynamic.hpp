// Which libraries an ELF file needs, and where it says that they lie (elf(5), ld.so(8): DT_NEEDED; DT_RUNPATH, or DT_RPATH in
// its absence).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/source/input_file.hpp"

namespace cas {

struct ElfRunpath {
  std::uint64_t offset = 0;  // of the text in the file; a NUL follows it there
  std::string text;          // directories, separated by ':'
};

struct ElfDynamic {
  std::optional<ElfRunpath> runpath;
  std::vector<std::string> needed;  // "libssl.so.3"
};

// Empty for what is no little-endian ELF file, is linked statically, or has headers that lead outside the file.
[[nodiscard]] ElfDynamic read_elf_dynamic(const InputFile& file);

// `text` with every directory at or below `prefix` named relative to the file's own place, "$ORIGIN/…"; others stay.
// `directory`: where the file lies, relative to `prefix` ("bin", "lib/python3.12/lib-dynload").
[[nodiscard]] std::string relocated_runpath(std::string_view text, std::string_view prefix, std::string_view directory);

}  // namespace cas
