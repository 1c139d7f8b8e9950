// Memory of many megabytes for a short time.
#pragma once

#include <cstddef>

namespace cas {

// Anonymous pages, large ones where the kernel gives them (the first touch of ten thousand small ones costs more than much work does
// on them), given back at once.
class LargeMemory {
 public:
  LargeMemory() = default;
  // Without memory (data() is nullptr) where the system has none.
  explicit LargeMemory(std::size_t bytes);
  ~LargeMemory();
  LargeMemory(const LargeMemory&) = delete;
  LargeMemory& operator=(const LargeMemory&) = delete;

  [[nodiscard]] char* data() const { return data_; }

 private:
  char* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace cas
