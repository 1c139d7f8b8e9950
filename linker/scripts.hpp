// The scripts of an environment: what `pip` would write for an entry point, and the first line of scripts
// that wheels bring. Pure: bytes in, bytes out.
//
// A head is what stands before the Python code. Where the kernel can start the interpreter itself it is one line:
//
//   #!/home/u/env/bin/python
//
// Otherwise two lines that /bin/sh and Python read differently (<FF> is a form feed):
//
//   #!/bin/sh
//   <FF># 2>/dev/null || exec '/home/u/my env/bin/python' "$0" "$@"
//
// Python allows form feeds in front of a comment, so it sees two comments. For the shell a form feed is no white
// space: it looks for a command named "<FF>#", silently finds none, and goes on to exec. The wide-spread
// form with a triple-quoted string ('''exec' ...) is not used, because that string becomes the script's __doc__ and,
// in front of a real docstring, makes `from __future__` a syntax error. The second line is pure ASCII
// and never looks like a declaration of the source's encoding, whatever the path holds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/base/package_model.hpp"

namespace cas {

// The head with which `interpreter` (an absolute path; any bytes but NUL) runs the script. One line only if that has
// at most 127 bytes with "#!" and newline, holds no white space or control characters, and is UTF-8. Ends in a newline.
[[nodiscard]] std::string script_head(std::string_view interpreter);

// The head of a script that finds its interpreter beside itself, also when it is called through PATH or a
// symbolic link, wherever the environment lies.
[[nodiscard]] std::string relocatable_script_head();

// The whole text of a console or gui script. Valid for every Python from 2.7 on.
[[nodiscard]] std::string entry_point_script(std::string_view head, const EntryPoint& entry);

// `bytes`, which begin with "#!python", with the first line replaced by `head` (one of the above). Options after
// "#!python", "#!pythonw" or "#!python3.12" are kept, unless they hold more than letters, digits and ".=_:,+-";
// so is an encoding declared in the second line.
[[nodiscard]] std::string rewrite_python_script(std::string_view head, std::string_view bytes);

// The text of a script, by cas, pip or another tool, whose head starts an interpreter in the directory `former`: started in the
// directory `now` (both absolute). Known are the forms above and `'''exec' "/path/python" "$0" "$@"`. nullopt: it starts no
// interpreter there, or `now` cannot be written in that last form.
[[nodiscard]] std::optional<std::string> moved_script(std::string_view text, std::string_view former,
                                                      std::string_view now);

}  // namespace cas
