#include "cli/package_steps.hpp"

#include <boost/test/unit_test.hpp>

namespace cas {
namespace {

BOOST_AUTO_TEST_SUITE(package_steps)

BOOST_AUTO_TEST_CASE(a_line_says_what_came_what_went_and_what_is_another_version) {
  BOOST_TEST(step_line({"six", "", "1.16.0"}) == "+ six 1.16.0");
  BOOST_TEST(step_line({"six", "1.16.0", ""}) == "- six 1.16.0");
  BOOST_TEST(step_line({"six", "1.16.0", "1.17.0"}) == "~ six 1.16.0 -> 1.17.0");
}

BOOST_AUTO_TEST_CASE(nothing_a_terminal_obeys_is_shown) {
  BOOST_TEST(step_line({"six\x1b[2J", "", "1"}).find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(in_json_what_is_not_there_is_null) {
  const Json steps = json_steps({{"six", "", "1.16.0"}, {"wheel", "0.4", ""}});
  BOOST_TEST(steps[0]["before"].is_null());
  BOOST_TEST(steps[0]["after"].get<std::string>() == "1.16.0");
  BOOST_TEST(steps[1]["name"].get<std::string>() == "wheel");
  BOOST_TEST(steps[1]["after"].is_null());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cas
