#include "cli/store_for_making.hpp"

#include <cstdlib>
#include <string>

#include "store/sys/file.hpp"

namespace cas {
namespace {

std::string directory_for_temporary_files() {
  const char* named = std::getenv("TMPDIR");
  return named == nullptr || *named == '\0' ? "/tmp" : absolute_path(named);
}

}  // namespace

StoreForMaking::StoreForMaking(const Context& context, bool dry_run)
    : store_(dry_run ? context.open_store_if_any() : context.open_or_make_store_to_change()) {
  if (!store_) temporary_.emplace(directory_for_temporary_files());
}

}  // namespace cas
