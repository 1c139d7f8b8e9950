// What keeps packages in the store, as reports show it.
#pragma once

#include <string>

#include "cli/json_output.hpp"
#include "store/holders.hpp"

namespace cas {

// "environment /srv/env (live)", "pin numpy==2.4.6", "revision 3 of /srv/env", "interpreter cpython-3.11.2-…".
[[nodiscard]] std::string holder_line(const Holder& holder);

// {"kind", "name", "id", "state", "revision"}; null where it has none.
[[nodiscard]] Json json_holder(const Holder& holder);

}  // namespace cas
