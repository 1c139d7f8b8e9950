#include "cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <charconv>
#include <cstdlib>
#include <iterator>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

namespace po = boost::program_options;

constexpr unsigned kMostThreads = 1024;

constexpr OptionSpec kGlobalOptions[] = {
    {"store", '\0', "DIR"},     {"base-store", '\0', "DIR", Repeat::yes},
    {"index-dir", '\0', "DIR"}, {"json", '\0', {}},
    {"quiet", 'q', {}},         {"verbose", 'v', {}},
    {"timings", '\0', {}},      {"durability", '\0', "HOW"},
    {"threads", '\0', "N"},     {"help", 'h', {}},
    {"version", '\0', {}},      {"no-config", '\0', {}},
};

po::options_description describe(std::span<const OptionSpec> specs) {
  po::options_description description;
  for (const OptionSpec& spec : specs) {
    std::string name(spec.name);
    if (spec.letter != '\0') name = fmt::format("{},{}", name, spec.letter);
    if (spec.value.empty()) {
      description.add_options()(name.c_str(), "");
    } else {
      description.add_options()(name.c_str(), po::value<std::string>(), "");
    }
  }
  return description;
}

std::string page_hint(std::string_view command) {
  return command.empty() ? "`cas help` lists the options" : fmt::format("see `cas help {}`", command);
}

// Boost takes the next word as a value whatever it is; "--python --check" is rather a forgotten value.
bool is_option_of(std::span<const OptionSpec> specs, std::string_view word) {
  for (const OptionSpec& spec : specs) {
    if (word.size() == 2 && word[0] == '-' && spec.letter != '\0' && word[1] == spec.letter) return true;
    if (word.starts_with("--") && word.substr(2, word.find('=') - 2) == spec.name) return true;
  }
  return false;
}

// Which of two values was meant nobody can tell.
void refuse_second_value(const Arguments& arguments, std::span<const OptionSpec> specs, std::string_view command) {
  for (const OptionSpec& spec : specs) {
    if (spec.value.empty() || spec.repeat == Repeat::yes) continue;
    const std::vector<std::string> values = arguments.values(spec.name);
    if (values.size() < 2) continue;
    throw UsageError(fmt::format("--{} is given twice, as '{}' and as '{}', and takes one value", spec.name,
                                 printable(values[0]), printable(values[1])),
                     page_hint(command));
  }
}

// "" where the setting is not there or empty.
std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Durability parse_durability(const std::string& text, std::string_view source) {
  if (text == "none") return Durability::none;
  if (text == "batch") return Durability::batch;
  if (text == "strict") return Durability::strict;
  throw UsageError(fmt::format("{} is 'none', 'batch' or 'strict', not '{}'", source, text));
}

unsigned parse_threads(const std::string& text) {
  unsigned threads = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (problem != std::errc{} || end != text.data() + text.size() || threads == 0 || threads > kMostThreads) {
    throw UsageError(fmt::format("--threads is a number from 1 to {}, not '{}'", kMostThreads, text));
  }
  return threads;
}

// An option or the setting that stands for it, which of the two said so, and "" where neither did.
struct Setting {
  std::string value;
  std::string_view source;
};

Setting option_or_environment(const Arguments& arguments, std::string_view option, std::string_view shown,
                              const char* variable) {
  if (const auto value = arguments.value(option)) {
    if (value->empty()) throw UsageError(fmt::format("{} needs a value", shown));
    return {*value, shown};
  }
  return {environment_value(variable), variable};
}

std::string store_path(const GlobalOptions& global) {
  if (global.store) return *global.store;
  // A relative path there is to be ignored, says the base directory specification.
  if (const std::string data = environment_value("XDG_DATA_HOME"); data.starts_with('/')) return data + "/cas";
  if (const std::string home = environment_value("HOME"); !home.empty()) return home + "/.local/share/cas";
  throw UsageError("no store is named, and HOME is not set", "name a directory with --store or CAS_STORE");
}

bool is_trusted(const GlobalOptions& global, const std::string& store) {
  std::string_view rest = global.trusted_stores;
  while (!rest.empty()) {
    const std::string one(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (!one.empty() && absolute_path(one) == absolute_path(store)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
  for (auto entry = options_.rbegin(); entry != options_.rend(); ++entry) {
    if (entry->first == option) return entry->second;
  }
  return std::nullopt;
}

const FileSetting* Arguments::setting(std::string_view name) const {
  const auto found = std::ranges::find(settings_, name, &FileSetting::name);
  return found == settings_.end() ? nullptr : &*found;
}

std::vector<FileSetting> Arguments::settings(std::string_view name) const {
  std::vector<FileSetting> found;
  std::ranges::copy_if(settings_, std::back_inserter(found), [&](const FileSetting& s) { return s.name == name; });
  return found;
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  std::vector<std::string> all;
  for (const auto& [name, text] : options_) {
    if (name == option) all.push_back(text);
  }
  return all;
}

std::vector<std::string> shield_operands(std::vector<std::string> words, std::size_t own,
                                         std::span<const OptionSpec> specs,
                                         bool (*is_program)(const std::string& operand)) {
  const auto takes_next = [&](std::string_view word) {
    return std::any_of(specs.begin(), specs.end(), [&](const OptionSpec& spec) {
      if (spec.value.empty()) return false;
      if (word.starts_with("--")) return word.substr(2) == spec.name;
      return word.size() == 2 && spec.letter != '\0' && word[1] == spec.letter;
    });
  };
  std::size_t operands = 0;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i].size() > 1 && words[i].front() == '-') {
      if (takes_next(words[i])) ++i;
      continue;
    }
    const bool is_last = operands++ == own;
    if (!is_last && (is_program == nullptr || !is_program(words[i]))) continue;
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(is_last ? i : i + 1), "--");
    break;
  }
  return words;
}

Arguments parse_arguments(const std::vector<std::string>& words, std::span<const OptionSpec> specs,
                          std::string_view command) {
  using Style = po::command_line_style::style_t;
  constexpr int kStyle = Style::unix_style & ~Style::allow_guessing;
  Arguments arguments;
  try {
    const po::options_description description = describe(specs);
    const auto parsed = po::command_line_parser(words).options(description).style(kStyle).run();
    for (const auto& option : parsed.options) {
      if (option.position_key >= 0) {
        for (const std::string& operand : option.value) arguments.add_operand(operand);
        continue;
      }
      const auto& tokens = option.original_tokens;
      if (tokens.size() > 1 && is_option_of(specs, tokens.back())) {
        throw UsageError(fmt::format("option '{}' needs a value", tokens.front()), page_hint(command));
      }
      arguments.add_option(option.string_key, option.value.empty() ? std::string() : option.value.front());
    }
  } catch (const po::unknown_option& problem) {
    throw unknown_option(problem.get_option_name(), specs, command);
  } catch (const po::invalid_syntax& problem) {
    const std::string name = problem.get_option_name();
    switch (problem.kind()) {
      case po::invalid_syntax::missing_parameter:
      case po::invalid_syntax::empty_adjacent_parameter:
        throw UsageError(fmt::format("option '{}' needs a value", name), page_hint(command));
      case po::invalid_syntax::extra_parameter:
        throw UsageError(fmt::format("option '{}' takes no value", name), page_hint(command));
      default:
        throw UsageError(problem.what(), page_hint(command));
    }
  } catch (const po::error& problem) {
    throw UsageError(problem.what(), page_hint(command));
  }
  refuse_second_value(arguments, specs, command);
  return arguments;
}

UsageError unknown_option(std::string_view option, std::span<const OptionSpec> specs, std::string_view command) {
  std::string_view word = option;
  while (word.starts_with('-')) word.remove_prefix(1);
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : specs) names.push_back(spec.name);
  // A single letter is near to everything.
  const auto nearest = word.size() > 1 ? nearest_spelling(word, names) : std::nullopt;
  return UsageError(fmt::format("unknown option '{}'", option),
                    nearest ? fmt::format("did you mean '--{}'?", *nearest) : page_hint(command));
}

std::span<const OptionSpec> global_option_specs() { return kGlobalOptions; }

namespace {

// The command line, else the variable, else settings: one of them says all.
std::vector<std::string> read_base_stores(const Arguments& arguments) {
  std::vector<std::string> stores = arguments.values("base-store");
  if (std::ranges::find(stores, "") != stores.end()) throw UsageError("--base-store is empty", "name a directory");
  if (!stores.empty()) return stores;
  const std::string list = environment_value("CAS_BASE_STORE");
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(':', start), list.size());
    if (end > start) stores.push_back(list.substr(start, end - start));
    start = end + 1;
  }
  if (!stores.empty()) return stores;
  for (const FileSetting& setting : arguments.settings("base-stores")) stores.push_back(setting.value);
  return stores;
}

}  // namespace

GlobalOptions read_global_options(const Arguments& arguments) {
  GlobalOptions global;
  const Setting store = option_or_environment(arguments, "store", "--store", "CAS_STORE");
  if (!store.value.empty()) {
    global.store = store.value;
  } else if (const FileSetting* setting = arguments.setting("store")) {
    global.store = setting->value;
  }
  global.base_stores = read_base_stores(arguments);
  global.index_directory = option_or_environment(arguments, "index-dir", "--index-dir", "CAS_INDEX").value;
  const Setting durability = option_or_environment(arguments, "durability", "--durability", "CAS_DURABILITY");
  if (!durability.value.empty()) global.durability = parse_durability(durability.value, durability.source);
  global.trusted_stores = environment_value("CAS_TRUST_STORE");
  if (const auto threads = arguments.value("threads")) global.threads = parse_threads(*threads);
  global.json = arguments.has("json");
  global.quiet = arguments.has("quiet");
  global.verbose = arguments.has("verbose");
  global.timings = arguments.has("timings");
  global.help = arguments.has("help");
  global.version = arguments.has("version");
  return global;
}

StoreOptions store_options(const GlobalOptions& global) {
  StoreOptions options;
  options.index_directory = global.index_directory;
  options.durability = global.durability;
  options.base_stores = global.base_stores;
  options.path = store_path(global);
  if (is_trusted(global, options.path)) options.trust = Trust::given;
  return options;
}

}  // namespace cas
