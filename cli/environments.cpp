#include "cli/environments.hpp"

#include <cerrno>

#include "linker/environment.hpp"
#include "linker/environment_condition.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"

namespace cas {

bool is_closed(const Root& root) {
  if (root.at_target) return false;
  try {
    static_cast<void>(stat_path(root.anchor.target + "/" + kAnchorPath));
    return false;
  } catch (const SystemError& error) {
    return error.is(EACCES);
  }
}

std::string_view state_word(const Root& root) {
  switch (root.state) {
    case AnchorState::live:
      if (root.half_done == HalfDone::removal) return "half removed";
      if (root.half_done == HalfDone::change) return "half changed";
      return root.at_target ? "live" : is_closed(root) ? "closed" : "moved";
    case AnchorState::running:
      return "running";
    case AnchorState::unseen:
      return "unseen";
    case AnchorState::dead:
      return "gone";
  }
  return "unknown";
}

void finish_interrupted_changes(const Context& context, const Store& store) {
  if (store.looking_only()) return;
  std::vector<std::string> warnings;
  recover_environments(store, warnings);
  for (const std::string& warning : warnings) context.printer.warning(warning);
}

bool is_alive(const Root& root) { return root.state != AnchorState::dead; }

std::string interpreter_of(const Anchor& anchor) {
  if (anchor.base != base_kind_name(BaseKind::standalone)) return anchor.interpreter;
  return anchor.target + "/" + anchor.scripts + "/python";
}

Json json_environment(const Root& root) {
  Json environment;
  environment["path"] = root.anchor.target;
  environment["state"] = state_word(root);
  environment["id"] = root.anchor.id;
  environment["python"] = root.anchor.python_version;
  environment["base"] = root.anchor.base;
  environment["packages"] = package_count(root.anchor);
  environment["link_mode"] = root.anchor.link_mode;
  environment["created"] = json_time(static_cast<std::int64_t>(root.anchor.created_at));
  environment["used"] = json_time(root.used_at);
  return environment;
}

}  // namespace cas
