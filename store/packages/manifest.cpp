#include "store/packages/manifest.hpp"

#include <fmt/format.h>

#include "store/base/codec.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "casM";
constexpr std::uint16_t kVersion = 2;
constexpr std::uint16_t kOldestVersion = 1;

template <class Enum>
Enum checked_enum(std::uint8_t value, Enum last, std::string_view what) {
  if (value > static_cast<std::uint8_t>(last))
    throw Corruption(fmt::format("a manifest holds the unknown {} {}", what, value));
  return static_cast<Enum>(value);
}

void write_listing(ByteWriter& out, const Manifest& manifest) {
  out.u8(manifest.listing ? 1 : 0);
  if (manifest.listing) {
    out.digest(manifest.listing->record);
    out.digest(manifest.listing->directory);
  }
  out.u8(manifest.assembled ? 1 : 0);
  if (manifest.assembled) out.digest(*manifest.assembled);
}

bool read_flag(ByteReader& in) {
  const std::uint8_t value = in.u8();
  if (value > 1) throw Corruption(fmt::format("a manifest holds {} where 0 or 1 belongs", value));
  return value == 1;
}

void read_listing(ByteReader& in, Manifest& manifest) {
  if (read_flag(in)) {
    manifest.listing.emplace();
    manifest.listing->record = in.digest();
    manifest.listing->directory = in.digest();
  }
  if (read_flag(in)) manifest.assembled = in.digest();
}

void write_metadata(ByteWriter& out, const PackageMetadata& metadata) {
  for (const std::string* text : {&metadata.name, &metadata.normalized_name, &metadata.version, &metadata.file_name,
                                  &metadata.dist_info, &metadata.python_tags, &metadata.abi_tags,
                                  &metadata.platform_tags, &metadata.build_tag, &metadata.requires_python}) {
    out.string(*text);
  }
  out.u32(static_cast<std::uint32_t>(metadata.requires_dist.size()));
  for (const std::string& line : metadata.requires_dist) out.string(line);
  out.u32(static_cast<std::uint32_t>(metadata.entry_points.size()));
  for (const EntryPoint& entry : metadata.entry_points) {
    out.u8(static_cast<std::uint8_t>(entry.group));
    out.string(entry.name);
    out.string(entry.module);
    out.string(entry.attribute);
  }
}

PackageMetadata read_metadata(ByteReader& in) {
  PackageMetadata metadata;
  for (std::string* text : {&metadata.name, &metadata.normalized_name, &metadata.version, &metadata.file_name,
                            &metadata.dist_info, &metadata.python_tags, &metadata.abi_tags, &metadata.platform_tags,
                            &metadata.build_tag, &metadata.requires_python}) {
    *text = in.string();
  }
  for (std::uint32_t n = in.u32(); n > 0; --n) metadata.requires_dist.emplace_back(in.string());
  for (std::uint32_t n = in.u32(); n > 0; --n) {
    EntryPoint entry;
    entry.group = checked_enum(in.u8(), EntryPointGroup::gui, "entry point group");
    entry.name = in.string();
    entry.module = in.string();
    entry.attribute = in.string();
    metadata.entry_points.push_back(std::move(entry));
  }
  return metadata;
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  std::string bytes;
  bytes.reserve(1024 + manifest.files.size() * 128);
  ByteWriter out(bytes);
  out.raw(kMagic);
  out.u16(kVersion);
  out.digest(manifest.artifact);
  out.u64(manifest.artifact_bytes);
  out.u8(manifest.record_differs ? 1 : 0);
  write_listing(out, manifest);
  write_metadata(out, manifest.metadata);
  out.u32(static_cast<std::uint32_t>(manifest.files.size()));
  for (const PackageFile& file : manifest.files) {
    out.u8(static_cast<std::uint8_t>(file.scheme));
    out.u8(static_cast<std::uint8_t>(file.kind));
    out.string(file.path);
    out.object(file.object);
    out.u64(file.size);
  }
  return bytes;
}

Manifest decode_manifest(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.raw(kMagic.size()) != kMagic) throw Corruption("a manifest does not begin with its magic bytes");
  const std::uint16_t version = in.u16();
  if (version < kOldestVersion || version > kVersion) {
    throw Error(fmt::format("a manifest has version {}, this program reads versions {} to {}", version, kOldestVersion,
                            kVersion),
                "use the version of cas that wrote this store, or a newer one");
  }
  Manifest manifest;
  manifest.artifact = in.digest();
  manifest.artifact_bytes = in.u64();
  manifest.record_differs = in.u8() != 0;
  if (version > 1) read_listing(in, manifest);
  manifest.metadata = read_metadata(in);
  const std::uint32_t count = in.u32();
  // A row takes at least 47 bytes: a damaged count must not reserve gigabytes.
  manifest.files.reserve(std::min<std::size_t>(count, in.remaining() / 47));
  for (std::uint32_t i = 0; i < count; ++i) {
    PackageFile file;
    file.scheme = checked_enum(in.u8(), Scheme::interpreter, "scheme");
    file.kind = checked_enum(in.u8(), FileKind::symlink, "kind of file");
    file.path = in.string();
    if (const auto problem = relative_path_problem(file.path)) {
      throw Corruption(fmt::format("a manifest's path '{}' {}", printable(file.path), *problem));
    }
    file.object = in.object();
    file.size = in.u64();
    manifest.files.push_back(std::move(file));
  }
  if (!in.at_end()) throw Corruption("a manifest goes on after its last row");
  return manifest;
}

}  // namespace cas
