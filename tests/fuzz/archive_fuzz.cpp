// Source archives: whatever the bytes are, nothing is made outside the directory that they are unpacked into, and no link leads out of it.
//
// In a directory of memory (TMPDIR, else /dev/shm), and with small limits.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/base/error.hpp"
#include "store/source_archive/unpack.hpp"
#include "store/sys/file.hpp"

namespace {

namespace fs = std::filesystem;

constexpr cas::UnpackLimits kLimits{200, 1 << 20};

void require(bool condition) {
  if (!condition) std::abort();
}

// Two levels below what is looked at, so that "../x" and "../../x" would be seen.
struct Scratch {
  fs::path top, inner;

  Scratch() {
    const char* const named = std::getenv("TMPDIR");
    top = fs::path(named == nullptr ? "/dev/shm" : named) / ("cas-archive-fuzz-" + std::to_string(getpid()));
    inner = top / "a" / "b";
    fs::remove_all(top);
    fs::create_directories(inner);
  }
  ~Scratch() { fs::remove_all(top); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void clear() const {
    for (const auto& entry : fs::directory_iterator(inner)) fs::remove_all(entry);
  }

  [[nodiscard]] bool is_all_inside() const {
    const auto count = [](const fs::path& directory) {
      return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
    };
    return count(top) == 1 && count(top / "a") == 1;
  }
};

void check(const Scratch& scratch, const cas::UnpackedArchive& unpacked) {
  for (const auto& entry : fs::recursive_directory_iterator(scratch.inner)) {
    const fs::file_status status = entry.symlink_status();
    require(fs::is_directory(status) || fs::is_regular_file(status) || fs::is_symlink(status));
    if (fs::is_symlink(status)) {
      const fs::path real = fs::weakly_canonical(entry.path());
      require(real == scratch.inner || real.string().starts_with(scratch.inner.string() + "/"));
    }
    require((status.permissions() & (fs::perms::set_uid | fs::perms::set_gid | fs::perms::sticky_bit)) ==
            fs::perms::none);
  }
  require(unpacked.bytes <= kLimits.bytes);
  if (!unpacked.top.empty()) require(fs::is_directory(fs::symlink_status(scratch.inner / unpacked.top)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch;
  const int file = memfd_create("archive", MFD_CLOEXEC);
  if (file < 0) return 0;
  if (write(file, data, size) == static_cast<ssize_t>(size) && lseek(file, 0, SEEK_SET) == 0) {
    const cas::Fd directory = cas::open_directory(scratch.inner.string());
    try {
      check(scratch, cas::unpack_archive(file, directory.get(), "fuzz", kLimits));
    } catch (const cas::Error&) {
    }
    require(scratch.is_all_inside());
    scratch.clear();
  }
  close(file);
  return 0;
}
