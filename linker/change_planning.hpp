// What has to be kept, removed and placed to turn one environment into another. Looks at the disk, changes nothing.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "linker/change_journal.hpp"
#include "linker/materialise.hpp"
#include "linker/own_copies.hpp"
#include "linker/plan.hpp"

namespace cas {

struct PlannedChange {
  Change change;  // without the staging's name
  Plan plan;      // the part of the new plan that has to be staged
  std::vector<std::string> warnings;
};

// How far a change goes.
struct ChangeScope {
  using Paths = std::set<std::string, std::less<>>;
  // What of the old environment is made again where it was edited or taken away; every other file stays as it is now, with its
  // bytecode. nullopt: all of it is made again.
  std::optional<Paths> touched{};
  // What is in the way and nobody's is moved aside (Change::keep), instead of being an error.
  bool keep_obstacles = false;
};

// `environment`: the open directory. `before`: the plan that the environment was made by; nullopt: nothing there is cas's
// own. `own_files`: paths of pyvenv.cfg, bin/python and the like, which are always made again; `old_own_files`: those of the
// environment before. `old_texts`: what was written for the environment before (written_texts()): what differs was edited.
// `others_files`: what other tools' packages own by now stays, even where the environment before had the same. `own_copies`: files of the
// environment's own stay as they are where `after` has the same object as `before`.
// Throws Error naming the files in the way that are not cas's own (with `keep_obstacles`: that are of `others_files`), or a path that
// leads through a symbolic link.
[[nodiscard]] PlannedChange plan_change(int environment, const std::optional<Plan>& before, const Plan& after,
                                        const std::vector<std::string>& old_own_files,
                                        const std::vector<std::string>& own_files,
                                        const std::vector<WrittenText>& old_texts,
                                        const std::set<std::string, std::less<>>& others_files = {},
                                        const ChangeScope& scope = {}, const OwnCopies& own_copies = {});

// What became of an environment since it was made. Paths relative to it, sorted.
struct Differences {
  std::vector<std::string> added;    // files and links that are not cas's; Python's bytecode apart
  std::vector<std::string> edited;   // cas's, and not as they were made
  std::vector<std::string> missing;  // made, and no longer there; bytecode apart
};

// `plan`, `own_files`, `texts`: as for `before`, `old_own_files` and `old_texts` above. Reads times and sizes, and the texts that
// were written. Follows no symbolic link.
[[nodiscard]] Differences find_differences(int environment, const Plan& plan, const std::vector<std::string>& own_files,
                                           const std::vector<WrittenText>& texts);

}  // namespace cas
