#include "linker/locked/lock_comparison.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/linker/facts.hpp"

using namespace cas;

BOOST_AUTO_TEST_SUITE(lock_comparison_tests)

// In the words in which an environment's packages are frozen.
BOOST_AUTO_TEST_CASE(a_checkout_is_named_with_its_subdirectory) {
  LockSource source;
  source.lock = parse_pylock(
      "lock-version = '1.0'\ncreated-by = 'a test'\n"
      "[[packages]]\nname = 'a'\nvcs = {type = 'git', url = 'https://example.org/r', commit-id = 'f0', subdirectory = "
      "'py'}\n"
      "[[packages]]\nname = 'b'\nvcs = {type = 'git', url = 'https://example.org/r', commit-id = 'f0'}\n",
      "pylock.toml");
  const std::vector<ComparedPackage> packages = compared_packages(source, test::cpython_facts(12));
  BOOST_REQUIRE(packages.size() == 2U);
  BOOST_TEST(packages[0].origin == "a @ git+https://example.org/r@f0#subdirectory=py");
  BOOST_TEST(packages[1].origin == "b @ git+https://example.org/r@f0");
}

BOOST_AUTO_TEST_SUITE_END()
