#define BOOST_TEST_MODULE cas
#include <boost/test/included/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

// The tests' result must not depend on the surroundings. CAS_TEST_* are the tests' own settings.
struct CleanEnvironment {
  CleanEnvironment() {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      if (text.starts_with("CAS_") && !text.starts_with("CAS_TEST_"))
        names.emplace_back(text.substr(0, text.find('=')));
    }
    for (const std::string& name : names) ::unsetenv(name.c_str());
    ::unsetenv("NO_COLOR");
    ::setenv("LC_ALL", "C", 1);
  }
};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(CleanEnvironment);
