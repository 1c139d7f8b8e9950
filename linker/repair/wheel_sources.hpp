// Where the wheels of packages may lie that a repair needs: what the user names, find-links, what environments were made from, what came with
// interpreters, and the package indexes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/lost_packages.hpp"
#include "store/packages/packages.hpp"
#include "store/store.hpp"

namespace cas {

struct WantedWheel {
  Sha256Digest artifact;      // of the package
  Sha256Digest whole;         // of its wheel: another, where the package was put together from parts of it
  std::string name, version;  // the name normalized
  std::vector<std::string> direct_urls{};
};
[[nodiscard]] WantedWheel wanted_wheel(const Store& store, const Package& package);
[[nodiscard]] WantedWheel wanted_wheel(const LostPackage& package);

class WheelSources {
 public:
  // `given`: wheel files, and folders of wheels, as the user names them. What cannot be asked is told in `warnings`.
  // Throws NotFound where one is not there.
  WheelSources(const Store& store, PackageNetwork& network, std::vector<std::string> given, Progress& progress,
               std::vector<std::string>& warnings);

  // Files on this machine that may have something of these packages: those that are given, and in folders (given, of find-links, of interpreters)
  // those of their names and versions; what direct_url.json of environments names. Also without a network.
  [[nodiscard]] std::vector<std::string> at_hand(const std::vector<WantedWheel>& wanted);

  // Their wheels, from the pages of find-links and indexes, into `directory`: those with their digests, and those of their names that no
  // digest is told of. None where the network is offline. A place that fails does not keep the next from being asked.
  [[nodiscard]] std::vector<std::string> fetch(std::vector<WantedWheel> wanted, const std::string& directory);

  // false: some place did not answer, or an answer was no use. It may have what nobody else has.
  [[nodiscard]] bool all_answered() const { return all_answered_; }

 private:
  void find_folders();
  [[nodiscard]] std::vector<IndexPlaces> places();
  // Takes what it had out of `wanted`.
  void fetch_from(const IndexPlaces& place, std::vector<WantedWheel>& wanted, const std::string& directory,
                  std::vector<std::string>& paths);
  void failed(const std::string& what);

  const Store& store_;
  PackageNetwork& network_;
  std::vector<std::string> given_;
  Progress& progress_;
  std::vector<std::string>& warnings_;
  std::optional<std::vector<std::string>> folders_;
  std::vector<std::string> files_;  // named one by one
  bool all_answered_ = true;
};

// Whether a file's name is that of a wheel of this name and version.
[[nodiscard]] bool is_wheel_of(const std::string& file_name, const WantedWheel& wanted);

}  // namespace cas
