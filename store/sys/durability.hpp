// Making what was written last.
//
// syncfs(2) also writes what strangers dirtied (measured: 2 s beside 600 MB of theirs), fsync of each file costs a
// journal commit each. So a small batch starts write-out of every file as it is written (sync_file_range) and
// fsyncs each file and directory at the end, when most of the data has gone; a large one calls syncfs once. On btrfs a small one does
// that, too: a file that was fsynced takes the names it is given from then on along into the log that the next fsync of anybody
// writes, and nothing else of the directories they lie in. After a crash an environment stood at its place with its fresh objects alone
// (found by tests/power). A commit of everything ends that.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "store/sys/fd.hpp"

namespace cas {

enum class Durability {
  none,   // the kernel writes when it likes: for stores that a crash of the machine may cost
  batch,  // once per batch, before the index names it
  strict  // every object by fsync before the batch ends, and the directories
};

// One batch of files on one filesystem. Thread-safe.
class SyncBatch {
 public:
  // Up to this many files a batch is synchronised file by file.
  // Measured on ext4 and XFS: one fsync after sync_file_range 0.2-0.4 ms, an idle syncfs 5-8 ms.
  static constexpr std::size_t kFsyncFiles = 16;
  // From this size on the disk begins to write while the rest of a large batch is still being made. Of 300 MB of wheels ingested cold
  // that are 60 files and most of the bytes; for smaller files the calls cost what they gain (measured from 64 KiB on).
  static constexpr std::uint64_t kLargeBytes = std::uint64_t{1} << 20;

  // `filesystem`: any path on it. Its descriptor is opened now, before the first write, because syncfs reports only
  // errors that happened since then.
  SyncBatch(Durability durability, const std::string& filesystem);

  // A file of `bytes` was completely written. Takes the descriptor, and keeps it while the batch is small.
  void written(Fd file, std::uint64_t bytes);
  // The directories whose entries changed, by path.
  void finish(const std::vector<std::string>& directories);

 private:
  Durability durability_;
  Fd filesystem_;
  std::string shown_;
  bool together_;  // by syncfs at the end
  std::mutex mutex_;
  std::vector<Fd> files_;
};

// syncfs(2) of the filesystem that the open descriptor lies on.
void sync_filesystem(int fd, std::string_view shown);

}  // namespace cas
