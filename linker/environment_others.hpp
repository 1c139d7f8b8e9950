// What other tools made of an environment's packages: pip replaces, removes and brings some.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "linker/plan.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// A package of the anchor that is no longer cas's.
struct TakenOver {
  std::size_t package;           // index into the anchor's
  std::vector<std::string> now;  // versions that lie there; none: it was removed
};

struct OthersWork {
  std::vector<TakenOver> taken_over;         // in the anchor's order
  std::set<std::string> installed;           // normalized names of packages that lie there and are not cas's
  std::set<std::string> folders;             // in site-packages, that describe those
  std::set<std::string, std::less<>> files;  // of those, as their RECORDs say; relative to the environment
};

// `target`: where the anchored environment lies now. Told by the folders that describe packages in site-packages, and who wrote them
// (INSTALLER). A package without its folder of which files are left was not removed, but damaged. RECORDs are hostile: one that
// cannot be read, and paths that lead out of the environment, are left out.
[[nodiscard]] OthersWork look_at_others(const Store& store, const Anchor& anchor, const std::string& target);
[[nodiscard]] bool is_taken_over(const OthersWork& others, std::size_t package);

// The files of a distribution by its RECORD that lie inside the environment: no directories, nothing below .cas, nothing that is reached
// through a symbolic link. Both paths relative to `target`. nullopt: it has no RECORD that can be read.
[[nodiscard]] std::optional<std::set<std::string, std::less<>>> files_of_distribution(const std::string& target,
                                                                                      const std::string& site_packages,
                                                                                      const std::string& info_path);

// Of those, what is not as RECORD says: of another size or digest. What it gives no digest of is not among them.
[[nodiscard]] std::set<std::string, std::less<>> edited_of_distribution(const std::string& target,
                                                                        const std::string& site_packages,
                                                                        const std::string& info_path);

// A path of a RECORD in `site_packages`, relative to the environment; nullopt: it leads out, or is absolute.
[[nodiscard]] std::optional<std::string> recorded_path(std::string_view site_packages, std::string_view path);

// Where these packages of the anchor (indices) have files, bytecode apart; those that the store does not have are left out.
[[nodiscard]] std::set<std::string, std::less<>> paths_of_packages(const Store& store, const Anchor& anchor,
                                                                   const std::vector<std::size_t>& packages);
// The same of any packages.
[[nodiscard]] std::set<std::string, std::less<>> paths_of_packages(const Store& store,
                                                                   std::vector<PlannedPackage> packages,
                                                                   const EnvironmentLayout& layout);

}  // namespace cas
