#include "store/index/reader_code.hpp"

#include <lmdb.h>

#include <algorithm>

namespace cas {

// What is only used at start-up the compiler puts elsewhere, with the program's own code in between: left out.
IndexReaderCode index_reader_code() {
  const auto address = [](auto* function) { return reinterpret_cast<std::uintptr_t>(function); };
  const auto [first, last] = std::minmax(
      {address(&mdb_strerror), address(&mdb_cmp), address(&mdb_dcmp), address(&mdb_txn_begin), address(&mdb_txn_commit),
       address(&mdb_get), address(&mdb_cursor_get), address(&mdb_cursor_put), address(&mdb_cursor_del),
       address(&mdb_cursor_open), address(&mdb_put), address(&mdb_del), address(&mdb_dbi_open), address(&mdb_drop)});
  // Comparisons and copies of pages, which nobody outside can name, come before (8,674 bytes in Debian 12's library).
  constexpr std::uintptr_t kBefore = 8 << 10, kLast = 512;
  return {first - kBefore, last + kLast};
}

}  // namespace cas
