#include "store/sys/durability.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/probe.hpp"

namespace cas {

SyncBatch::SyncBatch(Durability durability, const std::string& filesystem)
    : durability_(durability),
      filesystem_(open_directory(filesystem)),
      shown_(filesystem),
      together_(filesystem_of(filesystem).type == "btrfs") {}

void SyncBatch::written(Fd file, std::uint64_t bytes) {
  switch (durability_) {
    case Durability::none:
      return;
    case Durability::strict:
      sync_fd(file.get(), shown_);
      return;
    case Durability::batch:
      break;
  }
  // Starting write-out is only a head start: whether it works does not matter.
  const auto start_writing = [&] { static_cast<void>(::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE)); };
  if (bytes >= kLargeBytes) start_writing();
  const std::lock_guard lock(mutex_);
  if (together_) return;
  if (files_.size() == kFsyncFiles) {
    together_ = true;
    files_.clear();
    return;
  }
  if (bytes < kLargeBytes) start_writing();
  files_.push_back(std::move(file));
}

void SyncBatch::finish(const std::vector<std::string>& directories) {
  if (durability_ == Durability::none) return;
  if (together_) {
    sync_filesystem(filesystem_.get(), shown_);
    return;
  }
  for (const Fd& file : files_) sync_fd(file.get(), shown_);
  files_.clear();
  for (const std::string& directory : directories) sync_fd(open_directory(directory).get(), directory);
}

void sync_filesystem(int fd, std::string_view shown) {
  if (::syncfs(fd) != 0) throw_errno("synchronising the filesystem of", shown);
}

}  // namespace cas
