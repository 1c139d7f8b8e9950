#include "linker/locked/project_input.hpp"

#include <fmt/format.h>

#include <iterator>

#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;

}  // namespace

bool is_project_file_name(std::string_view file_name) { return file_name == "pyproject.toml"; }

void add_project(const std::string& path, const ProjectChoice& choice, PackageInputs& inputs, Progress& progress) {
  const Fd file = open_user_file(path);
  const ProjectFile project = parse_project_file(read_fd(file.get(), kMostProjectBytes, path), printable(path));
  std::vector<ListedRequirement> chosen = project_requirements(project, choice);
  for (const ListedRequirement& listed : chosen) {
    if (!project.sources.contains(listed.requirement.normalized)) continue;
    progress.warning(fmt::format("{}: [tool.uv.sources] has no effect, and {} comes from the indexes",
                                 listed.place.text(), listed.requirement.normalized));
  }
  inputs.pythons.push_back({project.place, project.requires_python});
  std::ranges::move(chosen, std::back_inserter(inputs.requirements.requirements));
}

}  // namespace cas
