#include "cli/package_steps.hpp"

#include <fmt/format.h>

#include "store/base/relpath.hpp"

namespace cas {

std::string step_line(const PackageStep& step) {
  const std::string name = printable(step.name);
  if (step.before.empty()) return fmt::format("+ {} {}", name, printable(step.after));
  if (step.after.empty()) return fmt::format("- {} {}", name, printable(step.before));
  return fmt::format("~ {} {} -> {}", name, printable(step.before), printable(step.after));
}

Json json_steps(const std::vector<PackageStep>& steps) {
  const auto version = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json all = Json::array();
  for (const PackageStep& step : steps)
    all.push_back({{"name", step.name}, {"before", version(step.before)}, {"after", version(step.after)}});
  return all;
}

}  // namespace cas
