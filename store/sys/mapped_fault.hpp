// Damage in a mapped file may lead its reader beyond the file's end or anywhere: SIGBUS or SIGSEGV, where no exception can be thrown.
#pragma once

#include <cstdint>

namespace cas {

struct MappedFault {
  const char* file_name;                    // last component of the mapped file's path
  std::uintptr_t reader_begin, reader_end;  // where the code lies that reads it, and believes what it has read
  const char* message;                      // for standard error
  const char* output;                       // for standard output; ""
  int exit_status;
};

// From now on such a signal ends the process with `fault`'s message and status if the address lies in a mapping of a file of that name, or right
// behind one, or is met by the reader's own code; any other fault means what it meant before. Strings are not copied. Called once.
void end_on_mapped_fault(const MappedFault& fault);

}  // namespace cas
