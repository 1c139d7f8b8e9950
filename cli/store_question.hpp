// `cas why` about the store: who holds a package or an object.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace cas {

// `operand`: a SHA-256 of a package or object (with an "x" behind it: the executable one), a file, NAME or NAME==VERSION. Prints the answer; false:
// nothing holds it, and the next collection may take it. Throws NotFound where there is no such thing in the store.
[[nodiscard]] bool answer_store_question(const Context& context, const Store& store, const std::string& operand);

}  // namespace cas
