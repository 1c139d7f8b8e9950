#include "linker/pyvenv_cfg.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

#ifndef CAS_VERSION
#define CAS_VERSION "0"
#endif

namespace cas {
namespace {

// Python strips blanks around values.
bool fits_line(std::string_view value) {
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) return false;
  }
  return is_valid_utf8(value) && !value.starts_with(' ') && !value.ends_with(' ');
}

// As Python's repr(), which venv uses here and activation scripts take off again.
std::string quoted(std::string_view text) {
  const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string result(1, quote);
  for (const char c : text) {
    if (c == '\\' || c == quote) result += '\\';
    result += c;
  }
  return result + quote;
}

}  // namespace

std::string pyvenv_cfg_text(const InterpreterFacts& facts, const std::string& real_executable,
                            const std::string& environment, const std::optional<std::string>& prompt) {
  const std::string home(parent_of(facts.executable));
  if (!fits_line(home)) {
    throw Error(
        fmt::format("no environment can be made over {}: Python reads pyvenv.cfg, which must name it, as UTF-8 "
                    "text with a line for each value",
                    printable(facts.executable)));
  }
  std::string text =
      fmt::format("home = {}\ninclude-system-site-packages = false\nversion = {}\n", home, facts.version);
  // These only inform: better left out than broken.
  if (fits_line(real_executable)) text += fmt::format("executable = {}\n", real_executable);
  if (fits_line(environment)) text += fmt::format("command = cas create {}\n", environment);
  if (prompt && fits_line(*prompt)) text += fmt::format("prompt = {}\n", quoted(*prompt));
  text += "cas = " CAS_VERSION "\n";
  return text;
}

}  // namespace cas
