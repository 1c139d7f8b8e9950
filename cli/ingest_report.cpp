#include "cli/ingest_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/text.hpp"

namespace cas {
namespace {

// Parts that were fetched twice, because the line broke, may make it more than the whole.
std::uint64_t spared_bytes(const IngestResult& result) {
  return result.artifact_bytes - std::min(result.artifact_bytes, *result.fetched_bytes);
}

Json json_known(const IngestResult& result) {
  Json wheel;
  wheel["path"] = result.path;
  wheel["status"] = result.already ? "already" : "added";
  wheel["name"] = result.name;
  wheel["version"] = result.version;
  wheel["file_name"] = result.file_name;
  wheel["sha256"] = result.artifact.hex();
  wheel["files"] = result.files;
  wheel["bytes"] = result.bytes;
  wheel["new_files"] = result.new_files;
  wheel["new_bytes"] = result.new_bytes;
  wheel["shared_bytes"] = result.bytes - result.new_bytes;
  wheel["assembled"] = result.fetched_bytes.has_value();
  if (result.fetched_bytes) {
    wheel["artifact_bytes"] = result.artifact_bytes;
    wheel["fetched_bytes"] = *result.fetched_bytes;
    wheel["spared_bytes"] = spared_bytes(result);
  }
  wheel["warnings"] = result.warnings;
  return wheel;
}

}  // namespace

IngestTotals total_of(std::span<const IngestResult> results) {
  IngestTotals totals;
  for (const IngestResult& result : results) {
    if (!result.error.empty()) {
      ++totals.refused;
      continue;
    }
    ++(result.already ? totals.already : totals.added);
    totals.files += result.files;
    totals.new_files += result.new_files;
    totals.bytes += result.bytes;
    totals.new_bytes += result.new_bytes;
    if (result.fetched_bytes) totals.spared_bytes += spared_bytes(result);
  }
  return totals;
}

std::string ingest_line(const IngestResult& result) {
  if (result.already) return fmt::format("{} {}: already there", result.name, result.version);
  return fmt::format("{} {}: {} new, {} shared", result.name, result.version, format_size(result.new_bytes),
                     format_size(result.bytes - result.new_bytes));
}

void report_problems(std::span<const IngestResult> results, LinePrinter& printer) {
  for (const IngestResult& result : results) {
    for (const std::string& warning : result.warnings) printer.warning(result.file_name + ": " + warning);
    if (!result.error.empty()) printer.error(result.error, result.error_hint);
  }
}

Json json_wheel(const IngestResult& result) {
  if (result.error.empty()) return json_known(result);
  Json wheel;
  wheel["path"] = result.path;
  wheel["status"] = "refused";
  wheel["error"] = json_error("invalid", result.error, result.error_hint);
  wheel["warnings"] = result.warnings;
  return wheel;
}

}  // namespace cas
