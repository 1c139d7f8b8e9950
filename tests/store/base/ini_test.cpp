#include "store/base/ini.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

// "[section] key@line: value", a line each; '|' for line ends in values.
std::string read(std::string_view text) {
  std::string result;
  for (const cas::IniSetting& setting : cas::parse_ini(text, "x.ini")) {
    std::string value = setting.value;
    std::replace(value.begin(), value.end(), '\n', '|');
    result += "[" + setting.section + "] " + setting.key + "@" + std::to_string(setting.line) + ": " + value + "\n";
  }
  return result;
}

std::string fault(std::string_view text) {
  try {
    return "read: " + read(text);
  } catch (const cas::InvalidInput& error) {
    return error.message();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ini)

// As Python's configparser reads the same texts, but for empty lines.
const std::vector<std::tuple<std::string, std::string>> kTexts{
    {"", ""},
    {"[a]\nKey = value\nother: x = y\n", "[a] key@2: value\n[a] other@3: x = y\n"},
    {"# c\n; c\n[a]\r\n  # c\nx=1 # not one\r\n", "[a] x@5: 1 # not one\n"},
    {"[a]\nx =\n  one\n\n  # c\n\ttwo\ny = 2", "[a] x@2: |one|two\n[a] y@7: 2\n"},
    {"[a]\n  x = 1\n  y = 2\n   more\n", "[a] x@2: 1\n[a] y@3: 2|more\n"},
    {"[a]\nx = 1\n  [b]\n", "[a] x@2: 1|[b]\n"},
    {"[a]\nx = 1\n[b]\nx = 2\n", "[a] x@2: 1\n[b] x@4: 2\n"},
    {"[a]\nx=\n[a]\ny=2\n", "[a] x@2: \n[a] y@4: 2\n"},
    {"\xEF\xBB\xBF[a]\nx = 1\n", "[a] x@2: 1\n"},
    {"[a] trailing\nx = 1\n", "[a] x@2: 1\n"},
};
BOOST_DATA_TEST_CASE(reads_as_python_does, data::make(kTexts), text, expected) { BOOST_TEST(read(text) == expected); }

const std::vector<std::tuple<std::string, std::string>> kFaults{
    {"x = 1\n", "x.ini:1: neither a section nor a setting"},
    {"[a]\nx\n", "x.ini:2: neither a section nor a setting"},
    {"[a]\n= 1\n", "x.ini:2: neither a section nor a setting"},
    {"[]\n", "x.ini:1: neither a section nor a setting"},
    {"[a\nx=1\n", "x.ini:1: neither a section nor a setting"},
    {"[a]\nx = 1\n\nX = 2\n", "x.ini:4: 'x' stands twice in [a]"},
};
BOOST_DATA_TEST_CASE(names_the_line_of_what_is_wrong, data::make(kFaults), text, expected) {
  BOOST_TEST(fault(text) == expected);
}

BOOST_AUTO_TEST_CASE(a_zero_byte_is_refused) {
  BOOST_TEST(fault(std::string_view("[a]\nx = \0\n", 10)) == "x.ini:2: a zero byte");
}

BOOST_AUTO_TEST_SUITE_END()
