// cas install: packages into an environment that is there.
#include <fmt/format.h>

#include <chrono>

#include "cli/automatic_collection.hpp"
#include "cli/commands/commands.hpp"
#include "cli/create_report.hpp"
#include "cli/environment_names.hpp"
#include "cli/ingest_report.hpp"
#include "cli/install_places.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/package_steps.hpp"
#include "cli/wheel_arguments.hpp"
#include "cli/words.hpp"
#include "linker/packages/install.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/roots.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas install ENV REQUIREMENT|WHEEL|LOCK... [-r FILE]...";

constexpr std::array kOwnOptions{
    OptionSpec{"upgrade", 'U', {}},        OptionSpec{"upgrade-package", '\0', "NAME", Repeat::yes},
    OptionSpec{"reinstall", '\0', {}},     OptionSpec{"force-reinstall", '\0', {}},
    OptionSpec{"dry-run", '\0', {}},       OptionSpec{"strict-conflicts", '\0', {}},
    OptionSpec{"strict-record", '\0', {}}, OptionSpec{"sha256sums", '\0', "FILE", Repeat::yes},
};
constexpr auto kOptions = joined_options(kOwnOptions, kPackageSourceOptions, kLockChoiceOptions, kInstallPlaceOptions);

bool is_wheel(const std::string& operand) {
  if (is_url_argument(operand) || is_file_argument(operand) || names_sources(operand)) return false;
  return is_wheel_argument(operand);
}

InstallOptions read_options(const Context& context, const std::string& environment) {
  const Arguments& arguments = context.arguments;
  InstallOptions options;
  const WheelPins pins = read_pins(arguments);
  std::vector<std::string> inputs;
  for (std::size_t i = 1; i < arguments.operands().size(); ++i) {
    const std::string& operand = arguments.operands()[i];
    refuse_requirements_file(operand);
    if (is_wheel(operand)) {
      for (WheelRequest& wheel : expand_wheel_argument(operand, pins)) options.wheels.push_back(std::move(wheel));
    } else {
      inputs.push_back(operand);
    }
  }
  options.inputs = read_package_inputs(context, inputs, environment);
  for (const std::string& name : arguments.values("upgrade-package"))
    options.upgrade_packages.insert(normalize_name(name));
  options.upgrade = arguments.has("upgrade");
  options.no_dependencies = arguments.has("no-deps");
  options.reinstall = arguments.has("reinstall") || arguments.has("force-reinstall");
  options.strict_conflicts = arguments.has("strict-conflicts");
  options.dry_run = arguments.has("dry-run");
  options.ingest = read_ingest_options(context);
  options.threads = context.global.threads;
  if (arguments.operands().size() < 2 && !arguments.has("requirement") && !arguments.has("editable"))
    throw UsageError("nothing is named that should be installed", kUsage);
  return options;
}

std::string last_line(const InstallResult& result, bool dry_run, std::chrono::nanoseconds duration) {
  if (dry_run) return fmt::format("would change {}", printable(result.path));
  return fmt::format("changed {} in {}", printable(result.path), format_duration(duration));
}

void report(const Context& context, const InstallResult& result, bool dry_run, std::chrono::nanoseconds duration) {
  context.printer.finish();
  report_problems(result.ingested, context.printer);
  report_conflicts(context, result.conflicts);
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  if (!result.already.empty()) context.say("already there: " + joined(result.already));
  if (!result.again.empty())
    context.say((dry_run ? "would put there again: " : "put there again: ") + joined(result.again));
  for (const PackageStep& step : result.steps) context.say(step_line(step));
  for (const std::string& sentence : result.broken) context.printer.warning(sentence);
  if (result.changed) context.say(last_line(result, dry_run, duration));
}

int run_once(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  if (context.arguments.operands().empty()) throw UsageError("no environment is named", kUsage);
  const std::string path = environment_operand(context.global, context.arguments.operands().front());
  InstallOptions options = read_options(context, path);
  const Store store = context.open_or_make_store_to_change();
  std::unique_ptr<EditableCheckouts> checkouts;
  // Without an environment there is nothing to check out for; what is missing is said below.
  if (read_environment_anchor(path)) {
    choose_build_place(context, path, InstalledBuilds::again, options.inputs);
    checkouts = check_out_editables(context, store, path, options.dry_run, options.inputs);
  }
  const InstallResult result = install_packages(store, path, options, context.printer);
  if (checkouts && !options.dry_run) checkouts->keep();
  report(context, result, options.dry_run, std::chrono::steady_clock::now() - start);
  const Json collected = options.dry_run ? Json(nullptr) : collect_if_low(context, store);
  if (context.global.json) {
    Json document = json_document("install");
    document["path"] = result.path;
    document["dry_run"] = options.dry_run;
    document["changed"] = result.changed;
    document["packages"] = json_steps(result.steps);
    document["already"] = result.already;
    document["again"] = result.again;
    document["broken"] = result.broken;
    document["wheels"] = Json::array();
    for (const IngestResult& wheel : result.ingested) document["wheels"].push_back(json_wheel(wheel));
    document["warnings"] = result.warnings;
    document["collected"] = collected;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

int run(const Context& context) { return run_with_room(context, run_once); }

}  // namespace

const Command kInstallCommand = {"install", "put packages into an environment", kOptions, run, Ending::returns, 0,
                                 nullptr,   EnvironmentOperand::first};

}  // namespace cas
