// Environment markers (PyPA "Dependency specifiers", PEP 508; PEP 685 for extras, PEP 751 for lock files): conditions
// like `python_version < "3.11" and extra == "test"`.
//
// What the specification leaves open is decided as the reference implementation (`packaging`) decides it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

class Cursor;

// What the variables of a marker mean. The names are those of the specification.
struct MarkerEnvironment {
  std::string os_name;                         // "posix"
  std::string sys_platform;                    // "linux"
  std::string platform_machine;                // "x86_64"
  std::string platform_python_implementation;  // "CPython"
  std::string platform_release;                // "6.1.0-18-amd64"
  std::string platform_system;                 // "Linux"
  std::string platform_version;                // "#1 SMP Debian 6.1.76-1"
  std::string python_version;                  // "3.11"
  std::string python_full_version;             // "3.11.2"; a build between versions: "3.11.2+"
  std::string implementation_name;             // "cpython"
  std::string implementation_version;          // "3.11.2"
  std::string extra;                           // the one extra in question; "": none
  // Sets of names, which only lock files ask about; nullopt: there is no such set here.
  std::optional<std::vector<std::string>> extras;
  std::optional<std::vector<std::string>> dependency_groups;
};

// A comparison, or comparisons joined by "and" and "or". It is a comparison where `alternatives` is empty.
struct MarkerNode {
  struct Operand {
    bool is_variable = false;
    std::string text;  // the variable's name, in the spelling with "_"; or the string's value
  };
  Operand left;
  std::string comparison;  // "==", "in", "not in", …
  Operand right;

  // "a and b or c" is {{a, b}, {c}}: one of them must hold, wholly.
  std::vector<std::vector<MarkerNode>> alternatives;
};

class Marker {
 public:
  static constexpr int kMaxDepth = 64;  // of parentheses

  // Throws UsageError naming the column and what was expected.
  [[nodiscard]] static Marker parse(std::string_view text);
  // Reads up to the cursor's end.
  [[nodiscard]] static Marker parse(Cursor& cursor);

  // Versions are compared as versions, pre-releases like all others, where the variable is one and the other side is a
  // valid specifier's; everything else as text. Throws UsageError for a comparison that has no meaning
  // (`os_name ~= "x"`), and for the sets of lock files where there are none.
  [[nodiscard]] bool evaluate(const MarkerEnvironment& environment) const;

  // The canonical spelling: single blanks, double quotes, extras normalised, no needless parentheses around one
  // condition. parse(text()) is the same marker.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] const MarkerNode& root() const { return root_; }

 private:
  explicit Marker(MarkerNode root) : root_(std::move(root)) {}

  MarkerNode root_;
};

}  // namespace cas
