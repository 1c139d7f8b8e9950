#include "linker/python/pyenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem.hpp>

#include "linker/python/python_request.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

constexpr std::size_t kMostVersionFile = 64 << 10;
constexpr std::size_t kMostChoices = 64;

bool is_directory(const std::string& path) {
  boost::system::error_code error;
  return fs::is_directory(path, error);
}

// "" where it is absent, unreadable or too large for what it should be.
std::string small_file(const std::string& path) {
  boost::system::error_code error;
  if (!fs::is_regular_file(path, error)) return {};  // no waiting for a FIFO
  try {
    const Fd file = open_user_file(path);
    return read_fd(file.get(), kMostVersionFile, path);
  } catch (const Error&) {
    return {};
  }
}

// The first word of each line; comments are left out.
std::vector<std::string> version_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty() && words.size() < kMostChoices) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string_view::npos || line[start] == '#') continue;
    line.remove_prefix(start);
    words.emplace_back(line.substr(0, line.find_first_of(" \t\r#")));
  }
  return words;
}

std::vector<std::string> words_of_variable(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty() && words.size() < kMostChoices) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon > 0) words.emplace_back(text.substr(0, colon));
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return words;
}

// "" where it is not installed.
std::string installed_prefix(const std::string& root, std::string_view version,
                             const std::vector<std::string>& installed) {
  const std::string versions = root + "/versions/";
  for (const std::string_view prefix : {"", "python-"}) {
    if (!version.starts_with(prefix)) continue;
    const std::string name(version.substr(prefix.size()));
    // A virtual environment is named "3.12.1/envs/NAME".
    if (!relative_path_problem(name) && is_directory(versions + name)) return versions + name;
    const auto newest = std::ranges::find_if(installed, [&](const std::string& candidate) {
      const auto told = parse_python_name(candidate);
      return candidate.starts_with(name + ".") && told && !told->version.is_prerelease();
    });
    if (newest != installed.end()) return versions + *newest;
  }
  return {};
}

struct Selection {
  std::vector<std::string> words;
  std::string origin;
};

Selection selected(const std::string& root, const PythonSurroundings& surroundings) {
  if (const std::string set = surroundings.variable("PYENV_VERSION"); !set.empty()) {
    return {words_of_variable(set), "PYENV_VERSION"};
  }
  for (fs::path folder = surroundings.directory; !folder.empty(); folder = folder.parent_path()) {
    const std::string file = (folder / ".python-version").string();
    if (auto words = version_words(small_file(file)); !words.empty()) return {std::move(words), file};
  }
  return {version_words(small_file(root + "/version")), root + "/version"};
}

}  // namespace

std::string pyenv_root(const PythonSurroundings& surroundings) {
  std::string root = surroundings.variable("PYENV_ROOT");
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();
  if (root.starts_with('/')) return root;
  return surroundings.home.empty() ? std::string() : surroundings.home + "/.pyenv";
}

std::vector<std::string> pyenv_roots(const PythonSurroundings& surroundings) {
  std::vector<std::string> roots{pyenv_root(surroundings)};
  for (const std::string& folder : folders_of_path(surroundings)) {
    const auto root = root_of_shims(folder);
    if (root && std::ranges::find(roots, *root) == roots.end()) roots.push_back(*root);
  }
  std::erase_if(roots, [](const std::string& root) { return root.empty() || !is_directory(root + "/versions"); });
  return roots;
}

std::optional<std::string> root_of_shims(const std::string& folder) {
  if (name_of(folder) != "shims") return std::nullopt;
  std::string root(parent_of(folder));
  if (!is_directory(root + "/versions")) return std::nullopt;
  return root;
}

std::vector<PyenvChoice> pyenv_choices(const std::string& root, const PythonSurroundings& surroundings) {
  const Selection selection = selected(root, surroundings);
  const std::vector<std::string> installed = pyenv_versions(root);
  std::vector<PyenvChoice> choices;
  for (const std::string& version : selection.words) {
    if (relative_path_problem(version)) continue;
    PyenvChoice& choice = choices.emplace_back(PyenvChoice{version, selection.origin, {}});
    if (version != "system") choice.prefix = installed_prefix(root, version, installed);
  }
  return choices;
}

bool is_missing(const PyenvChoice& choice) { return choice.version != "system" && choice.prefix.empty(); }

std::string missing_text(const PyenvChoice& choice) {
  return fmt::format("{} selects {}, which pyenv has not installed", printable(choice.origin),
                     printable(choice.version));
}

std::vector<std::string> pyenv_versions(const std::string& root) {
  std::vector<std::string> names;
  boost::system::error_code error;
  for (fs::directory_iterator it(root + "/versions", error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (!name.starts_with('.') && is_directory(it->path().string())) names.push_back(std::move(name));
  }
  sort_newest_first(names);
  return names;
}

void sort_newest_first(std::vector<std::string>& names) {
  struct Entry {
    std::optional<PythonName> told;
    std::string name;
  };
  std::vector<Entry> entries;
  entries.reserve(names.size());
  for (std::string& name : names) entries.push_back({parse_python_name(name), std::move(name)});
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    if (a.told.has_value() != b.told.has_value()) return a.told.has_value();
    if (a.told && a.told->implementation != b.told->implementation) {
      const auto rank = [](const Entry& entry) {
        const std::string& kind = entry.told->implementation;
        return std::make_pair(!kind.empty() && kind != "cpython", kind);
      };
      if (rank(a) != rank(b)) return rank(a) < rank(b);
    }
    if (a.told && a.told->version != b.told->version) return b.told->version < a.told->version;
    return a.name < b.name;
  });
  names.clear();
  for (Entry& entry : entries) names.push_back(std::move(entry.name));
}

}  // namespace cas
