#include "linker/own_copies.hpp"

#include <fmt/format.h>

#include "store/base/codec.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/durability.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "casO";
constexpr std::uint16_t kVersion = 1;
constexpr const char* kFile = "own";
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

}  // namespace

std::string encode_own_copies(const OwnCopies& copies) {
  std::string bytes;
  ByteWriter out(bytes);
  out.raw(kMagic);
  out.u16(kVersion);
  out.u32(static_cast<std::uint32_t>(copies.size()));
  for (const auto& [path, object] : copies) {
    out.string(path);
    out.object(object);
  }
  return bytes;
}

OwnCopies decode_own_copies(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.raw(kMagic.size()) != kMagic) throw Corruption("does not begin with its magic bytes");
  if (const std::uint16_t version = in.u16(); version != kVersion) {
    throw Corruption(fmt::format("has version {}, this program reads {}", version, kVersion));
  }
  OwnCopies copies;
  const std::uint32_t count = in.u32();
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string path(in.string());
    if (relative_path_problem(path)) throw Corruption("holds a path that is not one");
    const ObjectId object = in.object();
    copies.emplace(std::move(path), object);
  }
  if (!in.at_end()) throw Corruption("goes on after its end");
  return copies;
}

OwnCopies read_own_copies(int environment) {
  const std::string path = std::string(kAnchorDirectory) + "/" + kFile;
  const auto bytes = try_read_file_at(environment, path, kMaxBytes);
  if (!bytes) return {};
  try {
    return decode_own_copies(*bytes);
  } catch (const Corruption& error) {
    throw Corruption(
        fmt::format("the list of the environment's own files, {}, is damaged: it {}", path, error.message()),
        "remove it, and name its own files again with `cas unshare`");
  }
}

void write_own_copies(const std::string& path, const OwnCopies& copies) {
  const std::string directory = path + "/" + kAnchorDirectory;
  if (copies.empty()) {
    remove_file_at(kCurrentDirectory, directory + "/" + kFile);
  } else {
    publish_file(directory, kFile, encode_own_copies(copies), 0644, Durability::batch);
  }
}

bool is_own_copy(const OwnCopies& copies, std::string_view path, const ObjectId& object) {
  const auto found = copies.find(path);
  return found != copies.end() && found->second == object;
}

}  // namespace cas
