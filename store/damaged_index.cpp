#include "store/damaged_index.hpp"

#include "store/index/reader_code.hpp"
#include "store/sys/mapped_fault.hpp"

namespace cas {

void end_on_damaged_index(const std::string& message, const std::string& output, int exit_status) {
  static std::string for_errors, for_output;  // a signal handler finds them made
  for_errors = message;
  for_output = output;
  const IndexReaderCode reader = index_reader_code();
  end_on_mapped_fault({"data.mdb", reader.begin, reader.end, for_errors.c_str(), for_output.c_str(), exit_status});
}

}  // namespace cas
