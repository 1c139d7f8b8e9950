// Changing an environment from inside, so that afterwards it is the old or the new one, also when the program or the
// machine dies in between.
//
// Everything new is staged in `ENV/.cas/new-<id>/`. The journal, `ENV/.cas/journal`, appears by one rename: before it, a
// recovery throws the staging away; after it, a recovery carries the change out. Every step can be repeated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/roots.hpp"

namespace cas {

struct Change {
  std::string staging;  // name of the staging directory in ENV/.cas
  // In this order; paths relative to the environment.
  std::vector<std::string> keep;    // the user changed it: moved to .cas/kept/<staging>/<path>
  std::vector<std::string> remove;  // files and links of the old environment
  std::vector<std::string> place;   // from <staging>/tree/<path>: files, links, or directories that are new as a whole
  // The anchor <staging>/anchor takes the place of .cas/anchor last, and pyvenv.cfg (in `place`) before it.
};

// Name of the staged tree below the staging directory, beside kStagedAnchor (store/roots.hpp).
inline constexpr const char* kStagedTree = "tree";

// <journal> ::= "casJ1" <staging> (u32(n) <path>*n)*3: keep, remove, place
[[nodiscard]] std::string encode_change(const Change& change);
// Throws Corruption for what encode_change() does not write, and for a path that could leave the environment.
[[nodiscard]] Change decode_change(std::string_view bytes);

// Writes the journal: from now on the change will happen. `environment`: an open directory.
void commit_change(int environment, const Change& change);
// Carries out the journal, if there is one, and removes staging directories. The caller holds the environment's lock.
// `roots`: the store's directory of anchors; a journal that belongs to none of them is refused (Error), and so is one that
// leads through a symbolic link: the environment may be somebody else's. true: there was a journal. `path`: the environment's, for
// messages. Throws Corruption, naming the journal and what to do, where nobody can read it. What the system
// refuses is said with the journal's name; the next call goes on from there.
bool finish_change(int environment, const std::string& path, const std::string& roots);

}  // namespace cas
