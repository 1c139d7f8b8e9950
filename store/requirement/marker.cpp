// Markers as text; marker_evaluate.cpp says what they mean.
#include "store/requirement/marker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/base/error.hpp"
#include "store/base/text.hpp"
#include "store/requirement/cursor.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

struct Variable {
  std::string_view spelling;
  std::string_view name;
};
// The dotted names are of setuptools' time, and deprecated.
constexpr std::array<Variable, 20> kVariables{{{"python_version", "python_version"},
                                               {"python_full_version", "python_full_version"},
                                               {"os_name", "os_name"},
                                               {"os.name", "os_name"},
                                               {"sys_platform", "sys_platform"},
                                               {"sys.platform", "sys_platform"},
                                               {"platform_release", "platform_release"},
                                               {"platform_system", "platform_system"},
                                               {"platform_version", "platform_version"},
                                               {"platform.version", "platform_version"},
                                               {"platform_machine", "platform_machine"},
                                               {"platform.machine", "platform_machine"},
                                               {"platform_python_implementation", "platform_python_implementation"},
                                               {"platform.python_implementation", "platform_python_implementation"},
                                               {"python_implementation", "platform_python_implementation"},
                                               {"implementation_name", "implementation_name"},
                                               {"implementation_version", "implementation_version"},
                                               {"extra", "extra"},
                                               {"extras", "extras"},
                                               {"dependency_groups", "dependency_groups"}}};
// Longer signs first.
constexpr std::array<std::string_view, 8> kSigns{"===", "==", "~=", "!=", "<=", ">=", "<", ">"};

bool is_set(const MarkerNode::Operand& operand) {
  return operand.is_variable && (operand.text == "extras" || operand.text == "dependency_groups");
}

bool is_extra(const MarkerNode::Operand& operand) { return operand.is_variable && operand.text == "extra"; }

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (code & 0x3F));
}

class MarkerParser {
 public:
  explicit MarkerParser(Cursor& cursor) : cursor_(cursor) {}

  MarkerNode parse() {
    MarkerNode node = expression();
    if (!cursor_.at_end()) cursor_.fail_expected("'and', 'or' or the end of the marker");
    return node;
  }

 private:
  MarkerNode expression() {
    MarkerNode node;
    node.alternatives.emplace_back().push_back(condition());
    while (true) {
      if (cursor_.take_word("or")) {
        node.alternatives.emplace_back();
      } else if (!cursor_.take_word("and")) {
        break;
      }
      node.alternatives.back().push_back(condition());
    }
    if (node.alternatives.size() > 1 || node.alternatives.front().size() > 1) return node;
    return MarkerNode(std::move(node.alternatives.front().front()));
  }

  MarkerNode condition() {
    cursor_.skip_blanks();
    const std::size_t open = cursor_.position();
    MarkerNode node;
    if (cursor_.take("(")) {
      if (++depth_ > Marker::kMaxDepth) {
        cursor_.fail(open, fmt::format("more than {} parentheses in each other", Marker::kMaxDepth));
      }
      node = expression();
      if (!cursor_.take(")")) cursor_.fail_expected("'and', 'or' or ')'");
      --depth_;
    } else {
      node = comparison();
    }
    cursor_.skip_blanks();
    return node;
  }

  MarkerNode comparison() {
    const std::size_t begin = cursor_.position();
    MarkerNode node;
    node.left = operand();
    cursor_.skip_blanks();
    node.comparison = sign();
    cursor_.skip_blanks();
    node.right = operand();
    if (!node.left.is_variable && !node.right.is_variable) cursor_.fail(begin, "compares two strings, and no variable");
    const bool membership = node.comparison == "in" || node.comparison == "not in";
    if (is_set(node.left) || (is_set(node.right) && (!membership || node.left.is_variable))) {
      const std::string& set = is_set(node.left) ? node.left.text : node.right.text;
      cursor_.fail(begin, fmt::format("'{}' is a set of names", set), fmt::format("write \"name\" in {}", set));
    }
    if (is_extra(node.left) && !node.right.is_variable) node.right.text = normalize_name(node.right.text);
    if ((is_extra(node.right) || is_set(node.right)) && !node.left.is_variable) {
      node.left.text = normalize_name(node.left.text);
    }
    return node;
  }

  MarkerNode::Operand operand() {
    if (cursor_.peek() == '\'' || cursor_.peek() == '"') return {false, quoted()};
    for (const Variable& variable : kVariables) {
      if (cursor_.take_word(variable.spelling)) return {true, std::string(variable.name)};
    }
    cursor_.fail_expected("a marker variable (python_version, sys_platform, …) or a string in quotes");
  }

  std::string sign() {
    if (cursor_.take_word("in")) return "in";
    if (cursor_.take_word("not")) {
      if (!cursor_.skip_blanks() || !cursor_.take_word("in")) cursor_.fail_expected("'in' after 'not'");
      return "not in";
    }
    for (const std::string_view sign : kSigns) {
      if (cursor_.take(sign)) return std::string(sign);
    }
    cursor_.fail_expected("a comparison (<=, <, !=, ==, >=, >, ~=, ===, in, not in)");
  }

  // A string runs to the same quote, which nothing can escape; then it is read as Python reads it, which
  // `packaging` does, though the specification has no escapes.
  std::string quoted() {
    const std::size_t begin = cursor_.position();
    const char quote = cursor_.peek();
    cursor_.skip(1);
    std::string_view raw = cursor_.take_until(std::string_view(&quote, 1));
    if (cursor_.at_end()) cursor_.fail(begin, "the string has no closing quote");
    cursor_.skip(1);
    std::string value;
    while (!raw.empty()) {
      const std::size_t plain = std::min(raw.find('\\'), raw.size());
      value += raw.substr(0, plain);
      raw.remove_prefix(plain);
      if (!raw.empty() && !unescape(raw, value)) cursor_.fail(begin, "the string has an invalid escape after '\\'");
    }
    return value;
  }

  static bool unescape(std::string_view& raw, std::string& value) {
    static constexpr std::string_view kLetters = "\\abfnrtv";
    static constexpr std::string_view kMeanings = "\\\a\b\f\n\r\t\v";
    if (raw.size() < 2) return false;
    const char letter = raw[1];
    if (const std::size_t index = kLetters.find(letter); index != std::string_view::npos) {
      value += kMeanings[index];
      raw.remove_prefix(2);
      return true;
    }
    if (letter == '\'' || letter == '"') {
      value += letter;
      raw.remove_prefix(2);
      return true;
    }
    if (letter >= '0' && letter <= '7') {
      raw.remove_prefix(1);
      return append_code(raw, value, 8, 1, 3);
    }
    const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (digits > 0) {
      raw.remove_prefix(2);
      return append_code(raw, value, 16, digits, digits);
    }
    if (letter == 'N') return false;  // a character's name: nobody writes that
    value += '\\';
    raw.remove_prefix(1);
    return true;
  }

  static bool append_code(std::string_view& raw, std::string& value, unsigned base, std::size_t least,
                          std::size_t most) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    unsigned code = 0;
    std::size_t count = 0;
    for (; count < std::min(most, raw.size()); ++count) {
      const std::size_t digit = kDigits.find(lower_case(raw[count]));
      if (digit >= base) break;
      code = code * base + static_cast<unsigned>(digit);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (count < least || code > 0x10FFFF || surrogate) return false;
    append_utf8(value, code);
    raw.remove_prefix(count);
    return true;
  }

  Cursor& cursor_;
  int depth_ = 0;
};

// Double quotes where that is possible; escapes only where a string could not be read back otherwise.
std::string quoted_text(const std::string& value) {
  const char quote = value.find('"') == std::string::npos || value.find('\'') != std::string::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : value) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == quote || (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + quote;
}

std::string operand_text(const MarkerNode::Operand& operand) {
  return operand.is_variable ? operand.text : quoted_text(operand.text);
}

void append_node(std::string& out, const MarkerNode& node, bool nested) {
  if (node.alternatives.empty()) {
    out += fmt::format("{} {} {}", operand_text(node.left), node.comparison, operand_text(node.right));
    return;
  }
  if (nested) out += '(';
  for (std::size_t i = 0; i < node.alternatives.size(); ++i) {
    if (i > 0) out += " or ";
    for (std::size_t j = 0; j < node.alternatives[i].size(); ++j) {
      if (j > 0) out += " and ";
      append_node(out, node.alternatives[i][j], true);
    }
  }
  if (nested) out += ')';
}

}  // namespace

Marker Marker::parse(std::string_view text) {
  Cursor cursor("marker", text);
  return parse(cursor);
}

Marker Marker::parse(Cursor& cursor) { return Marker(MarkerParser(cursor).parse()); }

std::string Marker::text() const {
  std::string out;
  append_node(out, root_, false);
  return out;
}

}  // namespace cas
