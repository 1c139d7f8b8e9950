// Whether programs run in an environment that is removed without anybody's word: that of a script.
//
// A program that was started holds flock, shared, on the environment's directory, by a descriptor that it was given: the kernel lets
// go of it when the program ends, and all that have the descriptor from it. Its own `.cas` is not used, which is locked by whoever
// changes the environment: that is allowed while programs run.
#pragma once

#include <string>

#include "store/sys/fd.hpp"

namespace cas {

// Marks the environment as in use for as long as the descriptor is open, here or in the program that takes this process's place.
// Empty: it is not there, or is just being removed. A filesystem without such locks has no mark.
[[nodiscard]] Fd hold_environment(const std::string& path);

// For whoever removes it: while the descriptor is open nobody holds it. Empty: somebody does now, or it is not there. Throws SystemError.
[[nodiscard]] Fd claim_environment(const std::string& path);

}  // namespace cas
