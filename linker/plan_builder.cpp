#include "linker/plan_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/plan_record.hpp"
#include "linker/scripts.hpp"
#include "linker/versioned_scripts.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

// Files of dist-info that are the installer's; those that a wheel brings are left out.
constexpr std::array<std::string_view, 4> kOwnFiles{"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"};

bool is_own_file(std::string_view name) { return std::ranges::find(kOwnFiles, name) != kOwnFiles.end(); }

bool is_library(Scheme scheme) { return scheme == Scheme::purelib || scheme == Scheme::platlib; }

}  // namespace

PlanBuilder::PlanBuilder(const std::vector<PlannedPackage>& packages, const EnvironmentLayout& layout,
                         const PlanOptions& options, const PlanBytecode& bytecode)
    : packages_(packages), layout_(layout), options_(options), bytecode_(bytecode) {
  std::size_t files = 0;
  for (const PlannedPackage& package : packages)
    files += package.files.size() + 4 + package.metadata.entry_points.size();
  slots_.reserve(files);
  slot_index_.reserve(files);
  plan_.scripts_directory = layout.scripts;
  plan_.directories.emplace_back();
  directories_.emplace_back();
  directory_index_.insert(0);
}

void PlanBuilder::add_package(std::uint32_t package) {
  if (is_interpreter(packages_[package].metadata)) return add_interpreter(package);
  RecordText rows;
  rows.reserve(packages_[package].files.size() + 4);
  std::vector<Path> scripts;
  add_entry_points(package, rows, scripts);
  add_files(package, rows, scripts);
  add_own_files(package, rows, scripts);
}

// Its files lie where they are, and no RECORD lists them.
void PlanBuilder::add_interpreter(std::uint32_t package) {
  for (const PackageFile& file : packages_[package].files) {
    Slot slot;
    slot.package = package;
    slot.object = file.object;
    slot.size = file.size;
    slot.name = name_of(file.path);
    slot.directory = directory(parent_of(file.path), package);
    if (file.kind == FileKind::symlink) {
      slot.kind = Slot::Kind::link;
    } else if (file.size == 0) {
      slot.kind = Slot::Kind::empty;
    }
    place(slot);
  }
}

const std::vector<EntryPoint>& PlanBuilder::entry_points(std::uint32_t package) {
  const PackageMetadata& metadata = packages_[package].metadata;
  const auto [known, fresh] = entry_points_.try_emplace(package);
  if (fresh) known->second = versioned_scripts(metadata, layout_);
  return known->second ? *known->second : metadata.entry_points;
}

void PlanBuilder::add_entry_points(std::uint32_t package, RecordText& rows, std::vector<Path>& scripts) {
  for (const EntryPoint& entry : entry_points(package)) {
    const std::string path = join_path(layout_.scripts, entry.name);
    check_place(package, path);
    Slot slot;
    slot.package = package;
    slot.directory = directory(layout_.scripts, package);
    slot.name = entry.name;
    if (options_.scripts == ScriptStyle::relocatable) {
      slot.object.executable = Executable::yes;
      std::string text = entry_point_script(relocatable_script_head(), entry);
      const std::uint64_t size = text.size();
      const Sha256Digest digest = sha256(text);
      if (place_generated(slot, std::move(text)) == Placed::as_new) {
        rows.add(record_path(path, layout_.site_packages), digest, size);
      }
    } else {
      slot.kind = Slot::Kind::script;
      slot.entry = &entry;
      if (place(slot) == Placed::as_new) scripts.push_back({slot.directory, slot.name});
    }
  }
}

void PlanBuilder::add_files(std::uint32_t package, RecordText& rows, std::vector<Path>& scripts) {
  const PlannedPackage& planned = packages_[package];
  const PackageMetadata& metadata = planned.metadata;
  std::unordered_set<std::string_view> entry_names;
  for (const EntryPoint& entry : entry_points(package)) entry_names.insert(entry.name);
  // Neighbours usually share their folder.
  const ReplacedBytecode replaced(planned, layout_, bytecode_);
  Scheme last_scheme = Scheme::purelib;
  std::string_view last_parent;
  std::uint32_t last_directory = kNone;

  for (const PackageFile& file : planned.files) {
    if (replaced.contains(file)) continue;
    Slot slot;
    slot.package = package;
    slot.object = file.object;
    slot.size = file.size;
    slot.name = name_of(file.path);
    const std::string_view parent = parent_of(file.path);
    std::string path_in_record;
    if (is_library(file.scheme)) {
      if (is_own_file(slot.name) && parent == metadata.dist_info) continue;
      path_in_record = file.path;
    } else {
      const std::string path = environment_path(file, metadata, layout_);
      check_place(package, path);
      // A script that the package brings and also declares as an entry point: the entry point is the one that
      // knows this environment.
      if (entry_names.contains(slot.name) && parent_of(path) == layout_.scripts) continue;
      path_in_record = record_path(path, layout_.site_packages);
      if (is_own_file(slot.name) && parent_of(path_in_record) == metadata.dist_info) continue;
    }
    if (last_directory == kNone || file.scheme != last_scheme || parent != last_parent) {
      last_directory = directory(join_path(scheme_directory(file.scheme, metadata, layout_), parent), package);
      last_scheme = file.scheme;
      last_parent = parent;
    }
    slot.directory = last_directory;
    const bool rewritten = file.scheme == Scheme::scripts && file.kind == FileKind::python_script;
    if (rewritten) {
      slot.kind = Slot::Kind::script;
    } else if (file.size == 0) {
      slot.kind = Slot::Kind::empty;
    }
    if (place(slot) == Placed::again) continue;
    if (rewritten) {
      scripts.push_back({slot.directory, slot.name});
    } else {
      rows.add(path_in_record, file.object.digest, file.size);
      // Unhashed, as pip does: Python replaces it when the source was edited.
      if (has_bytecode(file, planned, layout_, bytecode_)) {
        rows.add_unhashed(bytecode_path(path_in_record, bytecode_.cache_tag));
      }
    }
  }
}

void PlanBuilder::add_own_files(std::uint32_t package, RecordText& rows, const std::vector<Path>& scripts) {
  const PlannedPackage& planned = packages_[package];
  const std::string& dist_info = planned.metadata.dist_info;
  Slot slot;
  slot.package = package;
  slot.directory = directory(join_path(layout_.site_packages, dist_info), package);
  const auto add = [&](std::string_view name, const std::string& bytes) {
    slot.name = name;
    rows.add(join_path(dist_info, name), sha256(bytes), bytes.size());
    place_generated(slot, bytes);
  };
  add("INSTALLER", "cas\n");
  if (planned.requested == Requested::yes) add("REQUESTED", "");
  if (!planned.direct_url.empty()) add("direct_url.json", planned.direct_url);
  rows.add_unhashed(join_path(dist_info, "RECORD"));
  slot.name = "RECORD";
  if (scripts.empty()) {
    place_generated(slot, rows.take());
  } else {
    slot.kind = Slot::Kind::record;
    slot.record = static_cast<std::uint32_t>(records_.size());
    records_.push_back({rows.take(), scripts});
    place(slot);
  }
}

PlanBuilder::Placed PlanBuilder::place_generated(Slot slot, std::string bytes) {
  slot.size = bytes.size();
  slot.object.digest = sha256(bytes);
  if (bytes.empty()) {
    slot.kind = Slot::Kind::empty;
    return place(slot);
  }
  const auto [found, added] = generated_index_.try_emplace(slot.object, static_cast<std::uint32_t>(generated_.size()));
  if (added) generated_.push_back({slot.object, std::move(bytes)});
  slot.generated = found->second;
  return place(slot);
}

PlanBuilder::Placed PlanBuilder::place(Slot slot) {
  const auto [found, added] =
      slot_index_.try_emplace(Path{slot.directory, slot.name}, static_cast<std::uint32_t>(slots_.size()));
  if (!added) {
    Slot& before = slots_[found->second];
    const std::uint32_t owner = before.package;
    if (same_content(before, slot)) {
      before.package = slot.package;
      return owner == slot.package ? Placed::again : Placed::as_new;
    }
    if (owner == slot.package) {
      throw InvalidInput(fmt::format("{}: two different files for {}", label(owner), printable(path_of(slot))));
    }
    plan_.conflicts.push_back({path_of(slot), label(owner), label(slot.package)});
    before.alive = false;
    found->second = static_cast<std::uint32_t>(slots_.size());
  }
  slots_.push_back(slot);
  return Placed::as_new;
}

bool PlanBuilder::same_content(const Slot& a, const Slot& b) {
  if (a.kind != b.kind || a.kind == Slot::Kind::record) return false;
  if ((a.entry == nullptr) != (b.entry == nullptr)) return false;
  // The group does not matter: console and gui scripts have one form here.
  if (a.entry != nullptr) return a.entry->module == b.entry->module && a.entry->attribute == b.entry->attribute;
  if (a.kind == Slot::Kind::empty) return a.object.executable == b.object.executable;
  return a.object == b.object;
}

std::uint32_t PlanBuilder::directory(std::string_view path, std::uint32_t package) {
  const auto found = directory_index_.find(path);
  if (found != directory_index_.end()) return *found;
  // With what stands before it in the environment a path may become longer than the store reads back.
  if (path.size() > kMaxRelativePathBytes) {
    throw InvalidInput(fmt::format("{}: the directory {} would have a path of {} bytes in the environment (at most {})",
                                   label(package), printable(path.substr(0, 100)) + "…", path.size(),
                                   kMaxRelativePathBytes));
  }
  const std::uint32_t parent = directory(parent_of(path), package);
  const auto index = static_cast<std::uint32_t>(plan_.directories.size());
  plan_.directories.emplace_back(path);
  directories_.push_back({parent, package});
  directory_index_.insert(index);
  return index;
}

std::string PlanBuilder::path_of(const Slot& slot) const {
  return join_path(plan_.directories[slot.directory], slot.name);
}

std::string PlanBuilder::label(std::uint32_t package) const {
  return fmt::format("{} {}", packages_[package].metadata.name, packages_[package].metadata.version);
}

void PlanBuilder::check_place(std::uint32_t package, std::string_view path) const {
  if (const auto problem = environment_problem(path, layout_)) {
    throw InvalidInput(fmt::format("{}: {}: {}", label(package), printable(path), *problem));
  }
}

}  // namespace cas
