// Which packages of a lock a requirement asks for itself.
#pragma once

#include <string>
#include <vector>

#include "store/pylock/pylock.hpp"
#include "store/requirement/requirement.hpp"

namespace cas {

// Their normalized names: the one that it names, or those that come from its location.
[[nodiscard]] std::vector<std::string> names_of(const Requirement& requirement, const Pylock& lock);

}  // namespace cas
