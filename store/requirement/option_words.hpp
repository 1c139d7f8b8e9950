// The options of a requirement file's line, as pip's parser reads them: `--index-url=X`, `--index-url X`, `-iX`, `-i X`,
// and every unambiguous beginning of a long one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cas {

enum class RequirementOptionKind {
  // Of the file:
  requirements,  // -r FILE
  constraints,   // -c FILE
  // Of one requirement:
  editable,
  hash,
  config_setting,
  // Global:
  index_url,
  extra_index_url,
  no_index,
  find_links,
  no_binary,
  only_binary,
  prefer_binary,
  require_hashes,
  no_require_hashes,
  pre,
  all_releases,
  only_final,
  trusted_host,
  use_feature,
};

// The long spelling: "--index-url".
[[nodiscard]] std::string_view option_name(RequirementOptionKind kind);

struct OptionWord {
  RequirementOptionKind kind = RequirementOptionKind::pre;
  std::string value;  // "" where the option takes none
};

struct OptionWords {
  std::vector<OptionWord> options;  // as written
  std::vector<std::string> others;  // words that are neither options nor their values: pip passes over them
};

// Words are separated by blanks; quotes and "\" as in a POSIX shell. Throws UsageError for an option that pip does not
// know in a requirement file, a missing or a needless value, an open quote.
[[nodiscard]] OptionWords parse_option_words(std::string_view text);

}  // namespace cas
