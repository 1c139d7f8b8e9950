// The second half of planning: what won each path is put into the order in which it is linked.
#include <fmt/format.h>

#include "linker/plan_builder.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/plan_record.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

// Sorts by directory and keeps the order inside each: a counting sort.
template <class T>
std::vector<T> group_by_directory(std::vector<T> items, std::size_t directories) {
  std::vector<std::size_t> next(directories + 1, 0);
  for (const T& item : items) ++next[item.directory + 1];
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<T> sorted(items.size());
  for (T& item : items) sorted[next[item.directory]++] = std::move(item);
  return sorted;
}

}  // namespace

Plan PlanBuilder::finish() {
  check_directories();
  add_bytecode();
  finish_scripts();
  finish_files();
  finish_records();
  finish_generated();
  return std::move(plan_);
}

// There are far fewer directories than files, so they are looked up among the files.
void PlanBuilder::check_directories() const {
  for (std::uint32_t i = 1; i < directories_.size(); ++i) {
    const std::string& path = plan_.directories[i];
    const auto found = slot_index_.find(Path{directories_[i].parent, name_of(path)});
    if (found == slot_index_.end()) continue;
    throw InvalidInput(fmt::format("{} is a file in {} and a directory in {}", printable(path),
                                   label(slots_[found->second].package), label(directories_[i].package)));
  }
}

// Beside the sources that won their paths. Where something else stands in the way (a file named __pycache__), Python could not write
// bytecode there either.
void PlanBuilder::add_bytecode() {
  if (bytecode_.cache_tag.empty()) return;
  const std::size_t sources = slots_.size();
  // Files of one folder mostly stand together.
  std::uint32_t last_directory = kNone;
  bool importable = false;
  bool blocked = false;
  for (std::size_t i = 0; i < sources; ++i) {
    const Slot source = slots_[i];
    if (!source.alive || (source.kind != Slot::Kind::file && source.kind != Slot::Kind::empty)) continue;
    if (source.directory != last_directory) {
      last_directory = source.directory;
      importable = is_importable_directory(plan_.directories[source.directory], layout_);
      blocked = slot_index_.contains(Path{source.directory, kBytecodeDirectory});
    }
    if (!importable || blocked || !is_source_name(source.name)) continue;
    const auto found = bytecode_.files.find(source.object.digest);
    if (found == bytecode_.files.end()) continue;
    const std::string& name = bytecode_names_.emplace_back(bytecode_name(source.name, bytecode_.cache_tag));
    const std::string folder = join_path(plan_.directories[source.directory], kBytecodeDirectory);
    if (name.size() > kMaxComponentBytes || folder.size() + 1 + name.size() > kMaxRelativePathBytes ||
        directory_index_.contains(join_path(folder, name))) {
      continue;
    }
    Slot slot;
    slot.package = source.package;
    slot.directory = directory(folder, source.package);
    slot.object = found->second.object;
    slot.size = found->second.size;
    slot.name = name;
    const auto [taken, added] =
        slot_index_.try_emplace(Path{slot.directory, slot.name}, static_cast<std::uint32_t>(slots_.size()));
    if (!added) {
      slots_[taken->second].alive = false;  // a package's own: made by another compiler, for a source of another time
      taken->second = static_cast<std::uint32_t>(slots_.size());
    }
    slots_.push_back(slot);
  }
}

void PlanBuilder::finish_scripts() {
  for (Slot& slot : slots_) {
    if (slot.kind != Slot::Kind::script || !slot.alive) continue;
    slot.script = static_cast<std::uint32_t>(plan_.scripts.size());
    PlanScript script;
    // The scripts directory is in front of every such path.
    script.name = path_of(slot).substr(layout_.scripts.empty() ? 0 : layout_.scripts.size() + 1);
    if (slot.entry != nullptr) {
      script.entry = *slot.entry;
    } else {
      script.kind = PlanScript::Kind::python_script;
      script.source = slot.object;
      script.source_size = slot.size;
    }
    plan_.scripts.push_back(std::move(script));
  }
}

void PlanBuilder::finish_files() {
  plan_.files.reserve(slots_.size());
  for (const Slot& slot : slots_) {
    if (!slot.alive) continue;
    if (slot.kind == Slot::Kind::file) {
      plan_.files.push_back({slot.directory, 0, slot.object, slot.size, std::string(slot.name)});
    } else if (slot.kind == Slot::Kind::empty) {
      plan_.empty_files.push_back({slot.directory, slot.object.executable, std::string(slot.name)});
    } else if (slot.kind == Slot::Kind::link) {
      plan_.links.push_back({slot.directory, slot.object, slot.size, std::string(slot.name)});
    }
  }
  plan_.files = group_by_directory(std::move(plan_.files), plan_.directories.size());
  plan_.empty_files = group_by_directory(std::move(plan_.empty_files), plan_.directories.size());
}

// A script of a package may have lost its path to another package's file: the row then tells what lies there.
void PlanBuilder::finish_records() {
  for (const Slot& slot : slots_) {
    if (slot.kind != Slot::Kind::record || !slot.alive) continue;
    PlanRecord record;
    record.path = path_of(slot);
    RecordText lost;
    for (const Path& path : records_[slot.record].scripts) {
      const Slot& winner = slots_[slot_index_.at(path)];
      if (winner.kind == Slot::Kind::script) {
        record.scripts.push_back(winner.script);
      } else {
        lost.add(record_path(path_of(winner), layout_.site_packages), winner.object.digest, winner.size);
      }
    }
    record.rows = std::move(records_[slot.record].rows) + lost.take();
    plan_.records.push_back(std::move(record));
  }
}

void PlanBuilder::finish_generated() {
  std::vector<bool> used(generated_.size(), false);
  for (const Slot& slot : slots_) {
    if (slot.alive && slot.generated != kNone) used[slot.generated] = true;
  }
  for (std::size_t i = 0; i < generated_.size(); ++i) {
    if (used[i]) plan_.generated.push_back(std::move(generated_[i]));
  }
}

}  // namespace cas
