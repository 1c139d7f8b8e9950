// Order without waiting for a journal.
//
// A filesystem keeps the order of names for us: after a crash a later rename is not there without an earlier one. It does not
// keep bytes in that order: a file that was written and closed before the rename may be there with no bytes at all (seen on ext4,
// XFS and btrfs by tests/power). fsync mends that, but forces the journal, which carries everybody's links: 18-70 ms
// after 18,000 of them. Waiting until the bytes have left and the file's extents are recorded (FIEMAP with
// FIEMAP_FLAG_SYNC, which means just that) costs their way to the disk alone; whichever journal commit carries the name then
// carries the file, and flushes the disk's cache before.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cas {

// From now on no name that is given, to this file or another of its filesystem, can be there after a crash without its bytes.
// Where the filesystem does not know the request, by fdatasync(2). Throws SystemError.
void write_out(int fd, std::string_view shown);

// The same for the files at these paths below the open directory, all at once; what is no regular file is passed over.
void write_out_at(int directory, std::span<const std::string> paths);

}  // namespace cas
