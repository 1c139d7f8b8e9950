#include "store/sys/probe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "store/base/error.hpp"
#include "store/sys/fd.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

enum class Place { local, network };

struct KnownFilesystem {
  std::uint32_t magic;
  const char* type;
  Place place;
};

// Magic numbers as statfs(2) and the kernel's sources give them: several are in no header. Filesystems shared between
// machines over a block device, and directories of a virtual machine's host, count as network: their mappings are
// not coherent with the other side's writes.
//
// FUSE says nothing about what stands behind it: it is named, but not refused, because it is as often a local disk
// (ntfs-3g, mergerfs, virtiofs, fuse-overlayfs in every rootless container) as it is sshfs or GlusterFS.
constexpr KnownFilesystem kKnown[] = {
    {0x0000EF53, "ext4", Place::local},  // ext2 and ext3 have the same number, and the same driver
    {0x58465342, "xfs", Place::local},      {0x9123683E, "btrfs", Place::local},
    {0x2FC12FC1, "zfs", Place::local},      {0xF2F52010, "f2fs", Place::local},
    {0xCA451A4E, "bcachefs", Place::local}, {0x3153464A, "jfs", Place::local},
    {0x52654973, "reiserfs", Place::local}, {0x00003434, "nilfs2", Place::local},
    {0x01021994, "tmpfs", Place::local},    {0x858458F6, "ramfs", Place::local},
    {0x794C7630, "overlay", Place::local},  {0x61756673, "aufs", Place::local},
    {0x65735546, "fuse", Place::local},     {0xE0F5E1E2, "erofs", Place::local},
    {0x73717368, "squashfs", Place::local}, {0x28CD3D45, "cramfs", Place::local},
    {0x00009660, "iso9660", Place::local},  {0x15013346, "udf", Place::local},
    {0x00004D44, "vfat", Place::local},     {0x2011BAB0, "exfat", Place::local},
    {0x5346544E, "ntfs", Place::local},     {0x7366746E, "ntfs3", Place::local},
    {0x00004244, "hfs", Place::local},      {0x0000482B, "hfsplus", Place::local},
    {0x0000F15F, "ecryptfs", Place::local}, {0x00006969, "nfs", Place::network},
    {0x0000517B, "smb", Place::network},    {0xFF534D42, "cifs", Place::network},
    {0xFE534D42, "smb2", Place::network},   {0x01021997, "9p", Place::network},
    {0x00C36400, "ceph", Place::network},   {0x5346414F, "afs", Place::network},
    {0x6B414653, "afs", Place::network},  // the other of the kernel's two
    {0x73757245, "coda", Place::network},   {0x0000564C, "ncp", Place::network},
    {0x0BD00BD0, "lustre", Place::network}, {0x47504653, "gpfs", Place::network},
    {0x19830326, "beegfs", Place::network}, {0x20030528, "orangefs", Place::network},
    {0xAAD7AAEA, "panfs", Place::network},  {0xBEEFDEAD, "snfs", Place::network},
    {0x61636673, "acfs", Place::network},   {0x01161970, "gfs2", Place::network},
    {0x7461636F, "ocfs2", Place::network},  {0x013111A8, "ibrix", Place::network},
    {0xA501FCF5, "vxfs", Place::network},   {0x786F4256, "vboxsf", Place::network},
    {0xBACBACBC, "vmhgfs", Place::network}, {0x7C7C6673, "prl_fs", Place::network},
};

// A scratch file that goes away again.
class Scratch {
 public:
  Scratch(int dir, std::string name) : dir_(dir), name_(std::move(name)) {}
  ~Scratch() { ::unlinkat(dir_, name_.c_str(), 0); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  int dir_;
  std::string name_;
};

}  // namespace

FilesystemInfo filesystem_of(const std::string& path) {
  struct statfs found {};
  while (::statfs(path.c_str(), &found) != 0) {
    if (errno != EINTR) throw_errno("ask for the filesystem of", path);
  }
  FilesystemInfo info;
  const auto magic = static_cast<std::uint32_t>(found.f_type);
  const auto* const known =
      std::find_if(std::begin(kKnown), std::end(kKnown), [&](const auto& each) { return each.magic == magic; });
  if (known != std::end(kKnown)) {
    info.type = known->type;
    info.network = known->place == Place::network;
  } else {
    info.type = fmt::format("0x{:x}", magic);
  }
  info.read_only = (static_cast<unsigned long>(found.f_flags) & ST_RDONLY) != 0;
  info.block_bytes = static_cast<std::uint64_t>(found.f_bsize);
  const auto unit = static_cast<std::uint64_t>(found.f_frsize != 0 ? found.f_frsize : found.f_bsize);
  info.total_bytes = found.f_blocks * unit;
  info.free_bytes = found.f_bavail * unit;
  return info;
}

LinkAbilities probe_link_abilities(const std::string& from_dir, const std::string& to_dir) {
  const Fd from = open_directory(from_dir);
  const Fd to = open_directory(to_dir);
  const std::string base = ".cas-probe-" + random_name();
  const std::string original = base + "-original";
  const std::string linked = base + "-linked";
  const std::string cloned = base + "-cloned";

  const Fd source = create_file_at(from.get(), original, 0644, from_dir);
  const Scratch remove_original(from.get(), original);
  write_all(source.get(), "probe", from_dir);

  LinkAbilities abilities;
  if (::linkat(from.get(), original.c_str(), to.get(), linked.c_str(), 0) == 0) {
    const Scratch remove_linked(to.get(), linked);
    abilities.hardlink = true;
  }
  const Fd target = create_file_at(to.get(), cloned, 0644, to_dir);
  const Scratch remove_cloned(to.get(), cloned);
  abilities.reflink = ::ioctl(target.get(), FICLONE, source.get()) == 0;
  write_all(target.get(), "probe", to_dir);
  abilities.copy = true;
  return abilities;
}

}  // namespace cas
