#include "store/source/inflate.hpp"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>

#include "store/base/progress.hpp"
#include "store/source/fault.hpp"
#include "store/sys/large_memory.hpp"

namespace cas {
namespace {

constexpr std::size_t kPieceBytes = 128U << 10;
// Deflate never needs more than five bytes for every 65,535 that it stores, so a whole member's compressed
// data is hardly larger than the member; anything else is odd and goes to zlib.
constexpr bool is_plausible(const ZipMember& member) { return member.compressed_size <= member.size + (4U << 10); }

// Memory that grows to what was needed and is kept for the thread's next member.
class Buffer {
 public:
  char* reserve(std::size_t bytes) {
    if (bytes > capacity_ || data_ == nullptr) {
      const std::size_t wanted = std::max<std::size_t>(bytes, std::min(2 * capacity_, kMaxWholeBytes));
      data_.reset();
      data_.reset(new char[std::max<std::size_t>(wanted, kPieceBytes)]);  // not zeroed: it is overwritten
      capacity_ = std::max<std::size_t>(wanted, kPieceBytes);
    }
    return data_.get();
  }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
};

thread_local Buffer input_buffer;
thread_local Buffer output_buffer;

// The share of kMaxLargeBytes that a large member takes while it is inflated.
class LargeShare {
 public:
  explicit LargeShare(std::uint64_t bytes) : bytes_(bytes) {
    granted_ = bytes <= kMaxLargeBytes && taken.fetch_add(bytes) + bytes <= kMaxLargeBytes;
    if (!granted_ && bytes <= kMaxLargeBytes) taken.fetch_sub(bytes);
  }
  ~LargeShare() {
    if (granted_) taken.fetch_sub(bytes_);
  }
  LargeShare(const LargeShare&) = delete;
  LargeShare& operator=(const LargeShare&) = delete;

  [[nodiscard]] bool granted() const { return granted_; }

 private:
  static inline std::atomic<std::uint64_t> taken{0};
  std::uint64_t bytes_;
  bool granted_ = false;
};

libdeflate_decompressor* decompressor() {
  struct Free {
    void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  };
  thread_local std::unique_ptr<libdeflate_decompressor, Free> instance(libdeflate_alloc_decompressor());
  if (instance == nullptr) throw std::bad_alloc();
  return instance.get();
}

std::uint32_t add_crc(std::uint32_t crc, std::string_view bytes) {
  return libdeflate_crc32(crc, bytes.data(), bytes.size());
}

void require_present(const ZipMember& member) {
  if (!member.present) throw MissingBytes({member.offset, member.end});
}

void check_crc(const ZipMember& member, std::uint32_t crc) {
  if (crc != member.crc32) {
    throw_fault(member.name, fmt::format("its content has CRC-32 {:08x}, its headers say {:08x}", crc, member.crc32));
  }
}

[[noreturn]] void throw_larger(const ZipMember& member) {
  throw_fault(member.name, fmt::format("inflates to more than the {} bytes its headers say", member.size));
}
[[noreturn]] void throw_smaller(const ZipMember& member) {
  throw_fault(member.name, fmt::format("inflates to less than the {} bytes its headers say", member.size));
}
[[noreturn]] void throw_left_over(const ZipMember& member) {
  throw_fault(member.name, "has bytes behind the end of its compressed data");
}

// `in` and `out` have room for the member as its headers say.
void inflate_whole(const InputFile& file, const ZipMember& member, char* in, char* out,
                   const std::function<void(std::string_view)>& sink) {
  const auto compressed = static_cast<std::size_t>(member.compressed_size);
  const auto size = static_cast<std::size_t>(member.size);
  file.read(member.data_offset, in, compressed);
  std::size_t used = 0;
  std::size_t produced = 0;
  switch (libdeflate_deflate_decompress_ex(decompressor(), in, compressed, out, size, &used, &produced)) {
    case LIBDEFLATE_SUCCESS:
      break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      throw_larger(member);
    case LIBDEFLATE_SHORT_OUTPUT:
      throw_smaller(member);
    case LIBDEFLATE_BAD_DATA:
    default:
      throw_fault(member.name, "its compressed data is damaged");
  }
  if (produced != size) throw_smaller(member);
  if (used != compressed) throw_left_over(member);
  // In pieces, which are still in the processor's cache when the next hand reads them.
  std::uint32_t crc = 0;
  for (std::size_t done = 0; done < size;) {
    const std::string_view piece(out + done, std::min(kPieceBytes, size - done));
    crc = add_crc(crc, piece);
    sink(piece);
    done += piece.size();
  }
  check_crc(member, crc);
}

void copy_stored(const InputFile& file, const ZipMember& member, const std::function<void(std::string_view)>& sink) {
  char* buffer = input_buffer.reserve(kPieceBytes);
  std::uint32_t crc = 0;
  for (std::uint64_t done = 0; done < member.size;) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, member.size - done));
    file.read(member.data_offset + done, buffer, count);
    const std::string_view piece(buffer, count);
    crc = add_crc(crc, piece);
    sink(piece);
    done += count;
    check_interrupt();
  }
  check_crc(member, crc);
}

// zlib's raw inflate, fed from the file.
class InflateStream {
 public:
  InflateStream(const InputFile& file, const ZipMember& member, char* in) : file_(file), member_(member), in_(in) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~InflateStream() { inflateEnd(&stream_); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;

  // Fills `out` as far as there is content.
  std::size_t read(char* out, std::size_t count) {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(count);
    while (stream_.avail_out > 0 && !ended_) {
      if (stream_.avail_in == 0 && unread() > 0) refill();
      // Without input, too: a few bits that were read already may stand for a lot of output.
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      ended_ = result == Z_STREAM_END;
      if (result == Z_BUF_ERROR) {
        if (unread() > 0) continue;
        throw_fault(member_.name, "its compressed data is cut off");
      }
      if (result != Z_OK && result != Z_STREAM_END) throw_fault(member_.name, "its compressed data is damaged");
    }
    return count - stream_.avail_out;
  }
  // All compressed bytes were needed.
  [[nodiscard]] bool used_up() const { return ended_ && stream_.avail_in == 0 && unread() == 0; }

 private:
  [[nodiscard]] std::uint64_t unread() const { return member_.compressed_size - fetched_; }
  void refill() {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, unread()));
    file_.read(member_.data_offset + fetched_, in_, count);
    fetched_ += count;
    stream_.next_in = reinterpret_cast<Bytef*>(in_);
    stream_.avail_in = static_cast<uInt>(count);
  }

  const InputFile& file_;
  const ZipMember& member_;
  char* in_;
  z_stream stream_{};
  std::uint64_t fetched_ = 0;
  bool ended_ = false;
};

void inflate_pieces(const InputFile& file, const ZipMember& member, const std::function<void(std::string_view)>& sink) {
  InflateStream stream(file, member, input_buffer.reserve(kPieceBytes));
  char* out = output_buffer.reserve(kPieceBytes);
  std::uint32_t crc = 0;
  std::uint64_t done = 0;
  while (true) {
    // One byte more than is left shows whether there is more than declared, and lets zlib see the end.
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, member.size - done + 1));
    const std::size_t got = stream.read(out, count);
    if (got > member.size - done) throw_larger(member);
    if (got > 0) {
      const std::string_view piece(out, got);
      crc = add_crc(crc, piece);
      sink(piece);
      done += got;
    }
    if (got < count) break;
    check_interrupt();
  }
  if (done != member.size) throw_smaller(member);
  if (!stream.used_up()) throw_left_over(member);
  check_crc(member, crc);
}

}  // namespace

void inflate_member(const InputFile& file, const ZipMember& member, const std::function<void(std::string_view)>& sink) {
  require_present(member);
  if (member.method == ZipMethod::stored) {
    copy_stored(file, member, sink);
    return;
  }
  if (is_plausible(member) && member.size <= kMaxWholeBytes) {
    char* in = input_buffer.reserve(static_cast<std::size_t>(member.compressed_size));
    inflate_whole(file, member, in, output_buffer.reserve(static_cast<std::size_t>(member.size)), sink);
    return;
  }
  const std::uint64_t bytes = is_plausible(member) ? member.compressed_size + member.size : kMaxLargeBytes + 1;
  if (const LargeShare share(bytes); share.granted()) {
    if (const LargeMemory memory(static_cast<std::size_t>(bytes)); memory.data() != nullptr) {
      inflate_whole(file, member, memory.data(), memory.data() + member.compressed_size, sink);
      return;
    }
  }
  inflate_pieces(file, member, sink);
}

std::string read_member(const InputFile& file, const ZipMember& member, std::size_t most) {
  if (member.size > most) {
    throw_fault(member.name, fmt::format("has {} bytes (at most {} are read)", member.size, most));
  }
  std::string content;
  content.reserve(static_cast<std::size_t>(member.size));
  inflate_member(file, member, [&content](std::string_view piece) { content += piece; });
  return content;
}

std::string peek_member(const InputFile& file, const ZipMember& member, std::size_t count) {
  std::string content(static_cast<std::size_t>(std::min<std::uint64_t>(count, member.size)), '\0');
  if (content.empty()) return content;
  require_present(member);
  if (member.method == ZipMethod::stored) {
    file.read(member.data_offset, content.data(), content.size());
  } else {
    InflateStream stream(file, member, input_buffer.reserve(kPieceBytes));
    content.resize(stream.read(content.data(), content.size()));
  }
  return content;
}

}  // namespace cas
