// What pip accepts as a requirement beyond PEP 508, on its command line and in requirement files: a bare URL, an
// archive's file name, a directory.
#pragma once

#include <string_view>

#include "store/requirement/requirement.hpp"

namespace cas {

// Tells by the spelling alone: a URL by its scheme, a path by a "/", a "." in front, or the name of an archive
// (.whl, .zip, .tar.gz, …); everything else, and `name @ url`, is PEP 508. A path is taken as it was written (pip
// means it relative to the working directory); "[a,b]" behind it are extras.
// Of a location the result has `url`, `extras` and `marker`, and a name only if the URL says "#egg=name". Extras of
// "#egg=name[a,b]", which pip takes too, count and leave the URL. Unlike in PEP
// 508, the ";" of a marker needs no blank before it after `name @ url`, and none need follow.
// Throws UsageError.
[[nodiscard]] Requirement parse_requirement_or_location(std::string_view text);

// What follows -e: a directory (also one without "/"), a version control URL with "#egg=name", a file: URL, or
// `name @ url` with such a URL. Throws UsageError.
[[nodiscard]] Requirement parse_editable(std::string_view text);

}  // namespace cas
