#include "store/requirement/requirement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/requirement/cursor.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxClauses = 256;

class RequirementParser {
 public:
  explicit RequirementParser(Cursor& cursor) : cursor_(cursor) {}

  Requirement parse() {
    cursor_.skip_blanks();
    Requirement requirement;
    requirement.name = name("a package's name");
    requirement.normalized = normalize_name(requirement.name);
    cursor_.skip_blanks();
    requirement.extras = extras();
    cursor_.skip_blanks();
    if (cursor_.take("@")) {
      requirement.url = url();
    } else {
      requirement.specifiers = specifiers();
      cursor_.skip_blanks();
    }
    if (cursor_.at_end()) return requirement;
    if (!cursor_.take(";")) {
      cursor_.fail_expected(!requirement.url.empty() ? "';' and a marker, or the end, after the URL"
                            : requirement.specifiers.empty()
                                ? "versions (like >=1.0), '@' and a URL, ';' and a marker, or the end"
                                : "',' and a further version, ';' and a marker, or the end");
    }
    requirement.marker = Marker::parse(cursor_);
    return requirement;
  }

  std::vector<std::string> extras() {
    std::vector<std::string> found;
    if (!cursor_.take("[")) return found;
    cursor_.skip_blanks();
    if (cursor_.peek() != ']') {
      while (true) {
        found.push_back(normalize_name(name("an extra's name")));
        cursor_.skip_blanks();
        if (!cursor_.take(",")) break;
        cursor_.skip_blanks();
      }
    }
    if (!cursor_.take("]")) cursor_.fail_expected("',' or ']' after an extra's name");
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

 private:
  std::string name(std::string_view what) {
    const std::size_t begin = cursor_.position();
    const std::string_view rest = cursor_.rest();
    const auto end = std::find_if_not(rest.begin(), rest.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
             c == '.';
    });
    const std::string_view found = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    if (found.empty()) cursor_.fail_expected(what);
    if (!is_project_name(found))
      cursor_.fail(begin, fmt::format("'{}' is not {}", found, what),
                   "a name begins and ends with a letter or a digit");
    cursor_.skip(found.size());
    return std::string(found);
  }

  std::string url() {
    cursor_.skip_blanks();
    const std::string_view found = cursor_.take_until(" \t");
    if (found.empty()) cursor_.fail_expected("a URL after '@'");
    cursor_.skip_blanks();
    return std::string(found);
  }

  SpecifierSet specifiers() {
    const std::size_t open = cursor_.position();
    const bool parentheses = cursor_.take("(");
    cursor_.skip_blanks();
    std::vector<Specifier> clauses;
    while (!cursor_.at_end() && std::string_view("<>=!~").find(cursor_.peek()) != std::string_view::npos) {
      if (clauses.size() == kMaxClauses) {
        cursor_.fail(cursor_.position(), fmt::format("more than {} versions are compared", kMaxClauses));
      }
      clauses.push_back(clause());
      if (!cursor_.take(",")) break;
      cursor_.skip_blanks();
    }
    if (parentheses && !cursor_.take(")")) {
      if (cursor_.at_end()) cursor_.fail(open, "'(' has no ')'");
      cursor_.fail_expected("',' or ')' after a version");
    }
    return SpecifierSet(std::move(clauses));
  }

  Specifier clause() {
    const std::size_t begin = cursor_.position();
    const std::string_view text = trimmed(cursor_.take_until(",;)"), " \t");
    std::optional<Specifier> specifier = Specifier::parse(text);
    if (!specifier) {
      const bool single = text.starts_with("=") && !text.starts_with("==");
      cursor_.fail(begin, fmt::format("'{}' is not a comparison with a version", printable(text)),
                   single ? "did you mean '=='?" : "like >=1.0, ==1.0, ==1.*, ~=1.4, !=1.5 or ===text");
    }
    return std::move(*specifier);
  }

  Cursor& cursor_;
};

}  // namespace

Requirement parse_requirement(std::string_view text) {
  Cursor cursor("requirement", text);
  return RequirementParser(cursor).parse();
}

std::vector<std::string> parse_extras(std::string_view text) {
  Cursor cursor("extras", text);
  std::vector<std::string> extras = RequirementParser(cursor).extras();
  if (!cursor.at_end()) cursor.fail_expected("the end after ']'");
  return extras;
}

std::string Requirement::text() const {
  std::string out = name.empty() ? url : name;
  if (!extras.empty()) out += fmt::format("[{}]", fmt::join(extras, ","));
  if (!name.empty() && !url.empty()) out += fmt::format(" @ {}{}", url, marker ? " " : "");
  out += specifiers.text();
  if (marker) out += "; " + marker->text();
  return out;
}

}  // namespace cas
