#include "store/base/relpath.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>

namespace data = boost::unit_test::data;
using namespace cas;

BOOST_AUTO_TEST_SUITE(relpath)

const std::string kValid[] = {"a",
                              "a/b/c",
                              "numpy/core/_multiarray.cpython-312-x86_64-linux-gnu.so",
                              "...",
                              "..a/a..",
                              ".hidden",
                              "with blank/and 'quote'",
                              "caf\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac/\xf0\x9f\x90\x8d",
                              std::string(255, 'n')};

BOOST_DATA_TEST_CASE(ordinary_paths_are_valid, data::make(kValid), path) {
  BOOST_TEST(!relative_path_problem(path).has_value(), relative_path_problem(path).value_or(""));
}

const std::tuple<std::string, std::string> kInvalid[] = {
    {"", "is empty"},
    {"/", "is absolute"},
    {"/etc/passwd", "is absolute"},
    {"a//b", "has an empty component"},
    {"a/", "has an empty component"},
    {".", "has the component '.'"},
    {"a/./b", "has the component '.'"},
    {"..", "has the component '..'"},
    {"../a", "has the component '..'"},
    {"a/../../b", "has the component '..'"},
    {"a/..", "has the component '..'"},
    {std::string("a\0b", 3), "contains the control character 0x00"},
    {"a\nb", "contains the control character 0x0a"},
    {"a\x7f", "contains the control character 0x7f"},
    {"a/b\xC2\x9B", "contains the control character 0x9b"},
    {"a\\b", "contains a backslash"},
    {"C:\\x", "contains a backslash"},
    {std::string(256, 'n'), "has a component of 256 bytes (at most 255)"},
    {"a/\xff", "is not valid UTF-8"},
};

BOOST_DATA_TEST_CASE(what_could_escape_or_confuse_is_refused_with_the_reason, data::make(kInvalid), path, reason) {
  const auto problem = relative_path_problem(path);
  BOOST_REQUIRE(problem.has_value());
  BOOST_TEST(*problem == reason);
}

BOOST_AUTO_TEST_CASE(the_length_of_a_path_is_limited) {
  std::string path = "a";
  while (path.size() + 2 <= kMaxRelativePathBytes) path += "/a";
  path.resize(kMaxRelativePathBytes, 'b');
  BOOST_TEST(!relative_path_problem(path).has_value());
  path += 'b';
  BOOST_TEST(relative_path_problem(path).value_or("") == "is 4001 bytes long (at most 4000)");
}

BOOST_AUTO_TEST_CASE(a_component_has_no_slash) {
  BOOST_TEST(!component_problem("pip3.12").has_value());
  BOOST_TEST(component_problem("a/b").value_or("") == "contains '/'");
}

const std::tuple<std::string, bool> kUtf8[] = {
    {"", true},
    {"plain", true},
    {"\xc2\x80", true},
    {"\xdf\xbf", true},
    {"\xe0\xa0\x80", true},
    {"\xed\x9f\xbf", true},
    {"\xef\xbf\xbf", true},
    {"\xf0\x90\x80\x80", true},
    {"\xf4\x8f\xbf\xbf", true},
    {"\x80", false},              // continuation without lead
    {"\xc0\x80", false},          // overlong
    {"\xc1\xbf", false},          // overlong
    {"\xe0\x9f\xbf", false},      // overlong
    {"\xf0\x8f\xbf\xbf", false},  // overlong
    {"\xed\xa0\x80", false},      // surrogate
    {"\xf4\x90\x80\x80", false},  // beyond U+10FFFF
    {"\xf5\x80\x80\x80", false},
    {"\xe2\x82", false},  // cut off
    {"\xc3", false},
    {"\xc3(", false},
};

BOOST_DATA_TEST_CASE(utf8_is_checked_strictly, data::make(kUtf8), text, valid) {
  BOOST_TEST(is_valid_utf8(text) == valid);
}

BOOST_AUTO_TEST_CASE(paths_are_taken_apart) {
  BOOST_TEST(parent_of("a/b/c") == "a/b");
  BOOST_TEST(parent_of("c") == "");
  BOOST_TEST(name_of("a/b/c") == "c");
  BOOST_TEST(name_of("c") == "c");
}

BOOST_AUTO_TEST_CASE(messages_never_carry_control_characters) {
  BOOST_TEST(printable("a\x1b[31mb\n") == "a\\x1b[31mb\\x0a");
  BOOST_TEST(printable("caf\xc3\xa9") == "caf\xc3\xa9");
  BOOST_TEST(printable("caf\xe9") == "caf\\xe9");
  BOOST_TEST(printable("\xc2\x9b"
                       "31m") == "\\xc2\\x9b31m");
  BOOST_TEST(printable("\xc2\xa0") == "\xc2\xa0");
  BOOST_TEST(printable("a\xe2\x80\xae"
                       "b\xe2\x81\xa9") == "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa9");
  BOOST_TEST(printable("\xe2\x80\xa6") == "\xe2\x80\xa6");
}

BOOST_AUTO_TEST_CASE(long_text_is_elided_in_the_middle) {
  const std::string text = std::string(150, 'a') + std::string(150, 'b');
  BOOST_TEST(printable(text) == std::string(100, 'a') + "..." + std::string(100, 'b'));
  BOOST_TEST(printable(std::string(200, 'a')) == std::string(200, 'a'));
}

BOOST_AUTO_TEST_SUITE_END()
