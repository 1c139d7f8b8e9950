// Packages that an environment has from the start: pip, and what else the `venv` of its Python puts there.
//
// They come as wheels, from where that Python's own `ensurepip` has them, and are packages like any other, except that nobody
// asked for them by name.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "store/packages/packages.hpp"
#include "store/store.hpp"

namespace cas {

struct SeedWish {
  enum class Choice { as_venv, yes, no };  // as_venv: pip always, setuptools before Python 3.12, wheel never
  Choice choice = Choice::as_venv;
  std::string version;   // "" : the newest at hand
  bool bundled = false;  // only the interpreter's own
};

struct SeedOptions {
  SeedWish pip, setuptools, wheel;
  std::vector<std::string> folders;  // of wheels: for what the interpreter has none of, and for versions
  bool newest_in_folders = false;    // folders and interpreter are looked at together, and the newest is taken
  bool upgrade = false;              // the newest of all that is at hand, also for what the environment has
};

// Where an installation keeps the wheels that its ensurepip installs: `ensurepip/_bundled` in its standard library, and the
// directory (WHEEL_PKG_DIR) that distributions name in Python's configuration, which is read as text. They need not exist.
[[nodiscard]] std::vector<std::string> bundled_wheel_folders(const InterpreterFacts& facts);

// The value of a configuration variable in the text of a `_sysconfigdata…py`; nullopt where it is not there, or no plain text.
[[nodiscard]] std::optional<std::string> sysconfig_text(std::string_view module, std::string_view variable);

[[nodiscard]] const SeedWish& seed_wish(const SeedOptions& options, std::string_view name);

// The names that are to be seeded, in alphabetical order.
[[nodiscard]] std::vector<std::string> seed_names(const SeedOptions& options, const InterpreterFacts& facts);

// One wheel that was chosen: a file, or what the store has of it already.
struct SeedWheel {
  std::string name;  // "pip"
  std::string path;  // "" where `stored` is it
  std::optional<Package> stored;
};

// Wheels for `names`: the newest that fits of the interpreter's own, else of the folders', else of the store's packages. Where a version
// or an upgrade is wished for, of all of them. An index of packages would be asked after these.
// Throws NotFound saying where was looked and what to do.
[[nodiscard]] std::vector<SeedWheel> choose_seeds(const Store& store, const SeedOptions& options,
                                                  const std::vector<std::string>& names, const InterpreterFacts& facts);

}  // namespace cas
