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

std::string pyvenv_cfg_text(const PyvenvConfig& config) {
  std::string text;
  if (!config.base_executable.empty()) {
    const std::string home(parent_of(config.base_executable));
    if (!fits_line(home)) {
      throw Error(
          fmt::format("no environment can be made over {}: Python reads pyvenv.cfg, which must name it, as UTF-8 "
                      "text with a line for each value",
                      printable(config.base_executable)));
    }
    text = fmt::format("home = {}\n", home);
  }
  text += fmt::format("include-system-site-packages = {}\nversion = {}\n",
                      config.system_site_packages ? "true" : "false", config.version);
  // These only inform: better left out than broken.
  if (!config.real_executable.empty() && fits_line(config.real_executable)) {
    text += fmt::format("executable = {}\n", config.real_executable);
  }
  if (fits_line(config.environment)) text += fmt::format("command = cas create {}\n", config.environment);
  if (config.prompt && fits_line(*config.prompt)) text += fmt::format("prompt = {}\n", quoted(*config.prompt));
  text += fmt::format("implementation = {}\ncas = " CAS_VERSION "\n",
                      config.implementation == "cpython" ? "CPython" : config.implementation);
  return text;
}

}  // namespace cas
