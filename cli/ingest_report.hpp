// What became of wheels, as text and as JSON: for the commands that read some.
#pragma once

#include <span>
#include <string>

#include "cli/json_output.hpp"
#include "cli/progress.hpp"
#include "store/ingest.hpp"

namespace cas {

struct IngestTotals {
  std::uint64_t added = 0, already = 0, refused = 0;  // wheels
  std::uint64_t files = 0, new_files = 0;
  std::uint64_t bytes = 0, new_bytes = 0;
  std::uint64_t spared_bytes = 0;  // of wheels that were fetched in parts, what was not
};

[[nodiscard]] IngestTotals total_of(std::span<const IngestResult> results);

// "numpy 2.1.0: 38.2 MB new, 3.1 MB shared", "numpy 2.1.0: already there". REQUIRES: not refused.
[[nodiscard]] std::string ingest_line(const IngestResult& result);

// Warnings of all, and the errors of those that were refused.
void report_problems(std::span<const IngestResult> results, LinePrinter& printer);

[[nodiscard]] Json json_wheel(const IngestResult& result);

}  // namespace cas
