#include "linker/locked/lock_python.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "linker/locked/exported_lock.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/project_file.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;
constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;

// "" for anything else: -p would take it for a program in PATH, or a path.
std::string checked_note(const std::string& note) {
  constexpr std::string_view kDigits = "0123456789";
  std::string_view rest = note;
  for (const std::string_view word : {"pypy", "graalpy"}) {
    if (rest.starts_with(word)) rest.remove_prefix(word.size());
  }
  const auto skip_number = [&] {
    const std::size_t end = std::min(rest.find_first_not_of(kDigits), rest.size());
    rest.remove_prefix(end);
    return end > 0 && end < 4;
  };
  if (!skip_number() || !rest.starts_with('.')) return {};
  rest.remove_prefix(1);
  if (!skip_number()) return {};
  return rest.empty() || rest == "t" || rest == "d" || rest == "td" ? note : std::string();
}

// A pre-release comes before the version that it leads to.
std::string without_patch(const std::string& requires_python) {
  const bool plain =
      requires_python.starts_with(">=") && requires_python.find_first_not_of("0123456789.", 2) == std::string::npos;
  const std::size_t minor = requires_python.find('.');
  return !plain || minor == std::string::npos ? requires_python
                                              : requires_python.substr(0, requires_python.find('.', minor + 1));
}

}  // namespace

LockPython python_of_lock(const std::string& path) {
  try {
    if (!is_foreign_lock_name(name_of(path))) {
      const Pylock lock = parse_pylock(read_file(path, kMostLockBytes), printable(path));
      return {SpecifierSet::parse(lock.requires_python).value_or(SpecifierSet{}), checked_note(lock.made_for)};
    }
    const std::string project = std::string(parent_of(absolute_path(path))) + "/pyproject.toml";
    return {parse_project_file(read_file(project, kMostProjectBytes), project).requires_python, {}};
  } catch (const Error&) {
    return {};
  }
}

bool is_for_python(const SpecifierSet& versions, const InterpreterFacts& facts) {
  const std::string_view text = facts.version;
  const auto version = Version::parse(text.substr(0, text.find('+')));
  return versions.contains(version ? *version : *Version::parse(fmt::format("{}.{}", facts.major, facts.minor)),
                           Prereleases::allowed);
}

std::string python_note(const InterpreterFacts& facts) {
  constexpr std::string_view kUsual = "python";
  const std::string& library = facts.library_name;
  return library.starts_with(kUsual) ? library.substr(kUsual.size()) : library;
}

std::string joined_requires_python(const std::string& resolved, const SpecifierSet& projects) {
  std::string text = without_patch(resolved);
  const auto least = text.starts_with(">=") ? Version::parse(text.substr(2)) : std::nullopt;
  for (const Specifier& clause : projects.clauses()) {
    const auto bound = clause.text().starts_with(">=") ? Version::parse(clause.text().substr(2)) : std::nullopt;
    if (least && bound && *bound <= *least) continue;
    text += (text.empty() ? "" : ",") + clause.text();
  }
  return text;
}

}  // namespace cas
