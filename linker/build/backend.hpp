// A source tree's back-end, called in its environment (PEP 517, PEP 660). Every call is a process of its own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "linker/build/build_options.hpp"
#include "linker/build/build_system.hpp"

namespace cas {

enum class BuildKind { wheel, editable };

struct BackendPlaces {
  std::string python;       // of the environment for building
  std::string source;       // the tree with pyproject.toml or setup.py
  std::string scratch;      // a directory for this build alone: exchange of data, temporary files of the back-end
  std::string environment;  // its directory
};

class Backend {
 public:
  Backend(BackendPlaces places, BuildSystem system, ConfigSettings settings, std::chrono::seconds limit);

  // Requirements beyond those of the build system. Throws Error with the end of what the back-end said.
  [[nodiscard]] std::vector<std::string> more_requirements(BuildKind kind) const;
  // Builds into `directory`, which exists; the path of the wheel.
  [[nodiscard]] std::string build(BuildKind kind, const std::string& directory) const;

 private:
  struct Answer;

  [[nodiscard]] Answer call(const std::string& hook, const std::vector<std::string>& before_settings) const;
  [[nodiscard]] std::vector<std::string> environment() const;
  [[nodiscard]] std::string said() const;
  [[noreturn]] void fail(const std::string& hook, const std::string& how) const;

  BackendPlaces places_;
  BuildSystem system_;
  ConfigSettings settings_;
  std::chrono::seconds limit_;
};

}  // namespace cas
