#include "store/sys/publish.hpp"

#include <fcntl.h>

#include <cerrno>
#include <functional>
#include <vector>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "store/sys/tree.hpp"
#include "store/sys/write_out.hpp"

namespace cas {

StagingDirectory::StagingDirectory(const std::string& parent)
    : parent_(parent), name_(random_name()), path_(parent + "/" + name_) {
  // For its maker alone: what is built here nobody else needs to see. In a store that a group shares the others clean up.
  constexpr mode_t kOfGroup = S_ISGID | S_IWGRP;
  const bool shared = (stat_fd(open_directory(parent).get(), parent).st_mode & kOfGroup) == kOfGroup;
  // Between mkdir and flock a cleaner may take the new directory for a dead one: then the next name is tried.
  for (int attempt = 0;; ++attempt) {
    make_directory_at(AT_FDCWD, path_, shared ? 0770 : 0700);
    fd_ = try_open_directory_at(AT_FDCWD, path_);
    if (fd_ && try_lock_fd(fd_.get(), LockMode::exclusive) && stat_path(path_)) return;
    if (attempt == 100) throw Error("creating a staging directory in " + parent + ": it is removed each time");
    name_ = random_name();
    path_ = parent + "/" + name_;
  }
}

StagingDirectory::~StagingDirectory() {
  try {
    remove_tree_at(AT_FDCWD, path_);
  } catch (const Error&) {
    // Left for remove_dead_staging(): a destructor has nobody to tell.
  }
}

std::size_t remove_dead_staging(const std::string& parent) {
  const Fd dir = open_directory(parent);
  std::vector<std::string> names;
  list_directory(dir.get(), parent, [&](const std::string& name, unsigned char) { names.push_back(name); });
  std::size_t removed = 0;
  for (const std::string& name : names) {
    try {
      const Fd child = try_open_directory_at(dir.get(), name);
      if (child && !try_lock_fd(child.get(), LockMode::exclusive)) continue;
      remove_tree_at(dir.get(), name);
      ++removed;
    } catch (const SystemError& error) {
      // Another user's, or in it something that is his alone: he cleans up himself.
      if (!error.is(EACCES) && !error.is(EPERM)) throw;
    }
  }
  return removed;
}

namespace {

void write_and_rename(const Fd& dir, const std::string& directory, const std::string& name, std::string_view bytes,
                      mode_t mode, const std::function<void(int fd, const std::string& shown)>& written) {
  const std::string temporary = "." + name + "." + random_name();
  const std::string shown = directory + "/" + temporary;
  try {
    const Fd file = create_file_at(dir.get(), temporary, mode, shown);
    write_all(file.get(), bytes, shown);
    written(file.get(), shown);
    rename_at(dir.get(), temporary, dir.get(), name);
  } catch (...) {
    ::unlinkat(dir.get(), temporary.c_str(), 0);
    throw;
  }
}

}  // namespace

void publish_file(const std::string& directory, const std::string& name, std::string_view bytes, mode_t mode,
                  Durability durability) {
  const Fd dir = open_directory(directory);
  write_and_rename(dir, directory, name, bytes, mode, [&](int fd, const std::string& shown) {
    if (durability != Durability::none) sync_fd(fd, shown);
  });
  if (durability != Durability::none) sync_fd(dir.get(), directory);
}

void publish_file_in_order(const std::string& directory, const std::string& name, std::string_view bytes, mode_t mode) {
  write_and_rename(open_directory(directory), directory, name, bytes, mode, write_out);
}

}  // namespace cas
