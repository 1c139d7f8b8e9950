// Interpreters that come as archives (python-build-standalone's .tar.gz and .tar.zst, or any tree packed by tar).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "linker/python/capture.hpp"

namespace cas {

// By its name: "….tar.gz", "….tgz", "….tar.zst", "….tar.xz", "….tar.bz2", "….tar".
[[nodiscard]] bool is_python_archive(std::string_view path);

// A full build of CPython with its debug information takes some 500 MB and 20,000 files.
struct UnpackLimits {
  std::uint64_t bytes = 8'000'000'000;
  std::uint64_t files = 500'000;  // directories and links, too
};

// Unpacks it with the system's tar into the store's staging, captures the interpreter in it (bin/python3 below the root, python/ or
// python/install/), and removes what was unpacked. The archive is not remembered: its origin is no place that could change.
// Throws Error where tar fails, the archive holds no interpreter, or links or special files lead out of it; InvalidInput as soon as
// more was unpacked than the limits allow. Nothing of it stays then.
[[nodiscard]] CaptureResult capture_archive(const Store& store, const std::string& path, const CaptureOptions& options,
                                            Progress& progress, const UnpackLimits& limits = {});

// What went wrong, of all that tar and its helpers print on standard error; and what to do about it.
struct TarProblem {
  std::string reason;
  std::string hint;
};
[[nodiscard]] TarProblem tar_problem(std::string_view errors);

}  // namespace cas
