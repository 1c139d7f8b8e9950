#include "store/object_check.hpp"

#include <fmt/format.h>

#include <vector>

#include "store/base/progress.hpp"
#include "store/objects/layout.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

std::vector<char>& read_buffer() {
  thread_local std::vector<char> buffer(kReadBytes);
  return buffer;
}

}  // namespace

ObjectLook look_at_object(const struct stat& info, const ObjectId& id, std::uint64_t size,
                          const StoreOwnership& ownership) {
  if (!S_ISREG(info.st_mode)) return {ObjectState::content, "is no regular file"};
  if (static_cast<std::uint64_t>(info.st_size) != size) {
    return {ObjectState::content, fmt::format("has {} bytes, should have {}", info.st_size, size)};
  }
  const std::uint32_t mode = canonical_mode(id.executable);
  std::string wrong;
  if ((info.st_mode & 07777) != mode) {
    wrong = fmt::format("its mode is {:04o}, should be {:04o}", info.st_mode & 07777, mode);
  }
  if (info.st_mtim.tv_sec != canonical_mtime(id.digest) || info.st_mtim.tv_nsec != 0) {
    wrong += fmt::format("{}its modification time was changed", wrong.empty() ? "" : ", ");
  }
  if (!ownership.fits(info)) wrong += (wrong.empty() ? "it " : ", it ") + ownership.misfit(info);
  if (wrong.empty()) return {};
  return {ObjectState::metadata, std::move(wrong)};
}

ReadOutcome read_object(int file, const ObjectId& id, const ObjectRow& row, Reading reading,
                        const std::function<bool()>& stop) {
  std::vector<char>& buffer = read_buffer();
  Sha256 sha;
  FingerprintHasher fingerprint;
  std::uint64_t offset = 0;
  while (const std::size_t got = pread_full(file, buffer.data(), buffer.size(), offset, id.file_name())) {
    check_interrupt();
    if (stop()) return ReadOutcome::stopped;
    const std::string_view bytes(buffer.data(), got);
    if (reading == Reading::digest) sha.update(bytes);
    fingerprint.update(bytes);
    offset += got;
  }
  if (fingerprint.finish() != row.fingerprint) return ReadOutcome::wrong;
  if (reading == Reading::digest && sha.finish() != id.digest) return ReadOutcome::wrong;
  return ReadOutcome::right;
}

Sha256Digest digest_of_file(int file, std::string_view shown) {
  std::vector<char>& buffer = read_buffer();
  Sha256 sha;
  std::uint64_t offset = 0;
  while (const std::size_t got = pread_full(file, buffer.data(), buffer.size(), offset, shown)) {
    check_interrupt();
    sha.update({buffer.data(), got});
    offset += got;
  }
  return sha.finish();
}

}  // namespace cas
