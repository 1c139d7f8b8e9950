// The one form in which faults of an artifact are reported: "<member or file>: <what is wrong>".
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {

[[nodiscard]] inline std::string fault_text(std::string_view subject, std::string_view problem) {
  return fmt::format("{}: {}", printable(subject), problem);
}

// Throws InvalidInput. `subject` may hold any bytes; `problem` must be printable already.
[[noreturn]] inline void throw_fault(std::string_view subject, std::string_view problem) {
  throw InvalidInput(fault_text(subject, problem));
}

}  // namespace cas
