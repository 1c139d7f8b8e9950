// cas pin, unpin, pins: what stays in the store although no environment uses it.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/pin_requests.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr OptionSpec kDryRun[] = {{"dry-run", '\0', {}}};

Json json_pin(const Pin& pin) {
  Json packages = Json::array();
  for (const PinnedPackage& package : pin.packages) {
    packages.push_back({{"name", package.name}, {"version", package.version}, {"sha256", package.artifact.hex()}});
  }
  return {{"kind", pin_kind_name(pin.kind)},
          {"what", pin.what},
          {"id", pin.id.empty() ? Json(nullptr) : Json(pin.id)},
          {"created", json_time(static_cast<std::int64_t>(pin.created_at))},
          {"packages", std::move(packages)}};
}

void print_json(const Context& context, const std::vector<Pin>& pins, std::optional<bool> dry_run,
                const Json& more = Json::object()) {
  if (!context.global.json) return;
  Json document = json_document(context.command.name);
  if (dry_run) document["dry_run"] = *dry_run;
  document["pins"] = Json::array();
  for (const Pin& pin : pins) document["pins"].push_back(json_pin(pin));
  document.update(more);
  context.print(json_text(document));
}

int run_pin(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.empty()) throw UsageError("nothing is named that should be pinned", "cas pin PACKAGE|LOCK|ENV...");
  const bool dry_run = context.arguments.has("dry-run");
  const Store store = context.open_store_to_change();
  const std::vector<Package> packages = list_packages(store.index());
  // All are read before the first is pinned: a mistake in one leaves nothing half done.
  std::vector<PinRequest> requests;
  for (const std::string& operand : operands) {
    requests.push_back(read_pin_request(context, store, packages, operand));
  }
  std::vector<Pin> pins;
  Json missing = Json::array();
  for (const PinRequest& request : requests) {
    for (const std::string& name : request.missing) missing.push_back(name);
    pins.push_back(dry_run ? request.pin : add_pin(store, request.pin));
    const Pin& pin = pins.back();
    context.say(fmt::format("{} {} {}: {}", dry_run ? "would pin" : "pinned", pin_kind_name(pin.kind),
                            printable(pin.what), counted(pin.packages.size(), "package")));
    if (!request.missing.empty()) {
      context.printer.warning(fmt::format("the store has nothing of {}, which {} names: it is not kept when it comes",
                                          printable(joined(request.missing)), printable(pin.what)));
    }
  }
  print_json(context, pins, dry_run, {{"missing", std::move(missing)}});
  return static_cast<int>(ExitStatus::success);
}

int run_unpin(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.empty())
    throw UsageError("nothing is named that should be unpinned", "cas unpin PACKAGE|LOCK|ENV|ID...");
  const bool dry_run = context.arguments.has("dry-run");
  const Store store = context.open_store_to_change();
  std::vector<std::string> unreadable;
  const std::vector<Pin> pins = list_pins(store, &unreadable);
  for (const std::string& warning : unreadable) context.printer.warning(warning);
  std::vector<Pin> meant;
  for (const std::string& operand : operands) {
    for (Pin& pin : pins_meant(context, pins, operand)) meant.push_back(std::move(pin));
  }
  for (const Pin& pin : meant) {
    if (!dry_run) remove_pin(store, pin);
    context.say(
        fmt::format("{} {} {}", dry_run ? "would unpin" : "unpinned", pin_kind_name(pin.kind), printable(pin.what)));
  }
  print_json(context, meant, dry_run);
  return static_cast<int>(ExitStatus::success);
}

int run_pins(const Context& context) {
  if (!context.arguments.operands().empty()) throw UsageError("`cas pins` takes no arguments", "see `cas help pins`");
  const Store store = context.open_store();
  std::vector<std::string> unreadable;
  const std::vector<Pin> pins = list_pins(store, &unreadable);
  for (const std::string& warning : unreadable) context.printer.warning(warning);
  if (context.global.json) {
    print_json(context, pins, std::nullopt);
    return static_cast<int>(ExitStatus::success);
  }
  TextTable table({{"Kind"}, {"Pinned"}, {"Packages", Align::right}, {"Since"}});
  for (const Pin& pin : pins) {
    table.add_row({std::string(pin_kind_name(pin.kind)), printable(pin.what), grouped(pin.packages.size()),
                   time_text(static_cast<std::int64_t>(pin.created_at))});
  }
  context.print(pins.empty() ? "no pins\n" : table.text());
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kPinCommand = {"pin", "keep packages that no environment uses", kDryRun, run_pin};
const Command kUnpinCommand = {"unpin", "keep them no longer", kDryRun, run_unpin};
const Command kPinsCommand = {"pins", "list what is pinned", {}, run_pins};

}  // namespace cas
