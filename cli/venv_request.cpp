#include "cli/venv_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/environment_options.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {
    // Both.
    {"clear", '\0', {}},
    {"prompt", '\0', "TEXT"},
    {"symlinks", '\0', {}},
    {"copies", '\0', {}},
    {"system-site-packages", '\0', {}},
    {"without-pip", '\0', {}},
    // python -m venv.
    {"upgrade", '\0', {}},
    {"upgrade-deps", '\0', {}},
    {"without-scm-ignore-files", '\0', {}},
    // virtualenv.
    {"python", 'p', "PYTHON", Repeat::yes},
    {"try-first-with", '\0', "EXE", Repeat::yes},
    {"always-copy", '\0', {}},
    {"no-seed", '\0', {}},
    {"no-pip", '\0', {}},
    {"no-setuptools", '\0', {}},
    {"no-wheel", '\0', {}},
    {"pip", '\0', "VERSION"},
    {"setuptools", '\0', "VERSION"},
    {"wheel", '\0', "VERSION"},
    {"extra-search-dir", '\0', "DIR", Repeat::yes},
    {"no-vcs-ignore", '\0', {}},
    {"app-data", '\0', "DIR"},
    {"reset-app-data", '\0', {}},
    {"read-only-app-data", '\0', {}},
    {"symlink-app-data", '\0', {}},
    {"download", '\0', {}},
    {"no-download", '\0', {}},
    {"never-download", '\0', {}},
    {"activators", '\0', "LIST"},
    {"creator", '\0', "NAME"},
    {"seeder", '\0', "NAME"},
    {"discovery", '\0', "NAME"},
    {"no-periodic-update", '\0', {}},
    {"upgrade-embed-wheels", '\0', {}},
    {"with-traceback", '\0', {}},
    // cas.
    {"dry-run", '\0', {}},
    {"base", '\0', "KIND"},
    {"standalone", '\0', {}},
    {"link-mode", '\0', "MODE"},
    {"relocatable", '\0', {}},
};
constexpr std::size_t kOwnOptions = 5;  // at the end

// Options about one matter.
using Family = std::array<std::string_view, 4>;
constexpr Family kFamilies[] = {
    {"symlinks", "copies", "always-copy"},
    {"without-pip", "no-seed"},
    {"pip", "no-pip"},
    {"setuptools", "no-setuptools"},
    {"wheel", "no-wheel"},
    {"download", "no-download", "never-download"},
    {"clear", "upgrade"},
    {"python", "try-first-with"},
    {"no-vcs-ignore", "without-scm-ignore-files"},
};

// The command line in front of the settings.
class Words {
 public:
  Words(const Arguments& arguments, const VirtualenvSettings& settings) : arguments_(arguments), settings_(settings) {}

  [[nodiscard]] bool has(std::string_view option) const {
    if (arguments_.has(option)) return true;
    const auto text = setting(option);
    if (!text) return false;
    const auto on = parse_switch(*text);
    if (!on) {
      throw UsageError(
          fmt::format("virtualenv's setting {} is '{}', which is neither yes nor no", option, printable(*text)),
          "1, yes, true or on; 0, no, false or off");
    }
    return *on;
  }
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const {
    if (auto value = arguments_.value(option)) return value;
    return setting(option);
  }
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const {
    if (arguments_.has(option)) return arguments_.values(option);
    const auto text = setting(option);
    return text ? split_list(*text) : std::vector<std::string>{};
  }

 private:
  [[nodiscard]] std::optional<std::string> setting(std::string_view option) const {
    for (const Family& family : kFamilies) {
      if (std::ranges::find(family, option) == family.end()) continue;
      const bool said = std::ranges::any_of(family, [&](std::string_view name) { return arguments_.has(name); });
      if (said) return std::nullopt;
    }
    const auto found = settings_.find(option);
    return found == settings_.end() ? std::nullopt : std::optional<std::string>(found->second);
  }

  const Arguments& arguments_;
  const VirtualenvSettings& settings_;
};

void refuse_other_work(const Arguments& arguments) {
  if (arguments.has("upgrade-embed-wheels")) {
    throw UsageError("--upgrade-embed-wheels: cas brings no wheels of its own that could be upgraded",
                     "pip comes from the interpreter's ensurepip, or from a folder named with --extra-search-dir");
  }
  if (arguments.has("reset-app-data") && arguments.operands().empty()) {
    throw UsageError("--reset-app-data: cas has no application data; wheels and files are kept in its store",
                     "`cas gc` removes what no environment uses");
  }
}

SeedWish read_wish(const Words& words, const char* name, std::vector<std::string>& notes) {
  SeedWish wish;
  const std::string without = fmt::format("no-{}", name);
  const auto version = words.value(name);
  if (words.has(without)) {
    if (version) throw UsageError(fmt::format("--{} and --{} exclude each other", name, without));
    wish.choice = SeedWish::Choice::no;
    return wish;
  }
  if (!version) return wish;
  wish.choice = SeedWish::Choice::yes;
  if (*version == "none") {
    wish.choice = SeedWish::Choice::no;
  } else if (*version == "bundle" || *version == "embed") {
    wish.bundled = true;
  } else if (*version == "latest") {
    notes.push_back(fmt::format("--{} latest: the newest wheel at hand; cas does not download", name));
  } else {
    wish.version = *version;
  }
  return wish;
}

std::optional<SeedOptions> read_seed(const Words& words, std::vector<std::string>& notes) {
  const bool upgrade = words.has("upgrade-deps");
  if (words.has("without-pip") || words.has("no-seed")) {
    if (upgrade) throw UsageError("--upgrade-deps and --without-pip exclude each other");
    return std::nullopt;
  }
  SeedOptions seed;
  seed.pip = read_wish(words, "pip", notes);
  seed.setuptools = read_wish(words, "setuptools", notes);
  seed.wheel = read_wish(words, "wheel", notes);
  seed.folders = words.values("extra-search-dir");
  seed.newest_in_folders = true;  // as virtualenv does
  seed.upgrade = upgrade;
  return seed;
}

// About what was said on the command line only: settings are made for another program.
void add_notes(const Arguments& arguments, std::vector<std::string>& notes) {
  const auto note = [&](std::string_view option, std::string_view text) {
    if (arguments.has(option)) notes.push_back(fmt::format("--{}: {}", option, text));
  };
  note("app-data", "wheels and files are kept in cas's store; --store DIR names another one");
  note("reset-app-data", "cas has no application data; `cas gc` removes what no environment uses");
  note("download", "cas does not download; pip comes from the interpreter's ensurepip or --extra-search-dir");
  note("upgrade-deps", "cas does not download; the newest wheels at hand are taken");
  const auto other = [&](std::string_view option, std::string_view usual, std::string_view text) {
    const auto value = arguments.value(option);
    if (value && *value != usual) notes.push_back(fmt::format("--{} {}: {}", option, printable(*value), text));
  };
  other("creator", "builtin", "cas makes the environment itself; --base says whose Python it stands on");
  other("seeder", "app-data", "cas links pip from its store");
  other("discovery", "builtin", "cas looks for interpreters itself; -p PATH names one");
  if (arguments.has("python") && arguments.has("try-first-with")) {
    notes.emplace_back("--try-first-with: left out, as --python names what is wanted; -p may be repeated");
  }
}

void read_pythons(const Words& words, CreateOptions& options) {
  std::vector<std::string> pythons = words.values("python");
  if (pythons.empty()) pythons = words.values("try-first-with");
  if (pythons.empty()) return;
  options.python = pythons.front();
  options.other_pythons.assign(pythons.begin() + 1, pythons.end());
}

}  // namespace

std::span<const OptionSpec> venv_option_specs() { return kOptions; }

std::vector<std::string_view> virtualenv_options() {
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : std::span(kOptions).first(std::size(kOptions) - kOwnOptions))
    names.push_back(spec.name);
  // Those of venv alone.
  std::erase_if(names, [](std::string_view name) {
    return name == "upgrade" || name == "upgrade-deps" || name == "without-scm-ignore-files";
  });
  return names;
}

VenvRequest translate_venv(const Arguments& arguments, const VirtualenvSettings& settings) {
  refuse_other_work(arguments);
  refuse_both(arguments, "clear", "upgrade");
  refuse_both(arguments, "symlinks", "copies");
  refuse_both(arguments, "symlinks", "always-copy");
  const Words words(arguments, settings);
  VenvRequest request;
  CreateOptions& options = request.options;
  read_pythons(words, options);
  options.existing = words.has("clear") ? Existing::clear : Existing::keep;
  options.dry_run = arguments.has("dry-run");
  options.upgrade = arguments.has("upgrade");
  options.system_site_packages = words.has("system-site-packages");
  const bool copies = words.has("copies") || words.has("always-copy");
  if (copies || words.has("symlinks")) options.copies = copies;
  options.ignore_file = !words.has("no-vcs-ignore") && !words.has("without-scm-ignore-files");
  if (const auto prompt = words.value("prompt")) options.prompt = read_prompt(*prompt);
  options.seed = read_seed(words, request.notes);
  options.link_mode = read_link_mode(arguments);
  options.relocatable = arguments.has("relocatable");
  add_notes(arguments, request.notes);
  return request;
}

}  // namespace cas
