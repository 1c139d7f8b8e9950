// A file that has no name until it is complete.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/sys/durability.hpp"
#include "store/sys/fd.hpp"

namespace cas {

// Written in `directory` without a name (O_TMPFILE; under a hidden random one where the filesystem cannot), so that whatever
// kills the process leaves nothing to be taken for a whole file.
class NewFile {
 public:
  // Mode 0666 without the umask's bits.
  explicit NewFile(const std::string& directory);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes);
  // Throws away what was written.
  void restart();
  // Gives it its name, replacing what has it. Once only. With any durability but none, the file is synchronised before.
  void publish(const std::string& name, Durability durability);

 private:
  std::string directory_;
  Fd dir_;
  Fd file_;
  std::string temporary_;  // its name, where it must have one
};

}  // namespace cas
