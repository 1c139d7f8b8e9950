// cas python list: the interpreters that environments can be made of.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/python_output.hpp"
#include "cli/table.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

std::string text_report(const PythonListing& listing) {
  TextTable table({{""}, {"PYTHON"}, {"PLATFORM"}, {"FROM"}, {"PATH"}});
  for (std::size_t i = 0; i < listing.pythons.size(); ++i) {
    const FoundPython& python = listing.pythons[i];
    table.add_row({listing.chosen == i ? "*" : "", python_label(python.facts), platform_text(python.facts),
                   std::string(source_word(python.candidate.source)), printable(python.facts.executable)});
  }
  std::string text = table.empty() ? std::string() : table.text();
  for (const BrokenPython& python : listing.broken) {
    text += fmt::format("broken: {} ({}): {}\n", printable(python.candidate.path), source_word(python.candidate.source),
                        python.reason);
  }
  return text;
}

std::string_view state_word(const StoredInterpreter& interpreter) {
  switch (origin_state(interpreter)) {
    case OriginState::changed:
      return "outdated";
    case OriginState::unknown:
      return "unknown";
    case OriginState::same:
    case OriginState::gone:
      break;
  }
  return "";
}

// The store's own, and whether the originals have changed since.
std::string captured_text(const std::vector<StoredInterpreter>& captured) {
  if (captured.empty()) return {};
  TextTable table({{"CAPTURED"}, {"STATE"}, {"FROM"}});
  for (const StoredInterpreter& interpreter : captured) {
    table.add_row({interpreter.name, std::string(state_word(interpreter)), printable(interpreter.origin)});
  }
  return "\n" + table.text();
}

std::string json_report(const PythonListing& listing, const std::vector<StoredInterpreter>& captured,
                        const Store* store) {
  Json document = json_document("python list");
  document["pythons"] = Json::array();
  for (std::size_t i = 0; i < listing.pythons.size(); ++i) {
    Json python = json_python(listing.pythons[i]);
    python["default"] = listing.chosen == i;
    document["pythons"].push_back(std::move(python));
  }
  document["broken"] = Json::array();
  for (const BrokenPython& python : listing.broken) document["broken"].push_back(json_broken_python(python));
  document["captured"] = Json::array();
  for (const StoredInterpreter& interpreter : captured) {
    document["captured"].push_back(json_stored_interpreter(*store, interpreter));
  }
  document["looked_in"] = listing.looked_in;
  return json_text(document);
}

int run(const Context& context) {
  const PythonRequest request = python_request_of(context, "cas python list [SPEC]");
  const std::optional<Store> store = context.open_store_if_any();
  const std::vector<StoredInterpreter> captured = store ? list_interpreters(*store) : std::vector<StoredInterpreter>{};
  const PythonListing listing =
      list_pythons(store ? &*store : nullptr, request, surroundings_with(store ? &*store : nullptr));
  if (context.global.json) {
    context.print(json_report(listing, captured, store ? &*store : nullptr));
  } else if (listing.pythons.empty() && listing.broken.empty()) {
    context.say(request.text.empty() ? "no Python interpreter was found"
                                     : fmt::format("no Python that fits '{}' was found", printable(request.text)));
  } else {
    context.print(text_report(listing) + captured_text(captured));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kPythonListCommand = {"python list", "the interpreters on this machine", {}, run};

}  // namespace cas
