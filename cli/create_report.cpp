#include "cli/create_report.hpp"

#include <fmt/format.h>

#include "cli/ingest_report.hpp"
#include "cli/words.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::size_t kConflictsShown = 10;  // without --verbose

std::string ways(const LinkCounts& links) {
  std::vector<std::string> parts;
  if (links.hardlinked > 0) parts.push_back(counted(links.hardlinked, "hard link"));
  if (links.reflinked > 0) parts.push_back(counted(links.reflinked, "reflink"));
  if (links.copied > 0) parts.push_back(counted(links.copied, "copy", "copies"));
  if (links.created > 0) parts.push_back(grouped(links.created) + " written");
  return joined(parts);
}

// Why files were not hard-linked that should have been; "" where all were.
std::string fallback_line(const LinkCounts& links) {
  std::vector<std::string> reasons;
  if (links.forbidden > 0) {
    reasons.push_back(fmt::format("{} to other users (fs.protected_hardlinks)",
                                  links.forbidden == 1 ? "1 belongs" : grouped(links.forbidden) + " belong"));
  }
  if (links.elsewhere > 0) {
    reasons.push_back(grouped(links.elsewhere) + " would lead to another filesystem or mount");
  }
  if (reasons.empty()) return {};
  return fmt::format("{} not hard-linked: {}", counted(links.forbidden + links.elsewhere, "file"), joined(reasons));
}

std::string success_line(const CreateResult& result, std::chrono::nanoseconds duration) {
  const std::string how = ways(result.links);
  return fmt::format("{} {}: Python {}, {}, {}{} in {}",
                     result.unchanged          ? "unchanged"
                     : result.changed_existing ? "changed"
                     : result.cleared          ? "replaced"
                                               : "created",
                     printable(result.path), result.interpreter.version, counted(result.packages.size(), "package"),
                     counted(result.files, "file"), how.empty() ? "" : fmt::format(" ({})", how),
                     format_duration(duration));
}

void report_preview(const Context& context, const CreateResult& result) {
  if (!result.captured.empty())
    context.say(fmt::format("would capture {} into the store", python_label(result.interpreter)));
  if (!result.added.empty()) context.say("would be new in it: " + joined(result.added));
  if (!result.dropped.empty()) context.say("would no longer be in it: " + joined(result.dropped));
  if (!result.python_before.empty()) {
    context.say(fmt::format("its Python is {}, would be {}", result.python_before, result.interpreter.version));
  }
  context.say(fmt::format("would {} {}: Python {}, {}",
                          result.changed_existing ? "change"
                          : result.cleared        ? "replace"
                                                  : "create",
                          printable(result.path), result.interpreter.version,
                          counted(result.packages.size(), "package")));
}

// "" where no wheel was new.
std::string ingest_line(const CreateResult& result) {
  const IngestTotals totals = total_of(result.ingested);
  if (totals.added == 0) return {};
  return fmt::format(
      "added {} to the store: {} new, {} shared{}", counted(totals.added, "package"), format_size(totals.new_bytes),
      format_size(totals.bytes - totals.new_bytes),
      totals.spared_bytes > 0 ? fmt::format(", {} not downloaded", format_size(totals.spared_bytes)) : "");
}

// "" where base stores had nothing that was missing.
std::string base_line(const FromBases& taken) {
  std::vector<std::string> what;
  if (taken.packages > 0) what.push_back(counted(taken.packages, "package"));
  if (taken.plans > 0) what.push_back(counted(taken.plans, "plan"));
  if (taken.interpreters > 0) what.push_back(counted(taken.interpreters, "interpreter"));
  std::vector<std::string> how;
  if (taken.linked > 0) how.push_back(counted(taken.linked, "hard link"));
  if (taken.cloned > 0) how.push_back(counted(taken.cloned, "reflink"));
  if (taken.copied > 0) how.push_back(counted(taken.copied, "copy", "copies"));
  if (what.empty() && how.empty()) return {};
  return fmt::format("from base stores: {}{}",
                     what.empty() ? counted(taken.linked + taken.cloned + taken.copied, "file") : joined(what),
                     how.empty() ? "" : fmt::format("; {}, {}", joined(how), format_size(taken.bytes)));
}

// "" where nothing was compiled.
std::string bytecode_line(const CreateResult& result) {
  const BytecodeCounts& counts = result.bytecode;
  if (counts.compiled == 0) return {};
  return fmt::format("compiled {}{}", counted(counts.compiled, "module"),
                     counts.refused > 0 ? fmt::format(", {} do not compile", grouped(counts.refused)) : "");
}

Json json_packages(const CreateResult& result) {
  Json packages = Json::array();
  for (const AnchoredPackage& package : result.packages) {
    packages.push_back({{"name", package.name},
                        {"version", package.version},
                        {"sha256", package.artifact == Sha256Digest{} ? Json(nullptr) : Json(package.artifact.hex())},
                        {"requested", package.requested}});
  }
  return packages;
}

}  // namespace

void report_conflicts(const Context& context, const std::vector<PlanConflict>& conflicts) {
  const std::size_t shown = context.global.verbose ? conflicts.size() : kConflictsShown;
  for (std::size_t i = 0; i < conflicts.size() && i < shown; ++i) {
    context.printer.warning(fmt::format("{}: {} and {} differ; that of {} is installed", conflicts[i].path,
                                        conflicts[i].loser, conflicts[i].winner, conflicts[i].winner));
  }
  if (conflicts.size() > shown) {
    context.printer.warning(
        fmt::format("{} more such files (--verbose lists them)", grouped(conflicts.size() - shown)));
  }
}

Json json_created(const CreateResult& result) {
  Json document;
  document["path"] = result.path;
  document["changed"] = result.changed_existing;
  document["unchanged"] = result.unchanged;
  document["cleared"] = result.cleared;
  document["dry_run"] = result.dry_run;
  document["added"] = result.added;
  document["dropped"] = result.dropped;
  document["python"] = {{"version", result.interpreter.version},
                        {"implementation", result.interpreter.implementation},
                        {"executable", result.interpreter.executable},
                        {"base", base_kind_name(result.base)},
                        {"captured", result.captured.empty() ? Json(nullptr) : Json(result.captured)}};
  document["packages"] = json_packages(result);
  document["seeded"] = Json::array();
  for (const SeedWheel& seed : result.seeded) {
    document["seeded"].push_back({{"name", seed.name}, {"wheel", seed.stored ? Json(nullptr) : Json(seed.path)}});
  }
  document["wheels"] = Json::array();
  for (const IngestResult& wheel : result.ingested) document["wheels"].push_back(json_wheel(wheel));
  document["files"] = result.files;
  document["directories"] = result.directories;
  document["links"] = {{"hardlink", result.links.hardlinked}, {"reflink", result.links.reflinked},
                       {"copy", result.links.copied},         {"forbidden", result.links.forbidden},
                       {"elsewhere", result.links.elsewhere}, {"written", result.links.created}};
  const FromBases& taken = result.from_bases;
  document["from_base_stores"] = {
      {"packages", taken.packages}, {"plans", taken.plans},    {"interpreters", taken.interpreters},
      {"hardlink", taken.linked},   {"reflink", taken.cloned}, {"copy", taken.copied},
      {"bytes", taken.bytes}};
  document["bytecode"] = {{"files", result.bytecode.files},
                          {"compiled", result.bytecode.compiled},
                          {"not_compiling", result.bytecode.refused}};
  document["plan_reused"] = result.plan_reused;
  document["conflicts"] = Json::array();
  for (const PlanConflict& conflict : result.conflicts) {
    document["conflicts"].push_back({{"path", conflict.path}, {"loser", conflict.loser}, {"winner", conflict.winner}});
  }
  document["warnings"] = result.warnings;
  if (result.dry_run) {
    for (const char* field : {"files", "directories", "links", "bytecode", "plan_reused"}) document[field] = nullptr;
  }
  return document;
}

void report_created(const Context& context, const CreateResult& result, std::chrono::nanoseconds duration) {
  context.printer.finish();
  report_problems(result.ingested, context.printer);
  report_conflicts(context, result.conflicts);
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  if (result.dry_run) return report_preview(context, result);
  if (const std::string line = ingest_line(result); !line.empty()) context.say(line);
  if (const std::string line = base_line(result.from_bases); !line.empty()) context.say(line);
  if (!result.captured.empty()) {
    context.say(fmt::format("captured {} into the store", python_label(result.interpreter)));
  }
  if (const std::string line = bytecode_line(result); !line.empty()) context.say(line);
  if (result.changed_existing && !result.added.empty()) context.say("new in it: " + joined(result.added));
  if (!result.dropped.empty()) context.say("no longer in it: " + joined(result.dropped));
  if (!result.python_before.empty()) {
    context.say(fmt::format("its Python was {}, is {}", result.python_before, result.interpreter.version));
  }
  if (const std::string line = fallback_line(result.links); !line.empty()) context.say(line);
  context.say(success_line(result, duration));
}

}  // namespace cas
