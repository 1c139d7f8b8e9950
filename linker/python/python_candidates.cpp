#include "linker/python/python_candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "linker/python/pyenv.hpp"
#include "linker/python/python_files.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

using Kind = PythonRequest::Kind;

bool names_exact_version(const PythonRequest& request) { return request.short_version.find('.') != std::string::npos; }

// The names to try in every folder, in order.
std::vector<std::string> likely_names(const PythonRequest& request) {
  std::vector<std::string> kinds{"python"};
  if (!request.implementation.empty() && request.implementation != "cpython") {
    kinds.insert(kinds.begin(), request.implementation);
  } else if (names_exact_version(request) && request.implementation.empty()) {
    kinds.emplace_back("pypy");
  }
  std::vector<std::string> names;
  const std::string& version = request.short_version;
  const auto add = [&](std::string name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  if (!version.empty()) {
    const std::string letters =
        std::string(request.free_threaded.value_or(false) ? "t" : "") + (request.debug.value_or(false) ? "d" : "");
    for (const std::string& kind : kinds) add(kind + version + letters);
    // What is a second choice for "3.13".
    if (names_exact_version(request)) {
      for (const char* ending : {"", "t", "d", "td"}) add(kinds.front() + version + ending);
    }
    for (const std::string& kind : kinds) add(kind + version.substr(0, version.find('.')));
  }
  for (const std::string& kind : kinds) {
    add(kind + "3");
    add(kind);
  }
  return names;
}

// The file called `name` in a folder of PATH, or what a shim of that name stands for. Nothing: neither is there.
std::optional<PythonCandidate> in_folder(const PythonSurroundings& surroundings, const std::string& folder,
                                         const std::string& name) {
  const std::string file = (folder == "/" ? "" : folder) + '/' + name;
  const auto root = root_of_shims(folder);
  if (!root) {
    const auto problem = file_problem(file);
    if (problem && !is_dangling_link(file)) return std::nullopt;
    return PythonCandidate{file, PythonSource::path, name, {}, problem.value_or("")};
  }
  if (file_problem(file)) return std::nullopt;
  for (const PyenvChoice& choice : pyenv_choices(*root, surroundings)) {
    if (choice.version == "system") break;  // a later folder of PATH
    const std::string meant = choice.prefix + "/bin/" + name;
    if (choice.prefix.empty() || file_problem(meant)) continue;
    return PythonCandidate{meant, PythonSource::pyenv, name, choice.origin, {}};
  }
  return std::nullopt;
}

// ": PYENV_VERSION selects 3.77, which pyenv has not installed", where that is why a shim stands for nothing; else "".
std::string selection_problem(const PythonSurroundings& surroundings, const std::string& root) {
  for (const PyenvChoice& choice : pyenv_choices(root, surroundings)) {
    if (is_missing(choice)) return ": " + missing_text(choice);
  }
  return {};
}

class Search {
 public:
  Search(const PythonRequest& request, const PythonSurroundings& surroundings,
         const std::function<bool(const PythonCandidate&)>& visit)
      : request_(request), surroundings_(surroundings), visit_(visit) {}

  void named_by_path();
  void named_in_path();
  void everywhere();

  std::vector<std::string> looked_in;

 private:
  using Step = void (Search::*)();

  void offer(const PythonCandidate& candidate);
  void offer_prefix(const std::string& prefix, PythonSource source, std::string name, std::string told_by);
  void offer_all(const std::vector<std::string>& paths);

  void environment() { prefix_of_variable("VIRTUAL_ENV", PythonSource::environment); }
  void conda() { prefix_of_variable("CONDA_PREFIX", PythonSource::conda); }
  void prefix_of_variable(const char* variable, PythonSource source);
  void added_first() {
    if (request_.kind == Kind::version) added();
  }
  void added_else() {
    if (request_.kind != Kind::version) added();
  }
  void added();
  void path();
  void listed_in_path(const std::vector<std::string>& folders);
  void pyenv();
  void uv();
  void captured();

  const PythonRequest& request_;
  const PythonSurroundings& surroundings_;
  const std::function<bool(const PythonCandidate&)>& visit_;
  std::set<std::string> seen_;
  bool ended_ = false;
};

void Search::offer(const PythonCandidate& candidate) {
  if (ended_ || !name_may_fit(request_, candidate.name)) return;
  // Two variables that name one place that is not there are two mistakes.
  const std::string identity = candidate.problem.empty()
                                   ? identity_of(candidate.path)
                                   : candidate.path + "\n" + std::string(source_word(candidate.source));
  if (seen_.insert(identity).second && !visit_(candidate)) ended_ = true;
}

void Search::offer_prefix(const std::string& prefix, PythonSource source, std::string name, std::string told_by) {
  if (ended_ || !name_may_fit(request_, name)) return;
  PythonCandidate candidate{prefix, source, std::move(name), std::move(told_by), {}};
  if (auto python = python_of_prefix(prefix)) {
    candidate.path = std::move(*python);
    candidate.problem = file_problem(candidate.path).value_or("");
  } else {
    candidate.problem =
        directory_problem(prefix) == kNotThere ? "there is no such directory" : "there is no bin/python in it";
  }
  offer(candidate);
}

void Search::offer_all(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    offer({path, PythonSource::store, {}, {}, file_problem(path).value_or("")});
  }
}

void Search::prefix_of_variable(const char* variable, PythonSource source) {
  const std::string prefix = surroundings_.variable(variable);
  if (prefix.empty()) return;
  looked_in.push_back(fmt::format("{} ({})", variable, printable(prefix)));
  offer_prefix(absolute_in(surroundings_.directory, prefix), source, {}, variable);
}

void Search::added() {
  if (surroundings_.added.empty()) return;
  looked_in.emplace_back("those added to the store");
  offer_all(surroundings_.added);
}

void Search::captured() {
  const std::vector<std::string> executables =
      surroundings_.captured ? surroundings_.captured() : std::vector<std::string>{};
  if (executables.empty()) return;
  looked_in.emplace_back("those captured in the store");
  offer_all(executables);
}

void Search::path() {
  const std::vector<std::string> folders = folders_of_path(surroundings_);
  std::vector<std::string> shown;
  for (const std::string& folder : folders) {
    const auto problem = directory_problem(folder);
    shown.push_back(problem && *problem != kNotThere ? fmt::format("{}: {}", printable(folder), *problem)
                                                     : printable(folder));
  }
  looked_in.push_back(fmt::format("PATH ({})", fmt::join(shown, ", ")));
  for (const std::string& name : likely_names(request_)) {
    for (const std::string& folder : folders) {
      if (ended_) return;
      if (auto candidate = in_folder(surroundings_, folder, name)) offer(*candidate);
    }
  }
  if (!ended_ && !names_exact_version(request_)) listed_in_path(folders);
}

void Search::listed_in_path(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    if (root_of_shims(folder)) continue;  // every version of pyenv's is visited later
    std::vector<std::string> names = interpreter_names_in(folder);
    // PyPy may be called python3.10, too, but not first.
    if (!request_.implementation.empty()) {
      std::stable_partition(names.begin(), names.end(),
                            [&](const std::string& name) { return name.starts_with(request_.implementation); });
    }
    for (const std::string& name : names) {
      if (ended_) return;
      if (auto candidate = in_folder(surroundings_, folder, name)) offer(*candidate);
    }
  }
}

void Search::pyenv() {
  for (const std::string& root : pyenv_roots(surroundings_)) {
    looked_in.push_back(fmt::format("pyenv ({})", printable(root)));
    for (const PyenvChoice& choice : pyenv_choices(root, surroundings_)) {
      if (choice.version == "system") continue;
      if (choice.prefix.empty()) {
        offer({root + "/versions/" + choice.version, PythonSource::pyenv, choice.version, choice.origin,
               missing_text(choice)});
      } else {
        // Selected, whatever it is called: its name must not make it a second choice.
        offer_prefix(choice.prefix, PythonSource::pyenv, {}, choice.origin);
      }
    }
    for (const std::string& version : pyenv_versions(root)) {
      offer_prefix(root + "/versions/" + version, PythonSource::pyenv, version, {});
    }
  }
}

void Search::uv() {
  std::string folder = surroundings_.variable("UV_PYTHON_INSTALL_DIR");
  if (folder.empty()) {
    const std::string data = surroundings_.variable("XDG_DATA_HOME");
    if (!data.starts_with('/') && surroundings_.home.empty()) return;
    folder = (data.starts_with('/') ? data : surroundings_.home + "/.local/share") + "/uv/python";
  }
  folder = absolute_in(surroundings_.directory, folder);
  if (directory_problem(folder)) return;
  looked_in.push_back(fmt::format("uv ({})", printable(folder)));
  std::vector<std::string> names = directories_in(folder);
  std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
  sort_newest_first(names);
  for (const std::string& name : names) offer_prefix(folder + "/" + name, PythonSource::uv, name, {});
}

void Search::everywhere() {
  for (const Step step : {&Search::environment, &Search::conda, &Search::added_first, &Search::path, &Search::pyenv,
                          &Search::uv, &Search::added_else, &Search::captured}) {
    if (ended_) return;
    (this->*step)();
  }
}

void Search::named_by_path() {
  const std::string path = absolute_in(surroundings_.directory, request_.text);
  if (!directory_problem(path)) {
    if (!python_of_prefix(path)) {
      throw NotFound(fmt::format("no Python interpreter in {}: there is no bin/python in it", printable(path)));
    }
    offer_prefix(path, PythonSource::named, {}, {});
    return;
  }
  if (const auto problem = file_problem(path)) {
    throw NotFound(fmt::format("no Python interpreter at {}: {}", printable(path), *problem));
  }
  const std::string folder(parent_of(path));
  const auto root = root_of_shims(folder);
  if (!root) {
    offer({path, PythonSource::named, {}, {}, {}});
    return;
  }
  auto meant = in_folder(surroundings_, folder, std::string(name_of(path)));
  if (!meant) {
    throw NotFound(fmt::format("{} is a shim of pyenv's, and no version that pyenv selects here has it{}",
                               printable(path), selection_problem(surroundings_, *root)),
                   "set PYENV_VERSION, or name the interpreter itself");
  }
  meant->told_by = path;
  offer(*meant);
}

void Search::named_in_path() {
  const std::vector<std::string> folders = folders_of_path(surroundings_);
  for (const std::string& folder : folders) {
    auto candidate = in_folder(surroundings_, folder, request_.text);
    if (candidate && candidate->problem.empty()) return offer(*candidate);
  }
  const bool here = !file_problem(absolute_in(surroundings_.directory, request_.text)) ||
                    !directory_problem(absolute_in(surroundings_.directory, request_.text));
  std::vector<std::string> shown;
  std::string shim;
  for (const std::string& folder : folders) {
    shown.push_back(printable(folder));
    const auto root = root_of_shims(folder);
    if (root && shim.empty() && !file_problem(folder + "/" + request_.text)) {
      shim = fmt::format(" but a shim of pyenv's{}", selection_problem(surroundings_, *root));
    }
  }
  throw NotFound(fmt::format("no {} in PATH{}; looked in {}", printable(request_.text), shim, fmt::join(shown, ", ")),
                 here
                     ? fmt::format("for the one in the current directory say ./{}", printable(request_.text))
                     : "--python takes a version, an implementation, a path or a name in PATH; `cas python list` shows "
                       "what is there");
}

}  // namespace

std::string_view source_word(PythonSource source) {
  switch (source) {
    case PythonSource::named:
      return "path";
    case PythonSource::environment:
      return "environment";
    case PythonSource::conda:
      return "conda";
    case PythonSource::path:
      return "PATH";
    case PythonSource::pyenv:
      return "pyenv";
    case PythonSource::uv:
      return "uv";
    case PythonSource::store:
      return "store";
  }
  return "unknown";
}

PythonRequest without_shim(const PythonRequest& request, const PythonSurroundings& surroundings) {
  if (request.kind != Kind::path) return request;
  const std::string path = absolute_in(surroundings.directory, request.text);
  const std::string folder(parent_of(path));
  const std::string name(name_of(path));
  if (file_problem(path) || !root_of_shims(folder) || in_folder(surroundings, folder, name)) return request;
  if (!parse_python_name(name)) return request;
  PythonRequest named = parse_python_request(name);
  if (named.kind != Kind::version || !names_exact_version(named)) return request;
  named.text = request.text;
  return named;
}

std::vector<std::string> visit_candidates(const PythonRequest& request, const PythonSurroundings& surroundings,
                                          const std::function<bool(const PythonCandidate&)>& visit) {
  Search search(request, surroundings, visit);
  if (request.kind == Kind::path) {
    search.named_by_path();
  } else if (request.kind == Kind::name) {
    search.named_in_path();
  } else {
    search.everywhere();
  }
  return std::move(search.looked_in);
}

}  // namespace cas
