// Environments over a real interpreter, for one test.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "linker/environment.hpp"
#include "linker/plan.hpp"
#include "tests/support/temp_store.hpp"

namespace cas::test {

// The facts of the `python3` in PATH, found once; its executable is the real one, no shim. Throws where there is none.
[[nodiscard]] const InterpreterFacts& real_python();

// Precondition: `* boost::unit_test::precondition(cas::test::has_python)`.
[[nodiscard]] boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id);

// A plan of these files and nothing else, in this order; "" is an empty file. Segments are filled in where the store has the
// content.
[[nodiscard]] Plan plan_of_files(const Files& files);
[[nodiscard]] Plan plan_of_files(const Files& files, const Store& store);

class TempEnvironment : public TempStore {
 public:
  using TempStore::TempStore;

  // Where an environment of this name lies.
  [[nodiscard]] std::string path(const std::string& name = "env") const { return dir / name; }
  [[nodiscard]] std::string site(const std::string& name = "env") const {
    return path(name) + "/" + real_python().layout.site_packages;
  }

  [[nodiscard]] CreateOptions options(const std::vector<WheelBuilder>& wheels) const;
  CreateResult create(const std::string& name, const std::vector<WheelBuilder>& wheels) {
    return create(name, options(wheels));
  }
  CreateResult create(const std::string& name, const CreateOptions& options) {
    return create_environment(store, path(name), options, silent);
  }
  // Changes what a package's file looks like to its user: through a file of its own, never through the shared inode.
  void edit(const std::string& file, const std::string& bytes) const;
  // What the environment's python prints when it runs `code`.
  [[nodiscard]] std::string run_python(const std::string& name, const std::string& code) const;
};

}  // namespace cas::test
