// Whether the files of a distribution are what its RECORD says.
#pragma once

#include <string>
#include <vector>

namespace cas {

enum class RecordDepth {
  metadata,  // they are there, with the size that RECORD gives
  contents   // and with the hash
};

struct RecordMismatch {
  std::string path;  // relative to the environment
  bool missing = false;
  std::string what;  // "has 3 bytes, RECORD says 4"
};

// `environment`: its open directory; `site_packages` relative to it; `info`: the distribution's folder ("demo-1.0.dist-info"). For packages
// that other tools installed: RECORDs are hostile. What leads out of the environment, or by way of a symbolic link, is left out, and so is
// bytecode. None where there is no RECORD, or it cannot be read.
[[nodiscard]] std::vector<RecordMismatch> check_recorded_files(int environment, const std::string& site_packages,
                                                               const std::string& info, RecordDepth depth);

}  // namespace cas
