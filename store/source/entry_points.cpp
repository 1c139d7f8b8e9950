#include "store/source/entry_points.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "store/base/text.hpp"
#include "store/source/fault.hpp"
#include "store/source/reserved.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

// https://docs.python.org/3/reference/lexical_analysis.html#keywords: a script that imports one does not compile.
bool is_keyword(std::string_view text) {
  static constexpr std::array<std::string_view, 35> kKeywords{
      "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
      "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
      "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
      "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
  return std::ranges::find(kKeywords, text) != kKeywords.end();
}

// Spaces and marks that are no letters: U+0080 to U+00BF but for its three letters, and general punctuation U+2000 to U+203E.
bool has_foreign_blank(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(text[i + 1]);
    if (lead == 0xC2 && next != 0xAA && next != 0xB5 && next != 0xBA) return true;
    if (lead == 0xE2 && next == 0x80 && i + 2 < text.size()) return true;
  }
  return false;
}

// Python's rule for ASCII; beyond it, what is certainly no letter is refused, and Python will judge the rest when it compiles
// the script.
bool is_identifier(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  if (is_keyword(text) || has_foreign_blank(text)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

bool is_dotted_identifier(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_identifier(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  std::vector<EntryPoint> parse() {
    if (!is_valid_utf8(text_)) throw_fault(file_, "is not valid UTF-8");
    while (!text_.empty()) {
      ++line_;
      const std::size_t end = text_.find('\n');
      const std::string_view line = text_.substr(0, end);
      text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
      take(line);
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw_fault(file_, fmt::format("line {}: {}", line_, problem));
  }

  void take(std::string_view line) {
    const std::string_view content = trimmed(line, kBlanks);
    if (content.empty() || content.front() == '#' || content.front() == ';') return;
    const std::size_t indent = line.find_first_not_of(kBlanks);
    if (in_section_ && in_option_ && indent > indent_) {
      // A continued value; for a script no value of several lines makes sense.
      if (group_) fail("a script's object reference goes over several lines");
      return;
    }
    indent_ = indent;
    if (content.front() == '[' && content.rfind(']') != std::string_view::npos && content.rfind(']') > 1) {
      begin_section(content.substr(1, content.rfind(']') - 1));
      return;
    }
    if (!in_section_) fail("stands before the first [group]");
    in_option_ = true;
    if (group_) assignment(content);
  }

  void begin_section(std::string_view name) {
    in_section_ = true;
    in_option_ = false;
    group_ = std::nullopt;
    if (name == "console_scripts") group_ = EntryPointGroup::console;
    if (name == "gui_scripts") group_ = EntryPointGroup::gui;
  }

  void assignment(std::string_view content) {
    const std::size_t equals = content.find('=');
    if (equals == std::string_view::npos) fail("is not of the form name = module:attribute");
    EntryPoint entry;
    entry.group = *group_;
    entry.name = trimmed(content.substr(0, equals), kBlanks);
    if (const auto problem = component_problem(entry.name)) {
      fail(fmt::format("the script name '{}' {}", printable(entry.name), *problem));
    }
    if (const auto problem = reserved_problem(Scheme::scripts, entry.name)) {
      fail(fmt::format("the script '{}' {}", printable(entry.name), *problem));
    }
    object(trimmed(content.substr(equals + 1), kBlanks), entry);
    const auto [known, is_new] = by_name_.emplace(entry.name, result_.size());
    if (!is_new) {
      const EntryPoint& other = result_[known->second];
      if (other.module == entry.module && other.attribute == entry.attribute) return;
      fail(fmt::format("the script '{}' is declared twice with different objects", printable(entry.name)));
    }
    result_.push_back(std::move(entry));
  }

  void object(std::string_view text, EntryPoint& entry) const {
    const std::string_view whole = text;
    const auto bad = [&](std::string_view why) {
      fail(fmt::format("the script '{}' has the object '{}': {}", printable(entry.name), printable(whole), why));
    };
    if (text.ends_with(']')) {
      const std::size_t open = text.find('[');
      if (open == std::string_view::npos) bad("it has a stray ']'");
      text = trimmed(text.substr(0, open), kBlanks);
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) bad("a script needs module:attribute");
    entry.module = trimmed(text.substr(0, colon), kBlanks);
    entry.attribute = trimmed(text.substr(colon + 1), kBlanks);
    if (!is_dotted_identifier(entry.module) || !is_dotted_identifier(entry.attribute)) {
      bad("module and attribute must be dotted identifiers");
    }
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t line_ = 0;
  std::size_t indent_ = 0;  // of the last section or option line
  bool in_section_ = false;
  bool in_option_ = false;
  std::optional<EntryPointGroup> group_;
  std::vector<EntryPoint> result_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

}  // namespace

std::vector<EntryPoint> parse_entry_points(std::string_view text, std::string_view file) {
  return Parser(text, file).parse();
}

}  // namespace cas
