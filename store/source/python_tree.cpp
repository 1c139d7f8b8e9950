#include "store/source/python_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <unordered_set>

#include "store/base/crc32.hpp"
#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/source/elf_dynamic.hpp"
#include "store/source/python_rewrite.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxTextBytes = std::size_t{16} << 20;

// Debian's `site` is frozen into the binary, so it cannot be rewritten; what it imports last can be. In environments on top
// of the tree it looks in the right place by itself.
constexpr std::string_view kSiteCustomize =
    "# Packages lie where Python itself puts them, not in dist-packages, which belongs to a package manager.\n"
    "import sys\n"
    "\n"
    "if sys.prefix == sys.base_prefix:\n"
    "    import os\n"
    "    import site\n"
    "\n"
    "    def getsitepackages(prefixes=None):\n"
    "        folder = 'python%d.%d' % sys.version_info[:2]\n"
    "        found = []\n"
    "        for prefix in site.PREFIXES if prefixes is None else prefixes:\n"
    "            path = os.path.join(prefix, 'lib', folder, 'site-packages')\n"
    "            if prefix and path not in found:\n"
    "                found.append(path)\n"
    "        return found\n"
    "\n"
    "    site.getsitepackages = getsitepackages\n"
    "    for path in getsitepackages():\n"
    "        if os.path.isdir(path):\n"
    "            site.addsitedir(path)\n";

// One entry's bytes: a file's, perhaps with a few of them replaced, or a text of our own.
struct Content {
  std::string file;  // absolute; "" where `text` is all
  std::string text;
  std::uint64_t patch_at = 0;
  std::string patch;
};

bool is_shared_prefix(std::string_view prefix) {
  return prefix == "/usr" || prefix == "/usr/local" || prefix == "/" || prefix.empty();
}

bool is_test_suite(std::string_view path) {
  constexpr std::array<std::string_view, 9> kSuites{"test",         "idlelib/idle_test", "lib2to3/tests",
                                                    "tkinter/test", "unittest/test",     "distutils/tests",
                                                    "ctypes/test",  "sqlite3/test",      "turtledemo"};
  return std::ranges::any_of(kSuites, [&](std::string_view suite) {
    return path == suite || (path.starts_with(suite) && path[suite.size()] == '/');
  });
}

// `path`: below the standard library.
bool is_left_out(std::string_view path, bool with_tests) {
  for (std::string_view rest = path; !rest.empty(); rest = parent_of(rest)) {
    const std::string_view name = name_of(rest);
    if (name == "site-packages" || name == "dist-packages" || name == "__pycache__") return true;
  }
  for (const std::string_view suffix : {".pyc", ".pyo", ".a", ".o", ".exe"}) {
    if (path.ends_with(suffix)) return true;
  }
  // It speaks of the original; whether this copy is managed by somebody is said anew for each place it goes to.
  if (path == "EXTERNALLY-MANAGED") return true;
  return is_bound_to_its_place(path) || (!with_tests && is_test_suite(path));
}

class PythonTree final : public Source {
 public:
  explicit PythonTree(PythonInstallation installation) : at_(std::move(installation)) {
    metadata_.name = at_.implementation;
    metadata_.normalized_name = "@" + at_.implementation;
    metadata_.version = at_.version;
    metadata_.file_name = fmt::format("{}-{}-{}", at_.implementation, at_.version, at_.platform);
    places_ = {at_.prefix, {at_.standard_library, "bin/" + at_.binary_name}, is_shared_prefix(at_.prefix)};
    if (const auto headers = below_prefix(at_.headers)) places_.below.push_back(*headers);
    take_binaries();
    take_directory(at_.prefix + "/" + at_.standard_library, at_.standard_library, true);
    take_headers();
    take_extras();
    resolve_links();
    if (at_.patched_site) add_text(at_.standard_library + "/sitecustomize.py", kSiteCustomize);
  }

  [[nodiscard]] const PackageMetadata& metadata() const override { return metadata_; }
  [[nodiscard]] std::span<const SourceEntry> entries() const override { return entries_; }
  [[nodiscard]] std::vector<std::string> warnings() const override { return {}; }

  Sha256Digest read(std::size_t index, const ByteSink& sink) const override {
    const SourceEntry& entry = entries_[index];
    Sha256 sha;
    Crc32 crc;
    stream(contents_[index], [&](std::string_view piece) {
      sha.update(piece);
      crc.update(piece);
      sink(piece);
    });
    if (crc.value() != entry.crc32) {
      throw Error(printable(at_.prefix) + ": " + entry.path + " changed while it was read",
                  "try again when it is at rest");
    }
    return sha.finish();
  }

 private:
  struct Link {
    std::string path;    // relative to the new prefix
    std::string target;  // absolute
  };

  [[nodiscard]] std::optional<std::string> below_prefix(std::string_view path) const {
    if (!path.starts_with(at_.prefix + "/")) return std::nullopt;
    return std::string(path.substr(at_.prefix.size() + 1));
  }

  static void stream(const Content& content, const ByteSink& sink) {
    if (content.file.empty()) {
      if (!content.text.empty()) sink(content.text);
      return;
    }
    const Fd file = open_user_file(content.file);
    thread_local std::string buffer(kPieceBytes, '\0');
    std::uint64_t at = 0;
    while (const std::size_t got = pread_full(file.get(), buffer.data(), buffer.size(), at, content.file)) {
      for (std::size_t i = 0; i < content.patch.size(); ++i) {
        const std::uint64_t where = content.patch_at + i;
        if (where >= at && where < at + got) buffer[where - at] = content.patch[i];
      }
      sink(std::string_view(buffer).substr(0, got));
      at += got;
    }
  }

  void add(std::string path, FileKind kind, Executable executable, Content content) {
    if (!paths_.insert(path).second) return;
    SourceEntry entry;
    entry.scheme = Scheme::interpreter;
    entry.kind = kind;
    entry.path = std::move(path);
    entry.executable = executable;
    Crc32 crc;
    stream(content, [&](std::string_view piece) {
      entry.size += piece.size();
      crc.update(piece);
    });
    entry.crc32 = crc.value();
    entries_.push_back(std::move(entry));
    contents_.push_back(std::move(content));
  }

  // `file` may be a link: its target's content is taken.
  void add_file(const std::string& path, const std::string& file) {
    if (const auto problem = relative_path_problem(path)) throw Error(printable(file) + " " + *problem);
    const Fd opened = open_user_file(file);
    const struct stat info = stat_fd(opened.get(), file);
    if (!S_ISREG(info.st_mode))
      throw Error(printable(file) + " is not a regular file", "repair or reinstall this Python");
    const Executable executable = (info.st_mode & 0111) != 0 ? Executable::yes : Executable::no;
    Content content;
    if (is_rewritten_python_file(path)) {
      const auto text = rewritten_python_file(path, read_fd(opened.get(), kMaxTextBytes, file), places_);
      if (text) {
        content.text = *text;
        add(path, FileKind::regular, executable, std::move(content));
        return;
      }
    }
    content.file = file;
    relocate_libraries(path, opened.get(), content);
    add(path, FileKind::regular, executable, std::move(content));
  }

  // There is room for the new text only where it is not longer: strings in an ELF file cannot move.
  void relocate_libraries(const std::string& path, int file, Content& content) const {
    const bool may_have = path.ends_with(".so") || path.find(".so.") != std::string::npos || parent_of(path) == "bin";
    if (!may_have || places_.shared_prefix) return;
    const auto found = read_elf_dynamic(InputFile(file, content.file)).runpath;
    if (!found) return;
    std::string text = relocated_runpath(found->text, at_.prefix, parent_of(path));
    if (text == found->text) return;
    if (text.size() > found->text.size()) {
      throw NotCapturable(fmt::format("{}: its run path '{}' has no room for '{}'", printable(content.file),
                                      printable(found->text), printable(text)),
                          "use this Python where it is, with --base system");
    }
    text.resize(found->text.size(), '\0');
    content.patch_at = found->offset;
    content.patch = std::move(text);
  }

  void add_text(std::string path, std::string_view text) {
    Content content;
    content.text = text;
    add(std::move(path), FileKind::regular, Executable::no, std::move(content));
  }

  void add_link(std::string path, std::string target) {
    Content content;
    content.text = std::move(target);
    add(std::move(path), FileKind::symlink, Executable::no, std::move(content));
  }

  void take_binaries() {
    add_file("bin/" + at_.binary_name, at_.executable);
    for (const char* name : {"python3", "python"}) {
      if (at_.binary_name != name) add_link(std::string("bin/") + name, at_.binary_name);
    }
    if (at_.shared_library.empty()) return;
    // The binary finds it by its run path, which leads there.
    const std::string name(name_of(at_.shared_library));
    const auto place = below_prefix(at_.shared_library);
    const std::string path = place && !places_.shared_prefix ? *place : "lib/" + name;
    const auto runpath = read_elf_dynamic(InputFile(at_.executable, at_.executable)).runpath;
    if (!runpath) {
      throw NotCapturable(fmt::format("{} has no run path: a copy of it would look for {} elsewhere",
                                      printable(at_.executable), printable(name)),
                          "use this Python where it is, with --base system");
    }
    add_file(path, at_.shared_library);
    const std::size_t so = name.find(".so.");
    if (so != std::string::npos) add_link(std::string(parent_of(path)) + "/" + name.substr(0, so + 3), name);
  }

  void take_directory(const std::string& from, const std::string& to, bool filtered) {
    const Fd directory = open_directory(from);
    std::vector<std::pair<std::string, bool>> found;  // path below `from`; whether it is a link
    walk_tree(directory.get(), [&](const std::string& path, const struct stat& info) {
      if (filtered && is_left_out(path, at_.with_tests)) return;
      if (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) found.emplace_back(path, S_ISLNK(info.st_mode));
    });
    std::sort(found.begin(), found.end());
    for (const auto& [path, is_link] : found) {
      check_interrupt();
      if (is_link) {
        links_.push_back({to + "/" + path, from + "/" + path});
      } else {
        add_file(to + "/" + path, from + "/" + path);
      }
    }
  }

  void take_headers() {
    if (at_.headers.empty() || !stat_path(at_.headers)) return;
    const std::string to = below_prefix(at_.headers).value_or("include/" + std::string(name_of(at_.headers)));
    // Distributions put a wrapper in its place that finds the real one among the system's headers.
    const std::string config = at_.platform_headers + "/pyconfig.h";
    if (at_.platform_headers != at_.headers && !at_.platform_headers.empty() && stat_path(config)) {
      add_file(to + "/pyconfig.h", config);
    }
    take_directory(at_.headers, to, false);
  }

  void take_extras() {
    const std::string script = at_.prefix + "/bin/" + at_.binary_name + "-config";
    if (stat_path(script)) add_file("bin/" + at_.binary_name + "-config", script);
    if (places_.shared_prefix) return;
    for (const char* directory : {"/lib/pkgconfig", "/lib64/pkgconfig"}) {
      if (stat_path(at_.prefix + directory)) take_directory(at_.prefix + directory, &directory[1], false);
    }
    // Builds that bring their own Tcl/Tk and terminal descriptions.
    if (const auto lib = stat_path(at_.prefix + "/lib"); lib && S_ISDIR(lib->st_mode)) {
      std::vector<std::string> names;
      list_directory(open_directory(at_.prefix + "/lib").get(), at_.prefix + "/lib",
                     [&](const std::string& name, unsigned char) { names.push_back(name); });
      std::sort(names.begin(), names.end());
      for (const std::string& name : names) {
        const bool tcl = name.starts_with("tcl") || name.starts_with("tk") || name.starts_with("itcl") ||
                         name.starts_with("thread") || name.starts_with("libtcl") || name.starts_with("libtk");
        if (!tcl) continue;
        const auto info = stat_path(at_.prefix + "/lib/" + name);
        if (info && S_ISDIR(info->st_mode)) take_directory(at_.prefix + "/lib/" + name, "lib/" + name, true);
        if (info && S_ISREG(info->st_mode) && !name.ends_with(".a")) {
          add_file("lib/" + name, at_.prefix + "/lib/" + name);
        }
      }
    }
    if (stat_path(at_.prefix + "/share/terminfo")) {
      take_directory(at_.prefix + "/share/terminfo", "share/terminfo", false);
    }
  }

  // Links inside the tree stay links; those that lead out of it stay out.
  void resolve_links() {
    for (const Link& link : links_) {
      const auto target = read_symlink_at(kCurrentDirectory, link.target);
      if (!target) continue;
      const std::string parent(parent_of(link.path));
      const fs::path original =
          target->starts_with('/') ? fs::path(*target) : fs::path(link.target).parent_path() / *target;
      const auto place = below_prefix(original.lexically_normal().string());
      if (!place || !paths_.contains(*place)) continue;
      add_link(link.path, fs::path(*place).lexically_relative(parent).string());
    }
  }

  PythonInstallation at_;
  PackageMetadata metadata_;
  PythonPlaces places_;
  std::vector<SourceEntry> entries_;
  std::vector<Content> contents_;
  std::unordered_set<std::string> paths_;
  std::vector<Link> links_;
};

}  // namespace

std::unique_ptr<Source> open_python_tree(PythonInstallation installation) {
  return std::make_unique<PythonTree>(std::move(installation));
}

}  // namespace cas
