// cas list: the environments of the store.
#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/environments.hpp"
#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"all", '\0', {}}};

std::vector<Root> listed_roots(const Context& context, const Store& store, std::vector<std::string>& unreadable) {
  std::vector<Root> roots = list_roots(store, &unreadable);
  if (!context.arguments.has("all")) std::erase_if(roots, [](const Root& root) { return !is_alive(root); });
  std::sort(roots.begin(), roots.end(), [](const Root& a, const Root& b) {
    return a.anchor.target != b.anchor.target ? a.anchor.target < b.anchor.target : a.anchor.id < b.anchor.id;
  });
  return roots;
}

std::string text_report(const std::vector<Root>& roots) {
  if (roots.empty()) return "no environments\n";
  TextTable table({{"Environment"}, {"State"}, {"Python"}, {"Packages", Align::right}, {"Created"}, {"Last used"}});
  for (const Root& root : roots) {
    table.add_row({printable(root.anchor.target), std::string(state_word(root)), root.anchor.python_version,
                   grouped(root.anchor.packages.size()), time_text(static_cast<std::int64_t>(root.anchor.created_at)),
                   time_ago(root.used_at)});
  }
  return table.text();
}

std::string json_report(const std::vector<Root>& roots, const std::vector<std::string>& unreadable) {
  Json document = json_document("list");
  document["environments"] = Json::array();
  for (const Root& root : roots) document["environments"].push_back(json_environment(root));
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
  const std::vector<Root> roots = listed_roots(context, store, unreadable);
  for (const std::string& name : unreadable) context.printer.warning("the anchor " + name + " cannot be read");
  context.print(context.global.json ? json_report(roots, unreadable) : text_report(roots));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kListCommand = {"list", "the environments and their state", kOptions, run};

}  // namespace cas
