#include "store/source/entry_points.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

std::vector<cas::EntryPoint> parse(std::string_view text) { return cas::parse_entry_points(text, "entry_points.txt"); }

// Behind "[console_scripts]\n".
const char* const kInvalid[] = {"a",
                                "a = ",
                                "= m:f",
                                "a = m",
                                "a = m:",
                                "a = :f",
                                "a = m:f:g",
                                "a = m.:f",
                                "a = m:1f",
                                "a = m-x:f",
                                "a = m:f()",
                                "a = class:f",
                                "a = m:x.import",
                                "a = m\xC2\xA0:f",
                                "a = m:f\xE2\x80\x8B",
                                "a = m:f [x",
                                "a = m:f x]",
                                "a = m:f; import os",
                                "../x = m:f",
                                "a/b = m:f",
                                "a\\b = m:f",
                                ".. = m:f",
                                "python = m:f",
                                "python3.12 = m:f",
                                "activate = m:f",
                                "deactivate.sh = m:f",
                                "a = m:f\na = m:g",
                                "a = m:f\n  more",
                                "a\x01 = m:f",
                                "a = m:f\xFF",
                                "a : m:f",
                                "a = m :: f",
                                "a = m..n:f",
                                "a = \"m\":f"};

const char* const kOutside[] = {"a = m:f\n", "text\n"};

}  // namespace

BOOST_AUTO_TEST_SUITE(entry_points)

BOOST_AUTO_TEST_CASE(reads_scripts) {
  const auto scripts = parse(
      "# comment\n; another\n\n[console_scripts]\njupyter-lab = jupyterlab.labapp:main\nA=pkg:Class.run [x,y]\r\n"
      "\n[other.group]\nanything goes here\nx = y z\n    continued\n[gui_scripts]\nwin = m : f \n[empty]\n");
  BOOST_REQUIRE(scripts.size() == 3U);
  BOOST_TEST(scripts[0].name == "jupyter-lab");
  BOOST_TEST(scripts[0].module == "jupyterlab.labapp");
  BOOST_TEST(scripts[0].attribute == "main");
  BOOST_TEST((scripts[0].group == cas::EntryPointGroup::console));
  BOOST_TEST(scripts[1].name == "A");
  BOOST_TEST(scripts[1].attribute == "Class.run");
  BOOST_TEST(scripts[2].module == "m");
  BOOST_TEST(scripts[2].attribute == "f");
  BOOST_TEST((scripts[2].group == cas::EntryPointGroup::gui));
}

BOOST_AUTO_TEST_CASE(indented_assignments_below_a_section) {
  BOOST_TEST(parse("[console_scripts]\n    a = m:f\n    b = m:g\n\n    c = m:h\n").size() == 3U);
}

BOOST_AUTO_TEST_CASE(names_are_case_sensitive) {
  BOOST_TEST(parse("[console_scripts]\na = m:f\nA = m:f\n[Console_Scripts]\nb = m\n").size() == 2U);
}

BOOST_AUTO_TEST_CASE(equal_repetition_is_one) {
  BOOST_TEST(parse("[console_scripts]\na = m:f\na = m:f [x]\n[gui_scripts]\na = m:f\n").size() == 1U);
}

BOOST_AUTO_TEST_CASE(sections_may_come_twice) {
  BOOST_TEST(parse("[console_scripts]\na=m:f\n[x]\n[console_scripts]\nb=m:f").size() == 2U);
}

BOOST_AUTO_TEST_CASE(odd_but_valid_names) {
  for (const char* name : {"a.b", "a+b", "f2py3.12", "pythonista", "active", "a b", "caf\xC3\xA9"}) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(parse("[console_scripts]\n" + std::string(name) + " = m\xC3\xA9.n:f_1\n").size() == 1U);
    }
  }
}

BOOST_DATA_TEST_CASE(refuses, data::make(kInvalid), line) {
  BOOST_CHECK_THROW((void)parse("[console_scripts]\n" + std::string(line) + "\n"), cas::InvalidInput);
}

BOOST_DATA_TEST_CASE(refuses_outside_of_groups, data::make(kOutside), line) {
  BOOST_CHECK_THROW((void)parse(line), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(empty_file) { BOOST_TEST(parse("").empty()); }

BOOST_AUTO_TEST_SUITE_END()
