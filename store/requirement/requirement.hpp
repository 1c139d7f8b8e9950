// Requirements: which package, and which versions of it (PyPA "Dependency specifiers", PEP 508).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/requirement/marker.hpp"
#include "store/source/version.hpp"

namespace cas {

// `name[extra] >=1,<2 ; marker` or `name[extra] @ url ; marker`.
struct Requirement {
  std::string name;                 // as it was spelled
  std::string normalized;           // PEP 503
  std::vector<std::string> extras;  // PEP 503, sorted, each once
  SpecifierSet specifiers;          // empty where there is a URL
  std::string url;                  // "": none. What follows "@" up to a blank, as it was written
  std::optional<Marker> marker;

  // The canonical spelling: "name[a,b]!=1.5,>=1.0; marker", "name[a,b] @ url ; marker". A requirement without a name
  // (requirement_location.hpp) begins with its location: "location[a,b]; marker".
  [[nodiscard]] std::string text() const;

  // Its marker holds there; without one it applies everywhere.
  [[nodiscard]] bool applies(const MarkerEnvironment& environment) const {
    return !marker || marker->evaluate(environment);
  }
};

// Also accepts the parentheses of older metadata: "name (>=1,<2)". Throws UsageError naming the column and what was
// expected there.
[[nodiscard]] Requirement parse_requirement(std::string_view text);

// "[a,b]" after a name or a location, blanks around the names allowed; normalised, sorted, each once. Throws UsageError.
[[nodiscard]] std::vector<std::string> parse_extras(std::string_view text);

}  // namespace cas
