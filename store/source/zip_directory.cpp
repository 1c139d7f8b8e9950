#include "store/source/zip_directory.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <numeric>

#include "store/base/progress.hpp"
#include "store/source/fault.hpp"
#include "store/source/zip_format.hpp"

namespace cas {
namespace {

constexpr std::uint8_t kHostUnix = 3;
constexpr std::uint8_t kHostDarwin = 19;
constexpr std::uint32_t kDosDirectory = 0x10;
// A match of 258 bytes takes at least two bits.
constexpr std::uint64_t kMaxDeflateRatio = 1032;
constexpr std::size_t kLongestDescriptor = 24;
constexpr std::uint64_t kBlockBytes = 128 << 10;

void check_flags(const zip::Header& header) {
  constexpr std::uint16_t kEncrypted = (1U << 0) | (1U << 6) | (1U << 13);
  // Bits 1 and 2 say how hard the compressor tried.
  constexpr std::uint16_t kKnown = (1U << 1) | (1U << 2) | zip::kFlagDescriptor | zip::kFlagUtf8;
  if ((header.flags & kEncrypted) != 0) throw_fault(header.name, "is encrypted");
  if ((header.flags & ~kKnown) != 0) {
    throw_fault(header.name, fmt::format("has unsupported flags (0x{:04x})", header.flags));
  }
}

void check_name(const zip::Header& header) {
  if (header.name.empty()) throw_fault("central directory", "a member has no name");
  if ((header.flags & zip::kFlagUtf8) != 0) {
    if (!is_valid_utf8(header.name)) throw_fault(header.name, "its name is marked as UTF-8 but is not");
    return;
  }
  for (const char c : header.name) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      throw_fault(header.name, "its name is neither ASCII nor marked as UTF-8 (bad encoding)");
    }
  }
}

void check_type(const zip::CentralHeader& header, ZipMember& member) {
  const std::uint32_t mode = header.external_attributes >> 16;
  const std::uint32_t type = mode & S_IFMT;
  const bool directory = header.name.back() == '/';
  // The type bits count whatever the host is: no reader may take a member for something else.
  if (type != 0 && type != S_IFREG && type != S_IFDIR) {
    throw_fault(header.name, type == S_IFLNK ? "is a symbolic link" : "is neither a file nor a directory");
  }
  if (directory ? type == S_IFREG : type == S_IFDIR || (header.external_attributes & kDosDirectory) != 0) {
    throw_fault(header.name, directory ? "is named like a directory but is a file"
                                       : "is a directory but its name does not end in '/'");
  }
  if (directory) {
    // Two bytes are what deflate needs to say nothing; some writers do.
    if (header.size != 0 || header.crc32 != 0 || header.compressed_size > 2) {
      throw_fault(header.name, "is a directory but has content");
    }
    member.type = ZipType::directory;
    return;
  }
  const bool unix_mode = header.host == kHostUnix || header.host == kHostDarwin;
  if (unix_mode && (mode & 0111) != 0) member.executable = Executable::yes;
}

ZipMember check_central(const zip::CentralHeader& header) {
  check_name(header);
  check_flags(header);
  if (header.method != 0 && header.method != 8) {
    throw_fault(header.name,
                fmt::format("uses compression method {} (only stored and deflate are allowed)", header.method));
  }
  if (header.method == 0 && header.compressed_size != header.size) {
    throw_fault(header.name, "is stored without compression but has two different sizes");
  }
  if (header.method == 8 && header.size / kMaxDeflateRatio > header.compressed_size) {
    throw_fault(header.name,
                fmt::format("claims {} bytes from {}: more than deflate can do", header.size, header.compressed_size));
  }
  ZipMember member;
  member.name = header.name;
  member.offset = header.local_offset;
  member.compressed_size = header.compressed_size;
  member.size = header.size;
  member.crc32 = header.crc32;
  member.flags = header.flags;
  member.method = static_cast<ZipMethod>(header.method);
  check_type(header, member);
  return member;
}

void compare(const zip::Header& local, const zip::Header& central) {
  const auto name = central.name;
  if (local.flags != central.flags) throw_fault(name, "its local header has other flags");
  if (local.method != central.method) throw_fault(name, "its local header has another compression method");
  const bool deferred = (central.flags & zip::kFlagDescriptor) != 0;
  const auto differs = [deferred](std::uint64_t one, std::uint64_t other) {
    return one != other && !(deferred && one == 0);
  };
  if (differs(local.crc32, central.crc32)) throw_fault(name, "its local header has another CRC-32");
  if (differs(local.compressed_size, central.compressed_size) || differs(local.size, central.size)) {
    throw_fault(name, "its local header has other sizes");
  }
}

// What the central directory says, in the form of the local header.
zip::Header header_of(const ZipMember& member) {
  zip::Header header;
  header.name = member.name;
  header.flags = member.flags;
  header.method = static_cast<std::uint16_t>(member.method);
  header.crc32 = member.crc32;
  header.compressed_size = member.compressed_size;
  header.size = member.size;
  return header;
}

// What can be known of a member whose local header is not there: the space that it has is one that it can fill.
void check_absent(const ZipMember& member) {
  constexpr std::uint64_t kLongestExtra = 0xFFFF;
  const std::uint64_t space = member.end - member.offset;
  const std::uint64_t least = zip::kLocalHeaderBytes + member.name.size();
  if (space < least || space - least < member.compressed_size) throw_fault(member.name, "overlaps what follows it");
  const std::uint64_t rest = space - least - member.compressed_size;
  const bool deferred = (member.flags & zip::kFlagDescriptor) != 0;
  if (rest > kLongestExtra + (deferred ? kLongestDescriptor : 0)) {
    throw_fault(member.name, "is followed by bytes that belong to no member");
  }
}

// From the central directory, which was read already, to the end.
Sha256Digest digest_of_end(const InputFile& file, std::uint64_t offset, std::string_view directory) {
  Sha256 hasher;
  hasher.update(directory);
  std::string block;
  for (std::uint64_t at = offset + directory.size(); at < file.size(); at += block.size()) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file.size() - at, kBlockBytes)));
    file.read(at, block.data(), block.size());
    hasher.update(block);
    check_interrupt();
  }
  return hasher.finish();
}

// Checks the local header of `member` and what follows its data, up to where the next begins.
void check_local(const InputFile& file, ZipMember& member, std::string& buffer) {
  const zip::Header central = header_of(member);
  const std::uint64_t space = member.end - member.offset;
  if (space < zip::kLocalHeaderBytes) throw_fault(member.name, "overlaps what follows it");
  // One read is enough for nearly all: extra fields are short.
  const std::uint64_t guess = zip::kLocalHeaderBytes + member.name.size() + 64;
  buffer.resize(static_cast<std::size_t>(std::min(space, guess)));
  file.read(member.offset, buffer.data(), buffer.size());
  const std::size_t header_bytes = zip::local_header_size(buffer, member.name);
  if (space < header_bytes || space - header_bytes < member.compressed_size) {
    throw_fault(member.name, "overlaps what follows it");
  }
  if (buffer.size() < header_bytes) {
    buffer.resize(header_bytes);
    file.read(member.offset, buffer.data(), buffer.size());
  }
  compare(zip::parse_local_header(std::string_view(buffer).substr(0, header_bytes), member.name), central);
  member.data_offset = member.offset + header_bytes;

  const std::uint64_t rest = space - header_bytes - member.compressed_size;
  if ((central.flags & zip::kFlagDescriptor) == 0) {
    if (rest != 0) throw_fault(member.name, fmt::format("is followed by {} bytes that belong to no member", rest));
    return;
  }
  buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(rest, kLongestDescriptor + 1)));
  file.read(member.data_offset + member.compressed_size, buffer.data(), buffer.size());
  if (!zip::is_descriptor_of(buffer, central)) throw_fault(member.name, "its data descriptor is wrong");
}

}  // namespace

ZipDirectory::ZipDirectory(const InputFile& file) {
  const zip::End end = zip::find_end(file);
  if (end.directory_size > kMaxZipDirectoryBytes) {
    throw_fault(file.name(), fmt::format("its central directory has {} bytes (at most {})", end.directory_size,
                                         kMaxZipDirectoryBytes));
  }
  if (end.members > kMaxZipMembers) {
    throw_fault(file.name(), fmt::format("has {} members (at most {})", end.members, kMaxZipMembers));
  }
  directory_.resize(static_cast<std::size_t>(end.directory_size));
  file.read(end.directory_offset, directory_.data(), directory_.size());
  digest_ = digest_of_end(file, end.directory_offset, directory_);

  std::string_view rest = directory_;
  for (std::uint64_t i = 0; i < end.members; ++i) members_.push_back(check_central(zip::take_central_header(rest)));
  if (!rest.empty()) throw_fault(file.name(), "the central directory holds more than its members");

  std::vector<std::uint32_t> order(members_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [this](std::uint32_t a, std::uint32_t b) { return members_[a].offset < members_[b].offset; });
  const std::uint64_t first = order.empty() ? end.directory_offset : members_[order.front()].offset;
  if (first != 0) throw_fault(file.name(), fmt::format("{} bytes stand before the first member", first));
  if (!order.empty() && members_[order.back()].offset >= end.directory_offset) {
    throw_fault(members_[order.back()].name, "lies behind the beginning of the central directory");
  }
  std::string buffer;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i % 1024 == 0) check_interrupt();
    ZipMember& member = members_[order[i]];
    member.end = i + 1 < order.size() ? members_[order[i + 1]].offset : end.directory_offset;
    member.present = file.has({member.offset, member.end});
    if (member.present) {
      check_local(file, member, buffer);
    } else {
      check_absent(member);
    }
  }
}

}  // namespace cas
