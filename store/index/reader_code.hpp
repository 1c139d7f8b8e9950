// Where LMDB's code lies, for those who want to know whether it was that which met a damaged page.
#pragma once

#include <cstdint>

namespace cas {

struct IndexReaderCode {
  std::uintptr_t begin = 0,
                 end =
                     0;  // addresses; what goes through pages lies between them, as far as the linker kept it together
};
[[nodiscard]] IndexReaderCode index_reader_code();

}  // namespace cas
