// Publishing: write in a staging directory of the same filesystem, rename, synchronise, and only then let the
// index speak of it. A file without an index row is garbage, so a crash leaves orphans, never a wrong object.
#pragma once

#include <string>
#include <string_view>

#include "store/sys/durability.hpp"
#include "store/sys/fd.hpp"

namespace cas {

// A directory `staging/<random>` of our own, held by flock on its descriptor, so that others can tell a dead
// owner's from a living one's. Removed with its contents in the destructor.
class StagingDirectory {
 public:
  // `parent` exists.
  explicit StagingDirectory(const std::string& parent);
  ~StagingDirectory();
  StagingDirectory(const StagingDirectory&) = delete;
  StagingDirectory& operator=(const StagingDirectory&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string parent_;
  std::string name_;
  std::string path_;
  Fd fd_;
};

// Removes staging directories whose owners are dead, but for what only another user can remove. Returns how many there were.
std::size_t remove_dead_staging(const std::string& parent);

// Writes `bytes` beside `directory`/`name` under a random name and renames it there, replacing what was there;
// durable (file and directory) unless durability is `none`. Leaves nothing behind when it fails.
void publish_file(const std::string& directory, const std::string& name, std::string_view bytes, mode_t mode,
                  Durability durability);
// The same, but only in order (write_out.hpp): after a crash of the machine the name may be missing, it is never there without the
// bytes.
void publish_file_in_order(const std::string& directory, const std::string& name, std::string_view bytes, mode_t mode);

}  // namespace cas
