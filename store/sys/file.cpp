#include "store/sys/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

template <class F>
auto retry(F&& f) {
  while (true) {
    const auto result = f();
    if (result >= 0 || errno != EINTR) return result;
  }
}

std::string_view shown_or(std::string_view shown, const std::string& path) {
  return shown.empty() ? std::string_view(path) : shown;
}

int open_raw(int dir, const std::string& path, int flags, mode_t mode = 0) {
  return retry([&] { return ::openat(dir, path.c_str(), flags | O_CLOEXEC, mode); });
}

bool absent(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Fd open_directory(const std::string& path) {
  Fd fd(open_raw(AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
  if (!fd) throw_errno("opening directory", path);
  return fd;
}

Fd open_directory_at(int dir, const std::string& path, std::string_view shown) {
  Fd fd(open_raw(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!fd) throw_errno("opening directory", shown_or(shown, path));
  return fd;
}

Fd try_open_directory_at(int dir, const std::string& path) {
  Fd fd(open_raw(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!fd && !absent(errno) && errno != ELOOP) throw_errno("opening directory", path);
  return fd;
}

Fd open_directory_handle_at(int dir, const std::string& path) {
  Fd fd(open_raw(dir, path, O_PATH | O_DIRECTORY | O_NOFOLLOW));
  if (!fd) throw_errno("opening directory", path);
  return fd;
}

Fd open_read(const std::string& path) { return open_read_at(AT_FDCWD, path); }

Fd open_read_at(int dir, const std::string& path, std::string_view shown) {
  Fd fd(open_raw(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) throw_errno("opening", shown_or(shown, path));
  return fd;
}

Fd try_open_read_at(int dir, const std::string& path) {
  Fd fd(open_raw(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && !absent(errno)) throw_errno("opening", path);
  return fd;
}

Fd open_user_file(const std::string& path) {
  // O_NONBLOCK: a FIFO given as a wheel must not hang the program.
  Fd fd(open_raw(AT_FDCWD, path, O_RDONLY | O_NONBLOCK));
  if (!fd) throw_errno("opening", path);
  if (!S_ISREG(stat_fd(fd.get(), path).st_mode)) throw Error("opening " + path + ": not a regular file");
  return fd;
}

std::string read_user_text(const std::string& path, std::size_t most) {
  constexpr int kStandardInput = 0;
  Fd opened;
  if (path != "-") {
    // A FIFO is waited for until somebody writes, which may be never.
    while (!opened) {
      opened = Fd(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
      if (!opened && errno != EINTR) throw_errno("opening", path);
      check_interrupt();
    }
  }
  const int fd = opened ? opened.get() : kStandardInput;
  std::string text;
  while (true) {
    constexpr std::size_t kBlock = std::size_t{64} << 10;
    const std::size_t before = text.size();
    text.resize(before + kBlock);
    const ssize_t got = ::read(fd, text.data() + before, kBlock);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) throw_errno("reading", path);
    check_interrupt();
    if (got == 0) return text;
    if (text.size() > most)
      throw Error("reading " + path + ": is larger than the " + std::to_string(most) + " bytes it may have");
  }
}

Fd try_create_file_at(int dir, const std::string& path, mode_t mode, std::string_view shown) {
  Fd fd(open_raw(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
  if (!fd && errno == EEXIST) return fd;
  if (!fd) throw_errno("creating", shown_or(shown, path));
  if ((process_umask() & mode) != 0) set_mode(fd.get(), mode, shown_or(shown, path));
  return fd;
}

Fd create_file_at(int dir, const std::string& path, mode_t mode, std::string_view shown) {
  Fd fd = try_create_file_at(dir, path, mode, shown);
  if (!fd) throw SystemError(EEXIST, "creating", std::string(shown_or(shown, path)));
  return fd;
}

void create_empty_file_at(int dir, const std::string& path, mode_t mode, std::int64_t mtime_seconds) {
  if (::mknodat(dir, path.c_str(), S_IFREG | mode, 0) != 0) throw_errno("creating", path);
  if ((process_umask() & mode) != 0 && ::fchmodat(dir, path.c_str(), mode, 0) != 0) {
    throw_errno("setting the mode of", path);
  }
  const struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = mtime_seconds, .tv_nsec = 0}};
  if (::utimensat(dir, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) throw_errno("setting the time of", path);
}

void write_new_file_at(int dir, const std::string& path, std::string_view bytes, mode_t mode) {
  const Fd fd(open_raw(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
  if (!fd) throw_errno("creating", path);
  write_all(fd.get(), bytes, path);
}

Fd open_or_create(const std::string& path, mode_t mode) {
  Fd fd(open_raw(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, mode));
  if (!fd) throw_errno("opening", path);
  return fd;
}

void write_all(int fd, std::string_view bytes, std::string_view shown) {
  while (!bytes.empty()) {
    const ssize_t written = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (written < 0) throw_errno("writing", shown);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void write_all_at(int fd, std::string_view bytes, std::uint64_t offset, std::string_view shown) {
  while (!bytes.empty()) {
    const ssize_t written = retry([&] { return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (written < 0) throw_errno("writing", shown);
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

int write_zeroes_at(int fd, std::uint64_t offset, std::uint64_t count) {
  static const std::string zeroes(std::size_t{1} << 20, '\0');
  while (count > 0) {
    const std::size_t most = std::min<std::uint64_t>(count, zeroes.size());
    const ssize_t written = retry([&] { return ::pwrite(fd, zeroes.data(), most, static_cast<off_t>(offset)); });
    if (written < 0) return errno;
    offset += static_cast<std::uint64_t>(written);
    count -= static_cast<std::uint64_t>(written);
  }
  return 0;
}

bool truncate_fd(int fd, std::uint64_t size) { return ::ftruncate(fd, static_cast<off_t>(size)) == 0; }

void sync_data_fd(int fd, std::string_view shown) {
  if (retry([&] { return ::fdatasync(fd); }) != 0) throw_errno("synchronising", shown);
}

std::size_t pread_full(int fd, char* out, std::size_t count, std::uint64_t offset, std::string_view shown) {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = retry([&] { return ::pread(fd, out + done, count - done, static_cast<off_t>(offset + done)); });
    if (got < 0) throw_errno("reading", shown);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::string read_fd(int fd, std::size_t most, std::string_view shown) {
  const auto size = static_cast<std::uint64_t>(stat_fd(fd, shown).st_size);
  if (size > most) {
    throw Error("reading " + std::string(shown) + ": is larger than the " + std::to_string(most) +
                " bytes it may have");
  }
  std::string text(size, '\0');
  text.resize(pread_full(fd, text.data(), text.size(), 0, shown));
  return text;
}

std::string read_file(const std::string& path, std::size_t most) { return read_fd(open_read(path).get(), most, path); }

std::optional<std::string> try_read_file_at(int dir, const std::string& path, std::size_t most) {
  const Fd fd = try_open_read_at(dir, path);
  if (!fd) return std::nullopt;
  return read_fd(fd.get(), most, path);
}

std::optional<struct stat> stat_at(int dir, const std::string& path) {
  struct stat info {};
  if (::fstatat(dir, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return info;
  if (absent(errno)) return std::nullopt;
  throw_errno("looking at", path);
}

std::optional<struct stat> stat_path(const std::string& path) { return stat_at(AT_FDCWD, path); }

bool leads_to_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

struct stat stat_fd(int fd, std::string_view shown) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) throw_errno("looking at", shown);
  return info;
}

void make_directory_at(int dir, const std::string& path, mode_t mode, std::string_view shown) {
  if (::mkdirat(dir, path.c_str(), mode) != 0) throw_errno("creating directory", shown_or(shown, path));
}

bool try_make_directory_at(int dir, const std::string& path, mode_t mode) {
  if (::mkdirat(dir, path.c_str(), mode) == 0) return true;
  if (errno == EEXIST) return false;
  throw_errno("creating directory", path);
}

void make_directories(const std::string& path, mode_t mode) {
  if (path.empty() || ::mkdir(path.c_str(), mode) == 0) return;
  if (errno == ENOENT) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0) throw_errno("creating directory", path);
    make_directories(path.substr(0, slash), mode);
    if (::mkdir(path.c_str(), mode) == 0) return;
  }
  if (errno == EEXIST) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return;
    errno = ENOTDIR;
  }
  throw_errno("creating directory", path);
}

void make_symlink_at(const std::string& target, int dir, const std::string& path) {
  if (::symlinkat(target.c_str(), dir, path.c_str()) != 0) throw_errno("creating symbolic link", path);
}

std::optional<std::string> read_symlink_at(int dir, const std::string& path) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, path.c_str(), target, sizeof target);
  if (length >= 0) return std::string(target, static_cast<std::size_t>(length));
  if (absent(errno) || errno == EINVAL) return std::nullopt;
  throw_errno("reading symbolic link", path);
}

void rename_at(int from_dir, const std::string& from, int to_dir, const std::string& to) {
  if (::renameat(from_dir, from.c_str(), to_dir, to.c_str()) != 0) throw_errno("renaming " + from + " to", to);
}

bool rename_noreplace_at(int from_dir, const std::string& from, int to_dir, const std::string& to) {
  if (::renameat2(from_dir, from.c_str(), to_dir, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST || errno == ENOTEMPTY) return false;
  throw_errno("renaming " + from + " to", to);
}

void exchange_at(int dir, const std::string& a, const std::string& b) {
  if (::renameat2(dir, a.c_str(), dir, b.c_str(), RENAME_EXCHANGE) != 0) throw_errno("exchanging " + a + " and", b);
}

bool remove_file_at(int dir, const std::string& path) {
  if (::unlinkat(dir, path.c_str(), 0) == 0) return true;
  if (absent(errno)) return false;
  throw_errno("removing", path);
}

void remove_file_quietly_at(int dir, const std::string& path) noexcept {
  static_cast<void>(::unlinkat(dir, path.c_str(), 0));
}

bool remove_directory_at(int dir, const std::string& path) {
  if (::unlinkat(dir, path.c_str(), AT_REMOVEDIR) == 0) return true;
  if (absent(errno) || errno == ENOTEMPTY || errno == EEXIST) return false;
  throw_errno("removing directory", path);
}

void set_mtime(int fd, std::int64_t seconds, std::string_view shown) {
  struct timespec times[2];
  times[0] = {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  times[1] = {.tv_sec = seconds, .tv_nsec = 0};
  if (::futimens(fd, times) != 0) throw_errno("setting the time of", shown);
}

void set_mode(int fd, mode_t mode, std::string_view shown) {
  if (::fchmod(fd, mode) != 0) throw_errno("setting the mode of", shown);
}

void touch_now(int fd) { static_cast<void>(::futimens(fd, nullptr)); }

void touch_path_now(const std::string& path) {
  static_cast<void>(::utimensat(kCurrentDirectory, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW));
}

void sync_fd(int fd, std::string_view shown) {
  if (retry([&] { return ::fsync(fd); }) != 0) throw_errno("synchronising", shown);
}

void sync_parent(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  sync_fd(open_directory(parent).get(), parent);
}

void list_directory(int dir, std::string_view shown, const std::function<void(const std::string&, unsigned char)>& f) {
  // A descriptor of its own: reading moves the offset, and closedir closes.
  Fd copy(open_raw(dir, ".", O_RDONLY | O_DIRECTORY));
  if (!copy) throw_errno("opening directory", shown);
  const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(copy.get()));
  if (!stream) throw_errno("opening directory", shown);
  static_cast<void>(copy.release());
  while (true) {
    errno = 0;
    const struct dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) throw_errno("reading directory", shown);
      return;
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") f(name, entry->d_type);
  }
}

void grow_descriptor_table(int count) {
  const Fd low(open_raw(AT_FDCWD, "/", O_PATH));
  if (low) Fd(::fcntl(low.get(), F_DUPFD_CLOEXEC, count));  // too many for the limit: then it grows later
}

mode_t process_umask() {
  // Read from the kernel's own table, because asking by umask(2) changes it for a moment, for all threads.
  static const mode_t value = [] {
    const Fd status(open_raw(AT_FDCWD, "/proc/self/status", O_RDONLY));
    char text[4096] = {};
    if (status && ::read(status.get(), text, sizeof text - 1) > 0) {
      const std::string_view all = text;
      const std::size_t at = all.find("Umask:");
      if (at != std::string_view::npos) return static_cast<mode_t>(std::strtoul(text + at + 6, nullptr, 8));
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return mask;
  }();
  return value;
}

namespace {

// "." is not resolved only where somebody removed the directory that this process is in.
[[noreturn]] void throw_unresolved(const std::string& path) {
  const int saved = errno;
  struct stat info {};
  if (path.front() != '/' && saved == ENOENT && (::stat(".", &info) != 0 || info.st_nlink == 0)) {
    throw Error("resolving " + printable(path) + ": the current directory was removed", "change to one that is there");
  }
  errno = saved;
  throw_errno("resolving", path);
}

}  // namespace

std::string absolute_path(const std::string& path) {
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  if (trimmed.empty()) throw UsageError("an empty path names nothing");
  const std::size_t slash = trimmed.find_last_of('/');
  std::string last = slash == std::string::npos ? trimmed : trimmed.substr(slash + 1);
  std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : trimmed.substr(0, slash);
  if (last == "." || last == ".." || last.empty()) {
    parent = trimmed;
    last.clear();
  }
  // Resolve the longest existing part; what does not exist yet is appended as it stands.
  std::string missing;
  while (true) {
    const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(parent.c_str(), nullptr), std::free);
    if (resolved) {
      parent = resolved.get();
      break;
    }
    if (!absent(errno) || parent == ".") throw_unresolved(parent == "." ? path : parent);
    const std::size_t cut = parent.find_last_of('/');
    const std::string component = cut == std::string::npos ? parent : parent.substr(cut + 1);
    if (component == "..") throw_unresolved(parent);
    if (!component.empty() && component != ".") missing = missing.empty() ? component : component + "/" + missing;
    parent = cut == std::string::npos ? "." : cut == 0 ? "/" : parent.substr(0, cut);
  }
  const auto append = [&](const std::string& tail) {
    if (tail.empty()) return;
    if (parent.back() != '/') parent += '/';
    parent += tail;
  };
  append(missing);
  append(last);
  return parent;
}

std::string random_name() {
  unsigned char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) throw_errno("reading", "getrandom");
  std::string name;
  for (unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return name;
}

std::string boot_id() {
  const Fd fd(open_raw(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY));
  char text[64] = {};
  if (!fd) return {};
  const ssize_t length = ::read(fd.get(), text, sizeof text - 1);
  std::string id(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace cas
