#include "store/base/toml.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {

void toml_assertion_failed(const char* what) { throw std::logic_error(what); }

toml::table parse_toml(std::string_view text, std::string_view place) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw InvalidInput(
        fmt::format("{}:{}: not TOML: {}", place, error.source().begin.line, printable(error.description())));
  } catch (const std::logic_error&) {
    throw InvalidInput(fmt::format("{}: not TOML: a value is not closed, or no value at all", place));
  }
}

}  // namespace cas
