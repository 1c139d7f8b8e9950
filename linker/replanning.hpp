// Changes are planned without the environment's lock, as resolving and downloading may take minutes, and carried out with it: what
// was planned from is compared then, and the change planned again where another command was first. For linker/ only.
#pragma once

#include <string>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {

// The environment is no longer the one that the change was planned from. Nothing was touched.
class ChangedMeanwhile : public Error {
 public:
  explicit ChangedMeanwhile(const std::string& environment)
      : Error(printable(environment) + ": other commands change it again and again while this one plans its change",
              "wait until they are done") {}
};

// The result of `attempt`, which looks at the environment, plans and changes it, and is called again when it throws ChangedMeanwhile.
// Each time another command has succeeded, so this ends; the bound is for what nobody foresees.
template <class Attempt>
[[nodiscard]] auto planned_until_it_fits(Attempt&& attempt) {
  constexpr int kMostAttempts = 100;
  for (int left = kMostAttempts;; --left) {
    try {
      return attempt();
    } catch (const ChangedMeanwhile&) {
      if (left == 1) throw;
    }
  }
}

}  // namespace cas
