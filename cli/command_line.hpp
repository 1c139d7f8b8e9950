// Finding the command among options.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cas {

struct CommandLine {
  std::string command;             // "add", "index rebuild"; "": none was given
  std::vector<std::string> words;  // everything else, in its order
};

// The first word that is no option, and no option's value, names the command; names of two words ("store info") are two
// such words. Before them only global options may stand. Throws UsageError, with the nearest spelling where there is one.
[[nodiscard]] CommandLine split_command_line(const std::vector<std::string>& words,
                                             const std::vector<std::string_view>& commands);

// The error for a command that does not exist.
[[noreturn]] void throw_unknown_command(std::string_view name, const std::vector<std::string_view>& commands);

}  // namespace cas
