// Where the symbolic links of an archive lead, followed in thought before any of them is made.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cas {

// Path in the archive -> target. Paths are valid relative paths, and none of them passes through another.
using LinkTargets = std::map<std::string, std::string, std::less<>>;

// Why the link at `path` may not be made, as the end of a sentence ("leads out of the archive"); nullopt: all that it leads to, also by
// way of other links, lies inside, or nowhere.
[[nodiscard]] std::optional<std::string> link_problem(const LinkTargets& links, std::string_view path);

}  // namespace cas
