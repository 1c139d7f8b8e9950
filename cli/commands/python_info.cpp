// cas python info: what a captured interpreter consists of, and who stands on it.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/python_output.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "linker/python/captured_details.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

std::string needed_by_text(const SystemLibrary& library) {
  constexpr std::size_t kShown = 2;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < library.needed_by.size() && i < kShown; ++i) {
    shown.emplace_back(name_of(library.needed_by[i]));
  }
  if (library.needed_by.size() > kShown) shown.push_back(fmt::format("{} more", library.needed_by.size() - kShown));
  return joined(shown);
}

std::string_view origin_text(OriginState state) {
  switch (state) {
    case OriginState::changed:
      return ", which has changed since";
    case OriginState::unknown:
      return ", which you may not look at";
    case OriginState::same:
    case OriginState::gone:
      break;
  }
  return "";
}

std::string text_report(const Store& store, const StoredInterpreter& interpreter, const CapturedDetails& details) {
  std::string text = fmt::format(
      "{}\n  captured     {}, from {}{}\n  tree         {}\n  files        {}, {} (with bytecode {}, {})\n",
      interpreter.name, time_text(static_cast<std::int64_t>(interpreter.captured_at)), printable(interpreter.origin),
      origin_text(origin_state(interpreter)), store.layout().interpreter(interpreter.name), grouped(details.files),
      format_size(details.bytes), grouped(details.tree_files), format_size(details.tree_bytes));
  for (const SharedWith& other : details.shared) {
    text += fmt::format("  shared       {}, {} with {}\n", counted(other.files, "file"), format_size(other.bytes),
                        other.name);
  }
  for (const SystemLibrary& library : details.libraries) {
    text += fmt::format("  needs        {} ({})\n", library.name, needed_by_text(library));
  }
  for (const std::string& path : details.environments) text += "  used by      " + printable(path) + "\n";
  if (details.environments.empty()) text += "  used by      no environment that cas knows\n";
  return text;
}

Json json_report(const Store& store, const StoredInterpreter& interpreter, const CapturedDetails& details) {
  Json python = json_stored_interpreter(store, interpreter);
  python["files"] = details.files;
  python["bytes"] = details.bytes;
  python["tree_files"] = details.tree_files;
  python["tree_bytes"] = details.tree_bytes;
  python["shared"] = Json::array();
  for (const SharedWith& other : details.shared) {
    python["shared"].push_back({{"name", other.name}, {"files", other.files}, {"bytes", other.bytes}});
  }
  python["system_libraries"] = Json::array();
  for (const SystemLibrary& library : details.libraries) {
    python["system_libraries"].push_back({{"name", library.name}, {"needed_by", library.needed_by}});
  }
  python["environments"] = details.environments;
  return python;
}

int run(const Context& context) {
  const std::string wanted = single_operand(context, "cas python info NAME|SPEC");
  const Store store = context.open_store();
  const std::vector<StoredInterpreter> found = captured_by_name(store, wanted);
  Json document = json_document("python info");
  document["pythons"] = Json::array();
  for (const StoredInterpreter& interpreter : found) {
    const CapturedDetails details = captured_details(store, interpreter);
    if (context.global.json) {
      document["pythons"].push_back(json_report(store, interpreter, details));
    } else {
      context.print(text_report(store, interpreter, details));
    }
  }
  if (context.global.json) context.print(json_text(document));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kPythonInfoCommand = {"python info", "what a captured interpreter consists of", {}, run};

}  // namespace cas
