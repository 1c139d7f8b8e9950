// Damage in a mapped file may lead its reader beyond the file's end or anywhere: SIGBUS or SIGSEGV, where no exception can be thrown.
#pragma once

namespace cas {

struct MappedFault {
  const char* file_name;  // last component of the mapped file's path
  const char* message;    // for standard error
  int exit_status;
};

// From now on such a signal ends the process with `fault`'s message and status if the address lies in a mapping of a file of that name, or right
// behind one; any other fault means what it meant before. Strings are not copied. Called once.
void end_on_mapped_fault(const MappedFault& fault);

}  // namespace cas
