#include "linker/object_linker.hpp"

#include <fmt/format.h>

#include <array>

#include "linker/plan_paths.hpp"
#include "store/damage.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/users.hpp"

namespace cas {
namespace {

constexpr int kMaxFreshInodes = 100;

std::array<char, 66> file_name_of(const ObjectId& id) {
  std::array<char, 66> name{};
  id.digest.write_hex(name.data());
  if (id.executable == Executable::yes) name[64] = 'x';
  return name;
}

// A copy would get the object's own time, and nobody could tell any more.
void refuse_changed(const Store& store, const PlanFile& file, int object, std::string_view shown) {
  const struct stat info = stat_fd(object, shown);
  const std::string exposure = store.ownership().exposure(info);
  if (static_cast<std::uint64_t>(info.st_size) == file.size &&
      info.st_mtim.tv_sec == canonical_mtime(file.object.digest) && exposure.empty())
    return;
  const ObjectUsers users = users_of_objects(store, {file.object}).at(file.object);
  throw Corruption(fmt::format("{}: its object {} was changed in place{}{}{}", shown, file.object.file_name(),
                               exposure.empty() ? "" : ": it ", exposure, also_seen_by(users.environments)),
                   object_remedy(store, users));
}

// Whoever may write into a segment can put any file under an object's name. Nobody looks at the files one by one, so at the directory.
void refuse_exposed(const Store& store, int segment, std::uint32_t number) {
  const std::string path = store.layout().segment(number);
  const std::string exposure = store.ownership().exposure(stat_fd(segment, path));
  if (exposure.empty()) return;
  throw Corruption(
      fmt::format("{} {}: what is in it is not to be trusted", path, exposure),
      fmt::format("`chmod -R go-w {}` (or chown) keeps others out; then `cas repair --contents` brings back what "
                  "they changed",
                  store.layout().root()));
}

// Root may link what belongs to a member of the group, who could then change what root runs: so it gets files of its own.
LinkMode mode_for(const Store& store, LinkMode mode) {
  const bool of_others = store.ownership().group() && effective_user() == 0;
  return mode == LinkMode::automatic && of_others ? LinkMode::reflink : mode;
}

}  // namespace

ObjectLinker::ObjectLinker(const Store& store, const Plan& plan, LinkMode mode)
    : store_(store), plan_(plan), mode_(mode_for(store, mode)) {
  for (const PlanFile& file : plan.files) {
    if (segments_.contains(file.segment)) continue;
    Fd segment = try_open_directory_at(kCurrentDirectory, store.layout().segment(file.segment));
    if (segment) refuse_exposed(store, segment.get(), file.segment);
    segments_.emplace(file.segment, std::move(segment));
  }
}

void ObjectLinker::place(const PlanFile& file, int directory, const char* name, LinkCounts& counts) {
  try {
    if (place_from(file.segment, file, directory, name, counts)) return;
    const auto row = find_object(store_, file.object);
    if (row && place_from(row->segment, file, directory, name, counts)) return;
  } catch (const SystemError& error) {
    // Below they know the last component alone.
    throw SystemError(error.error_number(), "placing", join_path(plan_.directories[file.directory], name),
                      error.hint());
  }
  throw Corruption("linking " + std::string(name) + ": the store does not have its object " + file.object.file_name(),
                   object_remedy(store_, file.object));
}

bool ObjectLinker::place_from(std::uint32_t number, const PlanFile& file, int directory, const char* name,
                              LinkCounts& counts) {
  // The segments of the hints are open before the first thread starts, and the map never changes afterwards. Another one is
  // rare (the object was collected and came back) and gets a descriptor of this call's own.
  const auto known = segments_.find(number);
  Fd late;
  if (known == segments_.end()) late = try_open_directory_at(kCurrentDirectory, store_.layout().segment(number));
  const int from_dir = known == segments_.end() ? late.get() : known->second.get();
  if (from_dir < 0) return false;
  if (late) refuse_exposed(store_, late.get(), number);
  const auto object = file_name_of(file.object);
  if (mode_ == LinkMode::reflink || mode_ == LinkMode::copy) {
    return clone_or_copy(from_dir, object.data(), file, directory, name, counts);
  }
  for (int attempt = 0; attempt < kMaxFreshInodes; ++attempt) {
    switch (hard_link(from_dir, object.data(), directory, name)) {
      case LinkOutcome::linked:
        ++counts.hardlinked;
        return true;
      case LinkOutcome::missing:
        return false;
      case LinkOutcome::already:
        throw SystemError(EEXIST, "linking", name);
      case LinkOutcome::too_many_links:
        take_over_with_fresh_inode(number, object.data(), file);
        continue;
      case LinkOutcome::forbidden:
        ++counts.forbidden;
        return clone_or_copy(from_dir, object.data(), file, directory, name, counts);
      case LinkOutcome::elsewhere:
        ++counts.elsewhere;
        return clone_or_copy(from_dir, object.data(), file, directory, name, counts);
      case LinkOutcome::unsupported:
        return clone_or_copy(from_dir, object.data(), file, directory, name, counts);
    }
  }
  return clone_or_copy(from_dir, object.data(), file, directory, name, counts);
}

bool ObjectLinker::clone_or_copy(int from_dir, const char* object, const PlanFile& file, int directory,
                                 const char* name, LinkCounts& counts) {
  const Fd source = try_open_read_at(from_dir, object);
  if (!source) return false;
  refuse_changed(store_, file, source.get(), name);
  const mode_t mode = canonical_mode(file.object.executable);
  const std::int64_t mtime = canonical_mtime(file.object.digest);
  if (mode_ != LinkMode::copy && clone_file(source.get(), directory, name, mode, mtime) == LinkOutcome::linked) {
    ++counts.reflinked;
    return true;
  }
  if (copy_file(source.get(), directory, name, mode, mtime, name) != LinkOutcome::linked) {
    throw SystemError(EEXIST, "copying", name);
  }
  ++counts.copied;
  return true;
}

void ObjectLinker::take_over_with_fresh_inode(std::uint32_t number, const char* object, const PlanFile& file) {
  // The inode has as many names as the filesystem allows (ext4: 65,000). A copy takes over the store's name; the old
  // inode lives on in the environments that hold it.
  const StagingDirectory staging(store_.layout().staging());
  const std::string segment_path = store_.layout().segment(number);
  const Fd from = open_directory(segment_path);
  {
    const Fd source = open_read_at(from.get(), object);
    refuse_changed(store_, file, source.get(), file.name);
    if (copy_file(source.get(), staging.fd(), object, canonical_mode(file.object.executable),
                  canonical_mtime(file.object.digest), object) != LinkOutcome::linked) {
      throw SystemError(EEXIST, "copying", object);
    }
  }
  // Whole on disk before it takes the name of an object that the index believes.
  if (store_.durability() != Durability::none) sync_fd(open_read_at(staging.fd(), object).get(), object);
  rename_at(staging.fd(), object, from.get(), object);
}

}  // namespace cas
