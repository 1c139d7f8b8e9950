// cas create: an environment from wheels.
#include <fmt/format.h>

#include <cstdlib>

#include <chrono>

#include "cli/commands/commands.hpp"
#include "cli/ingest_report.hpp"
#include "cli/json_output.hpp"
#include "cli/wheel_arguments.hpp"
#include "cli/words.hpp"
#include "linker/environment.hpp"
#include "linker/find_links.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kConflictsShown = 10;  // without --verbose

constexpr OptionSpec kOptions[] = {
    {"find-links", '\0', "DIR"},       {"python", 'p', "PYTHON"},
    {"link-mode", '\0', "MODE"},       {"strict-conflicts", '\0', {}},
    {"strict-record", '\0', {}},       {"relocatable", '\0', {}},
    {"prompt", '\0', "TEXT"},          {"check", '\0', {}},
    {"sha256sums", '\0', "FILE"},      {"compile-bytecode", '\0', {}},
    {"no-compile-bytecode", '\0', {}}, {"base", '\0', "KIND"},
    {"standalone", '\0', {}},          {"system-site-packages", '\0', {}},
};

// --standalone, --base, CAS_BASE; --system-site-packages implies the system's.
std::optional<BaseKind> read_base(const Arguments& arguments) {
  std::optional<std::string> name = arguments.value("base");
  if (arguments.has("standalone")) {
    if (name && *name != "standalone")
      throw UsageError("--standalone and --base " + printable(*name) + " exclude each other");
    name = "standalone";
  }
  if (arguments.has("system-site-packages")) {
    if (name && *name != "system") {
      throw UsageError("--system-site-packages needs --base system",
                       "packages of the system's Python are seen only from an environment over it");
    }
    return BaseKind::system;
  }
  if (!name) {
    const char* variable = std::getenv("CAS_BASE");
    if (variable == nullptr || *variable == '\0') return std::nullopt;
    name = variable;
  }
  const auto kind = parse_base_kind(*name);
  if (!kind) {
    throw UsageError(fmt::format("--base is 'store', 'system' or 'standalone', not '{}'", printable(*name)));
  }
  return kind;
}

LinkMode read_link_mode(const Arguments& arguments) {
  const std::string mode = arguments.value("link-mode").value_or("auto");
  if (mode == "auto") return LinkMode::automatic;
  if (mode == "hardlink") return LinkMode::hardlink;
  if (mode == "reflink") return LinkMode::reflink;
  if (mode == "copy") return LinkMode::copy;
  throw UsageError(fmt::format("--link-mode is 'auto', 'hardlink', 'reflink' or 'copy', not '{}'", mode));
}

std::vector<PackageRequest> requested_packages(const Arguments& arguments) {
  const WheelPins pins = read_pins(arguments);
  std::vector<PackageRequest> packages;
  for (std::size_t i = 1; i < arguments.operands().size(); ++i) {
    const std::string& operand = arguments.operands()[i];
    if (is_wheel_argument(operand)) {
      for (WheelRequest& wheel : expand_wheel_argument(operand, pins)) packages.emplace_back().wheel = std::move(wheel);
      continue;
    }
    const NameRequirement requirement = parse_name_requirement(operand);
    if (!arguments.has("find-links")) {
      throw UsageError(
          fmt::format("'{}' is the name of a package, and no folder to find its wheel in is given", printable(operand)),
          "name the folder with --find-links DIR, or the wheel file itself");
    }
    packages.emplace_back().name = requirement.text;
  }
  return packages;
}

CreateOptions read_options(const Context& context) {
  const Arguments& arguments = context.arguments;
  CreateOptions options;
  options.python = arguments.value("python");
  options.base = read_base(arguments);
  options.system_site_packages = arguments.has("system-site-packages");
  options.packages = requested_packages(arguments);
  options.find_links = arguments.values("find-links");
  options.pins = read_pins(arguments);
  options.link_mode = read_link_mode(arguments);
  options.strict_conflicts = arguments.has("strict-conflicts");
  options.relocatable = arguments.has("relocatable");
  options.check = arguments.has("check");
  options.compile_bytecode = !arguments.has("no-compile-bytecode");
  if (!options.compile_bytecode && arguments.has("compile-bytecode")) {
    throw UsageError("--compile-bytecode and --no-compile-bytecode exclude each other");
  }
  options.prompt = arguments.value("prompt");
  // As venv has it: the name of the project's folder.
  if (options.prompt == ".") options.prompt = name_of(absolute_path("."));
  options.ingest = read_ingest_options(context);
  options.threads = context.global.threads;
  return options;
}

std::string ways(const LinkCounts& links) {
  std::vector<std::string> parts;
  if (links.hardlinked > 0) parts.push_back(counted(links.hardlinked, "hard link"));
  if (links.reflinked > 0) parts.push_back(counted(links.reflinked, "reflink"));
  if (links.copied > 0) parts.push_back(counted(links.copied, "copy", "copies"));
  if (links.created > 0) parts.push_back(grouped(links.created) + " written");
  return joined(parts);
}

std::string success_line(const CreateResult& result, std::chrono::nanoseconds duration) {
  const std::string how = ways(result.links);
  return fmt::format("{} {}: Python {}, {}, {}{} in {}", result.changed_existing ? "changed" : "created",
                     printable(result.path), result.interpreter.version, counted(result.packages.size(), "package"),
                     counted(result.files, "file"), how.empty() ? "" : fmt::format(" ({})", how),
                     format_duration(duration));
}

// "" where no wheel was new.
std::string ingest_line(const CreateResult& result) {
  const IngestTotals totals = total_of(result.ingested);
  if (totals.added == 0) return {};
  return fmt::format("added {} to the store: {} new, {} shared", counted(totals.added, "package"),
                     format_size(totals.new_bytes), format_size(totals.bytes - totals.new_bytes));
}

// "" where nothing was compiled.
std::string bytecode_line(const CreateResult& result) {
  const BytecodeCounts& counts = result.bytecode;
  if (counts.compiled == 0) return {};
  return fmt::format("compiled {}{}", counted(counts.compiled, "module"),
                     counts.refused > 0 ? fmt::format(", {} do not compile", grouped(counts.refused)) : "");
}

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

Json json_packages(const CreateResult& result) {
  Json packages = Json::array();
  for (const AnchoredPackage& package : result.packages) {
    packages.push_back({{"name", package.name},
                        {"version", package.version},
                        {"sha256", package.artifact.hex()},
                        {"requested", package.requested}});
  }
  return packages;
}

std::string json_report(const CreateResult& result) {
  Json document = json_document("create");
  document["path"] = result.path;
  document["changed"] = result.changed_existing;
  document["dropped"] = result.dropped;
  document["python"] = {{"version", result.interpreter.version},
                        {"implementation", result.interpreter.implementation},
                        {"executable", result.interpreter.executable},
                        {"base", base_kind_name(result.base)},
                        {"captured", result.captured.empty() ? Json(nullptr) : Json(result.captured)}};
  document["packages"] = json_packages(result);
  document["wheels"] = Json::array();
  for (const IngestResult& wheel : result.ingested) document["wheels"].push_back(json_wheel(wheel));
  document["files"] = result.files;
  document["directories"] = result.directories;
  document["links"] = {{"hardlink", result.links.hardlinked},
                       {"reflink", result.links.reflinked},
                       {"copy", result.links.copied},
                       {"written", result.links.created}};
  document["bytecode"] = {{"files", result.bytecode.files},
                          {"compiled", result.bytecode.compiled},
                          {"not_compiling", result.bytecode.refused}};
  document["plan_reused"] = result.plan_reused;
  document["conflicts"] = Json::array();
  for (const PlanConflict& conflict : result.conflicts) {
    document["conflicts"].push_back({{"path", conflict.path}, {"loser", conflict.loser}, {"winner", conflict.winner}});
  }
  document["warnings"] = result.warnings;
  return json_text(document);
}

int run(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  if (context.arguments.operands().empty()) {
    throw UsageError("no environment is named", "cas create ENV [WHEEL|NAME[==VERSION]...]");
  }
  const std::string& path = context.arguments.operands().front();
  const CreateOptions options = read_options(context);
  const Store store = context.open_or_make_store();
  const CreateResult result = create_environment(store, path, options, context.printer);
  context.printer.finish();

  report_problems(result.ingested, context.printer);
  report_conflicts(context, result.conflicts);
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  if (const std::string line = ingest_line(result); !line.empty()) context.say(line);
  if (const std::string line = bytecode_line(result); !line.empty()) context.say(line);
  if (!result.dropped.empty()) context.say("no longer in it: " + joined(result.dropped));
  if (!result.python_before.empty()) {
    context.say(fmt::format("its Python was {}, is {}", result.python_before, result.interpreter.version));
  }
  context.say(success_line(result, std::chrono::steady_clock::now() - start));
  if (context.global.json) context.print(json_report(result));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kCreateCommand = {"create", "make an environment, or change one", kOptions, run};

}  // namespace cas
