// Named steps at which a test can kill or fail the program: `CAS_FAILPOINT=<step>:<action>[:<n>]`.
//
// Actions: `kill` (SIGKILL to this process), `pause` (stop until SIGCONT), or the name of an error: the step throws that
// SystemError (`enospc`, `eio`, `emfile`, `edquot`, `erofs`). Another word is a UsageError. `n`: the n-th time the step is reached
// (default 1). Without the variable a step costs one load of a boolean. Compiled into every build, so that what is tested is what is shipped.
#pragma once

#include <string_view>

namespace cas {

namespace detail {
extern const bool failpoints_armed;
void failpoint_reached(std::string_view step);
}  // namespace detail

inline void failpoint(std::string_view step) {
  if (detail::failpoints_armed) detail::failpoint_reached(step);
}

}  // namespace cas
