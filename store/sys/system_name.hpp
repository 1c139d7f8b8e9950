// What the running system calls itself (uname(2)).
#pragma once

#include <string>

namespace cas {

struct SystemName {
  std::string system;   // "Linux"
  std::string release;  // "6.1.0-18-amd64"
  std::string version;  // "#1 SMP …"
  std::string machine;  // "x86_64"
};

[[nodiscard]] SystemName system_name();

}  // namespace cas
