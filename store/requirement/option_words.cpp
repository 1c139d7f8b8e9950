#include "store/requirement/option_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

using Kind = RequirementOptionKind;

struct Option {
  std::string_view name;
  char letter;  // '\0': none
  Kind kind;
  bool takes_value;
};
constexpr std::array<Option, 20> kOptions{{{"--requirement", 'r', Kind::requirements, true},
                                           {"--constraint", 'c', Kind::constraints, true},
                                           {"--editable", 'e', Kind::editable, true},
                                           {"--hash", '\0', Kind::hash, true},
                                           {"--config-settings", 'C', Kind::config_setting, true},
                                           {"--index-url", 'i', Kind::index_url, true},
                                           {"--pypi-url", '\0', Kind::index_url, true},
                                           {"--extra-index-url", '\0', Kind::extra_index_url, true},
                                           {"--no-index", '\0', Kind::no_index, false},
                                           {"--find-links", 'f', Kind::find_links, true},
                                           {"--no-binary", '\0', Kind::no_binary, true},
                                           {"--only-binary", '\0', Kind::only_binary, true},
                                           {"--prefer-binary", '\0', Kind::prefer_binary, false},
                                           {"--require-hashes", '\0', Kind::require_hashes, false},
                                           {"--no-require-hashes", '\0', Kind::no_require_hashes, false},
                                           {"--pre", '\0', Kind::pre, false},
                                           {"--all-releases", '\0', Kind::all_releases, true},
                                           {"--only-final", '\0', Kind::only_final, true},
                                           {"--trusted-host", '\0', Kind::trusted_host, true},
                                           {"--use-feature", '\0', Kind::use_feature, true}}};

std::deque<std::string> split_words(std::string_view text) {
  std::deque<std::string> words;
  std::optional<std::string> word;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word) word.emplace();
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'') {
      if (i + 1 == text.size()) throw UsageError("nothing follows the last '\\'");
      const char escaped = text[++i];
      // Between double quotes "\" means itself except before these two.
      if (quote == '"' && escaped != '"' && escaped != '\\') *word += '\\';
      *word += escaped;
    } else {
      *word += c;
    }
  }
  if (quote != '\0') throw UsageError(fmt::format("a {} has no counterpart", quote));
  if (word) words.push_back(std::move(*word));
  return words;
}

const Option& long_option(std::string_view word) {
  std::vector<const Option*> found;
  std::vector<std::string_view> names;
  for (const Option& option : kOptions) {
    names.push_back(option.name);
    if (option.name == word) return option;
    if (option.name.starts_with(word)) found.push_back(&option);
  }
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    throw UsageError(fmt::format("'{}' may be {} or {}", printable(word), found[0]->name, found[1]->name));
  }
  const auto nearest = nearest_spelling(word, names);
  throw UsageError(fmt::format("'{}' is not an option of requirement files", printable(word)),
                   nearest ? fmt::format("did you mean {}?", *nearest) : std::string());
}

const Option& short_option(char letter) {
  const auto found = std::find_if(kOptions.begin(), kOptions.end(),
                                  [letter](const Option& option) { return letter != '\0' && option.letter == letter; });
  if (found == kOptions.end()) {
    throw UsageError(
        fmt::format("'-{}' is not an option of requirement files", printable(std::string_view(&letter, 1))));
  }
  return *found;
}

class OptionParser {
 public:
  explicit OptionParser(std::string_view text) : words_(split_words(text)) {}

  OptionWords parse() {
    while (!words_.empty()) {
      const std::string word = next();
      if (word == "--") break;
      if (word.starts_with("--")) {
        read_long(word);
      } else if (word.starts_with('-') && word.size() > 1) {
        read_short(word);
      } else {
        result_.others.push_back(word);
      }
    }
    result_.others.insert(result_.others.end(), words_.begin(), words_.end());
    return std::move(result_);
  }

 private:
  std::string next() {
    std::string word = std::move(words_.front());
    words_.pop_front();
    return word;
  }

  std::string value_of(std::string_view option) {
    if (words_.empty()) throw UsageError(fmt::format("{} needs a value", option));
    return next();
  }

  void read_long(std::string_view word) {
    const std::size_t equals = word.find('=');
    const Option& option = long_option(word.substr(0, equals));
    const bool has_value = equals != std::string_view::npos;
    if (has_value && !option.takes_value) throw UsageError(fmt::format("{} takes no value", option.name));
    std::string value;
    if (option.takes_value) value = has_value ? std::string(word.substr(equals + 1)) : value_of(option.name);
    result_.options.push_back({option.kind, std::move(value)});
  }

  // All options with a letter take a value: what follows the letter, or the next word.
  void read_short(std::string_view word) {
    const Option& option = short_option(word[1]);
    result_.options.push_back({option.kind, word.size() > 2 ? std::string(word.substr(2)) : value_of(word)});
  }

  std::deque<std::string> words_;
  OptionWords result_;
};

}  // namespace

std::string_view option_name(Kind kind) {
  return std::find_if(kOptions.begin(), kOptions.end(), [kind](const Option& option) { return option.kind == kind; })
      ->name;
}

OptionWords parse_option_words(std::string_view text) { return OptionParser(text).parse(); }

}  // namespace cas
