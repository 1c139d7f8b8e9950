// A disk that writes down what is written to it: `block_log IMAGE LOG MOUNTPOINT`.
//
// MOUNTPOINT/disk is the image as one file, for a loop device. Each write, with its bytes, and each flush is appended to
// LOG before it is answered, in the order in which the loop device asked for them. So the image as it was can be made
// again from LOG after any number of writes, and with any of those left out that no flush had made last. Runs in the
// foreground, one request at a time, until it is unmounted.
//
// <log> ::= <record>*; <record> ::= u64 kind (1 write, 2 flush), u64 offset, u64 bytes, and the bytes; in this machine's byte order.
#define FUSE_USE_VERSION 31

#include <fcntl.h>
#include <fuse.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

enum class Kind : std::uint64_t { write = 1, flush = 2 };

constexpr std::string_view kDisk = "/disk";

int image = -1;
int log_file = -1;

bool append(Kind kind, std::uint64_t offset, const char* bytes, std::size_t size) {
  std::array<std::uint64_t, 3> head{static_cast<std::uint64_t>(kind), offset, size};
  std::array<iovec, 2> parts{{{head.data(), sizeof head}, {const_cast<char*>(bytes), size}}};
  return ::writev(log_file, parts.data(), parts.size()) == static_cast<ssize_t>(sizeof head + size);
}

void* start(fuse_conn_info* connection, fuse_config* config) {
  config->direct_io = 1;  // what the loop device writes comes here at once, not when the page cache likes
  config->nullpath_ok = 0;
  connection->max_write = 1U << 20;
  return nullptr;
}

int get_attributes(const char* path, struct stat* info, fuse_file_info*) {
  *info = {};
  if (std::string_view(path) == "/") {
    info->st_mode = S_IFDIR | 0755;
    info->st_nlink = 2;
    return 0;
  }
  if (path != kDisk) return -ENOENT;
  if (::fstat(image, info) != 0) return -errno;
  return 0;
}

int open_disk(const char* path, fuse_file_info*) { return path == kDisk ? 0 : -ENOENT; }

int read_disk(const char*, char* buffer, std::size_t size, off_t offset, fuse_file_info*) {
  const ssize_t got = ::pread(image, buffer, size, offset);
  return got < 0 ? -errno : static_cast<int>(got);
}

int write_disk(const char*, const char* bytes, std::size_t size, off_t offset, fuse_file_info*) {
  if (!append(Kind::write, static_cast<std::uint64_t>(offset), bytes, size)) return -EIO;
  const ssize_t written = ::pwrite(image, bytes, size, offset);
  return written < 0 ? -errno : static_cast<int>(written);
}

int flush_disk(const char*, int, fuse_file_info*) { return append(Kind::flush, 0, nullptr, 0) ? 0 : -EIO; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("block_log IMAGE LOG MOUNTPOINT\n", stderr);
    return 2;
  }
  image = ::open(argv[1], O_RDWR | O_CLOEXEC);
  log_file = ::open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (image < 0 || log_file < 0) {
    std::perror("block_log");
    return 1;
  }
  fuse_operations operations{};
  operations.init = start;
  operations.getattr = get_attributes;
  operations.open = open_disk;
  operations.read = read_disk;
  operations.write = write_disk;
  operations.fsync = flush_disk;
  std::string foreground = "-f";
  std::string single = "-s";
  std::array<char*, 4> arguments{argv[0], foreground.data(), single.data(), argv[3]};
  return fuse_main(static_cast<int>(arguments.size()), arguments.data(), &operations, nullptr);
}
