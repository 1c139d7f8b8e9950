#include "linker/placed_file.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "store/base/error.hpp"
#include "store/object_check.hpp"
#include "store/objects/layout.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

bool is_shared(const struct stat& info) { return S_ISREG(info.st_mode) && info.st_nlink > 1; }

std::string metadata_change(const struct stat& info, const ObjectId& object, std::uint64_t size,
                            const StoreOwnership& ownership) {
  if (!S_ISREG(info.st_mode)) return "is no regular file any more";
  if (static_cast<std::uint64_t>(info.st_size) != size) {
    return fmt::format("has {} bytes, was placed with {}", info.st_size, size);
  }
  if (info.st_mtim.tv_sec != canonical_mtime(object.digest)) return "was written to since it was placed";
  if ((info.st_mode & 07777) != canonical_mode(object.executable)) {
    return fmt::format("has mode {:04o}, was placed with {:04o}", info.st_mode & 07777,
                       canonical_mode(object.executable));
  }
  // A copy belongs to whoever made it.
  if (is_shared(info) && !ownership.fits(info)) return ownership.misfit(info);
  return {};
}

std::string content_change(int root, const std::string& path, const ObjectId& object) {
  try {
    const Fd file = try_open_read_at(root, path);
    return !file || digest_of_file(file.get(), path) == object.digest ? "" : "its content is not what was placed";
  } catch (const SystemError& error) {
    if (error.is(EACCES)) return {};
    throw;
  }
}

}  // namespace

PlacedLook look_at_placed_file(int root, const std::string& path, const ObjectId& object, std::uint64_t size,
                               const StoreOwnership& ownership, PlacedDepth depth) {
  PlacedLook look;
  look.info = stat_at(root, path);
  if (!look.info) {
    look.state = PlacedState::missing;
    return look;
  }
  look.detail = metadata_change(*look.info, object, size, ownership);
  if (look.detail.empty() && size > 0 && depth == PlacedDepth::contents)
    look.detail = content_change(root, path, object);
  if (look.detail.empty()) return look;
  look.state = is_shared(*look.info) ? PlacedState::changed_in_place : PlacedState::edited;
  return look;
}

}  // namespace cas
