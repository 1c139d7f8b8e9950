#include "cli/installed_packages.hpp"

#include <fmt/format.h>

#include <chrono>

#include "cli/environment_names.hpp"
#include "linker/interpreter_memo.hpp"
#include "linker/locked/listing_notes.hpp"
#include "linker/locked/marker_facts.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::chrono::seconds kMostWait{30};

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string_view kind_word(DirectUrl::Kind kind) {
  switch (kind) {
    case DirectUrl::Kind::archive:
      return "archive";
    case DirectUrl::Kind::version_control:
      return "vcs";
    case DirectUrl::Kind::directory:
      return "directory";
  }
  return "archive";
}

}  // namespace

InstalledEnvironment installed_in(const Context& context, const std::string& operand) {
  InstalledEnvironment environment = read_installed(existing_environment(context.global, operand));
  for (const std::string& text : environment.unreadable) context.printer.warning(text);
  for (const std::string& text : environment.passed_over) context.printer.warning(text);
  return environment;
}

std::set<std::string> names_installed(const std::string& path) {
  std::set<std::string> names;
  if (!stat_path(path + "/pyvenv.cfg")) return names;
  for (const InstalledDistribution& one : read_installed(path).distributions) names.insert(one.normalized);
  return names;
}

InterpreterFacts facts_of(const Store* store, const InstalledEnvironment& environment) {
  const std::string python = environment.path + "/bin/python";
  const std::vector<AskedInterpreter> asked = ask_interpreters(store, {python}, kMostWait);
  if (asked.front().facts) return *asked.front().facts;
  throw Error(fmt::format("{} cannot be asked what its packages need: {}", printable(python), asked.front().problem),
              "`cas doctor` says what is wrong with an environment of cas");
}

std::optional<Anchor> anchor_of(const Context& context, const InstalledEnvironment& environment) {
  std::optional<Anchor> anchor = read_environment_anchor(environment.path);
  if (!anchor) return anchor;
  if (const auto store = context.open_store_if_any()) name_whole_wheels(*store, *anchor);
  return anchor;
}

DependencyGraph graph_of(const InstalledEnvironment& environment, const InterpreterFacts& facts) {
  return {environment, system_markers(facts)};
}

void warn_of_unreadable(const Context& context, const DependencyGraph& graph) {
  for (const UnreadableRequirement& one : graph.unreadable()) {
    context.printer.warning(
        fmt::format("{}: a requirement that cannot be read does not count: {}", graph.at(one.node).name, one.reason));
  }
}

Json json_direct_url(const InstalledDistribution& distribution) {
  if (!distribution.direct_url) return nullptr;
  const DirectUrl& origin = *distribution.direct_url;
  return {{"kind", kind_word(origin.kind)},
          {"url", origin.url},
          {"subdirectory", text_or_null(origin.subdirectory)},
          {"sha256", text_or_null(origin.sha256)},
          {"vcs", text_or_null(origin.vcs)},
          {"requested_revision", text_or_null(origin.requested_revision)},
          {"commit_id", text_or_null(origin.commit_id)},
          {"editable", origin.editable}};
}

}  // namespace cas
