// Which plans somebody holds: plans are found by their keys, and what they brought (bytecode, generated files) stays with them.
//
// A plan is held by name: by the anchor of an environment made of it, or by a revision. And it is held by packages: where every one of
// its packages is pinned, is a captured interpreter, or is being made an environment of right now. That a package lives on is not
// enough: what an old Python compiled of it would stay as long as it is used with a new one.
#pragma once

#include <string_view>
#include <unordered_set>

#include "store/base/digest.hpp"
#include "store/roots.hpp"

namespace cas {

class PlanHolds {
 public:
  // The anchor of an environment that is not dead, or of a revision that can be rolled back to. While it is being made, its maker may
  // hold plans that it does not name.
  void add(const Anchor& anchor, AnchorState state);
  // Pinned, or of a captured interpreter.
  void add_package(const Sha256Digest& artifact) { packages_.insert(artifact); }

  // `artifacts`: as in PlanRow.
  [[nodiscard]] bool holds(const Sha256Digest& key, std::string_view artifacts) const;

 private:
  std::unordered_set<Sha256Digest> keys_, packages_;
};

}  // namespace cas
