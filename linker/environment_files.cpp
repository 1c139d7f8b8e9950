#include <boost/filesystem.hpp>

#include "linker/activation/activation.hpp"
#include "linker/environment_contents.hpp"
#include "linker/materialise.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"

namespace cas {
namespace {

// Tells version control to look away, from the inside, as venv does.
constexpr std::string_view kGitignore = "# made by cas\n*\n";
// https://bford.info/cachedir: backup programs leave the directory out.
constexpr std::string_view kCachedirTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n# An environment made by cas: it can be made again.\n";

std::vector<std::string> python_names(const EnvironmentFiles& files) {
  const InterpreterFacts& facts = files.facts;
  if (files.base == BaseKind::standalone) return {};
  std::vector<std::string> names{"python", "python3", facts.binary_name};
  if (facts.implementation == "pypy") names.emplace_back("pypy3");
  // venv of this one version makes it, too.
  if (facts.implementation == "cpython" && facts.major == 3 && facts.minor == 14) names.emplace_back("\U0001D70Bthon");
  return names;
}

std::string config_text(const EnvironmentFiles& files) {
  PyvenvConfig config;
  config.version = files.facts.version;
  config.implementation = files.facts.implementation;
  config.environment = files.environment;
  config.prompt = files.prompt;
  config.system_site_packages = files.system_site_packages;
  if (files.base != BaseKind::standalone) {
    config.base_executable = files.facts.executable;
    boost::system::error_code error;
    const boost::filesystem::path real = boost::filesystem::canonical(files.facts.executable, error);
    config.real_executable = error ? files.facts.executable : real.string();
  }
  return pyvenv_cfg_text(config) + files.lines_of_users;
}

// One create, write and close each, and one symlink. Linking them from the store would save a call of the three for those that
// are the same everywhere, and need objects, anchored ones, for files that users edit.
std::uint64_t write_activation_scripts(int root, const EnvironmentFiles& files) {
  const EnvironmentLayout& layout = files.facts.layout;
  const auto scripts = activation_scripts({files.environment, files.prompt, layout.site_packages});
  const std::string directory = layout.scripts + "/";
  // The mode that venv gives them: they are read, not run.
  for (const ActivationScript& script : scripts) {
    write_new_file_at(root, directory + std::string(script.name), script.text, 0644);
  }
  make_symlink_at(std::string(kPowerShellScript), root, directory + std::string(kPowerShellAlias));
  return scripts.size() + 1;
}

// One copy, and further names of it.
std::uint64_t copy_interpreter(int root, const InterpreterFacts& facts, const std::vector<std::string>& names) {
  const Fd binary = open_user_file(facts.executable);
  const std::int64_t time = stat_fd(binary.get(), facts.executable).st_mtim.tv_sec;
  const std::string first = facts.layout.scripts + "/" + names.front();
  for (const std::string& name : names) {
    const std::string path = facts.layout.scripts + "/" + name;
    if (path != first && hard_link(root, first.c_str(), root, path.c_str()) == LinkOutcome::linked) continue;
    const LinkOutcome copied = copy_file(binary.get(), root, path.c_str(), 0755, time, path);
    if (copied != LinkOutcome::linked)
      throw Error("copying " + facts.executable + " to " + path + " is not possible here");
  }
  return names.size();
}

}  // namespace

std::vector<std::string> activation_paths(const std::string& scripts_directory) {
  std::vector<std::string> paths;
  for (const std::string_view name : activation_script_names()) {
    paths.push_back(scripts_directory + "/" + std::string(name));
  }
  paths.push_back(scripts_directory + "/" + std::string(kPowerShellAlias));
  return paths;
}

std::vector<std::string> environment_file_paths(const EnvironmentFiles& files) {
  const InterpreterFacts& facts = files.facts;
  std::vector<std::string> paths;
  for (const std::string& name : python_names(files)) paths.push_back(facts.layout.scripts + "/" + name);
  for (std::string& path : activation_paths(facts.layout.scripts)) paths.push_back(std::move(path));
  if (facts.pointer_bits == 64) paths.emplace_back("lib64");
  if (files.markers == Markers::yes) paths.emplace_back("CACHEDIR.TAG");
  if (files.markers == Markers::yes && files.ignore_file) paths.emplace_back(".gitignore");
  paths.emplace_back("pyvenv.cfg");
  return paths;
}

std::vector<std::string> own_markers(int root) {
  std::vector<std::string> own;
  const auto has = [&](const char* path, std::string_view content) {
    const auto info = stat_at(root, path);
    return info && S_ISREG(info->st_mode) && static_cast<std::size_t>(info->st_size) == content.size() &&
           try_read_file_at(root, path, content.size()) == content;
  };
  if (has(".gitignore", kGitignore)) own.emplace_back(".gitignore");
  if (has("CACHEDIR.TAG", kCachedirTag)) own.emplace_back("CACHEDIR.TAG");
  return own;
}

void make_environment_directories(int root, const InterpreterFacts& facts) {
  for (const std::string& path : usual_directories(facts.layout.site_packages)) {
    if (!path.empty()) try_make_directory_at(root, path, 0777);
  }
}

std::uint64_t write_environment_files(int root, const EnvironmentFiles& files) {
  const InterpreterFacts& facts = files.facts;
  std::uint64_t made = 0;
  make_environment_directories(root, facts);
  const std::vector<std::string> names = python_names(files);
  if (files.copies && files.base == BaseKind::system) {
    made += copy_interpreter(root, facts, names);
  } else {
    for (const std::string& name : names) {
      make_symlink_at(name == names.front() ? facts.executable : names.front(), root,
                      facts.layout.scripts + "/" + name);
      ++made;
    }
  }
  made += write_activation_scripts(root, files);
  if (facts.pointer_bits == 64) {
    make_symlink_at("lib", root, "lib64");
    ++made;
  }
  if (files.markers == Markers::yes) {
    write_new_file_at(root, "CACHEDIR.TAG", kCachedirTag, 0666);
    ++made;
  }
  if (files.markers == Markers::yes && files.ignore_file) {
    write_new_file_at(root, ".gitignore", kGitignore, 0666);
    ++made;
  }
  write_new_file_at(root, "pyvenv.cfg", config_text(files), 0666);
  return made + 1;
}

}  // namespace cas
