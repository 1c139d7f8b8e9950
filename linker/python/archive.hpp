// Interpreters that come as archives (python-build-standalone's .tar.gz and .tar.zst, or any tree packed by tar).
#pragma once

#include <string>
#include <string_view>

#include "linker/python/capture.hpp"

namespace cas {

// By its name: "….tar.gz", "….tgz", "….tar.zst", "….tar.xz", "….tar.bz2", "….tar".
[[nodiscard]] bool is_python_archive(std::string_view path);

// Unpacks it with the system's tar into the store's staging, captures the interpreter in it (bin/python3 below the root, python/ or
// python/install/), and removes what was unpacked. The archive is not remembered: its origin is no place that could change.
// Throws Error where tar fails, the archive holds no interpreter, or links or special files lead out of it.
[[nodiscard]] CaptureResult capture_archive(const Store& store, const std::string& path, const CaptureOptions& options,
                                            Progress& progress);

}  // namespace cas
