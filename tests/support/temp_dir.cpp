#include "tests/support/temp_dir.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace cas::test {
namespace fs = std::filesystem;

namespace {

std::string parent_directory() {
  for (const char* name : {"CAS_TEST_TMP", "TMPDIR"}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return "/tmp";
}

// Store trees are 0555: their contents can only be removed once they are writable again.
void make_directories_writable(const fs::path& directory) {
  std::error_code ignored;
  fs::permissions(directory, fs::perms::owner_all, fs::perm_options::add, ignored);
  for (fs::directory_iterator it(directory, ignored), end; !ignored && it != end; it.increment(ignored)) {
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) make_directories_writable(it->path());
  }
}

}  // namespace

TempDir::TempDir() : path_(parent_directory() + "/cas-test-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) throw std::system_error(errno, std::generic_category(), path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (!ignored) return;
  make_directories_writable(path_);
  fs::remove_all(path_, ignored);
}

}  // namespace cas::test
