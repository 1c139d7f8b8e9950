// What the user said about building packages from their sources.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/requirement/format_control.hpp"
#include "store/requirement/requirement_file.hpp"

namespace cas {

// In order; a key may come twice (PEP 517: "config_settings").
using ConfigSettings = std::vector<std::pair<std::string, std::string>>;

// --no-build-isolation: builds happen in the environment at `environment` (linker/build/build_in_place.hpp).
struct BuildInPlace {
  std::string environment;  // absolute
  // What was built there of the same sources, and is installed in it, stays; also where what built it has changed or gone since.
  bool keep_installed = false;
};

struct BuildOptions {
  FormatControl format;
  ConfigSettings settings;                                         // of every package
  std::map<std::string, ConfigSettings, std::less<>> settings_of;  // normalized name -> those of one, which count later
  std::vector<ListedRequirement> constraints;                      // versions of what builds
  std::chrono::seconds limit{60 * 60};                             // of one call of a back-end
  bool limit_is_said = false;            // and counts for finding versions, too, which may build
  bool refresh = false;                  // what was built before does not count
  std::optional<BuildInPlace> in_place;  // unset: each build has an environment of its own
  // For finding versions of what builds: as ResolveOptions has them.
  std::string resolver;
  std::chrono::seconds max_lock_age{24 * 60 * 60};
  // Names of packages that are being built already: this is for what builds them.
  std::vector<std::string> underway;

  [[nodiscard]] ConfigSettings settings_for(const std::string& name) const {
    ConfigSettings all = settings;
    if (const auto own = settings_of.find(name); own != settings_of.end()) {
      all.insert(all.end(), own->second.begin(), own->second.end());
    }
    return all;
  }
};

}  // namespace cas
