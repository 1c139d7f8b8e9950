// What is wrong with an environment, by comparing what lies there with what was placed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/placed_file.hpp"
#include "store/store.hpp"

namespace cas {

enum class FindingKind {
  moved,                 // it lies elsewhere than where it was made: scripts name the old place
  interrupted,           // a change of it was killed
  interpreter_missing,   // bin/python leads nowhere
  interpreter_outdated,  // its original has changed since it was captured
  missing,               // a file that was placed is gone
  edited,                // a file that was placed has another content, time or mode
  changed_in_place,      // the same, of a file that is shared: the store and other environments see it, too
  own_copy,              // a file that `cas unshare` made the environment's own
  dangling_link,         // a symbolic link leads nowhere
  missing_package,       // the store does not have a package (any more): its files could not be checked
  unchecked,             // its plan is lost and could not be made again: bytecode and RECORDs could not be checked
  replaced_package,      // another tool put another version of a package there
  removed_package,       // another tool removed a package
  other_package,         // a package that another tool installed
  foreign                // files that neither cas nor a package known to it placed
};

// A stable word for --json and text: "moved", "interpreter-missing".
[[nodiscard]] std::string_view finding_word(FindingKind kind);

struct Finding {
  FindingKind kind;
  std::string path;    // relative to the environment, "." its own directory; "" for the whole
  std::string detail;  // a sentence's end
  bool fault = false;  // the environment does not work as it should, rather than something being worth to know
};

// Faults first, then by path. Files are told by size, time and mode, as the store's verification does, and nothing is read but scripts and
// listings; with PlacedDepth::contents every file that was placed is read, and what other tools installed is held against their RECORDs.
// A plan that the index has lost is made again first (linker/plan_restoration.hpp), for what it lists is not known otherwise.
// Throws NotFound where no environment of this store is.
[[nodiscard]] std::vector<Finding> diagnose_environment(const Store& store, const std::string& path,
                                                        PlacedDepth depth = PlacedDepth::metadata);

}  // namespace cas
