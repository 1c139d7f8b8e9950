#include "linker/installed/installed_packages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "linker/installed/direct_url_reader.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/source/metadata_headers.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostHeaderBytes = std::size_t{4} << 20;
constexpr std::size_t kMostDirectUrlBytes = std::size_t{64} << 10;
constexpr std::size_t kMostInstallerBytes = 256;
constexpr std::size_t kMostWheelBytes = std::size_t{64} << 10;
constexpr std::size_t kMostDistributions = 50'000;
constexpr std::string_view kWhite = " \t\r\n";

// Only what a regular file holds: neither what a device would give for ever, nor what waits.
Fd open_regular(int directory, const std::string& name) {
  const auto info = stat_at(directory, name);
  return info && S_ISREG(info->st_mode) ? try_open_read_at(directory, name) : Fd();
}

// nullopt: it is not there, no file, too large, or not for us.
std::optional<std::string> small_text(int directory, const std::string& name, std::size_t most) {
  try {
    const Fd file = open_regular(directory, name);
    if (file) return read_fd(file.get(), most, name);
  } catch (const Error&) {
  }
  return std::nullopt;
}

// Up to the empty line: a description behind it may have hundreds of kilobytes.
std::string header_text(int file, const std::string& shown) {
  std::string text;
  for (std::size_t piece = std::size_t{16} << 10;; piece *= 4) {
    const std::size_t before = text.size();
    text.resize(before + piece);
    const std::size_t count = pread_full(file, text.data() + before, piece, before, shown);
    text.resize(before + count);
    for (const std::string_view end : {std::string_view("\n\n"), std::string_view("\n\r\n")}) {
      if (const std::size_t at = text.find(end); at != std::string::npos) text.resize(at + 1);
    }
    if (text.size() > kMostHeaderBytes) throw InvalidInput("its headers are larger than 4 MiB");
    if (text.size() < before + piece) return text;
  }
}

// lib/NAME/site-packages, opened step by step, so that no link leads elsewhere.
Fd open_site_packages(int environment, const std::string& library) {
  Fd directory = try_open_directory_at(environment, "lib");
  if (directory) directory = try_open_directory_at(directory.get(), library);
  if (directory) directory = try_open_directory_at(directory.get(), "site-packages");
  return directory;
}

// "3.12.1" of "3.12.1.final.0".
std::string release_of(std::string_view version) {
  std::size_t end = 0;
  int dots = 0;
  for (; end < version.size(); ++end) {
    const char c = version[end];
    if (c == '.' && ++dots == 3) break;
    if (c != '.' && (c < '0' || c > '9')) break;
  }
  return std::string(trimmed(version.substr(0, end), "."));
}

// "3.12" of "python3.12", "python3.13t", "pypy3.10"; "" where it is none of them.
std::string version_in_name(std::string_view library) {
  for (const std::string_view prefix : {std::string_view("python"), std::string_view("pypy")}) {
    if (library.starts_with(prefix)) return release_of(library.substr(prefix.size()));
  }
  return {};
}

class Reader {
 public:
  explicit Reader(const std::string& path) { result_.path = absolute_path(path); }

  InstalledEnvironment run() {
    open();
    find_library();
    std::vector<std::string> names;
    list_directory(site_packages_.get(), result_.path + "/" + result_.site_packages,
                   [&](const std::string& name, unsigned char) { names.push_back(name); });
    for (const std::string& name : names) look_at(name);
    if (result_.distributions.size() > kMostDistributions) {
      throw Error(fmt::format("{}: {} packages are more than can be real", printable(result_.path),
                              result_.distributions.size()));
    }
    std::ranges::stable_sort(result_.distributions, {},
                             [](const InstalledDistribution& one) { return lower_case(one.name); });
    std::ranges::sort(result_.unreadable);
    std::ranges::sort(result_.passed_over);
    return std::move(result_);
  }

 private:
  void open() {
    const std::string& path = result_.path;
    if (!stat_path(path + "/.")) {
      throw NotFound(printable(path) + ": there is no such directory", "`cas list` lists environments");
    }
    root_ = open_directory(path);
    const auto configuration = read_pyvenv_cfg(root_.get());
    if (!configuration) {
      throw Error(printable(path) + " is no environment: it has no pyvenv.cfg that can be read",
                  "name the environment's own directory; `cas list` lists them");
    }
    for (const char* key : {"version", "version_info"}) {
      if (const auto value = pyvenv_cfg_value(*configuration, key); value && result_.python_version.empty())
        result_.python_version = release_of(*value);
    }
  }

  // Where packages lie, of which pyvenv.cfg tells the number only. What another version left behind counts where nothing fits.
  void find_library() {
    std::vector<std::string> libraries;
    if (const Fd lib = try_open_directory_at(root_.get(), "lib")) {
      list_directory(lib.get(), result_.path + "/lib", [&](const std::string& name, unsigned char) {
        if (!version_in_name(name).empty()) libraries.push_back(name);
      });
    }
    std::ranges::sort(libraries);
    const auto fits = [&](const std::string& name) {
      return (result_.python_version + ".").starts_with(version_in_name(name) + ".");
    };
    std::stable_partition(libraries.begin(), libraries.end(), fits);
    for (const std::string& library : libraries) {
      site_packages_ = open_site_packages(root_.get(), library);
      if (!site_packages_) continue;
      result_.site_packages = "lib/" + library + "/site-packages";
      if (!fits(library)) result_.python_version = version_in_name(library);
      return;
    }
    throw Error(printable(result_.path) + " has no lib/pythonX.Y/site-packages",
                "`cas doctor` says what is wrong with an environment of cas");
  }

  void unreadable(const std::string& name, std::string_view reason) {
    result_.unreadable.push_back(fmt::format("{}/{}: {}", result_.site_packages, printable(name), reason));
  }

  void look_at(const std::string& name) {
    if (name.ends_with(".egg-link")) {
      result_.passed_over.push_back(
          fmt::format("{}/{}: a development install of setuptools; what it leads to is not looked at",
                      result_.site_packages, printable(name)));
      return;
    }
    const bool egg = name.ends_with(".egg-info");
    if (!egg && !name.ends_with(".dist-info")) return;
    try {
      const auto info = stat_at(site_packages_.get(), name);
      if (!info) return;  // removed a moment ago
      if (egg && S_ISREG(info->st_mode)) {
        const Fd file = try_open_read_at(site_packages_.get(), name);
        return add(name, file, -1);
      }
      if (!S_ISDIR(info->st_mode)) return unreadable(name, "neither a directory nor a file");
      const Fd folder = open_directory_at(site_packages_.get(), name);
      add(name, open_regular(folder.get(), egg ? "PKG-INFO" : "METADATA"), folder.get());
    } catch (const Error& error) {
      unreadable(name, error.message());
    }
  }

  // `folder`: -1 where all there is is one file.
  void add(const std::string& name, const Fd& metadata, int folder) {
    if (!metadata) return unreadable(name, "has no METADATA");
    const MetadataHeaders headers = MetadataHeaders::parse(header_text(metadata.get(), name), "METADATA");
    InstalledDistribution one;
    one.name = headers.first("Name").value_or("");
    one.version = headers.first("Version").value_or("");
    if (!is_project_name(one.name)) return unreadable(name, "its METADATA has no valid Name");
    if (one.version.empty()) return unreadable(name, "its METADATA has no Version");
    one.normalized = normalize_name(one.name);
    one.requires_python = headers.first("Requires-Python").value_or("");
    one.requires_dist = headers.all("Requires-Dist");
    one.extras = headers.all("Provides-Extra");
    one.info_path = result_.site_packages + "/" + name;
    if (folder >= 0) {
      one.requested = stat_at(folder, "REQUESTED").has_value();
      one.installer = trimmed(small_text(folder, "INSTALLER", kMostInstallerBytes).value_or(""), kWhite);
      if (const auto text = small_text(folder, "direct_url.json", kMostDirectUrlBytes)) {
        one.direct_url = parse_direct_url(*text);
        if (!one.direct_url) unreadable(name, "its direct_url.json cannot be read, and does not count");
      }
    }
    result_.distributions.push_back(std::move(one));
  }

  InstalledEnvironment result_;
  Fd root_;
  Fd site_packages_;
};

}  // namespace

std::string shown_version(const InstalledDistribution& distribution) {
  const auto version = Version::parse(distribution.version);
  return version ? version->text() : printable(distribution.version);
}

bool has_version(const InstalledDistribution& distribution, const std::string& version) {
  const auto own = Version::parse(distribution.version);
  const auto other = Version::parse(version);
  return own && other ? *own == *other : distribution.version == version;
}

InstalledEnvironment read_installed(const std::string& path) { return Reader(path).run(); }

const InstalledDistribution* find_installed(const InstalledEnvironment& environment, std::string_view name) {
  const auto found =
      std::ranges::find(environment.distributions, normalize_name(name), &InstalledDistribution::normalized);
  return found == environment.distributions.end() ? nullptr : &*found;
}

std::vector<std::string> wheel_tags_of(const InstalledEnvironment& environment,
                                       const InstalledDistribution& distribution) {
  try {
    const Fd root = open_directory(environment.path);
    const std::string_view library = parent_of(environment.site_packages);
    const Fd site_packages = open_site_packages(root.get(), std::string(name_of(library)));
    if (!site_packages) return {};
    const Fd folder = try_open_directory_at(site_packages.get(), std::string(name_of(distribution.info_path)));
    const auto text = folder ? small_text(folder.get(), "WHEEL", kMostWheelBytes) : std::nullopt;
    return text ? MetadataHeaders::parse(*text, "WHEEL").all("Tag") : std::vector<std::string>();
  } catch (const Error&) {
    return {};
  }
}

}  // namespace cas
