// The program without its main().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/base/error.hpp"

namespace cas {

// Runs the command that `words` (without the program's name) name and returns the exit status. Throws what went wrong.
[[nodiscard]] int run_program(const std::vector<std::string>& words);

// Tells the user on standard error, and with --json among `words` also by a document on standard output.
void report_failure(const std::vector<std::string>& words, std::string_view kind, std::string_view message,
                    std::string_view hint) noexcept;

// The exit status after such a failure: that of the error, or kOwnFailure of a command whose place another program takes.
[[nodiscard]] int failure_status(const std::vector<std::string>& words, ExitStatus status) noexcept;

}  // namespace cas
