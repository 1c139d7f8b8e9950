// cas venv: the command lines of `python -m venv` and of virtualenv.
#include <chrono>
#include <cstdlib>

#include "cli/commands/commands.hpp"
#include "cli/create_report.hpp"
#include "cli/environment_options.hpp"
#include "cli/json_output.hpp"
#include "cli/store_for_making.hpp"
#include "cli/venv_request.hpp"
#include "cli/virtualenv_settings.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

VenvRequest read_request(const Context& context) {
  const Arguments& arguments = context.arguments;
  std::vector<std::string> notes;
  VenvRequest request = translate_venv(arguments, read_virtualenv_settings(virtualenv_options(), variable, notes));
  request.notes.insert(request.notes.begin(), notes.begin(), notes.end());
  CreateOptions& options = request.options;
  options.command = "venv";
  if (options.system_site_packages && !arguments.has("base") && !arguments.has("standalone")) {
    options.base = BaseKind::system;  // also where a setting said it
  } else {
    options.base = read_base(arguments);
    if (options.system_site_packages && options.base != BaseKind::system) {
      throw UsageError("--system-site-packages needs --base system");
    }
  }
  options.ingest.threads = context.global.threads;
  options.threads = context.global.threads;
  return request;
}

int run(const Context& context) {
  VenvRequest request = read_request(context);
  const std::vector<std::string>& targets = context.arguments.operands();
  if (targets.empty()) throw UsageError("no environment is named", "cas venv ENV_DIR [ENV_DIR...]");
  const StoreForMaking store(context, request.options.dry_run);
  Json environments = Json::array();
  for (const std::string& target : targets) {
    const auto start = std::chrono::steady_clock::now();
    CreateResult result = create_environment(store.store(), target, request.options, context.printer);
    result.warnings.insert(result.warnings.begin(), request.notes.begin(), request.notes.end());
    report_created(context, result, std::chrono::steady_clock::now() - start);
    environments.push_back(json_created(result));
  }
  if (context.global.json) {
    Json document = json_document("venv");
    document["environments"] = std::move(environments);
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kVenvCommand = {"venv", "make environments as venv and virtualenv do", venv_option_specs(), run};

}  // namespace cas
