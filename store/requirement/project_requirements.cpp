// What of a project's lists is asked for.
#include <fmt/format.h>

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/requirement/project_file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxDepth = 64;             // of groups and extras in each other
constexpr std::size_t kMaxRequirements = 20'000;  // extras that name each other could ask for any number

std::string names_in(const ProjectLists& lists) {
  std::string names;
  for (const auto& [name, entries] : lists) names += (names.empty() ? "" : ", ") + name;
  return names;
}

class Choosing {
 public:
  explicit Choosing(const ProjectFile& project) : project_(project) {}

  void add_dependencies() {
    if (!project_.has_project) return;
    refuse_dynamic("dependencies");
    add(project_.dependencies, {});
  }

  void add_extra(const std::string& name, const std::string& condition) {
    refuse_dynamic("optional-dependencies");
    const auto found = project_.extras.find(name);
    if (found == project_.extras.end()) {
      throw UsageError(fmt::format("{} has no extra '{}'", project_.place, printable(name)),
                       project_.extras.empty() ? "it has none" : "it has " + names_in(project_.extras));
    }
    // What an extra names that stands inside it already holds: under a condition that is at most as narrow.
    if (std::ranges::find(open_, "extra " + name) != open_.end()) return;
    enter("extra " + name);
    add(found->second, condition);
    open_.pop_back();
  }

  void add_group(const std::string& name) {
    const auto found = project_.groups.find(name);
    if (found == project_.groups.end()) {
      throw UsageError(fmt::format("{} has no dependency group '{}'", project_.place, printable(name)),
                       project_.groups.empty() ? "it has none" : "it has " + names_in(project_.groups));
    }
    if (std::ranges::find(open_, "group " + name) != open_.end()) {
      throw UsageError(
          fmt::format("{}: dependency group '{}' includes itself, perhaps by way of others", project_.place, name));
    }
    // The same again adds nothing.
    if (!groups_.insert(name).second) return;
    enter("group " + name);
    add(found->second, {});
    open_.pop_back();
  }

  std::vector<ListedRequirement> take() { return std::move(result_); }

  void refuse_dynamic(const std::string& key) const {
    if (!project_.dynamic.contains(key)) return;
    std::string hint = "name its directory instead (`cas create ENV .`, or -e .): it is built then, with what it needs";
    if (key == "dependencies" && !project_.dynamic_files.empty()) {
      hint = "they stand in a file:";
      for (const std::string& file : project_.dynamic_files) hint += " -r " + printable(file);
    }
    throw UsageError(
        fmt::format("{}: project.{} is dynamic: only the project's build backend knows it", project_.place, key), hint);
  }

 private:
  void enter(std::string list) {
    if (open_.size() >= kMaxDepth) {
      throw UsageError(fmt::format("{}: more than {} groups or extras in each other", project_.place, kMaxDepth));
    }
    open_.push_back(std::move(list));
  }

  // `condition`: a marker under which all of them hold; "": always.
  void add(const std::vector<ProjectEntry>& entries, const std::string& condition) {
    for (const ProjectEntry& entry : entries) {
      const RequirementPlace place{project_.place, entry.line};
      if (!entry.problem.empty()) throw UsageError(fmt::format("{}: this {}", place.text(), entry.problem));
      if (!entry.include.empty()) {
        add_group(entry.include);
        continue;
      }
      ListedRequirement listed;
      listed.place = place;
      with_context(place.text(), [&] { listed.requirement = parse_requirement(entry.text); });
      if (!condition.empty()) narrow(listed.requirement, condition);
      add(std::move(listed));
    }
  }

  static void narrow(Requirement& requirement, const std::string& condition) {
    const std::string own = requirement.marker ? requirement.marker->text() : std::string();
    requirement.marker = Marker::parse(own.empty() ? condition : fmt::format("({}) and ({})", condition, own));
  }

  void add(ListedRequirement listed) {
    if (++added_ > kMaxRequirements) {
      throw UsageError(fmt::format("{} asks for more than {} requirements", project_.place, kMaxRequirements));
    }
    const Requirement& requirement = listed.requirement;
    if (project_.name.empty() || requirement.normalized != project_.name || !requirement.url.empty()) {
      result_.push_back(std::move(listed));
      return;
    }
    const std::string condition = requirement.marker ? requirement.marker->text() : std::string();
    for (const std::string& extra : requirement.extras) {
      with_context(listed.place.text(), [&] { add_extra(extra, condition); });
    }
  }

  const ProjectFile& project_;
  std::vector<ListedRequirement> result_;
  std::vector<std::string> open_;  // what names the current list, and itself
  std::set<std::string> groups_;   // that were added
  std::size_t added_ = 0;
};

}  // namespace

std::vector<std::string> chosen_groups(const std::vector<std::string>& named, const GroupRules& rules,
                                       const std::vector<std::string>& known,
                                       const std::vector<std::string>& defaults) {
  std::vector<std::string> groups = named;
  if (rules.all) {
    groups.insert(groups.end(), known.begin(), known.end());
  } else if (named.empty() && !rules.no_defaults && !rules.only) {
    groups = defaults;
  }
  std::vector<std::string> chosen;
  for (std::string& group : groups) {
    const bool unwanted = rules.no_dev && group == "dev";
    if (!unwanted && std::ranges::find(chosen, group) == chosen.end()) chosen.push_back(std::move(group));
  }
  return chosen;
}

std::vector<ListedRequirement> project_requirements(const ProjectFile& project, const ProjectChoice& choice) {
  if (!project.has_project && project.groups.empty()) {
    throw UsageError(project.place + " has neither [project] nor [dependency-groups], so that it asks for nothing",
                     "dependencies that stand in [tool.poetry] come by way of a poetry.lock, or `poetry export`");
  }
  std::vector<std::string> known;
  for (const auto& [name, entries] : project.groups) known.push_back(name);
  const std::vector<std::string> groups = chosen_groups(choice.groups, choice.rules, known, {});
  if (!project.has_project && groups.empty()) {
    throw UsageError(project.place + " has no [project]",
                     "choose of its dependency groups with --group: " + names_in(project.groups));
  }
  Choosing choosing(project);
  if (!choice.rules.only) choosing.add_dependencies();
  for (const std::string& extra : choice.extras) choosing.add_extra(extra, {});
  if (choice.all_extras) {
    choosing.refuse_dynamic("optional-dependencies");
    for (const auto& [name, entries] : project.extras) choosing.add_extra(name, {});
  }
  for (const std::string& group : groups) choosing.add_group(group);
  return choosing.take();
}

}  // namespace cas
