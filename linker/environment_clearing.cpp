#include <fmt/format.h>

#include <algorithm>

#include "linker/environment_request.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kShown = 5;

std::string first_names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) text += (i == 0 ? "" : ", ") + printable(names[i]);
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

std::vector<std::string> entries_of(const std::string& target) {
  std::vector<std::string> names;
  list_directory(open_directory(target).get(), target,
                 [&](const std::string& name, unsigned char) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Clearing plan_clearing(const Store& store, const std::string& target) {
  Clearing clearing;
  const std::vector<std::string> entries = entries_of(target);
  if (entries.empty()) return clearing;
  const auto has = [&](std::string_view name) { return std::ranges::find(entries, name) != entries.end(); };
  if (has("conda-meta")) {
    throw UsageError(target + " is an environment of conda, which is more than Python", "remove it with conda");
  }
  const auto anchor = read_environment_anchor(target);
  if (!anchor && !has("pyvenv.cfg")) {
    throw UsageError(fmt::format("{} is not an environment: it holds {}", printable(target), first_names(entries)),
                     "nothing is deleted there; empty it yourself, or leave --clear out: foreign files then stay");
  }
  std::optional<Plan> plan;
  if (anchor) {
    try {
      clearing.before = find_root(store, target).anchor;
      plan = find_plan(store, clearing.before->plan);
    } catch (const NotFound&) {
      // Another store's, or a copy: to be replaced as anybody's.
    }
  }
  clearing.foreign = foreign_entries(target, plan);
  if (clearing.foreign.empty()) {
    clearing.replace = true;
  } else if (!clearing.before) {
    throw UsageError(
        fmt::format("{} holds more than an environment: {}", printable(target), first_names(clearing.foreign)),
        "nothing is deleted there; move these away first, or choose another path");
  }
  return clearing;
}

std::string stays_beside(const Clearing& clearing) {
  return first_names(clearing.foreign) +
         ": not the environment's, and not deleted by --clear; nor is what was put among its files";
}

}  // namespace cas
