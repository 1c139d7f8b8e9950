#include "linker/repair/repair_sources.hpp"

#include <fmt/format.h>

#include <memory>

#include "linker/repair/object_places.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/import_package.hpp"
#include "store/source/wheel.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

std::vector<ObjectId> still_wanted(const ObjectRepair& repair) {
  std::vector<ObjectId> ids;
  for (const auto& [id, state] : repair.wanted()) ids.push_back(id);
  return ids;
}

void offer_entry(ObjectRepair& repair, const Source& source, std::size_t index, const std::string& shown) {
  const SourceEntry& entry = source.entries()[index];
  const auto offer = [&](const ObjectId& id) {
    const auto produce = [&](const ByteSink& sink) { static_cast<void>(source.read(index, sink)); };
    if (!repair.wants(id)) return;
    static_cast<void>(repair.offer_bytes(id, produce, fmt::format("{}: {}", shown, printable(entry.path))));
  };
  if (entry.size == 0 || entry.absent) return;
  if (entry.expected) return offer({*entry.expected, entry.executable});
  // Its RECORD gives no SHA-256: the bytes say what it is.
  if (repair.wanted().empty()) return;
  offer({source.read(index, [](std::string_view) {}), entry.executable});
}

}  // namespace

void offer_from_trees(const Store& store, ObjectRepair& repair, const std::vector<std::string>& elsewhere,
                      std::vector<std::string>& warnings) {
  if (repair.wanted().empty()) return;
  for_each_object_tree(store, elsewhere, warnings, [&](const ObjectTree& tree) {
    const Fd root = open_directory(tree.path);
    for (const auto& [path, file] : tree.files) {
      if (!repair.wants(file.object)) continue;
      if (repair.offer_file(file.object, root.get(), path, tree.path + "/" + path)) continue;
      const auto info = stat_at(root.get(), path);
      if (info && S_ISREG(info->st_mode) && info->st_nlink > 1) repair.add_bad_inode(inode_of(*info), file.object);
    }
  });
}

void offer_from_store(ObjectRepair& repair, const std::string& other) {
  const StoreLayout layout = other_store(other);
  if (repair.wanted().empty()) return;
  const Fd objects = open_directory(layout.objects());
  std::vector<std::string> segments;
  list_directory(objects.get(), layout.objects(), [&](const std::string& name, unsigned char) {
    if (parse_segment_name(name)) segments.push_back(name);
  });
  for (const std::string& name : segments) {
    const Fd segment = try_open_directory_at(objects.get(), name);
    if (!segment) continue;
    for (const ObjectId& id : still_wanted(repair)) {
      static_cast<void>(
          repair.offer_file(id, segment.get(), id.file_name(), layout.objects() + "/" + name + "/" + id.file_name()));
    }
  }
}

void offer_from_wheel(ObjectRepair& repair, const std::string& wheel, const std::string& shown,
                      std::vector<std::string>& warnings) {
  if (repair.wanted().empty()) return;
  Fd file;
  std::unique_ptr<Source> source;
  try {
    file = open_user_file(wheel);
    // What RECORD says wrongly is no matter: every object is hashed.
    source = open_wheel(file.get(), std::string(name_of(wheel)), RecordPolicy::artifact_pinned);
  } catch (const Error& error) {
    warnings.push_back(printable(shown) + " is of no use: " + error.message());
    return;
  }
  for (std::size_t i = 0; i < source->entries().size(); ++i) {
    try {
      offer_entry(repair, *source, i, shown);
    } catch (const InvalidInput&) {  // the wheel is damaged there
    }
  }
}

}  // namespace cas
