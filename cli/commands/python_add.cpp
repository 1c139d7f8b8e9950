// cas python add: captures an interpreter into the store.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/python_output.hpp"
#include "cli/words.hpp"
#include "linker/python/archive.hpp"
#include "linker/python/capture.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"with-tests", '\0', {}}};

std::string text_report(const CaptureResult& result) {
  if (result.already) {
    return fmt::format("{} is in the store already, as {}\n", printable(result.interpreter.origin),
                       result.interpreter.name);
  }
  return fmt::format("captured {}: {}, {}; new in the store: {}, {}\n", result.interpreter.name,
                     counted(result.files, "file"), format_size(result.bytes), counted(result.new_files, "file"),
                     format_size(result.new_bytes));
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  const bool is_archive = operands.size() == 1 && is_python_archive(operands.front());
  const PythonRequest request =
      is_archive ? PythonRequest{} : python_request_of(context, "cas python add [SPEC|EXECUTABLE|DIRECTORY|ARCHIVE]");
  const Store store = context.open_or_make_store_to_change();
  CaptureOptions options;
  options.with_tests = context.arguments.has("with-tests");
  options.threads = context.global.threads;
  const CaptureResult result = [&] {
    if (is_archive) return capture_archive(store, operands.front(), options, context.printer);
    const SelectedPython python = select_python(&store, request, surroundings_with(&store));
    refuse_unsupported(python.found.facts);
    return capture_interpreter(store, python.found.facts, options, context.printer);
  }();
  context.printer.finish();
  if (context.global.json) {
    Json document = json_document("python add");
    document["python"] = json_stored_interpreter(store, result.interpreter);
    document["already"] = result.already;
    document["files"] = result.files;
    document["bytes"] = result.bytes;
    document["new_files"] = result.new_files;
    document["new_bytes"] = result.new_bytes;
    context.print(json_text(document));
  } else if (!context.global.quiet) {
    context.print(text_report(result));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kPythonAddCommand = {"python add", "capture an interpreter into the store", kOptions, run};

}  // namespace cas
