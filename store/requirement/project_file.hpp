// What a project asks for: pyproject.toml ("pyproject.toml specification", PEP 621; "Dependency Groups", PEP 735).
//
// Nothing is built or run: what only a build backend knows ("dynamic") is not known here.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/requirement/requirement_file.hpp"
#include "store/source/version.hpp"

namespace cas {

// One line of a list, not yet read: what is wrong in a group that nobody asks for is nobody's fault ("tools should not
// eagerly validate the contents of all groups").
struct ProjectEntry {
  std::size_t line = 0;
  std::string text;     // a requirement
  std::string include;  // normalized name of the group that stands here; "": none
  std::string problem;  // what is wrong with it; "": nothing is known
};
using ProjectLists = std::map<std::string, std::vector<ProjectEntry>>;  // by normalized name

struct ProjectFile {
  std::string place;         // the file's name
  bool has_project = false;  // there is a [project]
  std::string name;          // normalized; "" without [project]
  SpecifierSet requires_python;
  std::vector<ProjectEntry> dependencies;
  ProjectLists extras, groups;
  std::set<std::string> dynamic;           // keys of [project]
  std::vector<std::string> dynamic_files;  // from which setuptools takes the dependencies
  std::set<std::string> sources;           // normalized names of [tool.uv.sources]
  std::set<std::string> overridden;        // normalized names of [tool.uv] override-dependencies
  // What uv takes without being asked, normalized: [tool.uv] default-groups, without it "dev".
  std::vector<std::string> default_groups{"dev"};
};

// Throws InvalidInput naming the line where it is not TOML, or a key has not the type that it must have.
[[nodiscard]] ProjectFile parse_project_file(std::string_view text, std::string_view place);

// Which dependency groups are meant, beside those that are named.
struct GroupRules {
  bool only = false;         // without the project's own dependencies; nothing but the groups that are named
  bool all = false;          // all that there are
  bool no_defaults = false;  // without those that a lock, or its tool, takes without being asked
  bool no_dev = false;       // without the one called dev, whoever asks for it

  [[nodiscard]] bool are_said() const { return only || all || no_defaults || no_dev; }
};

// Those of `known` that are meant, all normalized; `defaults`: where nothing is said. What is named need not be known: whoever looks for it says so.
[[nodiscard]] std::vector<std::string> chosen_groups(const std::vector<std::string>& named, const GroupRules& rules,
                                                     const std::vector<std::string>& known,
                                                     const std::vector<std::string>& defaults);

struct ProjectChoice {
  std::vector<std::string> extras;  // normalized, as the groups
  bool all_extras = false;
  std::vector<std::string> groups;
  GroupRules rules{};
};

// The project's dependencies, those of the extras, those of the groups; none of the groups where nothing is said. A requirement of the project itself ("this[test]") stands for its extras;
// the project is not among them. Throws UsageError for an extra or group that the project does not have; for a list that is dynamic, with what to
// do; for a group that includes itself, perhaps by way of others; "file:line: " in front of what is wrong with a requirement.
[[nodiscard]] std::vector<ListedRequirement> project_requirements(const ProjectFile& project,
                                                                  const ProjectChoice& choice);

}  // namespace cas
