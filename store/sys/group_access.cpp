#include "store/sys/group_access.hpp"

#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr const char* kDefaultAcl = "system.posix_acl_default";

// As the kernel reads it: little-endian, a version and entries in the order owner, group, others.
struct DefaultAcl {
  posix_acl_xattr_header header;
  std::array<posix_acl_xattr_entry, 3> entries;
};
static_assert(sizeof(DefaultAcl) == 4 + 3 * 8, "no padding");
static_assert(std::endian::native == std::endian::little, "the ACL is written as it lies in memory");

DefaultAcl default_acl(mode_t mode) {
  constexpr std::uint16_t kAll = ACL_READ | ACL_WRITE | ACL_EXECUTE;
  const auto entry = [](std::uint16_t tag, std::uint16_t permissions) {
    return posix_acl_xattr_entry{tag, permissions, static_cast<__le32>(ACL_UNDEFINED_ID)};
  };
  return {{POSIX_ACL_XATTR_VERSION},
          {entry(ACL_USER_OBJ, kAll), entry(ACL_GROUP_OBJ, kAll),
           entry(ACL_OTHER, static_cast<std::uint16_t>(mode & (S_IROTH | S_IXOTH)))}};
}

mode_t mode_for(const std::string& path) {
  const auto parent = stat_path(std::string(parent_of(path)) + "/.");
  return parent ? mode_of_directory_in(*parent) : 0755;
}

}  // namespace

void open_to_group(int directory, gid_t group, std::string_view shown) {
  if (::fchown(directory, static_cast<uid_t>(-1), group) != 0) {
    const int problem = errno;
    throw SystemError(problem, "giving to the group", shown,
                      problem == EPERM ? "only its owner can, and only to a group that he is a member of" : "");
  }
  const mode_t mode = (stat_fd(directory, shown).st_mode & (S_IROTH | S_IXOTH)) | S_ISGID | S_IRWXU | S_IRWXG;
  const DefaultAcl acl = default_acl(mode);
  if (::fsetxattr(directory, kDefaultAcl, &acl, sizeof acl, 0) != 0) {
    const int problem = errno;
    throw SystemError(problem, "setting the default ACL of", shown,
                      problem == EOPNOTSUPP
                          ? "a store can be shared only on a filesystem with POSIX ACLs (ZFS: acltype=posixacl)"
                          : "");
  }
  set_mode(directory, mode, shown);
}

void close_to_group(int directory, std::string_view shown) {
  if (::fremovexattr(directory, kDefaultAcl) != 0 && errno != ENODATA && errno != EOPNOTSUPP)
    throw SystemError(errno, "removing the default ACL of", shown);
  const mode_t mode = stat_fd(directory, shown).st_mode;
  const mode_t others = mode & (S_IROTH | S_IXOTH);
  set_mode(directory, (mode & (S_IRWXU | S_ISVTX)) | others << 3 | others, shown);
}

bool is_open_to_group(const std::string& directory, gid_t group) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) return false;
  constexpr mode_t kNeeded = S_ISGID | S_IRWXU | S_IRWXG;
  if (info.st_gid != group || (info.st_mode & kNeeded) != kNeeded) return false;
  return ::getxattr(directory.c_str(), kDefaultAcl, nullptr, 0) > 0;
}

bool try_make_store_directory(const std::string& path) {
  return try_make_directory_at(kCurrentDirectory, path, mode_for(path));
}

}  // namespace cas
