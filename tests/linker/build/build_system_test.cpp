#include "linker/build/build_system.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "store/base/error.hpp"

using namespace cas;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(build_system_tests)

BOOST_AUTO_TEST_CASE(a_back_end_is_read) {
  const BuildSystem system = parse_build_system(
      "[build-system]\nrequires = ['flit_core >=3,<4']\nbuild-backend = 'a.b:c'\nbackend-path = ['tools', '.']\n", "x");
  BOOST_TEST(system.requires_ == (std::vector<std::string>{"flit_core >=3,<4"}), boost::test_tools::per_element());
  BOOST_TEST(system.backend == "a.b:c");
  BOOST_TEST(system.backend_path == (std::vector<std::string>{"tools", "."}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_names_none_is_built_by_setuptools) {
  BOOST_TEST(parse_build_system("[tool.x]\n", "x").backend == "setuptools.build_meta:__legacy__");
  BOOST_TEST(parse_build_system("[tool.x]\n", "x").requires_.size() == 1U);
  const BuildSystem system = parse_build_system("[build-system]\nrequires = []\n", "x");
  BOOST_TEST(system.backend == "setuptools.build_meta:__legacy__");
  BOOST_TEST(system.requires_.empty());
}

BOOST_DATA_TEST_CASE(what_breaks_the_specifications_is_refused,
                     data::make(std::vector<std::string>{
                         "build-system = 1\n",
                         "[build-system]\nbuild-backend = 'a'\n",
                         "[build-system]\nrequires = 'a'\n",
                         "[build-system]\nrequires = [1]\n",
                         "[build-system]\nrequires = []\nbuild-backend = ''\n",
                         "[build-system]\nrequires = []\nbackend-path = ['.']\n",
                         "[build-system]\nrequires = []\nbuild-backend = 'a'\nbackend-path = ['../x']\n",
                         "[build-system]\nrequires = []\nbuild-backend = 'a'\nbackend-path = ['/x']\n",
                         "[build-system\n",
                     })) {
  BOOST_CHECK_THROW((void)parse_build_system(sample, "x"), InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
