// Texts as literals of the languages that activation scripts are written in. Any bytes but NUL come out as they went in,
// unless it says otherwise.
#pragma once

#include <string>
#include <string_view>

namespace cas {

[[nodiscard]] std::string posix_quoted(std::string_view text);
[[nodiscard]] std::string fish_quoted(std::string_view text);
// csh replaces "!" even between quotes, and ends a line even there.
[[nodiscard]] std::string csh_quoted(std::string_view text);
// PowerShell and nushell read scripts as UTF-8: there, text that is not valid comes out empty.
[[nodiscard]] std::string powershell_quoted(std::string_view text);
[[nodiscard]] std::string nushell_quoted(std::string_view text);
// Pure ASCII; a byte that is not UTF-8 becomes the surrogate by which Python means it in paths (PEP 383).
[[nodiscard]] std::string python_quoted(std::string_view text);

}  // namespace cas
