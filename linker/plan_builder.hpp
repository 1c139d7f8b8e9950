// Puts packages together path by path: make_plan's working state.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "linker/plan.hpp"

namespace cas {

// Used once: add every package in the stated order, then finish(). Keeps views into the packages.
class PlanBuilder {
 public:
  PlanBuilder(const std::vector<PlannedPackage>& packages, const EnvironmentLayout& layout, const PlanOptions& options,
              const PlanBytecode& bytecode);

  // Throws InvalidInput as make_plan does.
  void add_package(std::uint32_t package);
  [[nodiscard]] Plan finish();

 private:
  // What one path of the environment holds.
  struct Slot {
    enum class Kind : std::uint8_t { file, empty, link, script, record };
    Kind kind = Kind::file;
    bool alive = true;  // no later package took the path
    std::uint32_t directory = 0;
    std::uint32_t package = 0;          // the last one that owns these bytes
    std::uint32_t generated = kNone;    // index into generated_
    std::uint32_t record = kNone;       // index into records_
    std::uint32_t script = kNone;       // index into Plan::scripts, once finished
    const EntryPoint* entry = nullptr;  // a script made from an entry point
    ObjectId object;                    // of a python_script: its source
    std::uint64_t size = 0;
    std::string_view name;
  };
  struct Path {
    std::uint32_t directory;
    std::string_view name;
    bool operator==(const Path&) const = default;
  };
  struct PathHash {
    std::size_t operator()(const Path& path) const noexcept {
      return std::hash<std::string_view>{}(path.name) * 31 + path.directory;
    }
  };
  struct Directory {
    std::uint32_t parent = 0;
    std::uint32_t package = 0;  // the first that needs it
  };
  // Of directories by their paths, which the plan holds: a second copy of each would cost hostile plans some megabytes.
  struct DirectoryHash {
    using is_transparent = void;
    const std::vector<std::string>* paths;
    std::size_t operator()(std::string_view path) const noexcept { return std::hash<std::string_view>{}(path); }
    std::size_t operator()(std::uint32_t i) const noexcept { return (*this)((*paths)[i]); }
  };
  struct DirectoryEqual {
    using is_transparent = void;
    const std::vector<std::string>* paths;
    bool operator()(std::uint32_t a, std::uint32_t b) const noexcept { return a == b; }
    bool operator()(std::string_view path, std::uint32_t i) const noexcept { return path == (*paths)[i]; }
    bool operator()(std::uint32_t i, std::string_view path) const noexcept { return path == (*paths)[i]; }
  };
  // A RECORD that waits for its scripts.
  struct PendingRecord {
    std::string rows;
    std::vector<Path> scripts;
  };
  // Whether a path was new to the package that wants it.
  enum class Placed { as_new, again };

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  void add_interpreter(std::uint32_t package);
  void add_entry_points(std::uint32_t package, class RecordText& rows, std::vector<Path>& scripts);
  void add_files(std::uint32_t package, class RecordText& rows, std::vector<Path>& scripts);
  void add_own_files(std::uint32_t package, class RecordText& rows, const std::vector<Path>& scripts);
  // As the environment is to have them; valid as long as this object.
  [[nodiscard]] const std::vector<EntryPoint>& entry_points(std::uint32_t package);
  Placed place(Slot slot);
  Placed place_generated(Slot slot, std::string bytes);
  [[nodiscard]] static bool same_content(const Slot& a, const Slot& b);
  [[nodiscard]] std::uint32_t directory(std::string_view path, std::uint32_t package);
  [[nodiscard]] std::string path_of(const Slot& slot) const;
  [[nodiscard]] std::string label(std::uint32_t package) const;
  void check_place(std::uint32_t package, std::string_view path) const;
  void check_directories() const;
  void add_bytecode();
  void finish_scripts();
  void finish_files();
  void finish_records();
  void finish_generated();

  const std::vector<PlannedPackage>& packages_;
  const EnvironmentLayout& layout_;
  const PlanOptions& options_;
  const PlanBytecode& bytecode_;
  std::deque<std::string> bytecode_names_;  // slots have views
  std::unordered_map<std::uint32_t, std::optional<std::vector<EntryPoint>>>
      entry_points_;  // of packages; slots have pointers
  Plan plan_;
  std::vector<Directory> directories_;  // beside Plan::directories
  std::unordered_set<std::uint32_t, DirectoryHash, DirectoryEqual> directory_index_{
      64, DirectoryHash{&plan_.directories}, DirectoryEqual{&plan_.directories}};
  std::vector<Slot> slots_;
  std::unordered_map<Path, std::uint32_t, PathHash> slot_index_;
  std::vector<PlanGenerated> generated_;
  std::unordered_map<ObjectId, std::uint32_t> generated_index_;
  std::vector<PendingRecord> records_;
};

}  // namespace cas
