// cas add: wheels into the store.
#include <fmt/format.h>

#include <chrono>

#include "cli/commands/commands.hpp"
#include "cli/ingest_report.hpp"
#include "cli/json_output.hpp"
#include "cli/wheel_arguments.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/text.hpp"
#include "store/base/timing.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"sha256sums", '\0', "FILE", Repeat::yes}, {"strict-record", '\0', {}}};

std::vector<WheelRequest> requested_wheels(const Arguments& arguments) {
  if (arguments.operands().empty()) throw UsageError("no wheel is named", "cas add FILE|DIR|GLOB...");
  const WheelPins pins = read_pins(arguments);
  std::vector<WheelRequest> wheels;
  for (const std::string& operand : arguments.operands()) {
    for (WheelRequest& wheel : expand_wheel_argument(operand, pins)) wheels.push_back(std::move(wheel));
  }
  return wheels;
}

std::string total_line(const IngestTotals& totals, std::chrono::nanoseconds duration) {
  std::string text = fmt::format("added {}", counted(totals.added, "package"));
  if (totals.already > 0) text += fmt::format(", {} already there", grouped(totals.already));
  if (totals.refused > 0) text += fmt::format(", {} refused", grouped(totals.refused));
  return fmt::format("{}: {} new, {} shared, in {}", text, format_size(totals.new_bytes),
                     format_size(totals.bytes - totals.new_bytes), format_duration(duration));
}

std::string json_report(std::span<const IngestResult> results, const IngestTotals& totals) {
  Json document = json_document("add");
  document["wheels"] = Json::array();
  for (const IngestResult& result : results) document["wheels"].push_back(json_wheel(result));
  document["added"] = totals.added;
  document["already"] = totals.already;
  document["refused"] = totals.refused;
  document["files"] = totals.files;
  document["bytes"] = totals.bytes;
  document["new_files"] = totals.new_files;
  document["new_bytes"] = totals.new_bytes;
  document["shared_bytes"] = totals.bytes - totals.new_bytes;
  return json_text(document);
}

int run(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<WheelRequest> wheels = requested_wheels(context.arguments);
  IngestOptions options = read_ingest_options(context);
  // Adding a wheel again is how what was changed in place comes back.
  options.known = KnownWheels::looked_after;
  const Store store = context.open_or_make_store_to_change();
  const auto results = [&] {
    const Timer timer("ingest");
    return ingest_wheels(store, wheels, options, context.printer);
  }();
  context.printer.finish();

  report_problems(results, context.printer);
  const IngestTotals totals = total_of(results);
  for (const IngestResult& result : results) {
    if (result.error.empty()) context.say(ingest_line(result));
  }
  context.say(total_line(totals, std::chrono::steady_clock::now() - start));
  if (context.global.json) context.print(json_report(results, totals));
  return static_cast<int>(totals.refused == 0 ? ExitStatus::success : ExitStatus::failure);
}

}  // namespace

const Command kAddCommand = {"add", "put wheels into the store", kOptions, run};

}  // namespace cas
