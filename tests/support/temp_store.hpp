// A store for one test, and small wheels to put into it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/gc.hpp"
#include "store/ingest.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"
#include "store/verify.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wheel_builder.hpp"

namespace cas {

// For failures of data-driven cases.
inline std::ostream& boost_test_print_type(std::ostream& out, Durability durability) {
  return out << (durability == Durability::none ? "none" : durability == Durability::batch ? "batch" : "strict");
}

}  // namespace cas

namespace cas::test {

using Files = std::vector<std::pair<std::string, std::string>>;  // path in the wheel, content

// A right pure-Python wheel with these files. METADATA and WHEEL differ by name and version alone.
[[nodiscard]] WheelBuilder make_wheel(const std::string& name, const std::string& version, const Files& files);
// The wheel file's name.
[[nodiscard]] std::string wheel_name(const std::string& name, const std::string& version);

[[nodiscard]] bool exists(const std::string& path);  // also a link that points nowhere
[[nodiscard]] std::string slurp(const std::string& path);
// Replaces the bytes of an existing file in place, whatever its mode.
void overwrite(const std::string& path, std::string_view bytes);
void set_file_mtime(const std::string& path, std::int64_t seconds);
[[nodiscard]] std::uint64_t links_of(const std::string& path);
// Names in a directory, sorted; none where it does not exist.
[[nodiscard]] std::vector<std::string> names_in(const std::string& directory);
// Everything below a directory: relative path -> kind, mode, modification time and content (a link's target). Two equal ones
// mean that nothing was changed.
[[nodiscard]] std::map<std::string, std::string> snapshot(const std::string& directory);
// The store without its index's and its locks' files, which change whenever somebody looks.
[[nodiscard]] std::map<std::string, std::string> snapshot_content(const Store& store);

// Lets a test act in the middle of an operation. The hooks run on the thread that reports.
class HookProgress final : public SilentProgress {
 public:
  std::function<void(std::string_view what)> on_phase;
  std::function<void()> on_advance;
  std::vector<std::string> warnings;

  void phase(std::string_view what, std::uint64_t) override {
    if (on_phase) on_phase(what);
  }
  void advance(std::uint64_t) override {
    if (on_advance) on_advance();
  }
  void warning(std::string_view message) override { warnings.emplace_back(message); }
};

class TempStore {
 public:
  TempStore() : TempStore(Durability::none) {}
  explicit TempStore(Durability durability);

  TempDir dir;
  Store store;
  SilentProgress silent;

  // Writes the wheel below `dir`, replacing an older one of that name, and returns its path.
  std::string write_wheel(const WheelBuilder& wheel) const;
  IngestResult ingest(const WheelBuilder& wheel, const IngestOptions& options = {});
  IngestResult ingest_pinned(const WheelBuilder& wheel, const IngestOptions& options = {});
  // Ingests one that must be accepted, and returns its SHA-256.
  Sha256Digest add(const WheelBuilder& wheel);
  Sha256Digest add(const std::string& name, const std::string& version, const Files& files) {
    return add(make_wheel(name, version, files));
  }

  GcResult collect(const GcOptions& options = {});
  VerifyResult verify(VerifyDepth depth = VerifyDepth::contents);
  // "kind: what" for every problem; empty: all is well.
  std::vector<std::string> problems(VerifyDepth depth = VerifyDepth::contents);

  [[nodiscard]] bool has_package(const Sha256Digest& artifact) const;
  [[nodiscard]] bool has_content(std::string_view content, Executable executable = Executable::no) const;
  // The object file of `content`. Throws where the index does not have it.
  [[nodiscard]] std::string object_path(std::string_view content, Executable executable = Executable::no) const;
  // Object files on disk, with or without a row: "00000000/<digest>".
  [[nodiscard]] std::vector<std::string> object_files() const;
  [[nodiscard]] std::uint64_t object_rows() const;

  // An environment's anchor as a maker would write it: for tests that need no Python. The directory gets nothing but
  // the anchor.
  [[nodiscard]] Anchor anchor_for(const std::string& target, const std::vector<Sha256Digest>& artifacts,
                                  const Sha256Digest& plan = {}) const;
  Anchor make_rooted_directory(const std::string& target, const std::vector<Sha256Digest>& artifacts,
                               const Sha256Digest& plan = {});
};

}  // namespace cas::test
