// What an environment was made of, from its anchor and what lies there: enough to make it again elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "linker/environment_request.hpp"

namespace cas {

// As anchors name it; LinkMode::automatic for what no version of cas writes.
[[nodiscard]] LinkMode link_mode_named(const std::string& name);

struct Reproduction {
  CreateOptions options;  // link mode, prompt, system site packages; no packages
  InterpreterFacts facts;
  BaseKind base = BaseKind::system;
  std::optional<PlannedPackage> own_interpreter;
  std::vector<PlannedPackage> packages;  // own_interpreter included
  PlanOptions plan_options;
};

// `path`: where the anchored environment lies now. Runs no interpreter that is known. The packages' REQUESTED and
// direct_url.json, and whether there is bytecode, are as they were, so that the anchor's plan is found again.
// Throws NotFound where the interpreter is gone, Corruption where the index does not have a package.
// The same without the interpreter, which may be gone: `facts`, `own_interpreter` and `plan_options.bytecode` are not filled in, and
// `packages` are without it; bytecode is wanted if the anchor's plan has some.
[[nodiscard]] Reproduction reproduce_packages(const Store& store, const Anchor& anchor, const std::string& path);

[[nodiscard]] Reproduction reproduce(const Store& store, const Anchor& anchor, const std::string& path);

}  // namespace cas
