#include "store/index/schema.hpp"

#include <fmt/format.h>

#include "store/base/codec.hpp"

namespace cas {
namespace {

constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kObjectIdBytes = kDigestBytes + 1;

// Runs f(reader) over all of `bytes`; whatever does not fit exactly is damage.
template <class F>
auto decode_record(std::string_view what, std::string_view bytes, F&& f) {
  try {
    ByteReader reader(bytes);
    auto value = f(reader);
    if (!reader.at_end()) throw Corruption(fmt::format("{} bytes too many", reader.remaining()));
    return value;
  } catch (const Corruption& problem) {
    throw Corruption(fmt::format("the index holds a damaged {} ({} bytes): {}", what, bytes.size(), problem.message()),
                     std::string(kRebuildHint));
  }
}

}  // namespace

std::string ObjectIdCodec::encode(const ObjectId& id) {
  std::string bytes;
  bytes.reserve(kObjectIdBytes);
  ByteWriter(bytes).object(id);
  return bytes;
}

ObjectId ObjectIdCodec::decode(std::string_view bytes) {
  return decode_record("object id", bytes, [](ByteReader& in) { return in.object(); });
}

std::string DigestCodec::encode(const Sha256Digest& digest) { return std::string(digest.raw()); }

Sha256Digest DigestCodec::decode(std::string_view bytes) {
  return decode_record("digest", bytes, [](ByteReader& in) { return in.digest(); });
}

std::string U32Codec::encode(std::uint32_t value) {
  std::string bytes;
  ByteWriter(bytes).u32(value);
  return bytes;
}

std::uint32_t U32Codec::decode(std::string_view bytes) {
  return decode_record("number", bytes, [](ByteReader& in) { return in.u32(); });
}

// <object-row> ::= u32 segment, u64 size, u32 crc32, u64 fingerprint.high, u64 fingerprint.low
std::string ObjectRowCodec::encode(const ObjectRow& row) {
  std::string bytes;
  bytes.reserve(32);
  ByteWriter out(bytes);
  out.u32(row.segment);
  out.u64(row.size);
  out.u32(row.crc32);
  out.u64(row.fingerprint.high);
  out.u64(row.fingerprint.low);
  return bytes;
}

ObjectRow ObjectRowCodec::decode(std::string_view bytes) {
  return decode_record("object row", bytes, [](ByteReader& in) {
    ObjectRow row;
    row.segment = in.u32();
    row.size = in.u64();
    row.crc32 = in.u32();
    row.fingerprint.high = in.u64();
    row.fingerprint.low = in.u64();
    return row;
  });
}

// <segment-row> ::= u32 objects
std::string SegmentRowCodec::encode(const SegmentRow& row) { return U32Codec::encode(row.objects); }

SegmentRow SegmentRowCodec::decode(std::string_view bytes) {
  return decode_record("segment row", bytes, [](ByteReader& in) { return SegmentRow{in.u32()}; });
}

// <package-row> ::= digest manifest, u64 sequence, u64 added_at, u64 used_at, u64 artifact_bytes, u64 content_bytes,
//                   u32 files, u8 record_differs, string name, string normalized_name, string version, string file_name
std::string PackageRowCodec::encode(const PackageRow& row) {
  std::string bytes;
  ByteWriter out(bytes);
  out.digest(row.manifest);
  out.u64(row.sequence);
  out.u64(row.added_at);
  out.u64(row.used_at);
  out.u64(row.artifact_bytes);
  out.u64(row.content_bytes);
  out.u32(row.files);
  out.u8(row.record_differs ? 1 : 0);
  out.string(row.name);
  out.string(row.normalized_name);
  out.string(row.version);
  out.string(row.file_name);
  return bytes;
}

PackageRow PackageRowCodec::decode(std::string_view bytes) {
  return decode_record("package row", bytes, [](ByteReader& in) {
    PackageRow row;
    row.manifest = in.digest();
    row.sequence = in.u64();
    row.added_at = in.u64();
    row.used_at = in.u64();
    row.artifact_bytes = in.u64();
    row.content_bytes = in.u64();
    row.files = in.u32();
    row.record_differs = in.u8() != 0;
    row.name = in.string();
    row.normalized_name = in.string();
    row.version = in.string();
    row.file_name = in.string();
    return row;
  });
}

// <plan-row> ::= string objects, body to the end
std::string PlanRowCodec::encode(const PlanRow& row) {
  std::string bytes;
  bytes.reserve(8 + row.artifacts.size() + row.objects.size() + row.body.size());
  ByteWriter out(bytes);
  out.string(row.artifacts);
  out.string(row.objects);
  out.raw(row.body);
  return bytes;
}

PlanRow PlanRowCodec::decode(std::string_view bytes) {
  const PlanNeeds needs = decode_needs(bytes);
  return {std::string(needs.artifacts), std::string(needs.objects),
          std::string(bytes.substr(8 + needs.artifacts.size() + needs.objects.size()))};
}

PlanNeeds PlanRowCodec::decode_needs(std::string_view bytes) {
  return decode_record("plan row", bytes, [](ByteReader& in) {
    PlanNeeds needs;
    needs.artifacts = in.string();
    if (needs.artifacts.size() % sizeof(Sha256Digest::bytes) != 0) {
      throw Corruption("its list of artifacts has a broken length");
    }
    needs.objects = in.string();
    if (needs.objects.size() % kObjectIdBytes != 0) throw Corruption("its list of objects has a broken length");
    static_cast<void>(in.raw(in.remaining()));  // the body
    return needs;
  });
}

// <bytecode-row> ::= digest source, object, u64 size
std::string BytecodeRowCodec::encode(const BytecodeRow& row) {
  std::string bytes;
  bytes.reserve(kDigestBytes + kObjectIdBytes + 8);
  ByteWriter out(bytes);
  out.digest(row.source);
  out.object(row.object);
  out.u64(row.size);
  return bytes;
}

BytecodeRow BytecodeRowCodec::decode(std::string_view bytes) {
  return decode_record("bytecode row", bytes, [](ByteReader& in) {
    BytecodeRow row;
    row.source = in.digest();
    row.object = in.object();
    row.size = in.u64();
    return row;
  });
}

}  // namespace cas
