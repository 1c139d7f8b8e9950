#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/options.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

// How many words the option at the front takes: itself, and its value where that is a word of its own.
std::size_t words_of_option(std::string_view word) {
  if (!word.starts_with("--")) return 1;  // no global option with a value has a short form
  const std::string_view name = word.substr(2, word.find('=') - 2);
  for (const OptionSpec& spec : global_option_specs()) {
    if (spec.name == name) return spec.value.empty() || word.find('=') != std::string_view::npos ? 1 : 2;
  }
  UsageError error = unknown_option(word.substr(0, word.find('=')), global_option_specs(), {});
  if (error.hint().starts_with("did you mean")) throw error;
  throw UsageError(error.message(), "options of a command stand after its name");
}

// The position of the first operand at or after `start`.
std::optional<std::size_t> next_operand(const std::vector<std::string>& words, std::size_t start) {
  for (std::size_t i = start; i < words.size(); i += words_of_option(words[i])) {
    if (words[i] == "--") return std::nullopt;
    if (!is_option(words[i])) return i;
  }
  return std::nullopt;
}

std::vector<std::string> second_words(std::string_view first, const std::vector<std::string_view>& commands) {
  std::vector<std::string> found;
  for (const std::string_view command : commands) {
    if (command.starts_with(first) && command.substr(first.size()).starts_with(' ')) {
      found.emplace_back(command.substr(first.size() + 1));
    }
  }
  return found;
}

[[noreturn]] void throw_second_word(std::string_view first, const std::vector<std::string>& possible) {
  throw UsageError(fmt::format("`cas {}` needs one more word: {}", first, joined(possible)),
                   fmt::format("`cas {} {}`", first, possible.front()));
}

}  // namespace

void throw_unknown_command(std::string_view name, const std::vector<std::string_view>& commands) {
  const auto nearest = nearest_spelling(name, commands);
  throw UsageError(fmt::format("unknown command '{}'", name),
                   nearest ? fmt::format("did you mean '{}'?", *nearest) : "`cas help` lists the commands");
}

CommandLine split_command_line(const std::vector<std::string>& words, const std::vector<std::string_view>& commands) {
  CommandLine line{{}, words};
  const auto first = next_operand(words, 0);
  if (!first) return line;
  const std::string& name = words[*first];
  const auto remove_word = [&](std::size_t i) {
    line.words.erase(line.words.begin() + static_cast<std::ptrdiff_t>(i));
  };
  if (std::find(commands.begin(), commands.end(), name) != commands.end()) {
    line.command = name;
    remove_word(*first);
    return line;
  }
  const std::vector<std::string> possible = second_words(name, commands);
  if (possible.empty()) throw_unknown_command(name, commands);
  const auto second = next_operand(words, *first + 1);
  if (second) {
    line.command = name + " " + words[*second];
    if (std::find(possible.begin(), possible.end(), words[*second]) == possible.end()) {
      throw_unknown_command(line.command, commands);
    }
    remove_word(*second);
    remove_word(*first);
    return line;
  }
  // `cas store --help` is a question, not a mistake.
  const bool asks = std::find(words.begin(), words.end(), "--help") != words.end() ||
                    std::find(words.begin(), words.end(), "-h") != words.end();
  if (!asks) throw_second_word(name, possible);
  line.command = name + " " + possible.front();
  remove_word(*first);
  return line;
}

}  // namespace cas
