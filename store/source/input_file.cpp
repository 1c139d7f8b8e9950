#include "store/source/input_file.hpp"

#include <sys/stat.h>

#include "store/source/fault.hpp"
#include "store/sys/file.hpp"

namespace cas {

InputFile::InputFile(const std::string& path, std::string name)
    : name_(std::move(name)), owned_(open_user_file(path)), fd_(owned_.get()) {
  take_size();
}

MissingBytes::MissingBytes(ByteRange range)
    : InvalidInput(fmt::format("bytes {} to {} were not fetched", range.begin, range.end)), range_(range) {}

InputFile::InputFile(int fd, std::string name) : name_(std::move(name)), fd_(fd) { take_size(); }

InputFile::InputFile(int fd, std::string name, const ByteRanges& parts)
    : name_(std::move(name)), fd_(fd), parts_(&parts) {
  take_size();
}

void InputFile::take_size() {
  const struct stat status = stat_fd(fd_, name_);
  if (!S_ISREG(status.st_mode)) throw_fault(name_, "is not a regular file");
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void InputFile::read(std::uint64_t offset, char* out, std::size_t count) const {
  if (offset > size_ || count > size_ - offset) throw_fault(name_, "a header points beyond the end of the file");
  if (!has({offset, offset + count})) throw MissingBytes({offset, offset + count});
  if (pread_full(fd_, out, count, offset, name_) != count) throw_fault(name_, "became shorter while it was read");
}

}  // namespace cas
