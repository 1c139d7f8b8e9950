#include "store/requirement/requirement_text.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::decode_requirement_file;
using cas::logical_lines;
using cas::UsageError;
using namespace std::string_literals;

namespace {

struct Encoded {
  std::string bytes;
  std::string text;
};
std::ostream& operator<<(std::ostream& out, const Encoded& e) { return out << e.text; }

const Encoded kEncoded[] = {
    {"caf\xC3\xA9", "café"},
    {"\xEF\xBB\xBF"
     "café",
     "café"},
    {"\xFF\xFE"
     "a\0\xE9\0"s,
     "aé"},
    {"\xFE\xFF\0a\0\xE9"s, "aé"},
    {"\xFF\xFE\0\0"
     "a\0\0\0"s,
     "a"},
    {"\0\0\xFE\xFF\0\0\0a"s, "a"},
    {"# -*- coding: latin-1 -*-\ncaf\xE9", "# -*- coding: latin-1 -*-\ncafé"},
    {"#\n# vim: set fileencoding=cp1252 :\n\x80", "#\n# vim: set fileencoding=cp1252 :\n€"},
    {"# coding=utf_8\né", "# coding=utf_8\né"},
    {"a\n\n# coding: latin-1\né", "a\n\n# coding: latin-1\né"},  // too late in the file
    {"a # coding: latin-1\né", "a # coding: latin-1\né"},        // not a line of comment
    {"", ""},
};

struct Lines {
  std::string text;
  std::string lines;  // "number:text|number:text"
};
std::ostream& operator<<(std::ostream& out, const Lines& l) { return out << l.lines; }

const Lines kLines[] = {
    {"", ""},
    {"a\nb", "1:a|2:b"},
    {" a \r\n\t\rb\fc\v", "1:a|3:b|4:c"},
    {"a # c\n#b\nc#d\n  # e", "1:a|3:c#d"},
    {"a\xC2\xA0# c", "1:a"},
    {"\xE3\x80\x80 a\xE2\x80\xA8 b", "1:a|2:b"},
    {"a \\\n b \\\nc\nd", "1:a  b c|4:d"},
    {"a \\\n# comment\nb", "1:a|3:b"},
    {"# comment \\\na", "2:a"},
    {"a\\\n#b", "1:a"},
    {"a \\", "1:a"},
    {"a\\\\\nb", "1:ab"},
    {"a\\ \nb", "1:a\\|2:b"},
    {"\\\n\\\na", "1:a"},
    {"${HOME}/${UNSET}${EMPTY}$HOME${home}", "1:/root/${UNSET}${EMPTY}$HOME${home}"},
    {"${${HOME}} ${HOME", "1:${/root} ${HOME"},
    {"${NEST} ${HOME}", "1:/root /root"},  // what a value names is replaced where the line names it, too
    {"${NEST}", "1:${HOME}"},
    {"a #${HOME}", "1:a"},
};

std::optional<std::string> variable(const std::string& name) {
  if (name == "HOME") return "/root";
  if (name == "NEST") return "${HOME}";
  if (name == "EMPTY") return "";
  if (name == "LONG") return std::string(10'000, 'x');
  return std::nullopt;
}

std::string shown(const std::string& text) {
  std::string out;
  for (const cas::LogicalLine& line : logical_lines(text, variable)) {
    if (!out.empty()) out += '|';
    out += std::to_string(line.number) + ':' + line.text;
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(requirement_text)

BOOST_DATA_TEST_CASE(decodes, data::make(kEncoded), one) { BOOST_TEST(decode_requirement_file(one.bytes) == one.text); }

BOOST_AUTO_TEST_CASE(decodes_what_is_larger_than_a_buffer) {
  std::string bytes = "\xFE\xFF";
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    bytes += std::string("\x20\xAC", 2);
    text += "€";
  }
  BOOST_TEST((decode_requirement_file(bytes) == text));
}

BOOST_AUTO_TEST_CASE(refuses_bytes_of_another_encoding) {
  for (const std::string& bytes : {"caf\xE9"s, "a\xC3"s, "\xED\xA0\x80"s, "# coding: ascii\n\xC3\xA9"s,
                                   "# coding: klingon\n"s, "\xFF\xFEx"s, "\xF5\x80\x80\x80"s}) {
    BOOST_TEST_CONTEXT(bytes) { BOOST_CHECK_THROW(static_cast<void>(decode_requirement_file(bytes)), UsageError); }
  }
}

BOOST_DATA_TEST_CASE(joins_lines_and_drops_comments, data::make(kLines), one) {
  BOOST_TEST(shown(one.text) == one.lines);
}

BOOST_AUTO_TEST_CASE(lines_are_limited) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "${LONG}";
  BOOST_CHECK_THROW(static_cast<void>(shown(text)), UsageError);
  BOOST_CHECK_THROW(static_cast<void>(shown(std::string(cas::kMaxLogicalLineBytes + 1, 'a'))), UsageError);
  text.clear();
  for (int i = 0; i < 1'001; ++i) text += "${X}";
  BOOST_CHECK_THROW(static_cast<void>(shown(text)), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
