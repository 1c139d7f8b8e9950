// Any bytes as a wheel: either an Error, or entries that keep their promises.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/reserved.hpp"
#include "store/source/wheel.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void use(const cas::Source& source, cas::RecordPolicy policy) {
  std::set<std::pair<cas::Scheme, std::string_view>> seen;
  for (std::size_t i = 0; i < source.entries().size(); ++i) {
    const cas::SourceEntry& entry = source.entries()[i];
    require(!cas::relative_path_problem(entry.path));
    require(!cas::reserved_problem(entry.scheme, entry.path));
    require(seen.emplace(entry.scheme, entry.path).second);
    std::uint64_t bytes = 0;
    try {
      const cas::Sha256Digest digest = source.read(i, [&bytes](std::string_view piece) {
        require(!piece.empty());
        bytes += piece.size();
      });
      require(bytes == entry.size);
      if (policy == cas::RecordPolicy::strict && entry.expected) require(digest == *entry.expected);
    } catch (const cas::Error&) {
      require(bytes <= entry.size);
    }
  }
}

// Parts of a wheel, by its own bytes: either an Error, or the entries of the whole one, of which each that can be read has the same content.
void use_parts(int fd, const std::uint8_t* data, std::size_t size, const cas::Source& whole) {
  cas::ByteRanges parts;
  // In which the end record is searched for.
  parts.add({size - std::min<std::size_t>(size, 66'000), size});
  for (std::size_t i = 0; i + 1 < size && i < 64; i += 2) {
    const std::uint64_t begin = data[i] * size / 256;
    parts.add({begin, std::min<std::uint64_t>(size, begin + data[i + 1])});
  }
  try {
    for (const cas::ByteRange& range : cas::outline_wheel(fd, "fuzz-1.0-py3-none-any.whl", parts).opening)
      parts.add(range);
    const auto source = cas::open_wheel_parts(fd, "fuzz-1.0-py3-none-any.whl", parts);
    require(source->listing() == whole.listing());
    require(source->entries().size() == whole.entries().size());
    for (std::size_t i = 0; i < source->entries().size(); ++i) {
      const cas::SourceEntry& entry = source->entries()[i];
      require(entry.path == whole.entries()[i].path && entry.expected == whole.entries()[i].expected);
      require(!entry.absent || !parts.contains(*entry.absent));
    }
    use(*source, cas::RecordPolicy::strict);
  } catch (const cas::Error&) {  // most inputs need what is not there
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int fd = ::memfd_create("wheel", MFD_CLOEXEC);
  require(::ftruncate(fd, 0) == 0 && ::pwrite(fd, data, size, 0) == static_cast<ssize_t>(size));
  for (const cas::RecordPolicy policy : {cas::RecordPolicy::strict, cas::RecordPolicy::artifact_pinned}) {
    try {
      const auto source = cas::open_wheel(fd, "fuzz-1.0-py3-none-any.whl", policy);
      use(*source, policy);
      use_parts(fd, data, size, *source);
    } catch (const cas::Error&) {  // the expected answer to nearly every input
    }
  }
  return 0;
}
