// Building in an environment that is there, by its Python and with what is installed in it: --no-build-isolation, as pip and uv mean it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/installed/installed_packages.hpp"
#include "linker/interpreter.hpp"
#include "store/base/progress.hpp"
#include "store/roots.hpp"

namespace cas {

class PlaceToBuild {
 public:
  // `path`: of an environment of cas. Throws NotFound where there is none, UsageError where its Python is not that of `facts`: what was
  // built by it would be for another one.
  PlaceToBuild(const std::string& path, const InterpreterFacts& facts);

  [[nodiscard]] const std::string& path() const { return installed_.path; }
  [[nodiscard]] std::string python() const { return installed_.path + "/bin/python"; }

  // Throws NotFound naming those of the requirements of which nothing is installed, UsageError for what is none. Of those that are there in another version a
  // warning: the user has chosen it. Where the environment sees packages of the system, nothing is known to be missing.
  // `label`: what is being built.
  void require(const std::vector<std::string>& requirements, const std::string& label, Progress& progress) const;

  // What a build here depends on: all that is installed, but for the package itself (normalized). nullopt: it may be another one the next time
  // without anything telling, by an editable installation or by packages of the system.
  [[nodiscard]] std::optional<std::string> state(std::string_view without) const;
  // The environment itself, as long as it is changed and not made anew; nullopt: it does not say.
  [[nodiscard]] std::optional<std::string> identity() const;
  // Whether the package is installed, as cas put it there.
  [[nodiscard]] bool has(const Sha256Digest& artifact) const;

 private:
  InterpreterFacts facts_;
  InstalledEnvironment installed_;
  Anchor anchor_;
  bool sees_system_ = false;
};

}  // namespace cas
