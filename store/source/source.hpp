// What the outside looks like to ingest: something with metadata and a list of files, whose bytes can be
// streamed and are verified while they are.
//
// Implementations (wheel.hpp; later conda packages, interpreters, folders) know neither index nor objects.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/byte_ranges.hpp"
#include "store/base/digest.hpp"
#include "store/base/package_model.hpp"

namespace cas {

struct SourceEntry {
  Scheme scheme = Scheme::purelib;
  FileKind kind = FileKind::regular;
  std::string path;  // inside its scheme; valid, unique among the entries of its scheme
  Executable executable = Executable::no;
  std::uint64_t size = 0;   // bytes of content, as every header of the artifact says
  std::uint32_t crc32 = 0;  // of the content, as every header of the artifact says
  // SHA-256 that the artifact's own listing promises; absent where it uses another strong hash, none is
  // required (RECORD.jws), or the listing is known to be wrong about this entry.
  std::optional<Sha256Digest> expected;
  // Where it lies in an artifact that has only parts, and this is none of them: it cannot be read.
  std::optional<ByteRange> absent;
};

// Receives the content of an entry in order, in one or more non-empty pieces. May throw: reading stops.
using ByteSink = std::function<void(std::string_view)>;

class Source {
 public:
  virtual ~Source() = default;

  [[nodiscard]] virtual const PackageMetadata& metadata() const = 0;
  // In the artifact's own order.
  [[nodiscard]] virtual std::span<const SourceEntry> entries() const = 0;
  // Streams entry `index` into `sink`, verifies size, CRC-32 and every hash the artifact gives, and returns
  // the SHA-256 of the bytes handed out. Throws InvalidInput naming the member; what the sink got before
  // that must be thrown away. Thread-safe: several entries may be read at once, but a sink must not read
  // another. Each thread keeps buffers of up to 8 MiB.
  virtual Sha256Digest read(std::size_t index, const ByteSink& sink) const = 0;
  // nullopt: not a wheel.
  [[nodiscard]] virtual std::optional<ListingDigests> listing() const { return std::nullopt; }
  // Oddities that were accepted and should be shown ("RECORD gives a wrong hash for …"), in order.
  // Thread-safe; grows while entries are read.
  [[nodiscard]] virtual std::vector<std::string> warnings() const = 0;
};

}  // namespace cas
