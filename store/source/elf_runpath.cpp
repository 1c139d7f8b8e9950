#include "store/source/elf_runpath.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace cas {
namespace {

constexpr std::size_t kMaxProgramHeaders = 128;
constexpr std::size_t kMaxDynamicEntries = 4096;
constexpr std::size_t kMaxRunpathBytes = 8192;

template <class T>
std::vector<T> read_table(const InputFile& file, std::uint64_t offset, std::size_t count) {
  std::vector<T> table(count);
  if (offset > file.size() || count * sizeof(T) > file.size() - offset) return {};
  file.read(offset, reinterpret_cast<char*>(table.data()), count * sizeof(T));
  return table;
}

template <class Header, class Segment, class Entry>
std::optional<ElfRunpath> find_in(const InputFile& file) {
  const auto headers = read_table<Header>(file, 0, 1);
  if (headers.empty() || headers[0].e_phentsize != sizeof(Segment)) return std::nullopt;
  const std::size_t count = std::min<std::size_t>(headers[0].e_phnum, kMaxProgramHeaders);
  const auto segments = read_table<Segment>(file, headers[0].e_phoff, count);
  const auto dynamic =
      std::find_if(segments.begin(), segments.end(), [](const Segment& s) { return s.p_type == PT_DYNAMIC; });
  if (dynamic == segments.end()) return std::nullopt;
  const std::size_t entries = std::min<std::size_t>(dynamic->p_filesz / sizeof(Entry), kMaxDynamicEntries);
  std::optional<std::uint64_t> strings, runpath, rpath;
  for (const Entry& entry : read_table<Entry>(file, dynamic->p_offset, entries)) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_STRTAB) strings = entry.d_un.d_ptr;
    if (entry.d_tag == DT_RUNPATH) runpath = entry.d_un.d_val;
    if (entry.d_tag == DT_RPATH) rpath = entry.d_un.d_val;
  }
  if (!runpath) runpath = rpath;
  if (!strings || !runpath) return std::nullopt;
  // The table is given by its address in memory.
  const auto holds = [&](const Segment& s) {
    return s.p_type == PT_LOAD && *strings >= s.p_vaddr && *strings - s.p_vaddr < s.p_filesz;
  };
  const auto load = std::find_if(segments.begin(), segments.end(), holds);
  if (load == segments.end()) return std::nullopt;
  const std::uint64_t offset = load->p_offset + (*strings - load->p_vaddr) + *runpath;
  if (offset >= file.size() || *runpath > file.size()) return std::nullopt;
  std::string text(std::min<std::uint64_t>(kMaxRunpathBytes, file.size() - offset), '\0');
  file.read(offset, text.data(), text.size());
  const std::size_t end = text.find('\0');
  if (end == std::string::npos || end == 0) return std::nullopt;
  text.resize(end);
  return ElfRunpath{offset, std::move(text)};
}

// "$ORIGIN/../lib" leads from `directory` to `target`, both relative to one root.
std::string from_origin(std::string_view directory, std::string_view target) {
  std::string path = "$ORIGIN";
  while (!directory.empty()) {
    path += "/..";
    const std::size_t slash = directory.rfind('/');
    directory = slash == std::string_view::npos ? std::string_view{} : directory.substr(0, slash);
  }
  if (!target.empty()) path += "/" + std::string(target);
  return path;
}

}  // namespace

std::optional<ElfRunpath> find_runpath(const InputFile& file) {
  static_assert(std::endian::native == std::endian::little);
  std::array<char, EI_NIDENT> start{};
  if (file.size() < start.size()) return std::nullopt;
  file.read(0, start.data(), start.size());
  if (std::memcmp(start.data(), ELFMAG, SELFMAG) != 0 || start[EI_DATA] != ELFDATA2LSB) return std::nullopt;
  if (start[EI_CLASS] == ELFCLASS64) return find_in<Elf64_Ehdr, Elf64_Phdr, Elf64_Dyn>(file);
  if (start[EI_CLASS] == ELFCLASS32) return find_in<Elf32_Ehdr, Elf32_Phdr, Elf32_Dyn>(file);
  return std::nullopt;
}

std::string relocated_runpath(std::string_view text, std::string_view prefix, std::string_view directory) {
  std::string result;
  while (true) {
    const std::size_t colon = text.find(':');
    std::string_view entry = text.substr(0, colon);
    while (entry.size() > 1 && entry.ends_with('/')) entry.remove_suffix(1);
    if (!result.empty()) result += ':';
    if (entry == prefix) {
      result += from_origin(directory, {});
    } else if (entry.size() > prefix.size() && entry.starts_with(prefix) && entry[prefix.size()] == '/') {
      result += from_origin(directory, entry.substr(prefix.size() + 1));
    } else {
      result += entry;
    }
    if (colon == std::string_view::npos) return result;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace cas
