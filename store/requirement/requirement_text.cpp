#include "store/requirement/requirement_text.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

// Longer marks first: that of UTF-32 begins with that of UTF-16.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kByteOrderMarks{
    {{"\xEF\xBB\xBF", "UTF-8"},
     {std::string_view("\xFF\xFE\0\0", 4), "UTF-32LE"},
     {std::string_view("\0\0\xFE\xFF", 4), "UTF-32BE"},
     {"\xFF\xFE", "UTF-16LE"},
     {"\xFE\xFF", "UTF-16BE"}}};

struct CloseConversion {
  void operator()(void* conversion) const { iconv_close(conversion); }
};

std::string converted(std::string_view bytes, const std::string& encoding) {
  const iconv_t opened = iconv_open("UTF-8", encoding.c_str());
  // NOLINTNEXTLINE(performance-no-int-to-ptr): how iconv_open reports an error
  if (opened == reinterpret_cast<iconv_t>(-1)) {
    throw UsageError(fmt::format("the encoding '{}' is not known here", printable(encoding)), "save the file as UTF-8");
  }
  const std::unique_ptr<void, CloseConversion> conversion(opened);
  std::string text;
  std::array<char, 4096> buffer;
  char* in = const_cast<char*>(bytes.data());  // iconv does not write there
  std::size_t in_left = bytes.size();
  // The last call, without input, writes what the encoding still owes.
  for (bool flushing = false;; flushing = true) {
    while (flushing || in_left > 0) {
      char* out = buffer.data();
      std::size_t out_left = buffer.size();
      const std::size_t before = in_left;
      const std::size_t result = flushing ? iconv(conversion.get(), nullptr, nullptr, &out, &out_left)
                                          : iconv(conversion.get(), &in, &in_left, &out, &out_left);
      text.append(buffer.data(), buffer.size() - out_left);
      const bool failed = result == static_cast<std::size_t>(-1);
      if (failed && in_left == before && out_left == buffer.size()) {
        throw UsageError(fmt::format("byte {} is not {}", bytes.size() - in_left, printable(encoding)),
                         "save the file as UTF-8, or say its encoding in the first line: # -*- coding: latin-1 -*-");
      }
      if (!flushing) continue;
      // iconv lets code points pass that UTF-8 has no room for.
      if (!is_valid_utf8(text)) throw UsageError("the text is not valid Unicode", "save the file as UTF-8");
      return text;
    }
  }
}

// What follows "coding:" or "coding=" (PEP 263); "": the line says nothing.
std::string_view declared_encoding(std::string_view line) {
  if (!line.starts_with('#')) return {};
  for (std::size_t at = line.find("coding"); at != std::string_view::npos; at = line.find("coding", at + 1)) {
    std::string_view rest = line.substr(at + 6);
    if (rest.empty() || (rest.front() != ':' && rest.front() != '=')) continue;
    rest = trimmed(rest.substr(1), " \t\r\f\v");
    const auto end = std::find_if_not(rest.begin(), rest.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
             c == '.';
    });
    if (end != rest.begin()) return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  }
  return {};
}

// Python's names of encodings that iconv calls otherwise.
std::string iconv_name(std::string_view python_name) {
  std::string name = lower_case(python_name);
  std::replace(name.begin(), name.end(), '_', '-');
  if (name == "utf-8-sig" || name == "utf8") return "utf-8";
  if (name == "latin-1" || name == "latin1" || name == "iso8859-1") return "iso-8859-1";
  if (name == "latin-9" || name == "iso8859-15") return "iso-8859-15";
  return name;
}

// White space and line ends as Python's str knows them, beyond ASCII too: a no-break space pasted from a web page
// separates a comment, and form feeds end a line. Bytes of the one in front of `text`; 0: there is none.
std::size_t line_end_length(std::string_view text) {
  if (text.starts_with("\r\n")) return 2;
  if (text.starts_with("\xC2\x85")) return 2;
  if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9")) return 3;
  const char c = text.front();
  return (c >= '\n' && c <= '\r') || (c >= '\x1C' && c <= '\x1E') ? 1 : 0;
}

std::size_t space_length(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kWide{"\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80",
                                                         "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
                                                         "\xE2\x81\x9F", "\xE3\x80\x80"};
  if (text.empty()) return 0;
  const char c = text.front();
  if (c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1C' && c <= '\x1F')) return 1;
  for (const std::string_view space : kWide) {
    if (text.starts_with(space)) return space.size();
  }
  // U+2000 to U+200A: spaces of every width.
  return text.size() >= 3 && text.starts_with("\xE2\x80") && static_cast<unsigned char>(text[2]) >= 0x80 &&
                 static_cast<unsigned char>(text[2]) <= 0x8A
             ? 3
             : 0;
}

std::string_view stripped(std::string_view text) {
  while (const std::size_t length = space_length(text)) text.remove_prefix(length);
  while (!text.empty()) {
    std::size_t length = 0;
    for (std::size_t tail = 1; tail <= std::min<std::size_t>(3, text.size()) && length == 0; ++tail) {
      if (space_length(text.substr(text.size() - tail)) == tail) length = tail;
    }
    if (length == 0) break;
    text.remove_suffix(length);
  }
  return text;
}

// Where a comment begins, with the white space before it.
std::size_t comment_begin(std::string_view line) {
  std::size_t space = 0;  // where the white space before `at` begins
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == '#' && (at == 0 || space < at)) return space;
    const std::size_t length = space_length(line.substr(at));
    at += std::max<std::size_t>(length, 1);
    if (length == 0) space = at;
  }
  return line.size();
}

bool is_comment(std::string_view line) {
  const std::size_t begin = comment_begin(line);
  return begin == 0 && begin < line.size();
}

std::vector<std::string_view> physical_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = line_end_length(text.substr(at));
    if (end > 0) {
      lines.push_back(text.substr(begin, at - begin));
      begin = at + end;
    }
    at += std::max<std::size_t>(end, 1);
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

[[noreturn]] void fail_length(std::size_t number) {
  throw UsageError(fmt::format("line {} is longer than {}", number, format_size(kMaxLogicalLineBytes)));
}

// Each costs a pass over the line.
constexpr std::size_t kMaxVariables = 1'000;

// The names in "${NAME}", in order.
std::vector<std::string> variables_in(std::string_view line) {
  std::vector<std::string> names;
  for (std::size_t at = line.find("${"); at != std::string_view::npos; at = line.find("${", at + 1)) {
    const std::string_view rest = line.substr(at + 2);
    const std::string_view name = rest.substr(0, rest.find('}'));
    const bool valid = name.size() < rest.size() && !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                       });
    if (valid) names.emplace_back(name);
  }
  return names;
}

void expand_variables(LogicalLine& line, const VariableLookup& variable) {
  if (!variable) return;
  const std::vector<std::string> names = variables_in(line.text);
  if (names.size() > kMaxVariables) {
    throw UsageError(fmt::format("line {} names {} variables, more than {}", line.number, names.size(), kMaxVariables));
  }
  for (const std::string& name : names) {
    const std::optional<std::string> value = variable(name);
    if (!value || value->empty()) continue;
    const std::string written = "${" + name + "}";
    std::string expanded;
    std::string_view rest = line.text;
    for (std::size_t at = rest.find(written); at != std::string_view::npos; at = rest.find(written)) {
      expanded.append(rest.substr(0, at)).append(*value);
      if (expanded.size() > kMaxLogicalLineBytes) fail_length(line.number);
      rest.remove_prefix(at + written.size());
    }
    expanded.append(rest);
    line.text = std::move(expanded);
  }
}

}  // namespace

std::string decode_requirement_file(std::string_view bytes) {
  for (const auto& [mark, encoding] : kByteOrderMarks) {
    if (bytes.starts_with(mark)) return converted(bytes.substr(mark.size()), std::string(encoding));
  }
  std::string_view rest = bytes;
  for (int line = 0; line < 2; ++line) {
    const std::size_t end = rest.find('\n');
    if (const auto declared = declared_encoding(rest.substr(0, end)); !declared.empty()) {
      return converted(bytes, iconv_name(declared));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return converted(bytes, "UTF-8");
}

std::vector<LogicalLine> logical_lines(std::string_view text, const VariableLookup& variable) {
  std::vector<LogicalLine> lines;
  std::string joined;
  std::size_t first = 0;  // number of the physical line with which `joined` began; 0: none is open
  const auto finish = [&] {
    LogicalLine line{std::exchange(first, 0), std::exchange(joined, {})};
    line.text = stripped(std::string_view(line.text).substr(0, comment_begin(line.text)));
    if (line.text.empty()) return;
    expand_variables(line, variable);
    lines.push_back(std::move(line));
  };
  std::size_t number = 0;
  for (const std::string_view physical : physical_lines(text)) {
    ++number;
    if (first == 0) first = number;
    const bool comment = is_comment(physical);
    const bool continued = physical.ends_with('\\') && !comment;
    // A comment ends the line that it continues, and stays one: it needs white space before it.
    if (comment) joined += ' ';
    joined += continued ? trimmed(physical, "\\") : physical;
    if (joined.size() > kMaxLogicalLineBytes) fail_length(first);
    if (!continued) finish();
  }
  if (first != 0) finish();
  return lines;
}

}  // namespace cas
