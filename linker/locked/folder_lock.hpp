// Requirements that folders of wheels satisfy without a choice: a lock, and nobody else needed to find it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "linker/installed/distribution.hpp"
#include "linker/interpreter.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/format_control.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/store.hpp"

namespace cas {

struct FolderQuestion {
  const RequirementFiles& files;
  const std::vector<std::string>& folders;
  const FormatControl& format;
  const std::vector<std::pair<std::string, std::string>>&
      preferences;           // names and versions, where they satisfy the rest
  bool dependencies = true;  // else only what is named itself
  // Goes before all files where it satisfies everybody, and is not in the lock then.
  std::vector<InstalledDistribution> installed{};
};

// Of each package, named or needed in turn, the newest wheel in `folders` that fits the interpreter and what all of them and the constraints
// say of its version. nullopt: there is something to be found out that is a resolver's business, or to be had elsewhere: two that do not
// agree, a package that no folder has, a source archive that might be newer, a requirement that is no name. Folders are looked at each
// time: what came to lie there counts. Throws SystemError where one cannot be read, InvalidInput for a wheel that is none.
[[nodiscard]] std::optional<Pylock> folder_lock(const Store& store, const FolderQuestion& question,
                                                const InterpreterFacts& facts);

// For where nobody else can be asked: throws NotFound for the first requirement of which no folder has a wheel that fits, saying why not.
void refuse_missing(const FolderQuestion& question, const InterpreterFacts& facts);

// Whether every place is a folder of this machine.
[[nodiscard]] bool are_folders(const std::vector<std::string>& places);

}  // namespace cas
