#include "store/sys/large_memory.hpp"

#include <sys/mman.h>

namespace cas {

LargeMemory::LargeMemory(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));  // only a hint
  data_ = static_cast<char*>(memory);
  bytes_ = bytes;
}

LargeMemory::~LargeMemory() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

}  // namespace cas
