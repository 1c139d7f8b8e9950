#include "linker/scripts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

// Linux read 128 bytes before 5.1 (256 since), the last one a NUL.
constexpr std::size_t kLongestLine = 127;
constexpr std::string_view kShell = "#!/bin/sh\n";
constexpr std::string_view kGuard = "\f# 2>/dev/null || ";
constexpr std::string_view kExec = "exec ";
constexpr std::string_view kTripleQuoted = "'''exec' ";
constexpr std::string_view kArguments = " \"$0\" \"$@\"\n";
constexpr std::string_view kBlank = " \t\f";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
         c == '_' || c == '-' || c == '+' || c == ',';
}

// Python takes "coding" and then ':' or '=' in a comment of the first two lines for the source's encoding.
bool looks_like_encoding(std::string_view line) {
  return line.find("coding:") != std::string_view::npos || line.find("coding=") != std::string_view::npos;
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// A word for /bin/sh, on one line, in ASCII. Single quotes do for most paths; for the rest printf makes the bytes.
std::string shell_word(std::string_view text) {
  bool printable_ascii = true;
  for (const char c : text) printable_ascii = printable_ascii && c >= ' ' && c <= '~';
  std::string word;
  if (printable_ascii && !looks_like_encoding(text)) {
    word = "'";
    for (const char c : text) c == '\'' ? word += "'\\''" : word += c;
    return word + "'";
  }
  // $(...) would drop newlines at the end; an interpreter's path does not end in one.
  std::string bytes;
  for (const char c : text) is_plain(c) ? bytes += c : bytes += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  return "\"$(printf '" + bytes + "')\"";
}

std::string shell_head(std::string_view interpreter) {
  return fmt::format("{}{}{}{}{}", kShell, kGuard, kExec, shell_word(interpreter), kArguments);
}

std::string plain_head(std::string_view interpreter, std::string_view options) {
  return options.empty() ? fmt::format("#!{}\n", interpreter) : fmt::format("#!{} {}\n", interpreter, options);
}

bool fits_kernel(std::string_view interpreter, std::string_view options) {
  for (const char c : interpreter) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F) return false;
  }
  return plain_head(interpreter, options).size() <= kLongestLine && is_valid_utf8(interpreter) &&
         !looks_like_encoding(interpreter);
}

// What follows "#!python" on the first line, if it is harmless on every kind of head.
std::string_view options_of(std::string_view line) {
  line.remove_prefix(std::string_view("#!python").size());
  if (line.starts_with('w')) line.remove_prefix(1);
  line.remove_prefix(std::min(line.find_first_not_of("0123456789."), line.size()));
  if (line.find_first_of(kBlank) != 0) return {};  // "#!python-config": not the interpreter's options
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  while (!line.empty() && (line.back() == '\r' || kBlank.find(line.back()) != std::string_view::npos)) {
    line.remove_suffix(1);
  }
  for (const char c : line) {
    if (!is_plain(c) && c != ' ' && c != '=' && c != ':') return {};
  }
  return looks_like_encoding(line) ? std::string_view{} : line;
}

// The encoding that a comment declares (PEP 263), "" if none.
std::string_view declared_encoding(std::string_view line) {
  const std::size_t start = line.find_first_not_of(kBlank);
  if (start == std::string_view::npos || line[start] != '#') return {};
  for (std::size_t at = line.find("coding"); at != std::string_view::npos; at = line.find("coding", at + 1)) {
    std::string_view rest = line.substr(at + 6);
    if (!rest.starts_with(':') && !rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    std::size_t length = 0;
    while (length < rest.size() && is_plain(rest[length]) && rest[length] != '/' && rest[length] != '+' &&
           rest[length] != ',') {
      ++length;
    }
    if (length > 0) return rest.substr(0, length);
  }
  return {};
}

// The last component of `path`, if it lies in `directory` itself; else "".
std::string_view name_inside(std::string_view path, std::string_view directory) {
  if (path.size() <= directory.size() + 1 || !path.starts_with(directory) || path[directory.size()] != '/') return {};
  const std::string_view name = path.substr(directory.size() + 1);
  return name.find('/') == std::string_view::npos ? name : std::string_view{};
}

// In the forms of two lines: where the interpreter's word stands in `text`, and what shall stand there.
struct Replacement {
  std::size_t start = 0, length = 0;
  std::string word;
};

std::optional<Replacement> guarded_word(std::string_view text, std::string_view former, std::string_view now) {
  const std::size_t start = kShell.size() + kGuard.size() + kExec.size();
  const std::string old_word = shell_word(fmt::format("{}/python", former));
  if (!text.substr(kShell.size()).starts_with(kGuard) || !text.substr(start).starts_with(old_word + " ")) {
    return std::nullopt;
  }
  return Replacement{start, old_word.size(), shell_word(fmt::format("{}/python", now))};
}

// pip quotes with ", uv with ', and old tools not at all.
std::optional<Replacement> quoted_word(std::string_view text, std::string_view former, std::string_view now) {
  if (!text.substr(kShell.size()).starts_with(kTripleQuoted)) return std::nullopt;
  const std::size_t start = kShell.size() + kTripleQuoted.size();
  const std::string_view rest = text.substr(start, text.find('\n', start) - start);
  if (rest.empty()) return std::nullopt;
  const bool has_quotes = rest.front() == '"' || rest.front() == '\'';
  const std::size_t end = has_quotes ? rest.find(rest.front(), 1) : rest.find(' ');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = name_inside(has_quotes ? rest.substr(1, end - 1) : rest.substr(0, end), former);
  // It is a string of Python's and a word of the shell's at once.
  for (const char c : now) {
    if (static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\'' || c == '\\' || c == '$' || c == '`') {
      return std::nullopt;
    }
  }
  if (name.empty()) return std::nullopt;
  return Replacement{start, has_quotes ? end + 1 : end, fmt::format("\"{}/{}\"", now, name)};
}

}  // namespace

std::string script_head(std::string_view interpreter) {
  return fits_kernel(interpreter, {}) ? plain_head(interpreter, {}) : shell_head(interpreter);
}

// readlink -f is in every coreutils, busybox and toybox; $0 is a path, because the kernel or the calling shell
// looked the script up.
std::string relocatable_script_head() {
  return fmt::format("{}{}exec \"$(dirname \"$(readlink -f \"$0\")\")\"/python{}", kShell, kGuard, kArguments);
}

std::string entry_point_script(std::string_view head, const EntryPoint& entry) {
  const std::string_view attribute = entry.attribute;
  return fmt::format(
      "{}# -*- coding: utf-8 -*-\n"
      "import sys\n"
      "\n"
      "from {} import {}\n"
      "\n"
      "if __name__ == \"__main__\":\n"
      "    sys.exit({}())\n",
      head, entry.module, attribute.substr(0, attribute.find('.')), attribute);
}

std::string rewrite_python_script(std::string_view head, std::string_view bytes) {
  const std::size_t newline = bytes.find('\n');
  const std::string_view options = options_of(bytes.substr(0, newline));
  const std::string_view rest = newline == std::string_view::npos ? std::string_view{} : bytes.substr(newline + 1);
  const std::string_view encoding = declared_encoding(rest.substr(0, rest.find('\n')));

  std::string result(head);
  if (!head.starts_with(kShell)) {
    const std::string_view interpreter = head.substr(2, head.size() - 3);
    // A path beyond ASCII is UTF-8, and the script may be anything.
    if (fits_kernel(interpreter, options) && (encoding.empty() || is_ascii(interpreter))) {
      result = plain_head(interpreter, options);
      result += rest;
      return result;
    }
    result = shell_head(interpreter);
  }
  // Now the head has two lines, and the script's own second line is the third: its encoding moves up.
  result.resize(result.size() - kArguments.size());
  if (!options.empty()) result += fmt::format(" {}", options);
  result += kArguments;
  if (!encoding.empty()) {
    result.pop_back();
    result += fmt::format(" # -*- coding: {} -*-\n", encoding);
  }
  result += rest;
  return result;
}

std::optional<std::string> moved_script(std::string_view text, std::string_view former, std::string_view now) {
  if (!text.starts_with("#!")) return std::nullopt;
  if (text.starts_with(kShell)) {
    auto found = guarded_word(text, former, now);
    if (!found) found = quoted_word(text, former, now);
    if (!found) return std::nullopt;
    return std::string(text).replace(found->start, found->length, found->word);
  }
  const std::string_view line = text.substr(2, std::min(text.find('\n'), text.size()) - 2);
  const std::string_view interpreter = line.substr(0, line.find_first_of(" \t\r"));
  const std::string_view name = name_inside(interpreter, former);
  if (name.empty()) return std::nullopt;
  return rewrite_python_script(script_head(fmt::format("{}/{}", now, name)),
                               fmt::format("#!python{}", text.substr(2 + interpreter.size())));
}

}  // namespace cas
