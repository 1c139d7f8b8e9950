#include "store/sys/own_directory.hpp"

#include <sys/stat.h>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"

namespace cas {

Fd open_own_directory_if_any(const std::string& path) {
  Fd directory = try_open_directory_at(kCurrentDirectory, path);
  if (!directory && stat_at(kCurrentDirectory, path)) {
    throw Error(path + " is no directory: what it should hold cannot be seen",
                "a store lies in one place as a whole: move the whole of it, or mount another disk there");
  }
  return directory;
}

}  // namespace cas
