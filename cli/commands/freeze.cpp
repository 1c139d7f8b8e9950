// cas freeze: what is installed, as requirements.
#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "linker/installed/frozen.hpp"
#include "store/base/error.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"all", '\0', {}}, {"exclude", '\0', "NAME", Repeat::yes}};

Json json_frozen(const FrozenRequirement& one) {
  const InstalledDistribution& distribution = *one.distribution;
  return {{"name", distribution.name},
          {"version", distribution.version},
          {"requirement", one.requirement},
          {"requested", distribution.requested},
          {"installer", distribution.installer.empty() ? Json(nullptr) : Json(distribution.installer)},
          {"direct_url", json_direct_url(distribution)},
          {"info_path", distribution.info_path}};
}

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (arguments.operands().size() != 1) throw UsageError("name one environment", "cas freeze ENV");
  const InstalledEnvironment environment = installed_in(context, arguments.operands().front());
  std::vector<std::string> excluded;
  for (const std::string& name : arguments.values("exclude")) excluded.push_back(normalize_name(name));
  std::vector<FrozenRequirement> frozen = frozen_requirements(environment);
  std::erase_if(frozen, [&](const FrozenRequirement& one) {
    const bool tool = !arguments.has("all") && is_packaging_tool(*one.distribution, environment.python_version);
    return tool || std::ranges::find(excluded, one.distribution->normalized) != excluded.end();
  });
  if (context.global.json) {
    Json document = json_document("freeze");
    document["path"] = environment.path;
    document["python"] = environment.python_version;
    document["packages"] = Json::array();
    for (const FrozenRequirement& one : frozen) document["packages"].push_back(json_frozen(one));
    context.print(json_text(document));
    return static_cast<int>(ExitStatus::success);
  }
  std::string text;
  for (const FrozenRequirement& one : frozen) {
    if (!one.comment.empty()) text += one.comment + "\n";
    text += one.requirement + "\n";
  }
  context.print(text);
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kFreezeCommand = {"freeze",        "what is installed, as pip freeze prints it",
                                kOptions,        run,
                                Ending::returns, 0,
                                nullptr,         EnvironmentOperand::first};

}  // namespace cas
