// Options and operands of a command line.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/settings.hpp"
#include "store/store.hpp"

namespace cas {

// Whether an option with a value may be given more than once; a switch always may.
enum class Repeat { no, yes };

struct OptionSpec {
  std::string_view name;   // without the dashes
  char letter = '\0';      // of its short form
  std::string_view value;  // what the value is called ("DIR"); "": a switch
  Repeat repeat = Repeat::no;
};

// One list of several, for commands that share options.
template <std::size_t... N>
[[nodiscard]] constexpr auto joined_options(const std::array<OptionSpec, N>&... lists) {
  std::array<OptionSpec, (N + ...)> all{};
  std::size_t next = 0;
  (std::ranges::for_each(lists, [&](const OptionSpec& option) { all[next++] = option; }), ...);
  return all;
}

// What a command line said, in its order.
class Arguments {
 public:
  void add_option(std::string name, std::string value) { options_.emplace_back(std::move(name), std::move(value)); }
  void add_operand(std::string operand) { operands_.push_back(std::move(operand)); }
  void put_first(std::string operand) { operands_.insert(operands_.begin(), std::move(operand)); }
  void set_settings(std::vector<FileSetting> settings) { settings_ = std::move(settings); }

  [[nodiscard]] bool has(std::string_view option) const { return value(option).has_value(); }
  // The last one wins; "" for a switch.
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
  // What settings files say; the options above know nothing of it. nullptr: nothing.
  [[nodiscard]] const FileSetting* setting(std::string_view name) const;
  [[nodiscard]] std::vector<FileSetting> settings(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> operands_;
  std::vector<FileSetting> settings_;
};

// Options may stand before, between and after operands; "--" ends them; long ones must be spelled out. `command` is for
// hints. Throws UsageError, also where an option has two values and may have one.
[[nodiscard]] Arguments parse_arguments(const std::vector<std::string>& words, std::span<const OptionSpec> specs,
                                        std::string_view command);

// The words with "--" in front of the operand after the first `own` ones, so that it and all behind it are operands: they are
// another program's command line; behind one of the first already, where it is that program (`is_program`, which may be null). As they
// are where there are no more operands, or "--" stands in front of one of them.
[[nodiscard]] std::vector<std::string> shield_operands(std::vector<std::string> words, std::size_t own,
                                                       std::span<const OptionSpec> specs,
                                                       bool (*is_program)(const std::string& operand) = nullptr);

// The error for an option that is not in `specs`, with the nearest that is.
[[nodiscard]] UsageError unknown_option(std::string_view option, std::span<const OptionSpec> specs,
                                        std::string_view command);

// The options that every command takes.
[[nodiscard]] std::span<const OptionSpec> global_option_specs();

struct GlobalOptions {
  std::optional<std::string> store;      // --store, CAS_STORE, or the user's settings
  std::vector<std::string> base_stores;  // --base-store, CAS_BASE_STORE, or the user's settings
  std::string index_directory;           // --index-dir, CAS_INDEX; "" : in the store
  std::string trusted_stores;            // CAS_TRUST_STORE: directories with colons between them
  Durability durability = Durability::batch;
  unsigned threads = 0;  // 0: as many as CPUs
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool timings = false;
  bool help = false;
  bool version = false;
};

// Throws UsageError for values that are none.
[[nodiscard]] GlobalOptions read_global_options(const Arguments& arguments);

// Where the store is: --store, CAS_STORE, $XDG_DATA_HOME/cas, ~/.local/share/cas. Throws UsageError when HOME is
// needed and not set.
[[nodiscard]] StoreOptions store_options(const GlobalOptions& global);

}  // namespace cas
