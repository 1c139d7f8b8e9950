// Files and directories, by directory descriptor and relative path.
//
// Every function retries EINTR, opens with O_CLOEXEC, never follows a symbolic link in the last component
// (O_NOFOLLOW), and throws SystemError with operation and path unless it says otherwise. `shown` is the
// path for messages where the relative path alone would say too little; `dir` may be AT_FDCWD.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/sys/fd.hpp"

namespace cas {

// For `dir` parameters: relative paths mean the current directory.
inline constexpr int kCurrentDirectory = AT_FDCWD;

[[nodiscard]] Fd open_directory(const std::string& path);
[[nodiscard]] Fd open_directory_at(int dir, const std::string& path, std::string_view shown = {});
// As above; an empty Fd where it does not exist.
[[nodiscard]] Fd try_open_directory_at(int dir, const std::string& path);

// O_PATH: good only as the `dir` of other calls, and a little cheaper.
[[nodiscard]] Fd open_directory_handle_at(int dir, const std::string& path);

[[nodiscard]] Fd open_read(const std::string& path);
[[nodiscard]] Fd open_read_at(int dir, const std::string& path, std::string_view shown = {});
[[nodiscard]] Fd try_open_read_at(int dir, const std::string& path);
// Follows a symbolic link: for files that the user named (a wheel), never for what lies in store or environment.
[[nodiscard]] Fd open_user_file(const std::string& path);
// All that can be read from what the user named: a file, a pipe (also /dev/stdin, a shell's <(...)), or standard input for "-". Waits for
// it. Throws SystemError; Error where there are more than `most` bytes.
[[nodiscard]] std::string read_user_text(const std::string& path, std::size_t most);
// O_CREAT | O_EXCL | O_WRONLY; the mode is exact, whatever the umask.
[[nodiscard]] Fd create_file_at(int dir, const std::string& path, mode_t mode, std::string_view shown = {});
// An empty Fd where something of the name is there.
[[nodiscard]] Fd try_create_file_at(int dir, const std::string& path, mode_t mode, std::string_view shown = {});
// An empty file with exactly this mode and time, in two system calls (mknodat, utimensat) instead of three.
void create_empty_file_at(int dir, const std::string& path, mode_t mode, std::int64_t mtime_seconds);
// Creates `path` with these bytes; the umask applies to `mode`. Must not exist.
void write_new_file_at(int dir, const std::string& path, std::string_view bytes, mode_t mode);
// O_RDWR | O_CREAT.
[[nodiscard]] Fd open_or_create(const std::string& path, mode_t mode);

void write_all(int fd, std::string_view bytes, std::string_view shown);
// At `offset`, without moving the file's position.
void write_all_at(int fd, std::string_view bytes, std::uint64_t offset, std::string_view shown);
// Writes `count` zero bytes at `offset`. 0, or the errno at which it stopped: a full disk may be no error to the caller.
[[nodiscard]] int write_zeroes_at(int fd, std::uint64_t offset, std::uint64_t count);
// ftruncate. false: refused.
bool truncate_fd(int fd, std::uint64_t size);
// fdatasync.
void sync_data_fd(int fd, std::string_view shown);
// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
[[nodiscard]] std::size_t pread_full(int fd, char* out, std::size_t count, std::uint64_t offset,
                                     std::string_view shown);
// The whole file; Error when it is larger than `most` bytes.
[[nodiscard]] std::string read_fd(int fd, std::size_t most, std::string_view shown);
[[nodiscard]] std::string read_file(const std::string& path, std::size_t most);
// nullopt: does not exist (ENOENT, ENOTDIR).
[[nodiscard]] std::optional<std::string> try_read_file_at(int dir, const std::string& path, std::size_t most);

// lstat. nullopt: does not exist (ENOENT, ENOTDIR).
[[nodiscard]] std::optional<struct stat> stat_at(int dir, const std::string& path);
[[nodiscard]] std::optional<struct stat> stat_path(const std::string& path);
// Whether there is a file of whatever kind at the end of `path`, all symbolic links followed; false, too, where nobody may look.
[[nodiscard]] bool leads_to_file(const std::string& path);
[[nodiscard]] struct stat stat_fd(int fd, std::string_view shown);

void make_directory_at(int dir, const std::string& path, mode_t mode, std::string_view shown = {});
// mkdir -p of an absolute or relative path; existing directories (also through links) are fine.
void make_directories(const std::string& path, mode_t mode = 0777);
// false: existed already.
bool try_make_directory_at(int dir, const std::string& path, mode_t mode);

void make_symlink_at(const std::string& target, int dir, const std::string& path);
[[nodiscard]] std::optional<std::string> read_symlink_at(int dir, const std::string& path);
void rename_at(int from_dir, const std::string& from, int to_dir, const std::string& to);
// rename(2) with RENAME_NOREPLACE; false: the target exists.
bool rename_noreplace_at(int from_dir, const std::string& from, int to_dir, const std::string& to);
// rename(2) with RENAME_EXCHANGE: each gets the other's name, in one step.
void exchange_at(int dir, const std::string& a, const std::string& b);
// false: did not exist.
bool remove_file_at(int dir, const std::string& path);
// Where nobody can be told of a failure: destructors, and after another error.
void remove_file_quietly_at(int dir, const std::string& path) noexcept;
// false: did not exist, or is not empty.
bool remove_directory_at(int dir, const std::string& path);
void set_mtime(int fd, std::int64_t seconds, std::string_view shown);
void set_mode(int fd, mode_t mode, std::string_view shown);
void touch_now(int fd);  // sets atime and mtime; a failure is ignored: only a hint depends on it
// The same by path; whatever is not there, or not ours, stays as it is.
void touch_path_now(const std::string& path);
void sync_fd(int fd, std::string_view shown);
// fsync of the directory that holds `path`'s last component.
void sync_parent(const std::string& path);

// Calls `f(name, d_type)` for every entry except "." and "..", in the directory's own order.
void list_directory(int dir, std::string_view shown,
                    const std::function<void(const std::string& name, unsigned char type)>& f);

// Makes room for `count` open descriptors. To be called before threads start: growing the table afterwards waits for
// all of them (measured 5-40 ms).
void grow_descriptor_table(int count);

// The permission bits that the process's umask takes away. Read once; thread-safe.
[[nodiscard]] mode_t process_umask();

// Absolute path without ".", ".." or symbolic links in the existing part; the last component itself is
// not resolved, so that a link given as an environment's path stays that link's path. Throws Error where a relative path has no
// meaning because the current directory was removed.
[[nodiscard]] std::string absolute_path(const std::string& path);

// 32 hexadecimal digits from the kernel's random source.
[[nodiscard]] std::string random_name();
// The kernel's boot id, "" where it cannot be read.
[[nodiscard]] std::string boot_id();

}  // namespace cas
