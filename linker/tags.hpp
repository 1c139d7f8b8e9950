// Which wheels fit which interpreter: compatibility tags (PEP 425, PEP 600 manylinux, PEP 656 musllinux) and
// Requires-Python.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "linker/interpreter.hpp"
#include "store/base/package_model.hpp"

namespace cas {

// Every tag that the interpreter accepts ("cp312-cp312-manylinux_2_36_x86_64"), best first, in the order that the
// specification and the `packaging` library give.
[[nodiscard]] std::vector<std::string> supported_tags(const InterpreterFacts& facts);

class TagSet {
 public:
  explicit TagSet(const InterpreterFacts& facts);
  // The rank of the wheel's best tag (0 is best); nullopt: none of its tags is supported.
  [[nodiscard]] std::optional<std::size_t> rank(const PackageMetadata& wheel) const;
  // Without opening a wheel: of the three tag parts of a file name.
  [[nodiscard]] std::optional<std::size_t> rank(std::string_view python_tags, std::string_view abi_tags,
                                                std::string_view platform_tags) const;

 private:
  std::vector<std::string> sorted_;  // for look-up
  std::vector<std::size_t> ranks_;   // of sorted_
};

// Why the wheel cannot be installed for the interpreter (tags, Requires-Python), as a sentence; nullopt: it can.
[[nodiscard]] std::optional<std::string> misfit(const PackageMetadata& wheel, const InterpreterFacts& facts,
                                                const TagSet& tags);

}  // namespace cas
