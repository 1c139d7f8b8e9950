// Manifests: what a package consists of, as kept in manifests/<SHA-256 of the manifest's bytes>.
//
// Written only by ingest, and never kept among the objects: otherwise a data file in a wheel could be shaped like
// a manifest and come alive when the index is rebuilt.
//
// <manifest>  ::= "casM" u16(version = 2) <artifact> <listing> <assembled> <metadata> u32(files) <file>*
// <artifact>  ::= 32 bytes SHA-256, u64 bytes, u8 record differs
// <listing>   ::= u8 0 | u8 1, 32 bytes SHA-256 of RECORD, 32 bytes of the central directory and what follows
// <assembled> ::= u8 0 | u8 1, 32 bytes SHA-256 of the wheel, as a lock gave it
// <metadata>  ::= <name> <normalized name> <version> <file name> <dist-info> <python tags> <abi tags>
//                 <platform tags> <build tag> <requires python> u32(n) <requires dist>*n
//                 u32(n) (u8 group <name> <module> <attribute>)*n
// <file>      ::= u8 scheme, u8 kind, <path>, 32 bytes SHA-256, u8 executable, u64 size
// Version 1 has neither <listing> nor <assembled>, and is still read.
// Strings in <> have their length (u32) in front; integers are big-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/digest.hpp"
#include "store/base/package_model.hpp"

namespace cas {

inline constexpr std::size_t kMaxManifestBytes = std::size_t{256} << 20;

struct Manifest {
  Sha256Digest artifact;
  std::uint64_t artifact_bytes = 0;
  bool record_differs = false;            // see PackageRow
  std::optional<ListingDigests> listing;  // of a wheel; not in manifests that were written before it was kept
  // A wheel put together from parts, which was never hashed as a whole: the digest that a lock gave it. `artifact` is another
  // (assembled_identity()), and the listing, which the lock vouched for, is what the bytes were held against.
  std::optional<Sha256Digest> assembled;
  PackageMetadata metadata;
  std::vector<PackageFile> files;  // in ingest order
};

[[nodiscard]] std::string encode_manifest(const Manifest& manifest);
// Throws Corruption for anything encode_manifest does not write, and for a path that could leave its root.
[[nodiscard]] Manifest decode_manifest(std::string_view bytes);

}  // namespace cas
