#include "store/source/elf_dynamic.hpp"

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
constexpr std::size_t kMaxStringBytes = 8192;

template <class T>
std::vector<T> read_table(const InputFile& file, std::uint64_t offset, std::size_t count) {
  std::vector<T> table(count);
  if (offset > file.size() || count * sizeof(T) > file.size() - offset) return {};
  file.read(offset, reinterpret_cast<char*>(table.data()), count * sizeof(T));
  return table;
}

template <class Header, class Segment, class Entry>
ElfDynamic read_from(const InputFile& file) {
  const auto headers = read_table<Header>(file, 0, 1);
  if (headers.empty() || headers[0].e_phentsize != sizeof(Segment)) return {};
  const std::size_t count = std::min<std::size_t>(headers[0].e_phnum, kMaxProgramHeaders);
  const auto segments = read_table<Segment>(file, headers[0].e_phoff, count);
  const auto dynamic =
      std::find_if(segments.begin(), segments.end(), [](const Segment& s) { return s.p_type == PT_DYNAMIC; });
  if (dynamic == segments.end()) return {};
  const std::size_t entries = std::min<std::size_t>(dynamic->p_filesz / sizeof(Entry), kMaxDynamicEntries);
  std::optional<std::uint64_t> strings, runpath, rpath;
  std::vector<std::uint64_t> needed;
  for (const Entry& entry : read_table<Entry>(file, dynamic->p_offset, entries)) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_STRTAB) strings = entry.d_un.d_ptr;
    if (entry.d_tag == DT_RUNPATH) runpath = entry.d_un.d_val;
    if (entry.d_tag == DT_RPATH) rpath = entry.d_un.d_val;
    if (entry.d_tag == DT_NEEDED) needed.push_back(entry.d_un.d_val);
  }
  if (!strings) return {};
  // The table is given by its address in memory.
  const auto holds = [&](const Segment& s) {
    return s.p_type == PT_LOAD && *strings >= s.p_vaddr && *strings - s.p_vaddr < s.p_filesz;
  };
  const auto load = std::find_if(segments.begin(), segments.end(), holds);
  if (load == segments.end()) return {};
  const std::uint64_t table = load->p_offset + (*strings - load->p_vaddr);
  const auto string_at = [&](std::uint64_t at) {
    if (table >= file.size() || at >= file.size() - table) return std::string();
    std::string text(std::min<std::uint64_t>(kMaxStringBytes, file.size() - table - at), '\0');
    file.read(table + at, text.data(), text.size());
    const std::size_t end = text.find('\0');
    return end == std::string::npos ? std::string() : text.substr(0, end);
  };
  ElfDynamic result;
  for (const std::uint64_t at : needed) {
    if (std::string name = string_at(at); !name.empty()) result.needed.push_back(std::move(name));
  }
  const auto path_at = runpath ? runpath : rpath;
  if (!path_at) return result;
  if (std::string path = string_at(*path_at); !path.empty()) result.runpath = {table + *path_at, std::move(path)};
  return result;
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

ElfDynamic read_elf_dynamic(const InputFile& file) {
  static_assert(std::endian::native == std::endian::little);
  std::array<char, EI_NIDENT> start{};
  if (file.size() < start.size()) return {};
  file.read(0, start.data(), start.size());
  if (std::memcmp(start.data(), ELFMAG, SELFMAG) != 0 || start[EI_DATA] != ELFDATA2LSB) return {};
  if (start[EI_CLASS] == ELFCLASS64) return read_from<Elf64_Ehdr, Elf64_Phdr, Elf64_Dyn>(file);
  if (start[EI_CLASS] == ELFCLASS32) return read_from<Elf32_Ehdr, Elf32_Phdr, Elf32_Dyn>(file);
  return {};
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
