// Environments of a few files, as any tool could have left them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "linker/installed/installed_packages.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"

namespace cas::test {

class SitePackages {
 public:
  explicit SitePackages(const std::string& library = "python3.12",
                        const std::string& configuration = "version = 3.12.1\n")
      : path_(dir / "env"), site_packages_(path_ + "/lib/" + library + "/site-packages") {
    make_directories(site_packages_);
    write(path_ + "/pyvenv.cfg", configuration);
  }

  // demo-1.0.dist-info with this METADATA behind Name and Version, and further files.
  void add(const std::string& name, const std::string& version, const std::string& metadata = {},
           const std::vector<std::pair<std::string, std::string>>& files = {}) {
    const std::string folder = site_packages_ + "/" + name + "-" + version + ".dist-info";
    make_directories(folder);
    write(folder + "/METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n" + metadata);
    for (const auto& [file, text] : files) write(folder + "/" + file, text);
  }

  static void write(const std::string& path, const std::string& text) {
    write_new_file_at(kCurrentDirectory, path, text, 0644);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return site_packages_ + "/" + name; }
  [[nodiscard]] InstalledEnvironment read() const { return read_installed(path_); }

  TempDir dir;

 private:
  std::string path_;
  std::string site_packages_;
};

}  // namespace cas::test
