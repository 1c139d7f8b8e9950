// From requirements to a lock: remembered, else written down from the index where nothing is open, else resolved by another program.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "linker/installed/distribution.hpp"
#include "linker/interpreter.hpp"
#include "linker/locked/locked_supply.hpp"
#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/store.hpp"

namespace cas {

struct ResolveOptions {
  std::string resolver;                        // as known_resolver() takes it
  std::chrono::seconds max_age{24 * 60 * 60};  // of a lock that is remembered for the same question
  bool refresh = false;                        // what is remembered does not count
  bool prereleases = false;                    // --pre
  bool no_dependencies = false;                // only what the requirements name themselves
  // What is there, and stays where it satisfies what is asked for, whether or not it is still to be had.
  std::vector<InstalledDistribution> installed{};
  bool folders_first = false;  // what find-links folders have goes before what indexes have
  // Names and versions that are taken where they satisfy what is asked for.
  std::vector<std::pair<std::string, std::string>> preferences{};
  BuildOptions build;  // of what the lock has to build
};

// A lock for `facts` of everything that the requirements ask for, directly or not. What was found out is remembered in the index under a
// digest of all that it depends on; offline whatever age it has. Finding out what sources require may build them, too, unless that is not allowed.
// Throws UsageError for requirements that cannot be handed on (version control other than git, or editable), Error with the resolver's own words
// where there is no answer, NotFound offline where nothing is remembered. Where only folders may be looked in, or go first, and have
// everything without a choice (folder_lock()), nobody else is asked, and their digests vouch for nothing (LockSource).
[[nodiscard]] LockSource resolve(const Store& store, PackageNetwork& network, const RequirementFiles& files,
                                 const InterpreterFacts& facts, const ResolveOptions& options, Progress& progress);

}  // namespace cas
