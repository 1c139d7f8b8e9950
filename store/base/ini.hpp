// Settings files as Python's configparser reads them (RawConfigParser: pip.conf, virtualenv.ini), but for its interpolation:
//
//   [section]            a section; what stands before the first one is an error
//   key = value          or "key: value"; keys in any case of letters
//       continued        deeper than the key: another line of its value
//   # comment            or ';', on a line of its own
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct IniSetting {
  std::string section;  // as written: "DEFAULT" stands for what the others leave out, which is the caller's business
  std::string key;      // in lower case
  std::string
      value;  // its lines without blanks around them, joined by line ends; empty lines behind the first are left out
  std::size_t line = 0;  // of the key
};

// In the file's order. Throws InvalidInput with "<place>:<line>: " in front: a line that is neither, a key twice in a section, a zero byte.
[[nodiscard]] std::vector<IniSetting> parse_ini(std::string_view text, std::string_view place);

}  // namespace cas
