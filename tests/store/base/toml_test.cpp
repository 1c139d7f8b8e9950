#include "store/base/toml.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

using namespace cas;
namespace data = boost::unit_test::data;

namespace {

std::string dotted(int parts) {
  std::string key = "a";
  for (int i = 1; i < parts; ++i) key += ".a";
  return key;
}

std::string problem_of(const std::string& text) {
  try {
    (void)parse_toml(text, "x.toml");
  } catch (const InvalidInput& error) {
    return error.message();
  }
  return "accepted";
}

const std::string kDeep[] = {
    dotted(150'000) + " = 1",
    "[" + dotted(150'000) + "]",
    "[[" + dotted(150'000) + "]]",
    "x = {y = \"\"\"\n'\"\"\", " + dotted(150'000) + " = 1}",
    "x = '''\n\"'''\n" + dotted(150'000) + " = 1",
    "x = \"\\\"\" # it's\n" + dotted(150'000) + " = 1",
};

const std::string kFine[] = {
    dotted(128) + " = 1",
    "text = \"" + dotted(5000) + "\"",
    "text = '" + dotted(5000) + "' # " + dotted(5000),
    "text = \"\"\"\n" + dotted(5000) + "\\\"\"\" \n" + dotted(5000) + "\n\"\"\"",
    "numbers = [" +
        [] {
          std::string many;
          for (int i = 0; i < 1000; ++i) many += "1.5, ";
          return many;
        }() +
        "]",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(toml_tests)

BOOST_DATA_TEST_CASE(keys_of_absurdly_many_parts_are_refused, data::make(kDeep), text) {
  const std::string problem = problem_of(text);
  BOOST_TEST(problem.find("a key has more than 128 parts") != std::string::npos, problem);
}

BOOST_DATA_TEST_CASE(dots_elsewhere_are_no_parts_of_keys, data::make(kFine), text) {
  BOOST_TEST(problem_of(text) == "accepted");
}

BOOST_AUTO_TEST_CASE(what_is_no_toml_is_named_with_its_line) {
  BOOST_TEST(problem_of("a = 1\nb = = 2\n").starts_with("x.toml:2: not TOML"));
  BOOST_TEST(problem_of("x = \"").starts_with("x.toml"));
}

BOOST_AUTO_TEST_SUITE_END()
