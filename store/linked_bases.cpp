#include "store/linked_bases.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/base/error.hpp"
#include "store/base_stores.hpp"
#include "store/path_text.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostPathBytes = std::size_t{64} << 10;
constexpr std::size_t kMostBases = 1000;

std::vector<Store> open_linked_bases(const Store& store) {
  std::vector<Store> bases;
  for (const std::string& path : linked_bases(store)) {
    try {
      std::ranges::move(open_base_stores(store.layout(), {path}), std::back_inserter(bases));
    } catch (const Error&) {
      // It has moved, or is not mounted; its names then count as an environment's.
    }
  }
  return bases;
}

bool is_name_of(const Store& base, const ObjectId& object, const struct stat& file) {
  try {
    const auto row = find_object(base, object);
    const auto info = row ? stat_path(base.layout().object(row->segment, object)) : std::nullopt;
    return info && info->st_dev == file.st_dev && info->st_ino == file.st_ino;
  } catch (const Error&) {
    return false;  // damaged
  }
}

}  // namespace

void remember_linked_base(const Store& store, const Store& base) {
  const std::string directory = store.layout().linked_bases();
  const std::string name = sha256(base.layout().root()).hex();
  if (stat_path(directory + "/" + name)) return;
  try_make_store_directory(directory);
  publish_file(directory, name, escape_path(base.layout().root()) + "\n", 0444, Durability::none);
}

std::vector<std::string> linked_bases(const Store& store) {
  const std::string directory = store.layout().linked_bases();
  std::vector<std::string> names, paths;
  const Fd opened = try_open_directory_at(kCurrentDirectory, directory);
  if (!opened) return paths;
  list_directory(opened.get(), directory, [&](const std::string& name, unsigned char) {
    if (names.size() < kMostBases) names.push_back(name);
  });
  for (const std::string& name : names) {
    try {
      const auto text = try_read_file_at(opened.get(), name, kMostPathBytes);
      if (!text || !text->ends_with('\n')) continue;
      std::string path = unescape_path(text->substr(0, text->size() - 1));
      if (sha256(path).hex() == name) paths.push_back(std::move(path));
    } catch (const Error&) {
      // A damaged one is as good as none.
    }
  }
  return paths;
}

nlink_t BaseNames::of(const ObjectId& object, const struct stat& file) {
  if (!bases_) bases_ = open_linked_bases(store_);
  return static_cast<nlink_t>(
      std::ranges::count_if(*bases_, [&](const Store& base) { return is_name_of(base, object, file); }));
}

}  // namespace cas
