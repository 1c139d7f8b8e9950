#include "store/requirement/script_block.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::parse_script;

namespace {

// "none", or what is asked for.
std::string asked(const std::string& text) {
  const auto metadata = parse_script(text, "s.py");
  if (!metadata) return "none";
  std::string out;
  for (const auto& listed : metadata->dependencies) out += listed.place.text() + " " + listed.requirement.text() + "\n";
  if (!metadata->requires_python.empty()) out += "python " + metadata->requires_python.text() + "\n";
  for (const std::string& other : metadata->others) out += "! " + other + "\n";
  return out;
}

std::string fault(const std::string& text) {
  try {
    return "no error: " + asked(text);
  } catch (const cas::Error& error) {
    return error.message();
  }
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The lines of a block around these.
std::string block(const std::string& lines) { return "# /// script\n" + lines + "# ///\n"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(script_block_tests)

BOOST_AUTO_TEST_CASE(a_block_asks_for_packages_and_versions) {
  BOOST_TEST(asked("#!/usr/bin/env python3\n\n" +
                   block("# requires-python = '>=3.8'\n# dependencies = [\n#   'six>=1',\n#\n"
                         "#   \"tomli; python_version < '3.11'\",\n# ]\n") +
                   "import six\n") == "s.py:6 six>=1\ns.py:8 tomli; python_version < \"3.11\"\npython >=3.8\n");
}

BOOST_AUTO_TEST_CASE(an_empty_block_is_one) { BOOST_TEST(asked(block("#\n")).empty()); }

const std::vector<std::string> kNone{
    "",
    "import six\n",
    "# /// script\n# dependencies = ['six']\n",            // open
    "# /// script\n# ///\n",                               // nothing between
    "# /// script\n#dependencies = ['six']\n# ///\n",      // "#" and no blank
    "# /// script\ndependencies = ['six']\n# ///\n",       // no comment
    "# /// script\n\n# ///\n",                             // an empty line ends a comment
    " # /// script\n # dependencies = ['six']\n # ///\n",  // not at the beginning of its line
    "# /// script \n# dependencies = ['six']\n# ///\n",    // a blank behind it
    "#/// script\n# dependencies = ['six']\n# ///\n",
    "# ///  script\n# dependencies = ['six']\n# ///\n",
    "# /// scripts\n# dependencies = ['six']\n# ///\n",  // another type
    "# /// script\n# dependencies = ['six']\n# ////\n",
    "# /// script\n# dependencies = ['six']\n# /// \n",
    "# /// script\n# dependencies = ['six']\n#\n\n# ///\n",
};
BOOST_DATA_TEST_CASE(what_is_no_block, data::make(kNone), text) {
  BOOST_TEST_CONTEXT(text) { BOOST_TEST(asked(text) == "none"); }
}

BOOST_AUTO_TEST_CASE(a_block_goes_on_to_the_last_fence_of_its_comment) {
  const std::string text = "# /// script\n# a = '''\n# ///\n# '''\n# dependencies = ['six']\n# ///\nx = 1\n";
  BOOST_TEST(asked(text) == "s.py:5 six\n! a\n");
  // So what follows in the same comment is inside it.
  BOOST_TEST(asked("# /// other\n# x\n# ///\n# /// script\n# dependencies = ['six']\n# ///\n") == "none");
  BOOST_TEST(asked("# /// other\n# x\n# ///\n\n# /// script\n# dependencies = ['six']\n# ///\n") == "s.py:6 six\n");
  // What is behind the last fence is not.
  BOOST_TEST(asked(block("# dependencies = ['six']\n") + "# more = [\n") == "s.py:2 six\n");
  // A comment, and a fence that opens nothing, in front of it.
  BOOST_TEST(asked("# some words\n" + block("# dependencies = ['six']\n")) == "s.py:3 six\n");
  BOOST_TEST(asked("# ///\n" + block("# dependencies = ['six']\n")) == "s.py:3 six\n");
}

BOOST_AUTO_TEST_CASE(lines_end_as_they_like) {
  BOOST_TEST(asked("# /// script\r\n# dependencies = ['six']\r\n# ///\r\n") == "s.py:2 six\n");
  BOOST_TEST(asked("\r# /// script\r# dependencies = ['six']\r# ///") == "s.py:3 six\n");
  BOOST_TEST(asked("\xef\xbb\xbf# /// script\n# dependencies = ['six']\n# ///") == "s.py:2 six\n");
}

BOOST_AUTO_TEST_CASE(a_second_block_is_refused) {
  BOOST_TEST(contains(fault(block("# a = 1\n") + "\n" + block("# a = 1\n")), "s.py:5: a second block"));
}

BOOST_AUTO_TEST_CASE(what_has_no_effect_is_told) {
  BOOST_TEST(asked(block("# entrypoint = 'x'\n# [tool.uv.sources]\n# six = {path = '.'}\n# [tool.black]\n")) ==
             "! entrypoint\n! tool.uv.sources\n");
}

const std::vector<std::tuple<std::string, std::string>> kFaults{
    {"# dependencies = [\n", "s.py:"},
    {"# a = 1\n# a = 2\n", "s.py:3: not TOML"},
    {"# dependencies = 'six'\n", "s.py:2: dependencies is not an array"},
    {"#\n# dependencies = [1]\n", "s.py:3: dependencies is not text"},
    {"# dependencies = [\n#  'six >> 1']\n", "s.py:3: requirement"},
    {"# requires-python = '3.x'\n", "s.py:2: requires-python = '3.x'"},
    {"# requires-python = 3.11\n", "s.py:2: requires-python is not text"},
    {"# tool = 1\n", "s.py:2: tool is not a table"},
    {"# a = '\xff'\n", "s.py:2: not TOML"},
};
BOOST_DATA_TEST_CASE(what_is_wrong_is_told_with_the_scripts_line, data::make(kFaults), lines, expected) {
  const std::string told = fault(block(lines));
  BOOST_TEST_CONTEXT(told) { BOOST_TEST(contains(told, expected)); }
}

// Two million fences that open something and are never closed.
BOOST_AUTO_TEST_CASE(long_comments_are_read_once) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "# /// script\n";
  BOOST_TEST(asked(text) == "none");
  text.clear();
  for (int i = 0; i < 1'000'000; ++i) text += "# ///\n";
  BOOST_TEST(asked(text) == "none");
}

BOOST_AUTO_TEST_SUITE_END()
