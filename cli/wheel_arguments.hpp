// Wheels as the command line names them: FILE, FILE#sha256=HEX, DIR, or a pattern.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "store/base/digest.hpp"
#include "store/ingest.hpp"

namespace cas {

// File name -> SHA-256 that the user vouches for.
using WheelPins = std::map<std::string, Sha256Digest, std::less<>>;

// Lines as sha256sum(1) writes them: "<64 hexadecimal digits>  <name>", or with " *" before the name. Of a name only the
// last component counts. Blank lines and lines that begin with '#' are skipped. Throws UsageError, naming `shown` and the
// line, for anything else, and where one name has two digests.
[[nodiscard]] WheelPins parse_sha256sums(std::string_view text, std::string_view shown);

// Whether `argument` names a wheel file, a directory or a pattern, and not a package: it ends in ".whl" (perhaps with
// "#sha256=…" behind it) or holds a '/'.
[[nodiscard]] bool is_wheel_argument(std::string_view argument);

// The wheels that `argument` stands for; pinned by its own "#sha256=", else by `pins`. A pattern is expanded where
// no file has its name. Throws UsageError for a bad pin, NotFound where a directory or a pattern yields nothing.
[[nodiscard]] std::vector<WheelRequest> expand_wheel_argument(const std::string& argument, const WheelPins& pins);

// --sha256sums FILE; empty without it.
[[nodiscard]] WheelPins read_pins(const Arguments& arguments);

// --strict-record and --threads.
[[nodiscard]] IngestOptions read_ingest_options(const Context& context);

}  // namespace cas
