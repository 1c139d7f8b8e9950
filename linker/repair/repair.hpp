// Making a damaged store sound again, from whatever has good copies.
//
// 1. What is wrong is found (store/verify.hpp), and which packages environments need and the store does not have (any more).
// 2. Packages come back by reading their wheels again, or from another store.
// 3. Objects come back from the first that has their bytes: the environments, other stores, wheels at hand, the installation
//    that an interpreter was captured from, the package indexes. Every byte is hashed before it is believed.
// 4. What nobody has is moved to the quarantine and forgotten, with the packages that need it: the next environment reads them again. Where somebody
//    who may have it did not answer, it is only set aside: nothing can be made of it, and nothing is forgotten.
// 5. Plans that the index does not have are made again, and with them what only they keep (bytecode, generated files).
// 6. Environments and captured interpreters that still hold a damaged inode are linked anew.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"
#include "linker/repair/relink.hpp"
#include "store/base/progress.hpp"
#include "store/object_repair.hpp"
#include "store/verify.hpp"

namespace cas {

// What becomes of objects of packages that nobody has.
enum class LostObjects {
  forgotten,  // with their packages, if everybody was asked
  set_aside   // whoever was asked: their packages stay
};

struct RepairOptions {
  VerifyOptions verify{};
  RepairRun run = RepairRun::real;
  std::vector<std::string> stores;        // other stores, by their directories; base stores are asked after them
  std::vector<std::string> wheels;        // files, and folders of them
  std::vector<std::string> environments;  // that were moved: where they are now
  LostObjects lost = LostObjects::forgotten;
  // Of inodes that are known to be damaged: then only their objects are looked at (by reading them), and the store is not verified.
  std::map<InodeId, ObjectId> known_bad{};
};

enum class RepairOutcome {
  repaired,
  forgotten,  // out of the store: whoever needs it brings it back, or is told what is missing
  set_aside,  // nothing is made of it until it is brought back; somebody who may have it was not, or could not be, asked
  unrepaired  // as it was
};

struct RepairedProblem {
  Problem problem;
  RepairOutcome outcome = RepairOutcome::unrepaired;
  std::string source{};  // RepairOutcome::repaired: where the good bytes came from
};

struct RepairResult {
  std::uint64_t objects = 0, packages = 0;  // looked at
  std::vector<RepairedProblem> problems;
  std::vector<std::string> quarantined;         // where damaged files lie now
  std::vector<std::string> forgotten_packages;  // "name version, file name"
  bool all_answered = true;                     // false: a place that may have good copies could not be asked
  std::vector<Relinked> relinked;
  // Where somebody holds (or, RepairRun::dry, held) a damaged file still: environments that were moved, by where they were made, and were
  // not looked at.
  std::vector<std::string> unreached;
  std::vector<std::string> warnings;
};

// `network`: its places are asked for what nobody else has, unless it is offline. Runs beside other commands. An environment that is being changed is left
// out, with a warning. With RepairRun::dry nothing is fetched or written, and the result says what would become of everything if indexes had nothing.
// Throws NotFound where one of the stores, wheels or environments is not there, UsageError where one of the stores is this one.
[[nodiscard]] RepairResult repair_store(const Store& store, PackageNetwork& network, const RepairOptions& options,
                                        Progress& progress);

}  // namespace cas
