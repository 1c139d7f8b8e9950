#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "linker/environment_request.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/probe.hpp"

namespace cas {
namespace {

// The nearest directory that is there, at `path` or above it.
std::string existing_part(std::string path) {
  while (path.size() > 1 && !stat_path(path + "/.")) path = parent_of(path);
  return path.empty() ? "/" : path;
}

// "writing lib/a.py: No space left on device" without the system's words.
std::string what_was_tried(const SystemError& error) {
  const std::size_t answer = std::generic_category().message(error.error_number()).size() + 2;
  return error.message().substr(0, error.message().size() - answer);
}

std::string full_disk_hint(const Store& store, const std::string& target) {
  const std::string place = existing_part(target);
  const std::string& root = store.layout().root();
  const auto there = stat_path(place + "/.");
  const auto here = stat_path(root + "/.");
  const bool together = there && here && there->st_dev == here->st_dev;
  if (together || filesystem_of(root).free_bytes < filesystem_of(place).free_bytes) {
    return "free some space on the store's filesystem, for example with `cas gc`";
  }
  return fmt::format("free some space on the filesystem of {}; the store is on another one, so `cas gc` does not help",
                     printable(place));
}

}  // namespace

void throw_full_disk(const EnvironmentRequest& request, const SystemError& error) {
  throw SystemError(error.error_number(), fmt::format("making the environment {}:", printable(request.target)),
                    what_was_tried(error), full_disk_hint(request.store, request.target));
}

void throw_no_place(const EnvironmentRequest& request, const SystemError& error) {
  if (is_full_disk(error)) throw error;
  throw SystemError(error.error_number(), "making the environment", printable(request.target),
                    fmt::format("no directory can be made in {}: choose another path, or have it made writable",
                                printable(existing_part(std::string(parent_of(request.target))))));
}

bool is_full_disk(const SystemError& error) { return error.is(ENOSPC) || error.is(EDQUOT); }

}  // namespace cas
