// What is damaged is taken out of the store's sight, so that nothing is made of it, and remembered as long as somebody may have it.
//
// A damaged file gets a name here before its place in the store is another's, or nobody's. So its inode number stays taken, and
// whoever repairs next finds the environments that still have it, also after a repair that was killed.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/packages/packages.hpp"
#include "store/store.hpp"

namespace cas {

struct Quarantined {
  std::vector<std::string> files;   // where damaged files lie now
  std::vector<Package> packages;    // forgotten: whoever asks for them next reads their artifacts again
  std::vector<Sha256Digest> plans;  // forgotten
};

// Of a store: damaged files, as <digest>[x].<random>. Nobody reads them.
[[nodiscard]] std::string quarantine_directory(const Store& store);

// Gives the object's file in `segment` (an open directory) another name, in the quarantine, which is returned. "": it is not
// there, or can have no other name (another user's file, too many names).
std::string keep_damaged_file(const Store& store, int segment, const ObjectId& id);
// The same for one that has a name in another directory, on the same mount, alone.
std::string keep_damaged_file(const Store& store, int directory, const std::string& name, const ObjectId& id);

// Of a file that the index does not name any more: it goes to the quarantine, where somebody has it under another name, and away where
// nobody does. Failing is no error: it is garbage.
void put_away_damaged_file(const Store& store, const std::string& path, const ObjectId& id);

struct QuarantinedFile {
  std::string path;
  ObjectId object;
  struct stat info {};
  bool in_use = false;  // it is the store's object (still): a repair ended before it was replaced
};
// None where there is no quarantine.
[[nodiscard]] std::vector<QuarantinedFile> list_quarantine(const Store& store);

// Whether somebody has one of the files under a name that is not in the quarantine, nor the store's.
[[nodiscard]] bool is_had_elsewhere(const std::vector<QuarantinedFile>& files, const QuarantinedFile& file);

// Removes files that nobody has under another name any more, and whose objects are in the store again; and names of files in use.
void release_quarantine(const Store& store);

// Removes everything that is there: environments that have a damaged file keep it, and are found by its size and time alone from then on. Returns what it
// was. `dry_run`: what it is. Throws SystemError.
std::vector<QuarantinedFile> discard_quarantine(const Store& store, bool dry_run);

// Moves the objects' files there and leaves their rows: nothing is made of them until a repair brings them back, and nothing is forgotten. Returns where
// the files lie now. For what somebody who could not be asked may have.
[[nodiscard]] std::vector<std::string> set_aside(const Store& store, std::span<const ObjectId> objects);

// Moves the objects' files there and takes them out of the index, with the packages that have them, `artifacts`, and all plans that
// stand on one of these. Environments keep what they have linked. A file that is not there is no error. What is right by now, because somebody
// added it again, stays, and so do packages among `artifacts` whose manifests can be read.
[[nodiscard]] Quarantined quarantine(const Store& store, std::span<const ObjectId> objects,
                                     std::span<const Sha256Digest> artifacts);

}  // namespace cas
