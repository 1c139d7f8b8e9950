// The environment that a back-end runs in: isolated, and linked from the store like any other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "linker/build/build_options.hpp"
#include "linker/interpreter.hpp"
#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

class BuildEnvironment {
 public:
  // At `path`, in a staging directory of the store, with which it goes. References outlive it.
  BuildEnvironment(const Store& store, PackageNetwork& network, const InterpreterFacts& facts,
                   const BuildOptions& options, std::string path, Progress& progress);
  // The collector need not keep its packages any more.
  ~BuildEnvironment();
  BuildEnvironment(const BuildEnvironment&) = delete;
  BuildEnvironment& operator=(const BuildEnvironment&) = delete;

  // Afterwards it has these requirements and what they need, and nothing else. Wheels are taken for them, whatever --no-binary says of others;
  // what has none is built, too. `place`: who requires it, for messages. Throws what resolve(), supplying and create_environment() throw; UsageError
  // for what is no requirement.
  void provide(const std::vector<std::string>& requirements, const std::string& place);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string python() const { return path_ + "/bin/python"; }

 private:
  const Store& store_;
  PackageNetwork& network_;
  const InterpreterFacts& facts_;
  const BuildOptions& options_;
  std::string path_;
  Progress& progress_;
};

}  // namespace cas
