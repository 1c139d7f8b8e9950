#include "store/source/zip_format.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "store/source/fault.hpp"

namespace cas::zip {
namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kDescriptorSignature = 0x08074b50;
constexpr std::string_view kEndSignature = "PK\x05\x06";
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;

constexpr std::size_t kCentralHeaderBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::size_t kMaxCommentBytes = 0xFFFF;

constexpr std::uint16_t kMark16 = 0xFFFF;
constexpr std::uint32_t kMark32 = 0xFFFFFFFF;

constexpr std::uint16_t kZip64Field = 0x0001;
constexpr std::uint16_t kUnicodePathField = 0x7075;

template <class T>
T little_endian(const char* bytes) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

// A zip64 field holds the values whose 32-bit places are all ones, in this order. Where none is, some
// writers repeat the values anyway; then they must agree, or two readers would see two archives.
void apply_zip64(std::string_view data, const std::array<std::uint64_t*, 3>& values, std::string_view name) {
  std::size_t used = 0;
  bool any = false;
  for (std::uint64_t* value : values) {
    if (value == nullptr || *value != kMark32) continue;
    if (data.size() - used < 8) throw_fault(name, "its zip64 field is too short");
    *value = le64(data.data() + used);
    used += 8;
    any = true;
  }
  if (!any) {
    for (const std::uint64_t* value : values) {
      if (value == nullptr || data.size() - used < 8) break;
      if (*value != le64(data.data() + used)) throw_fault(name, "its zip64 field contradicts its header");
      used += 8;
    }
  }
  if (used != data.size()) throw_fault(name, "its zip64 field has the wrong length");
}

// The Info-ZIP Unicode path field (4.6.9): version, CRC-32 of the header's name, a name in UTF-8.
void check_unicode_path(std::string_view data, std::string_view name) {
  if (data.size() < 5 || data.substr(5) != name) throw_fault(name, "its Unicode path field gives another name");
}

void apply_extra(Header& header, std::uint64_t* local_offset, std::string_view name) {
  const std::array<std::uint64_t*, 3> values{&header.size, &header.compressed_size, local_offset};
  bool zip64 = false;
  std::string_view rest = header.extra;
  while (rest.size() >= 4) {
    const std::uint16_t id = le16(rest.data());
    const std::size_t length = le16(rest.data() + 2);
    if (length > rest.size() - 4) throw_fault(name, "an extra field is longer than the space for it");
    const std::string_view data = rest.substr(4, length);
    if (id == kZip64Field) {
      if (zip64) throw_fault(name, "it has two zip64 fields");
      zip64 = true;
      apply_zip64(data, values, name);
    } else if (id == kUnicodePathField) {
      check_unicode_path(data, name);
    }
    rest.remove_prefix(4 + length);
  }
  if (rest.find_first_not_of('\0') != std::string_view::npos) throw_fault(name, "its extra fields end in garbage");
  if (zip64) return;
  const bool marked = std::any_of(values.begin(), values.end(),
                                  [](const std::uint64_t* value) { return value != nullptr && *value == kMark32; });
  if (marked) throw_fault(name, "its header refers to a zip64 field that is not there");
}

// The end record with the archive comment, from the file's last bytes.
struct Tail {
  std::string bytes;
  std::uint64_t offset = 0;  // of bytes[0] in the file
  std::size_t end = 0;       // of the end record in bytes
};

Tail find_tail(const InputFile& file) {
  if (file.size() < kEndBytes) throw_fault(file.name(), "is not a ZIP file (too short)");
  Tail tail;
  constexpr std::size_t kLongest = kEndBytes + kMaxCommentBytes + kLocator64Bytes;
  tail.bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kLongest)));
  tail.offset = file.size() - tail.bytes.size();
  file.read(tail.offset, tail.bytes.data(), tail.bytes.size());
  std::optional<std::size_t> found;
  bool seen = false;
  for (std::size_t at = tail.bytes.rfind(kEndSignature); at != std::string::npos;
       at = at == 0 ? std::string::npos : tail.bytes.rfind(kEndSignature, at - 1)) {
    if (tail.bytes.size() - at < kEndBytes) continue;
    seen = true;
    if (tail.bytes.size() - at - kEndBytes != le16(tail.bytes.data() + at + 20)) continue;
    if (found) throw_fault(file.name(), "two end records of a ZIP file fit; which one counts is ambiguous");
    found = at;
  }
  if (!found) {
    throw_fault(file.name(), seen ? "there are bytes after the end of the ZIP file, or it is cut off"
                                  : "is not a ZIP file (no end record), or is cut off");
  }
  tail.end = *found;
  return tail;
}

// Puts the zip64 end record's values into `end` and returns where that record begins.
std::uint64_t apply_end64(const InputFile& file, std::string_view locator, std::uint64_t locator_offset, End& end) {
  const std::uint64_t offset = le64(locator.data() + 8);
  if (le32(locator.data() + 4) != 0 || le32(locator.data() + 16) > 1) {
    throw_fault(file.name(), "is one part of a multi-part ZIP file");
  }
  if (offset > locator_offset || locator_offset - offset < kEnd64Bytes) {
    throw_fault(file.name(), "the zip64 end record is not where its locator says");
  }
  std::array<char, kEnd64Bytes> record{};
  file.read(offset, record.data(), record.size());
  // The size field counts from behind itself; an extensible data sector may follow, up to the locator.
  if (le32(record.data()) != kEnd64Signature || le64(record.data() + 4) != locator_offset - offset - 12) {
    throw_fault(file.name(), "the zip64 end record is not where its locator says");
  }
  if (le32(record.data() + 16) != 0 || le32(record.data() + 20) != 0) {
    throw_fault(file.name(), "is one part of a multi-part ZIP file");
  }
  const End large{le64(record.data() + 32), le64(record.data() + 48), le64(record.data() + 40)};
  if (le64(record.data() + 24) != large.members) throw_fault(file.name(), "is one part of a multi-part ZIP file");
  const auto agrees = [](std::uint64_t small, std::uint64_t mark, std::uint64_t value) {
    return small == mark || small == value;
  };
  if (!agrees(end.members, kMark16, large.members) || !agrees(end.directory_offset, kMark32, large.directory_offset) ||
      !agrees(end.directory_size, kMark32, large.directory_size)) {
    throw_fault(file.name(), "the end record and the zip64 end record contradict each other");
  }
  end = large;
  return offset;
}

}  // namespace

std::uint16_t le16(const char* bytes) { return little_endian<std::uint16_t>(bytes); }
std::uint32_t le32(const char* bytes) { return little_endian<std::uint32_t>(bytes); }
std::uint64_t le64(const char* bytes) { return little_endian<std::uint64_t>(bytes); }

End find_end(const InputFile& file) {
  const Tail tail = find_tail(file);
  const char* record = tail.bytes.data() + tail.end;
  if (le16(record + 4) != 0 || le16(record + 6) != 0 || le16(record + 8) != le16(record + 10)) {
    throw_fault(file.name(), "is one part of a multi-part ZIP file");
  }
  End end{le16(record + 10), le32(record + 16), le32(record + 12)};
  std::uint64_t directory_end = tail.offset + tail.end;
  if (tail.end >= kLocator64Bytes) {
    const std::string_view locator = std::string_view(tail.bytes).substr(tail.end - kLocator64Bytes, kLocator64Bytes);
    if (le32(locator.data()) == kLocator64Signature) {
      directory_end = apply_end64(file, locator, directory_end - kLocator64Bytes, end);
    }
  }
  if (end.directory_offset > directory_end || end.directory_size != directory_end - end.directory_offset) {
    throw_fault(file.name(),
                "the central directory is not where the end record says, or something stands between them");
  }
  return end;
}

CentralHeader take_central_header(std::string_view& directory) {
  constexpr std::string_view kWhat = "central directory";
  if (directory.size() < kCentralHeaderBytes) throw_fault(kWhat, "ends before all its members");
  const char* record = directory.data();
  if (le32(record) != kCentralSignature) throw_fault(kWhat, "a record has a wrong signature");
  CentralHeader header;
  header.host = static_cast<std::uint8_t>(record[5]);
  header.flags = le16(record + 8);
  header.method = le16(record + 10);
  header.crc32 = le32(record + 16);
  header.compressed_size = le32(record + 20);
  header.size = le32(record + 24);
  const std::size_t name = le16(record + 28);
  const std::size_t extra = le16(record + 30);
  const std::size_t comment = le16(record + 32);
  header.external_attributes = le32(record + 38);
  header.local_offset = le32(record + 42);
  if (directory.size() - kCentralHeaderBytes < name + extra + comment) {
    throw_fault(kWhat, "ends in the middle of a record");
  }
  header.name = directory.substr(kCentralHeaderBytes, name);
  header.extra = directory.substr(kCentralHeaderBytes + name, extra);
  if (le16(record + 34) != 0) throw_fault(header.name, "lies in another part of a multi-part ZIP file");
  apply_extra(header, &header.local_offset, header.name);
  directory.remove_prefix(kCentralHeaderBytes + name + extra + comment);
  return header;
}

std::size_t local_header_size(std::string_view bytes, std::string_view name) {
  if (le32(bytes.data()) != kLocalSignature) throw_fault(name, "there is no local header where the directory says");
  return kLocalHeaderBytes + le16(bytes.data() + 26) + le16(bytes.data() + 28);
}

Header parse_local_header(std::string_view bytes, std::string_view name) {
  const char* record = bytes.data();
  Header header;
  header.flags = le16(record + 6);
  header.method = le16(record + 8);
  header.crc32 = le32(record + 14);
  header.compressed_size = le32(record + 18);
  header.size = le32(record + 22);
  const std::size_t name_length = le16(record + 26);
  header.name = bytes.substr(kLocalHeaderBytes, name_length);
  header.extra = bytes.substr(kLocalHeaderBytes + name_length, le16(record + 28));
  if (header.name != name)
    throw_fault(name, fmt::format("its local header has another name, {}", printable(header.name)));
  apply_extra(header, nullptr, name);
  return header;
}

bool is_descriptor_of(std::string_view bytes, const Header& header) {
  const bool has_signature = bytes.size() == 16 || bytes.size() == 24;
  if (has_signature) {
    if (le32(bytes.data()) != kDescriptorSignature) return false;
    bytes.remove_prefix(4);
  }
  if (bytes.size() == 12) {
    return le32(bytes.data()) == header.crc32 && le32(bytes.data() + 4) == header.compressed_size &&
           le32(bytes.data() + 8) == header.size;
  }
  if (bytes.size() == 20) {
    return le32(bytes.data()) == header.crc32 && le64(bytes.data() + 4) == header.compressed_size &&
           le64(bytes.data() + 12) == header.size;
  }
  return false;
}

}  // namespace cas::zip
