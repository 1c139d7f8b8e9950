#include "store/sys/system_name.hpp"

#include <sys/utsname.h>

#include "store/base/error.hpp"

namespace cas {

SystemName system_name() {
  utsname names{};
  if (uname(&names) != 0) throw_errno("ask for the system's name (uname)", "");
  return {names.sysname, names.release, names.version, names.machine};
}

}  // namespace cas
