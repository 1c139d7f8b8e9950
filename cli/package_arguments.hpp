// Options that say which packages, and where they come from: those that create, sync and lock have in common.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "linker/locked/package_inputs.hpp"

namespace cas {

// What all three have.
inline constexpr std::array kPackageSourceOptions{
    OptionSpec{"requirement", 'r', "FILE", Repeat::yes},
    OptionSpec{"constraint", 'c', "FILE", Repeat::yes},
    OptionSpec{"index-url", 'i', "URL"},
    OptionSpec{"extra-index-url", '\0', "URL", Repeat::yes},
    OptionSpec{"index-strategy", '\0', "HOW"},
    OptionSpec{"find-links", '\0', "DIR", Repeat::yes},
    OptionSpec{"no-index", '\0', {}},
    OptionSpec{"trusted-host", '\0', "HOST", Repeat::yes},
    OptionSpec{"cert", '\0', "FILE"},
    OptionSpec{"client-cert", '\0', "FILE"},
    OptionSpec{"keyring-provider", '\0', "HOW"},
    OptionSpec{"partial-downloads", '\0', "WHEN"},
    OptionSpec{"require-hashes", '\0', {}},
    OptionSpec{"no-deps", '\0', {}},
    OptionSpec{"pre", '\0', {}},
    OptionSpec{"offline", '\0', {}},
    OptionSpec{"refresh", '\0', {}},
    OptionSpec{"max-lock-age", '\0', "TIME"},
    OptionSpec{"resolver", '\0', "PROGRAM"},
    OptionSpec{"editable", 'e', "DIR", Repeat::yes},
    OptionSpec{"no-build", '\0', {}},
    OptionSpec{"only-binary", '\0', "NAME", Repeat::yes},
    OptionSpec{"no-binary", '\0', "NAME", Repeat::yes},
    OptionSpec{"config-settings", 'C', "KEY=VALUE", Repeat::yes},
    OptionSpec{"build-constraint", '\0', "FILE", Repeat::yes},
    OptionSpec{"build-timeout", '\0', "TIME"},
};
// Where an index is asked, of commands that install nothing.
inline constexpr std::array kIndexOptions{
    OptionSpec{"index-url", 'i', "URL"},       OptionSpec{"extra-index-url", '\0', "URL", Repeat::yes},
    OptionSpec{"index-strategy", '\0', "HOW"}, OptionSpec{"find-links", '\0', "DIR", Repeat::yes},
    OptionSpec{"no-index", '\0', {}},          OptionSpec{"trusted-host", '\0', "HOST", Repeat::yes},
    OptionSpec{"offline", '\0', {}},           OptionSpec{"refresh", '\0', {}},
};
// What those have that put packages into an environment.
inline constexpr std::array kInstallPlaceOptions{
    OptionSpec{"no-build-isolation", '\0', {}},
    OptionSpec{"src", '\0', "DIR"},
};
// What chooses from a lock, or from a pyproject.toml.
inline constexpr std::array kLockChoiceOptions{
    OptionSpec{"extra", '\0', "NAME", Repeat::yes},
    OptionSpec{"all-extras", '\0', {}},
    OptionSpec{"group", '\0', "NAME", Repeat::yes},
    OptionSpec{"only-group", '\0', "NAME", Repeat::yes},
    OptionSpec{"all-groups", '\0', {}},
    OptionSpec{"no-default-groups", '\0', {}},
    OptionSpec{"no-dev", '\0', {}},
};
// Of what is in no such file there is nothing to choose.
inline constexpr std::array kLockChoices{"extra",      "all-extras",        "group", "only-group",
                                         "all-groups", "no-default-groups", "no-dev"};

// Whether an operand, or the value of -r, is a lock: a file called pylock.toml or pylock.NAME.toml, uv.lock or poetry.lock.
[[nodiscard]] bool is_lock_argument(const std::string& argument);
// Of those, one that only another tool can read: uv.lock or poetry.lock.
[[nodiscard]] bool is_foreign_lock_argument(const std::string& argument);
// A lock, or a pyproject.toml: a file rather than a requirement.
[[nodiscard]] bool is_file_argument(const std::string& argument);

// Whether an operand is an archive of sources, or a directory with a project: it has a pyproject.toml or setup.py.
[[nodiscard]] bool is_source_argument(const std::string& argument);
// That, and no URL, nor a bare word: that is a package, also where a directory is called like it.
[[nodiscard]] bool names_sources(const std::string& argument);
[[nodiscard]] bool is_url_argument(const std::string& argument);

// Throws UsageError where an operand is a requirements file, which is named with -r.
void refuse_requirements_file(const std::string& operand);

// Of the options above, and --find-links; `operands`: requirements, locks, projects. Where neither they nor cas.toml say something, settings of pip
// and uv count (tool_settings.hpp), those of `environment`, the directory of a virtual environment that is changed, among them. What stands
// in requirement files adds to that, or replaces it as pip does. Throws UsageError, and what reading the files throws.
[[nodiscard]] PackageInputs read_package_inputs(const Context& context, const std::vector<std::string>& operands,
                                                const std::string& environment = {});

// The names that the operands, and the requirement files of -r, speak of: what versions they want does not count. Throws UsageError for
// a location, which has no name.
[[nodiscard]] std::vector<std::string> named_packages(const Context& context, const std::vector<std::string>& operands);

}  // namespace cas
