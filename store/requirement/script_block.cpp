#include "store/requirement/script_block.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/toml_fields.hpp"

namespace cas {
namespace {

constexpr std::string_view kFence = "# ///";

std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    const bool two = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(end + (two ? 2 : 1), text.size()));
  }
  return lines;
}

bool is_content(std::string_view line) { return line == "#" || line.starts_with("# "); }

// "# /// TYPE"; "": it is none.
std::string_view block_type(std::string_view line) {
  if (!line.starts_with("# /// ")) return {};
  const std::string_view type = line.substr(kFence.size() + 1);
  const bool is_type = std::ranges::all_of(type, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return is_type ? type : std::string_view();
}

struct Block {
  std::size_t begin = 0, end = 0;  // the fences' numbers
};

// Blocks of type "script". A block goes on to the last fence of its comment, so that it may hold others.
std::vector<Block> script_blocks(const std::vector<std::string_view>& lines) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < lines.size();) {
    if (!is_content(lines[i])) {
      ++i;
      continue;
    }
    const std::size_t comment_end = static_cast<std::size_t>(
        std::find_if_not(lines.begin() + static_cast<std::ptrdiff_t>(i), lines.end(), is_content) - lines.begin());
    std::size_t fence = comment_end;
    while (fence > i && lines[fence - 1] != kFence) --fence;
    // One past the fence. Between the two there must be a line.
    for (; i + 2 < fence; ++i) {
      const std::string_view type = block_type(lines[i]);
      if (type.empty()) continue;
      if (type == "script") blocks.push_back({i, fence - 1});
      break;
    }
    i = comment_end;
  }
  return blocks;
}

// Lines keep the numbers that they have in the script.
std::string toml_of(const std::vector<std::string_view>& lines, const Block& block) {
  std::string toml(block.begin + 1, '\n');
  for (std::size_t i = block.begin + 1; i < block.end; ++i) {
    const std::string_view line = lines[i];
    toml.append(line.substr(line.starts_with("# ") ? 2 : 1)).push_back('\n');
  }
  return toml;
}

}  // namespace

std::optional<ScriptMetadata> parse_script(std::string_view text, std::string_view place) {
  const std::vector<std::string_view> lines = lines_of(text);
  const std::vector<Block> blocks = script_blocks(lines);
  if (blocks.empty()) return std::nullopt;
  if (blocks.size() > 1) {
    throw InvalidInput(fmt::format("{}:{}: a second block `# /// script`: the first is in line {}", place,
                                   blocks[1].begin + 1, blocks[0].begin + 1),
                       "put everything into one");
  }
  const toml::table table = parse_toml(toml_of(lines, blocks.front()), place);
  const TomlFields fields(table, place);
  ScriptMetadata metadata;
  for (const TomlText& written : fields.texts("dependencies")) {
    ListedRequirement& listed = metadata.dependencies.emplace_back();
    listed.place = {std::string(place), written.line};
    with_context(listed.place.text(), [&] { listed.requirement = parse_requirement(written.text); });
  }
  if (const auto versions = fields.text("requires-python")) {
    const auto parsed = SpecifierSet::parse(versions->text);
    if (!parsed) {
      throw InvalidInput(fmt::format("{}:{}: requires-python = '{}' are no version specifiers", place, versions->line,
                                     printable(versions->text)));
    }
    metadata.requires_python = *parsed;
  }
  (void)fields.table("tool");  // must be one
  for (const auto& [key, node] : table) {
    if (key != "dependencies" && key != "requires-python" && key != "tool")
      metadata.others.push_back(printable(key.str()));
  }
  if (table.at_path("tool.uv.sources").is_table()) metadata.others.emplace_back("tool.uv.sources");
  return metadata;
}

}  // namespace cas
