// cas lock: requirements as exact versions with hashes.
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/python_output.hpp"
#include "cli/words.hpp"
#include "linker/locked/listing_notes.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/output_file.hpp"

namespace cas {
namespace {

constexpr std::array kOwnOptions{
    OptionSpec{"python", 'p', "PYTHON"},
    OptionSpec{"output", 'o', "FILE"},
};
constexpr auto kOptions = joined_options(kOwnOptions, kPackageSourceOptions, kLockChoiceOptions);

// What nobody names is the project of the current directory.
std::vector<std::string> inputs_named(const Arguments& arguments) {
  std::vector<std::string> named = arguments.operands();
  if (named.empty() && !arguments.has("requirement") && stat_path("pyproject.toml"))
    named.emplace_back("pyproject.toml");
  return named;
}

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  const PackageInputs inputs = read_package_inputs(context, inputs_named(arguments));
  if (!inputs.locks.empty())
    throw UsageError(inputs.locks.front() + " is a lock already", "`cas sync ENV LOCK` installs it");
  if (inputs.empty()) {
    throw UsageError("nothing is named to be locked, and there is no pyproject.toml here",
                     "cas lock REQUIREMENT... or cas lock -r FILE");
  }
  const Store store = context.open_or_make_store();
  auto wanted = arguments.value("python");
  if (!wanted && !inputs.python_versions().empty()) wanted = inputs.python_versions();
  const SelectedPython python = select_python(&store, parse_python_request(wanted), surroundings_with(&store));
  refuse_unsupported(python.found.facts);
  refuse_python(inputs, python.found.facts);
  PackageNetwork network(store, inputs.network);
  LockSource source = resolve(store, network, inputs.requirements, python.found.facts, inputs.resolve, context.printer);
  context.printer.finish();
  note_listings(store, source.lock);
  const std::string text = pylock_text(source.lock);
  auto output = arguments.value("output");
  if (output == "-") output.reset();
  if (output) {
    const std::string path = absolute_path(*output);
    write_output_file(path, text);
    context.say(fmt::format("locked {} in {}", counted(source.lock.packages.size(), "package"), printable(path)));
  } else if (!context.global.json) {
    context.print(text);
  }
  if (context.global.json) {
    Json document = json_document("lock");
    document["path"] = output ? Json(absolute_path(*output)) : Json(nullptr);
    document["packages"] = Json::array();
    for (const LockedPackage& package : source.lock.packages) {
      document["packages"].push_back({{"name", package.name}, {"version", package.version}});
    }
    document["lock"] = text;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kLockCommand = {"lock", "write requirements down as exact versions", kOptions, run};

}  // namespace cas
