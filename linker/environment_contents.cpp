#include "linker/environment_contents.hpp"

#include <charconv>
#include <set>
#include <string_view>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

// With those above it.
void add_directory(std::set<std::string, std::less<>>& directories, std::string_view path) {
  for (; directories.emplace(path).second && !path.empty(); path = parent_of(path)) {
  }
}

// Of the headers of "python3.12": venv asks sysconfig for it since CPython 3.11, and makes it.
std::string header_directory(std::string_view library_name) {
  constexpr std::string_view kPython = "python3.";
  constexpr int kFirstMinor = 11;
  int minor = 0;
  if (library_name.starts_with(kPython)) {
    std::from_chars(library_name.data() + kPython.size(), library_name.data() + library_name.size(), minor);
  }
  return minor < kFirstMinor ? "include" : "include/" + std::string(library_name);
}

}  // namespace

std::vector<std::string> usual_directories(const std::string& site_packages) {
  std::set<std::string, std::less<>> directories;
  const std::string headers = header_directory(name_of(parent_of(site_packages)));
  for (const std::string_view path :
       {std::string_view("bin"), std::string_view(headers), std::string_view("lib"), std::string_view(site_packages)}) {
    add_directory(directories, path);
  }
  return {directories.begin(), directories.end()};
}

ContentCounts count_contents(const Plan& plan, const std::vector<std::string>& own_files,
                             const EnvironmentLayout& layout) {
  ContentCounts counts;
  counts.files = plan.files.size() + plan.empty_files.size() + plan.links.size() + plan.scripts.size() +
                 plan.records.size() + own_files.size() + 1;
  std::set<std::string, std::less<>> directories;
  add_directory(directories, ".cas");
  for (const std::string& path : usual_directories(layout.site_packages)) add_directory(directories, path);
  for (const std::string& path : plan.directories) add_directory(directories, path);
  if (!plan.scripts.empty()) add_directory(directories, plan.scripts_directory);
  for (const PlanRecord& record : plan.records) add_directory(directories, parent_of(record.path));
  for (const std::string& path : own_files) add_directory(directories, parent_of(path));
  counts.directories = directories.size();
  return counts;
}

}  // namespace cas
