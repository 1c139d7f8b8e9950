// Whether a lock still has what the project beside it asks for: by content, never by the times of files.
#pragma once

#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "linker/locked/locked_supply.hpp"
#include "linker/locked/package_inputs.hpp"
#include "store/base/progress.hpp"
#include "store/requirement/requirement_file.hpp"

namespace cas {

// Of the requirements that count for this interpreter, those that the chosen packages of the lock do not satisfy: "six>=2, and it has six 1.17.0".
// What a package without a version has is not known, and neither what extras would need. Throws what select_locked() throws.
[[nodiscard]] std::vector<std::string> unmet_requirements(const LockSource& source,
                                                          const std::vector<ListedRequirement>& asked,
                                                          const InterpreterFacts& facts);

// Holds `source`, which came from the lock at `path`, against the pyproject.toml beside it, in the extras and groups that are chosen, and does what `inputs`
// say of it. A lock called pylock.NAME.toml may be for something else, and is looked at only where it is required to fit. A project that cannot be read, or
// whose dependencies only its back-end knows, is an error only there. Throws InvalidInput for a lock that does not fit.
void check_freshness(const std::string& path, const LockSource& source, const PackageInputs& inputs,
                     const InterpreterFacts& facts, Progress& progress);

}  // namespace cas
