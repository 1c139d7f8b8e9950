// The whole index on one page: its tables, their keys and their values.
//
// The index is a cache of what lies on disk (objects/, manifests/, roots/): `cas index rebuild` restores
// it. An object file without a row here is garbage; a row without its file is corruption.
// Integers are big-endian (store/base/codec.hpp). Numbers and names are persistent: never reuse one.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "store/base/digest.hpp"
#include "store/index/table.hpp"

namespace cas {

inline constexpr std::uint32_t kSchemaVersion = 2;

// objects.v1: ObjectId -> where its file lies and what is known of its content.
struct ObjectRow {
  std::uint32_t segment = 0;  // objects/<segment>/<digest>[x]
  std::uint64_t size = 0;     // bytes
  std::uint32_t crc32 = 0;    // of the content, as ZIP headers give it
  Fingerprint fingerprint;    // XXH3-128 of the content
};

// segments.v1: segment number -> how many objects the index places there.
struct SegmentRow {
  std::uint32_t objects = 0;
};

// packages.v1: SHA-256 of the artifact -> its manifest, and what look-ups need without reading it.
struct PackageRow {
  Sha256Digest manifest;       // manifests/<digest>
  std::uint64_t sequence = 0;  // grows with every package committed: "younger than the mark" (gc)
  std::uint64_t added_at = 0;  // seconds since the epoch
  std::uint64_t used_at = 0;   // last time it was added, or an environment holding it was seen to end
  std::uint64_t artifact_bytes = 0;
  std::uint64_t content_bytes = 0;  // sum of the sizes of its files
  std::uint32_t files = 0;
  // RECORD was wrong about a file, and only the artifact's pinned digest vouched for it: not to be taken for granted by
  // those who pin nothing.
  bool record_differs = false;
  std::string name;  // as METADATA spells it
  std::string normalized_name;
  std::string version;
  std::string file_name;
};

// plans.v1: plan key -> encoded plan (linker/plan). The store does not look inside the body; it needs to know what
// a plan stands on. A plan in the index means: all its artifacts are in packages.v1, all its objects in objects.v1.
struct PlanRow {
  std::string artifacts;  // concatenated 32-byte digests
  std::string objects;    // concatenated 33-byte object ids that only the plan refers to (generated files)
  std::string body;       // the linker's own encoding
};

// bytecode.v1: SHA-256 over a source's digest and a compiler's identity (store/bytecode.hpp) -> what was compiled. Only plans keep
// bytecode: a row is believed while its object is in objects.v1. Dropped without loss: it is compiled again.
struct BytecodeRow {
  Sha256Digest source;     // digest of the source's bytes
  ObjectId object;         // without meaning where size is 0
  std::uint64_t size = 0;  // bytes of the object; 0: the source does not compile
};

// memo.v1: SHA-256 of a description -> remembered facts that can be found again (interpreter facts, digests of
// files seen before). Dropped without loss.
using MemoRow = std::string;

// meta.v1: small named values. Keys: "schema" (u32), "sequence" (u64, last number given to a package or plan), "unsynced" (unsynced.cpp).
using MetaRow = std::string;

struct ObjectIdCodec {
  using type = ObjectId;
  static std::string encode(const ObjectId& id);
  static ObjectId decode(std::string_view bytes);
};
struct DigestCodec {
  using type = Sha256Digest;
  static std::string encode(const Sha256Digest& digest);
  static Sha256Digest decode(std::string_view bytes);
};
struct U32Codec {
  using type = std::uint32_t;
  static std::string encode(std::uint32_t value);
  static std::uint32_t decode(std::string_view bytes);
};
struct TextCodec {
  using type = std::string;
  static std::string encode(const std::string& text) { return text; }
  static std::string decode(std::string_view bytes) { return std::string(bytes); }
};
struct ObjectRowCodec {
  using type = ObjectRow;
  static std::string encode(const ObjectRow& row);
  static ObjectRow decode(std::string_view bytes);
};
struct SegmentRowCodec {
  using type = SegmentRow;
  static std::string encode(const SegmentRow& row);
  static SegmentRow decode(std::string_view bytes);
};
struct PackageRowCodec {
  using type = PackageRow;
  static std::string encode(const PackageRow& row);
  static PackageRow decode(std::string_view bytes);
};
// What a plan stands on, without its body, which is large. Views into the encoded row.
struct PlanNeeds {
  std::string_view artifacts, objects;  // as in PlanRow
};
struct PlanRowCodec {
  using type = PlanRow;
  static std::string encode(const PlanRow& row);
  static PlanRow decode(std::string_view bytes);
  static PlanNeeds decode_needs(std::string_view bytes);
};
struct BytecodeRowCodec {
  using type = BytecodeRow;
  static std::string encode(const BytecodeRow& row);
  static BytecodeRow decode(std::string_view bytes);
};

struct Schema {
  Table<ObjectIdCodec, ObjectRowCodec> objects{"objects.v1"};
  Table<U32Codec, SegmentRowCodec> segments{"segments.v1"};
  Table<DigestCodec, PackageRowCodec> packages{"packages.v1"};
  Table<DigestCodec, PlanRowCodec> plans{"plans.v1"};
  Table<DigestCodec, BytecodeRowCodec> bytecode{"bytecode.v1"};
  Table<DigestCodec, TextCodec> memo{"memo.v1"};
  Table<TextCodec, TextCodec> meta{"meta.v1"};

  // Calls f(table) for every table, in the order above.
  template <class F>
  void for_each(F&& f) {
    f(objects);
    f(segments);
    f(packages);
    f(plans);
    f(bytecode);
    f(memo);
    f(meta);
  }
};

}  // namespace cas
