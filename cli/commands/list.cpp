// cas list: the environments of the store.
#include <algorithm>
#include <map>
#include <utility>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environments.hpp"
#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "linker/environment_condition.hpp"
#include "linker/environment_sizes.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/roots.hpp"
#include "store/usage.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"all", '\0', {}}, {"sizes", '\0', {}}};

struct Listed {
  Root root;
  EnvironmentCondition condition;
  std::optional<std::string> name;
  std::optional<PlannedSizes> sizes;
  bool measured = false;  // the sizes are, rather than added up
};

// Walking an environment takes some ten milliseconds for each, so it is asked for, or its plan is not there to be added up (of a
// package that was given up, or after `cas index rebuild`). One that is not where it was made cannot be walked.
std::optional<PlannedSizes> measured(const Store& store, const Root& root) {
  if (!root.at_target || root.state != AnchorState::live) return std::nullopt;
  try {
    const EnvironmentUsage usage = measure_environment(store, root.anchor.target);
    return PlannedSizes{usage.own_bytes + usage.directory_bytes, usage.shared_bytes};
  } catch (const Error&) {
    return std::nullopt;  // removed a moment ago, not for us to look at, or a manifest is damaged
  }
}

// Environments of one plan take the same. Adding up a plan of 11,000 files takes 3 ms; measuring an environment of it, 60 and more.
using Plans = std::map<std::pair<Sha256Digest, std::string>, std::optional<PlannedSizes>>;

std::optional<PlannedSizes> planned(const Store& store, const Anchor& anchor, Plans& plans) {
  const auto [known, fresh] = plans.try_emplace({anchor.plan, anchor.link_mode + (anchor.linked ? " linked" : "")});
  if (fresh) known->second = planned_sizes(store, anchor);
  return known->second;
}

std::vector<Listed> listed(const Context& context, const Store& store, std::vector<std::string>& unreadable) {
  std::vector<Root> roots = list_environments(store, &unreadable);
  if (!context.arguments.has("all")) std::erase_if(roots, [](const Root& root) { return !is_alive(root); });
  std::sort(roots.begin(), roots.end(), [](const Root& a, const Root& b) {
    return a.anchor.target != b.anchor.target ? a.anchor.target < b.anchor.target : a.anchor.id < b.anchor.id;
  });
  const std::vector<EnvironmentCondition> conditions = environment_conditions(store, roots);
  const bool sizes = context.arguments.has("sizes");
  if (sizes) context.printer.phase("measuring environments", roots.size());
  std::vector<Listed> environments;
  Plans plans;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    Listed& environment = environments.emplace_back();
    environment.condition = conditions[i];
    environment.name = name_of_environment(context.global, roots[i].anchor.target);
    if (!sizes) environment.sizes = planned(store, roots[i].anchor, plans);
    environment.measured = !environment.sizes;
    if (environment.measured) environment.sizes = measured(store, roots[i]);
    environment.root = std::move(roots[i]);
    if (sizes) context.printer.advance(1);
  }
  context.printer.finish();
  return environments;
}

std::vector<std::string> problems_of(const EnvironmentCondition& condition) {
  std::vector<std::string> problems;
  if (condition.base_missing) problems.emplace_back("interpreter missing");
  if (condition.interrupted) problems.emplace_back("interrupted");
  if (condition.outdated) problems.emplace_back("outdated");
  return problems;
}

std::string text_report(const std::vector<Listed>& environments) {
  if (environments.empty()) return "no environments\n";
  const bool names = std::any_of(environments.begin(), environments.end(), [](const Listed& e) { return !!e.name; });
  std::vector<Column> columns;
  if (names) columns.push_back({"Name"});
  for (const char* title : {"Environment", "State", "Python", "Kind"}) columns.push_back({title});
  columns.push_back({"Packages", Align::right});
  columns.insert(columns.end(), {{"Own", Align::right}, {"Shared", Align::right}});
  columns.insert(columns.end(), {{"Created"}, {"Last used"}});
  TextTable table(columns);
  for (const auto& [root, condition, name, sizes, is_measured] : environments) {
    std::vector<std::string> cells;
    if (names) cells.push_back(name.value_or(""));
    std::string state(state_word(root));
    for (const std::string& problem : problems_of(condition)) state += ", " + problem;
    cells.insert(cells.end(), {printable(root.anchor.target), state, root.anchor.python_version, root.anchor.base,
                               grouped(package_count(root.anchor))});
    cells.push_back(sizes ? (is_measured ? "" : "~") + format_size(sizes->own_bytes) : "");
    cells.push_back(sizes ? format_size(sizes->shared_bytes) : "");
    cells.push_back(time_text(static_cast<std::int64_t>(root.anchor.created_at)));
    cells.push_back(time_ago(root.used_at));
    table.add_row(std::move(cells));
  }
  return table.text();
}

Json json_listed(const Listed& listed) {
  Json environment = json_environment(listed.root);
  environment["name"] = listed.name ? Json(*listed.name) : Json(nullptr);
  environment["interpreter"] = interpreter_of(listed.root.anchor);
  environment["base_missing"] = listed.condition.base_missing;
  environment["interrupted"] = listed.condition.interrupted;
  environment["outdated"] = listed.condition.outdated;
  const bool known = listed.sizes.has_value();
  environment["own_bytes"] = known ? Json(listed.sizes->own_bytes) : Json(nullptr);
  environment["shared_bytes"] = known ? Json(listed.sizes->shared_bytes) : Json(nullptr);
  environment["measured"] = listed.measured && known;
  return environment;
}

std::string json_report(const std::vector<Listed>& environments, const std::vector<std::string>& unreadable) {
  Json document = json_document("list");
  document["environments"] = Json::array();
  for (const Listed& environment : environments) document["environments"].push_back(json_listed(environment));
  document["unreadable_anchors"] = unreadable;
  return json_text(document);
}

int run(const Context& context) {
  if (!context.arguments.operands().empty()) {
    throw UsageError("`cas list` takes no arguments", "`cas show ENV` tells about one environment");
  }
  const Store store = context.open_store();
  finish_interrupted_changes(context, store);
  std::vector<std::string> unreadable;
  const std::vector<Listed> environments = listed(context, store, unreadable);
  for (const std::string& name : unreadable) context.printer.warning("the anchor " + name + " cannot be read");
  context.print(context.global.json ? json_report(environments, unreadable) : text_report(environments));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kListCommand = {"list", "the environments and their state", kOptions, run};

}  // namespace cas
