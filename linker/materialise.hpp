// Puts a plan on disk: directories, links, empty files, scripts, RECORDs. The only part of the linker that fills a directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "linker/environment.hpp"
#include "linker/interpreter.hpp"
#include "linker/plan.hpp"
#include "store/store.hpp"

namespace cas {

struct MaterialiseOptions {
  LinkMode mode = LinkMode::automatic;
  ScriptStyle scripts = ScriptStyle::absolute;
  std::string environment;  // absolute path at which the environment will stand
  bool check_every_object = false;
  unsigned threads = 1;
  std::uint32_t directory_mode = 0777;  // without what the umask takes
};

struct Materialised {
  LinkCounts counts;
  std::vector<std::string> warnings;  // objects of which somebody changed the mode
  std::vector<std::string> written;   // paths of the texts that are the environment's own: scripts, RECORDs
};

// Fills the open, empty directory `root`. The plan's files must have their segments filled in.
// Throws Corruption, with what brings it back, where an object is missing, or seen to have another size or time than it must: all are
// looked at where they are few, or with check_every_object (then modes count, too), else a sample; SystemError. What it made stays: the
// caller owns the directory and removes it.
[[nodiscard]] Materialised materialise(const Store& store, const Plan& plan, int root,
                                       const MaterialiseOptions& options);

struct WrittenText {
  std::string path;  // relative to the environment
  std::string text;
};

// The texts that are written for an environment that stands, or is to stand, at `environment` (absolute): scripts in the plan's
// order, then the RECORDs that name them. Throws Corruption where a script's object is missing.
[[nodiscard]] std::vector<WrittenText> written_texts(const Store& store, const Plan& plan, ScriptStyle style,
                                                     const std::string& environment);

// .gitignore and CACHEDIR.TAG: not where the environment lies among somebody's other files.
enum class Markers { no, yes };

struct EnvironmentFiles {
  const InterpreterFacts& facts;
  BaseKind base;
  Markers markers;
  // Only for writing:
  std::string environment{};  // absolute path at which it will stand
  std::optional<std::string> prompt{};
  bool system_site_packages = false;
  bool copies = false;           // BaseKind::system: bin/python is a copy
  bool ignore_file = true;       // .gitignore among the markers
  std::string lines_of_users{};  // further ones of pyvenv.cfg
};

// What makes the directory an environment of its interpreter: bin/python and its names (of a standalone one the plan brings
// them), activation scripts, lib64, include, pyvenv.cfg, .gitignore, CACHEDIR.TAG. Returns how many files and links it made.
std::uint64_t write_environment_files(int root, const EnvironmentFiles& files);

// The directories that every environment has, even where nothing lies in them.
void make_environment_directories(int root, const InterpreterFacts& facts);

// The paths of what write_environment_files() makes.
[[nodiscard]] std::vector<std::string> environment_file_paths(const EnvironmentFiles& files);
// Those of activation scripts alone. `scripts_directory`: "bin".
[[nodiscard]] std::vector<std::string> activation_paths(const std::string& scripts_directory);
// Of the markers in the open directory, those that are cas's own, by their content.
[[nodiscard]] std::vector<std::string> own_markers(int root);

}  // namespace cas
