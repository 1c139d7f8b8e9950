// entry_points.txt (PyPA "Entry points specification"): an INI file as Python's configparser reads it with
// "=" as the only delimiter and case-sensitive names.
#pragma once

#include <string_view>
#include <vector>

#include "store/base/package_model.hpp"

namespace cas {

// The scripts of [console_scripts] and [gui_scripts], in order. Extras ("[a,b]" behind the object) are
// dropped; other groups are passed over. Throws InvalidInput naming `file` and the line or script: not
// UTF-8, a line that is neither section nor assignment, an object that is not module:attribute made of
// identifiers, a script name that is not one safe path component or is reserved (reserved.hpp), one name
// with two meanings.
[[nodiscard]] std::vector<EntryPoint> parse_entry_points(std::string_view text, std::string_view file);

}  // namespace cas
