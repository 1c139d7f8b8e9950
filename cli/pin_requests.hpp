// What `cas pin` is asked to keep.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "store/packages/packages.hpp"
#include "store/pins.hpp"

namespace cas {

struct PinRequest {
  Pin pin;                           // without id and time
  std::vector<std::string> missing;  // packages of a lock of which the store has nothing
};

// `operand`: a pylock.toml, an environment, NAME or NAME==VERSION, or the SHA-256 of a package. `packages`: all that the store has. Throws
// UsageError, NotFound where the store has nothing of it, and what reading a lock throws.
[[nodiscard]] PinRequest read_pin_request(const Context& context, const Store& store,
                                          const std::vector<Package>& packages, const std::string& operand);

// The pins that the operand means, said as it was to `cas pin`, or by id. What was pinned need not be there. Throws NotFound.
[[nodiscard]] std::vector<Pin> pins_meant(const Context& context, const std::vector<Pin>& pins,
                                          const std::string& operand);

}  // namespace cas
