#include "store/source_archive/unpack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/source_archive/archive_api.hpp"
#include "store/source_archive/link_targets.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"

namespace cas {
namespace {

constexpr std::array<std::string_view, 9> kEndings{".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2",
                                                   ".tar.xz", ".txz", ".tar",     ".zip"};
constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr const char* kRemedy = "the archive is broken or hostile: nothing of it is used";

// What libarchive has to say in UTF-8, which it may not be able to, or as the bytes stand there.
std::string text_of(const char* utf8, const char* bytes) {
  if (utf8 != nullptr) return utf8;
  return bytes == nullptr ? std::string() : bytes;
}

class Unpacking {
 public:
  Unpacking(int file, int directory, std::string_view shown, const UnpackLimits& limits)
      : api_(archive_api()),
        archive_(api_.read_new(), api_.read_free),
        directory_(directory),
        shown_(printable(shown)),
        limits_(limits) {
    if (!archive_) throw Error("reading " + shown_ + ": libarchive has no memory");
    for (auto* support : {api_.support_gzip, api_.support_bzip2, api_.support_xz, api_.support_tar, api_.support_zip}) {
      support(archive_.get());
    }
    if (api_.open_fd(archive_.get(), file, kReadBytes) != ARCHIVE_OK) fail();
  }

  UnpackedArchive run() {
    archive_entry* entry = nullptr;
    while (true) {
      check_interrupt();
      const int status = api_.next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      // A warning: the name, say, cannot be told in this locale's characters. It is looked at below.
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail();
      if (++members_ > limits_.members) refuse("", fmt::format("has more than {} members", limits_.members));
      take(*entry);
    }
    if (members_ == 0) refuse("", "is empty, or no archive");
    make_links();
    result_.top = only_directory();
    return result_;
  }

 private:
  [[noreturn]] void refuse(const std::string& member, std::string_view what) const {
    throw InvalidInput(
        member.empty() ? fmt::format("{} {}", shown_, what) : fmt::format("{}: {} {}", shown_, printable(member), what),
        kRemedy);
  }

  [[noreturn]] void fail() const {
    const char* const said = api_.error_string(archive_.get());
    refuse("", fmt::format("cannot be read: {}", said == nullptr ? "it is no archive" : printable(said)));
  }

  // Of the member, or of one that it links to. "": the root itself.
  [[nodiscard]] std::string checked_path(std::string path) const {
    const std::string written = path;
    while (path.starts_with("./")) path.erase(0, path.find_first_not_of('/', 1));
    while (path.ends_with('/') && path.size() > 1) path.pop_back();
    if (path == "." || path == "./") return {};
    if (const auto problem = relative_path_problem(path)) refuse(written.empty() ? "a member" : written, *problem);
    return path;
  }

  void take(archive_entry& entry) {
    const std::string path = checked_path(text_of(api_.pathname_utf8(&entry), api_.pathname(&entry)));
    if (api_.is_encrypted(&entry) != 0) refuse(path, "is encrypted");
    const std::string linked = text_of(api_.hardlink_utf8(&entry), api_.hardlink(&entry));
    const auto type = api_.filetype(&entry);
    if (path.empty()) {
      if (type != AE_IFDIR) refuse(".", "is not a directory");
      return;
    }
    make_directories_to(path);
    if (!linked.empty()) {
      take_hard_link(path, checked_path(linked));
    } else if (type == AE_IFDIR) {
      make_directory(path);
    } else if (type == AE_IFREG) {
      take_file(entry, path);
    } else if (type == AE_IFLNK) {
      make_way(path);
      links_.insert_or_assign(path, text_of(api_.symlink_utf8(&entry), api_.symlink(&entry)));
    } else {
      refuse(path, "is neither file, directory nor link");
    }
  }

  void make_directories_to(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      make_directory(path.substr(0, slash));
    }
  }

  void make_directory(const std::string& path) {
    if (directories_.contains(path)) return;
    if (files_.contains(path) || links_.contains(path)) refuse(path, "is a directory and something else");
    if (++members_ > limits_.members) refuse("", fmt::format("has more than {} members", limits_.members));
    make_directory_at(directory_, path, 0755);
    directories_.insert(path);
  }

  // Of two members of one name the later counts.
  void make_way(const std::string& path) {
    if (directories_.contains(path)) refuse(path, "is a directory and something else");
    if (files_.erase(path) > 0) remove_file_at(directory_, path);
    links_.erase(path);
  }

  void take_hard_link(const std::string& path, const std::string& target) {
    if (path == target) return;
    if (!files_.contains(target)) refuse(path, "is a link to what is no file of the archive");
    make_way(path);
    if (hard_link(directory_, target.c_str(), directory_, path.c_str()) != LinkOutcome::linked) {
      refuse(path, "cannot be linked");
    }
    files_.insert(path);
  }

  void take_file(archive_entry& entry, const std::string& path) {
    make_way(path);
    const mode_t mode = (api_.perm(&entry) & 0111) != 0 ? 0755 : 0644;
    const Fd file = create_file_at(directory_, path, mode, path);
    files_.insert(path);
    ++result_.files;
    std::int64_t end = 0;
    while (true) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = api_.data_block(archive_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) fail();
      // Holes count like what is written: a file of nothing but holes is no source.
      if (offset < end) refuse(path, "overlaps itself");
      count_bytes(static_cast<std::uint64_t>(offset - end) + size);
      fill(file.get(), static_cast<std::uint64_t>(offset - end), path);
      write_all(file.get(), {static_cast<const char*>(block), size}, path);
      end = offset + static_cast<std::int64_t>(size);
    }
    const std::int64_t time = api_.mtime(&entry);
    constexpr std::int64_t kYear2100 = 4'102'444'800;
    if (time > 0 && time < kYear2100) set_mtime(file.get(), time, path);
  }

  void count_bytes(std::uint64_t more) {
    check_interrupt();
    if (more > limits_.bytes - result_.bytes) refuse("", "is more than " + format_size(limits_.bytes) + " unpacked");
    result_.bytes += more;
  }

  static void fill(int file, std::uint64_t zeroes, const std::string& path) {
    const std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(zeroes, kReadBytes)), '\0');
    while (zeroes > 0) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(zeroes, block.size()));
      write_all(file, std::string_view(block).substr(0, part), path);
      zeroes -= part;
    }
  }

  // Last, so that nothing was ever written through one.
  void make_links() const {
    for (const auto& [path, target] : links_) {
      if (const auto problem = link_problem(links_, path)) refuse(path, *problem);
    }
    for (const auto& [path, target] : links_) make_symlink_at(target, directory_, path);
  }

  [[nodiscard]] std::string only_directory() const {
    const auto at_root = [](const std::string& path) { return path.find('/') == std::string::npos; };
    const bool others = std::ranges::any_of(files_, at_root) ||
                        std::ranges::any_of(links_, [&](const auto& link) { return at_root(link.first); });
    if (others || std::ranges::count_if(directories_, at_root) != 1) return {};
    return *std::ranges::find_if(directories_, at_root);
  }

  const ArchiveApi& api_;
  std::unique_ptr<struct archive, decltype(::archive_read_free)*> archive_;
  int directory_;
  std::string shown_;
  UnpackLimits limits_;
  std::uint64_t members_ = 0;  // and the directories that none of them names
  std::set<std::string, std::less<>> files_, directories_;
  LinkTargets links_;
  UnpackedArchive result_;
};

}  // namespace

bool is_source_archive_name(std::string_view file_name) {
  const std::string name = lower_case(file_name);
  return std::ranges::any_of(kEndings,
                             [&](std::string_view end) { return name.size() > end.size() && name.ends_with(end); });
}

UnpackedArchive unpack_archive(int file, int directory, std::string_view shown, const UnpackLimits& limits) {
  return Unpacking(file, directory, shown, limits).run();
}

}  // namespace cas
