// A directory for one test.
#pragma once

#include <string>

namespace cas::test {

// Unique, under $CAS_TEST_TMP, $TMPDIR or /tmp; removed with all its contents on destruction.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace cas::test
