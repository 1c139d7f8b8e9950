#include "linker/recorded_files.hpp"

#include <fmt/format.h>

#include <optional>

#include "linker/environment_others.hpp"
#include "linker/plan_bytecode.hpp"
#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/source/record.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostRecord = std::size_t{12} << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

// An environment's directories are walked by names: one that is a link may lead anywhere.
bool passes_a_link(int environment, const std::string& path) {
  for (std::string_view parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
    const auto info = stat_at(environment, std::string(parent));
    if (info && S_ISLNK(info->st_mode)) return true;
  }
  return false;
}

// "": it has this hash, or one of a kind that nobody accepts.
std::string hash_mismatch(int environment, const std::string& path, std::string_view hash) {
  const auto expected = [&]() -> std::optional<RecordHash> {
    try {
      return parse_record_hash(hash);
    } catch (const InvalidInput&) {
      return std::nullopt;
    }
  }();
  const Fd file = expected ? try_open_read_at(environment, path) : Fd();
  if (!file) return {};
  RecordHasher hasher(expected->algorithm);
  thread_local std::vector<char> buffer(kReadBytes);
  std::uint64_t offset = 0;
  while (const std::size_t got = pread_full(file.get(), buffer.data(), buffer.size(), offset, path)) {
    check_interrupt();
    hasher.update({buffer.data(), got});
    offset += got;
  }
  return hasher.finish() == *expected ? "" : "its content is not what RECORD says";
}

std::optional<RecordMismatch> check_row(int environment, const std::string& path, const RecordRow& row,
                                        RecordDepth depth) {
  if (passes_a_link(environment, path)) return std::nullopt;
  const auto info = stat_at(environment, path);
  if (!info) return RecordMismatch{path, true, "is gone, and RECORD names it"};
  if (!S_ISREG(info->st_mode)) return std::nullopt;
  if (row.size && static_cast<std::uint64_t>(info->st_size) != *row.size) {
    return RecordMismatch{path, false, fmt::format("has {} bytes, RECORD says {}", info->st_size, *row.size)};
  }
  if (depth == RecordDepth::metadata || row.hash.empty()) return std::nullopt;
  std::string wrong = hash_mismatch(environment, path, row.hash);
  if (wrong.empty()) return std::nullopt;
  return RecordMismatch{path, false, std::move(wrong)};
}

}  // namespace

std::vector<RecordMismatch> check_recorded_files(int environment, const std::string& site_packages,
                                                 const std::string& info, RecordDepth depth) {
  std::vector<RecordMismatch> found;
  try {
    auto text = try_read_file_at(environment, site_packages + "/" + info + "/RECORD", kMostRecord);
    if (!text) return found;
    for (const RecordRow& row : parse_record(*text)) {
      const auto path = recorded_path(site_packages, row.path);
      if (!path || is_bytecode_path(*path)) continue;
      if (auto mismatch = check_row(environment, *path, row, depth)) found.push_back(std::move(*mismatch));
    }
  } catch (const InvalidInput&) {  // says nothing
  } catch (const SystemError&) {   // not for us to read
  }
  return found;
}

}  // namespace cas
