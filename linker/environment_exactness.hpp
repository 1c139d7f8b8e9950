// What an environment has that nobody named: what other tools installed, and what it was seeded with.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "linker/interpreter.hpp"
#include "linker/plan.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

// What becomes of other tools' packages.
struct ForeignPackages {
  std::vector<std::string> going;             // "name version", without those that a wanted one replaces
  std::set<std::string, std::less<>> files;   // of all that go: inside the environment, of nobody who stays
  std::set<std::string, std::less<>> edited;  // of the files
  std::vector<std::string> warnings;          // what stays
};

// Says it where exactly what was named is asked for (linker/packages/exact_environment.hpp). `target`: where the anchored environment lies.
class Exactness {
 public:
  virtual ~Exactness() = default;
  // Packages of the anchor that stay although nobody named them.
  [[nodiscard]] virtual std::vector<PlannedPackage> seeds(const Store& store, const Anchor& anchor,
                                                          const std::string& target,
                                                          const InterpreterFacts& facts) const = 0;
  // `wanted`: what the environment shall have.
  [[nodiscard]] virtual ForeignPackages foreign_packages(const Store& store, const Anchor& anchor,
                                                         const std::string& target,
                                                         const std::vector<PlannedPackage>& wanted,
                                                         const InterpreterFacts& facts) const = 0;
};

// The same where nobody asks for that: all of them stay, with a warning.
[[nodiscard]] ForeignPackages foreign_packages_to_stay(const Store& store, const Anchor& anchor,
                                                       const std::string& target);

}  // namespace cas
