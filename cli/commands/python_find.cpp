// cas python find: the interpreter that a value of --python means.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/python_output.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

int run(const Context& context) {
  const PythonRequest request = python_request_of(context, "cas python find [SPEC]");
  const std::optional<Store> store = context.open_store_if_any();
  const SelectedPython python =
      select_python(store ? &*store : nullptr, request, surroundings_with(store ? &*store : nullptr));
  for (const BrokenPython& broken : python.passed_over) context.printer.warning("passed over: " + broken.reason);
  if (context.global.json) {
    Json document = json_document("python find");
    document["python"] = json_python(python.found);
    document["passed_over"] = Json::array();
    for (const BrokenPython& broken : python.passed_over) {
      document["passed_over"].push_back(json_broken_python(broken));
    }
    context.print(json_text(document));
  } else {
    // As it is, for other programs to use: not printable().
    context.print(python.found.facts.executable + "\n");
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kPythonFindCommand = {"python find", "the interpreter that -p/--python means", {}, run};

}  // namespace cas
