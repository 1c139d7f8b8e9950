// How long work tells somebody how far it is, and hears that it should stop.
//
// The library calls; the command line implements (lines on a terminal, or nothing in a pipe). All
// functions of Progress may be called from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cas {

enum class PackageWork { download, build };

// One package that is worked on just now. Its functions are called by one thread at a time; received() often, as bytes arrive.
class PackageProgress {
 public:
  // Without done(): it was given up.
  virtual ~PackageProgress() = default;

  // So many more bytes have come.
  virtual void received(std::uint64_t count) = 0;
  // What came is void: it begins anew.
  virtual void restart() = 0;
  // So many bytes in all need not come, because they are there.
  virtual void spared(std::uint64_t bytes) = 0;
  // It is complete. Nothing is called afterwards.
  virtual void done() = 0;
};

class Progress {
 public:
  virtual ~Progress() = default;

  // A new phase begins ("adding numpy-2.1.0-…whl"); `total` units of work are expected, 0 if unknown. An empty `what`: none.
  virtual void phase(std::string_view what, std::uint64_t total) = 0;
  // The same, in which `packages` are downloaded, of so many bytes in all, 0 if unknown. What begin() returns counts, not advance().
  virtual void downloads(std::size_t packages, std::uint64_t bytes) = 0;
  // `count` more units are done.
  virtual void advance(std::uint64_t count) = 0;
  // Work on a package begins; `name` says which ("numpy 2.1.0"), and may hold foreign bytes. `bytes`: of its file, 0 if unknown.
  // The result must not outlive this object.
  [[nodiscard]] virtual std::unique_ptr<PackageProgress> begin(PackageWork work, std::string_view name,
                                                               std::uint64_t bytes) = 0;
  // Something the user should know although the work goes on.
  virtual void warning(std::string_view message) = 0;
};

// Says nothing, for callers without an audience.
class SilentProgress : public Progress {
 public:
  void phase(std::string_view, std::uint64_t) override {}
  void downloads(std::size_t, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  std::unique_ptr<PackageProgress> begin(PackageWork, std::string_view, std::uint64_t) override;
  void warning(std::string_view) override {}
};

// Asks every running operation of this process to stop; safe to call in a signal handler.
void request_interrupt() noexcept;
// Throws Interrupted once request_interrupt() was called. Called at every step that may take long.
void check_interrupt();

}  // namespace cas
