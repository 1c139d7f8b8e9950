// What of the packages depends on the environment that they are put into: where builds happen, and where checkouts lie.
#pragma once

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "linker/locked/editable_checkouts.hpp"
#include "linker/locked/package_inputs.hpp"

namespace cas {

// What is installed, and was built from the same sources, when it is asked for again (--no-build-isolation).
enum class InstalledBuilds { stay, again };

// --no-build-isolation. `path`: of the environment. Throws UsageError where it has yet to be made: nothing is installed in it.
void choose_build_place(const Context& context, const std::string& path, InstalledBuilds installed,
                        PackageInputs& inputs);

// Editable requirements of repositories become directories, below --src, PIP_SRC or the environment. Their checkouts go unless keep() is
// called. Throws what EditableCheckouts throws. `store` outlives the result.
[[nodiscard]] std::unique_ptr<EditableCheckouts> check_out_editables(const Context& context, const Store& store,
                                                                     const std::string& path, bool dry_run,
                                                                     PackageInputs& inputs);

}  // namespace cas
