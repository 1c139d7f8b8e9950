#include "store/source_archive/link_targets.hpp"

#include <algorithm>
#include <vector>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

// As many as the kernel follows.
constexpr int kMostLinks = 40;

// The components of `path`, the last one first.
std::vector<std::string> reversed_components(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (!last.empty() && last != ".") components.emplace_back(last);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }
  return components;
}

std::string joined(const std::vector<std::string>& components) {
  std::string path;
  for (const std::string& component : components) path += (path.empty() ? "" : "/") + component;
  return path;
}

}  // namespace

std::optional<std::string> link_problem(const LinkTargets& links, std::string_view path) {
  std::vector<std::string> ahead = reversed_components(path);
  std::vector<std::string> here;  // a directory without links in its path
  int followed = 0;
  while (!ahead.empty()) {
    const std::string component = std::move(ahead.back());
    ahead.pop_back();
    if (component == "..") {
      if (here.empty()) return "leads out of the archive";
      here.pop_back();
      continue;
    }
    here.push_back(component);
    const auto link = links.find(joined(here));
    if (link == links.end()) continue;
    if (++followed > kMostLinks) return "leads through too many links";
    const std::string& target = link->second;
    if (target.empty() || target.size() > kMaxRelativePathBytes || target.find('\0') != std::string::npos) {
      return "has a target that is no path";
    }
    if (target.starts_with('/')) return "leads out of the archive";
    here.pop_back();
    std::ranges::move(reversed_components(target), std::back_inserter(ahead));
  }
  return std::nullopt;
}

}  // namespace cas
