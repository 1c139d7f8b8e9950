// Environments that have exactly what was named: what they lose of other tools' packages, and which seeds they keep.
#pragma once

#include "linker/environment_exactness.hpp"

namespace cas {

// Other tools' packages go by their RECORDs, where they have one. Seeds are pip, unless cas installed it by name, and setuptools and wheel that
// nobody asked for and that nothing there requires.
class ExactEnvironment final : public Exactness {
 public:
  [[nodiscard]] std::vector<PlannedPackage> seeds(const Store& store, const Anchor& anchor, const std::string& target,
                                                  const InterpreterFacts& facts) const override;
  [[nodiscard]] ForeignPackages foreign_packages(const Store& store, const Anchor& anchor, const std::string& target,
                                                 const std::vector<PlannedPackage>& wanted,
                                                 const InterpreterFacts& facts) const override;
};

}  // namespace cas
