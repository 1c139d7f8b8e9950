// cas version.
#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

int run(const Context& context) {
  if (context.global.json) {
    Json document = json_document("version");
    document["version"] = CAS_VERSION;
    context.print(json_text(document));
  } else {
    context.print("cas " CAS_VERSION "\n");
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kVersionCommand = {"version", "the program's version", {}, run};

}  // namespace cas
