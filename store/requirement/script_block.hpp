// What a script asks for: the block of comments that "Inline script metadata" (PEP 723) defines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/requirement/requirement_file.hpp"
#include "store/source/version.hpp"

namespace cas {

struct ScriptMetadata {
  std::vector<ListedRequirement> dependencies;
  SpecifierSet requires_python;     // empty: any
  std::vector<std::string> others;  // what else is in it and has no meaning here: "entrypoint", "tool.uv.sources"
};

// `text`: the whole script. nullopt: it has no `# /// script`. What is a block, and where it ends, is decided as by the regular expression
// of the specification, on lines that end in LF, CR LF or CR. Throws InvalidInput for a second such block and for what is no TOML or has
// another type, UsageError for a requirement, each with "place:line: ", the line being the script's.
[[nodiscard]] std::optional<ScriptMetadata> parse_script(std::string_view text, std::string_view place);

}  // namespace cas
