#include "cli/package_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "linker/locked/exported_lock.hpp"
#include "linker/locked/project_input.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/requirement_location.hpp"
#include "store/source/wheel_name.hpp"
#include "store/source_archive/unpack.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// Where packages come from unless something else is said.
constexpr const char* kDefaultIndexUrl = "https://pypi.org/simple";

constexpr std::size_t kMostRequirementBytes = std::size_t{16} << 20;

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

// The words of the first of the variables that is set.
std::vector<std::string> words_of(std::initializer_list<const char*> names) {
  std::vector<std::string> words;
  for (const char* name : names) {
    const auto value = variable(name);
    if (!value) continue;
    std::string_view rest = *value;
    while (true) {
      const std::size_t begin = rest.find_first_not_of(" \t\n,");
      if (begin == std::string_view::npos) break;
      const std::size_t end = std::min(rest.find_first_of(" \t\n,", begin), rest.size());
      words.emplace_back(rest.substr(begin, end - begin));
      rest.remove_prefix(end);
    }
    if (!words.empty()) break;
  }
  return words;
}

// A folder or page, as it means the same from anywhere. In a file: beside that file, if it is there.
std::string find_links_place(const std::string& value, const std::string& beside) {
  if (value.find("://") != std::string::npos) return value;
  const std::string near = beside.empty() || value.starts_with('/') ? std::string() : beside + "/" + value;
  return !near.empty() && leads_to_file(near) ? absolute_path(near) : absolute_path(value);
}

std::optional<std::string> option_or_setting(const Arguments& arguments, std::string_view option) {
  if (auto value = arguments.value(option)) return value;
  const FileSetting* const setting = arguments.setting(option);
  return setting == nullptr ? std::nullopt : std::optional(setting->value);
}

// Somebody else may have written it.
void tell_place(const Context& context, const FileSetting& setting) {
  if (setting.owner == SettingsOwner::user) return;
  context.printer.warning(fmt::format("{}: {} says where packages come from (--no-config: it does not count)",
                                      setting.place, setting.name));
}

// The default index is the last: what others have is theirs (see IndexClient).
struct Indexes {
  std::string main;
  std::vector<std::string> extra;

  [[nodiscard]] std::vector<std::string> in_order() const {
    std::vector<std::string> all = extra;
    all.push_back(main);
    return all;
  }
};

Indexes indexes_around(const Context& context) {
  Indexes indexes{{}, words_of({"PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"})};
  for (const char* name : {"PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"}) {
    if (const auto value = variable(name)) {
      indexes.main = *value;
      break;
    }
  }
  const auto count = [&](const FileSetting& setting, bool adds) {
    (adds ? indexes.extra.emplace_back() : indexes.main) = setting.value;
    tell_place(context, setting);
  };
  if (indexes.main.empty()) {
    indexes.main = kDefaultIndexUrl;
    if (const FileSetting* setting = context.arguments.setting("index-url")) count(*setting, false);
  }
  if (indexes.extra.empty()) {
    for (const FileSetting& setting : context.arguments.settings("extra-index-url")) count(setting, true);
  }
  return indexes;
}

void take_file_options(const RequirementFiles& files, IndexPlaces& places, Indexes& indexes, NetworkOptions& network) {
  for (const ListedOption& option : files.options) {
    switch (option.kind) {
      case RequirementOptionKind::index_url:
        indexes.main = option.value;
        break;
      case RequirementOptionKind::extra_index_url:
        indexes.extra.push_back(option.value);
        break;
      case RequirementOptionKind::no_index:
        places.no_index = true;
        break;
      case RequirementOptionKind::find_links:
        places.find_links.push_back(find_links_place(option.value, std::string(parent_of(option.place.file))));
        break;
      case RequirementOptionKind::trusted_host:
        network.allow_insecure.push_back(option.value);
        break;
      default:
        break;  // of the resolver, or without meaning here
    }
  }
}

NetworkOptions read_network(const Context& context, const RequirementFiles& files) {
  const Arguments& arguments = context.arguments;
  NetworkOptions network;
  Indexes indexes = indexes_around(context);
  IndexPlaces& places = network.places;
  const FileSetting* const no_index_setting = arguments.setting("no-index");
  const std::string no_index =
      lower_case(variable("PIP_NO_INDEX").value_or(no_index_setting == nullptr ? "0" : no_index_setting->value));
  places.no_index = no_index != "0" && no_index != "false" && no_index != "no" && no_index != "off";
  for (const std::string& place : words_of({"PIP_FIND_LINKS", "UV_FIND_LINKS"})) {
    places.find_links.push_back(find_links_place(place, {}));
  }
  if (places.find_links.empty()) {
    for (const FileSetting& setting : arguments.settings("find-links")) {
      places.find_links.push_back(setting.value);
      tell_place(context, setting);
    }
  }
  for (const FileSetting& setting : arguments.settings("trusted-host")) {
    network.allow_insecure.push_back(setting.value);
  }
  take_file_options(files, places, indexes, network);
  if (const auto url = arguments.value("index-url")) indexes.main = *url;
  for (const std::string& url : arguments.values("extra-index-url")) indexes.extra.push_back(url);
  if (arguments.has("no-index")) places.no_index = true;
  for (const std::string& place : arguments.values("find-links"))
    places.find_links.push_back(find_links_place(place, {}));
  if (!places.no_index) places.indexes = indexes.in_order();
  if (const auto how = option_or_setting(arguments, "index-strategy")) {
    if (*how == "unsafe-best-match") {
      places.strategy = IndexStrategy::unsafe_best_match;
    } else if (*how != "first-index") {
      throw UsageError(
          fmt::format("--index-strategy is 'first-index' or 'unsafe-best-match', not '{}'", printable(*how)));
    }
  }
  if (const auto when = arguments.value("partial-downloads")) {
    if (*when == "never") {
      network.partial_downloads = PartialDownloads::never;
    } else if (*when == "always") {
      network.partial_downloads = PartialDownloads::always;
    } else if (*when != "auto") {
      throw UsageError(fmt::format("--partial-downloads is 'auto', 'never' or 'always', not '{}'", printable(*when)));
    }
  }
  for (const std::string& host : arguments.values("trusted-host")) network.allow_insecure.push_back(host);
  if (arguments.has("offline")) network.mode = CacheMode::offline;
  if (arguments.has("refresh") && !arguments.has("offline")) network.mode = CacheMode::refresh;
  return network;
}

RequirementReader file_reader() {
  RequirementReader reader;
  reader.read = [](const std::string& path) {
    const Fd file = open_user_file(path);
    return read_fd(file.get(), kMostRequirementBytes, path);
  };
  reader.variable = [](const std::string& name) { return variable(name.c_str()); };
  return reader;
}

RequirementFiles read_requirements(const Context& context, const std::vector<std::string>& operands) {
  const RequirementReader reader = file_reader();
  std::vector<RequirementFileName> names;
  for (const std::string& path : context.arguments.values("constraint")) {
    if (is_project_file_name(name_of(path))) {
      throw UsageError(printable(path) + " asks for packages, and cannot only limit them", "name it with -r");
    }
    names.push_back({path, RequirementRole::constraints});
  }
  for (const std::string& path : context.arguments.values("requirement")) {
    if (!is_file_argument(path)) names.push_back({path, RequirementRole::requirements});
  }
  RequirementFiles files = read_requirement_files(names, reader);
  for (const std::string& warning : files.warnings) context.printer.warning(warning);
  std::size_t number = 0;
  for (const std::string& operand : operands) {
    if (is_file_argument(operand)) continue;
    refuse_requirements_file(operand);
    ListedRequirement listed;
    listed.place = {"command line", ++number};
    listed.requirement = parse_requirement_or_location(operand);
    files.requirements.push_back(std::move(listed));
  }
  for (const std::string& operand : context.arguments.values("editable")) {
    ListedRequirement listed;
    listed.place = {"command line", ++number};
    listed.requirement = parse_editable(operand);
    listed.editable = true;
    files.requirements.push_back(std::move(listed));
  }
  return files;
}

// --require-hashes.
void refuse_unpinned(const RequirementFiles& files) {
  for (const ListedRequirement& listed : files.requirements) {
    if (listed.constraint || listed.is_pinned()) continue;
    throw UsageError(fmt::format("{}: {} has not one version and a hash, and --require-hashes is given",
                                 listed.place.text(), printable(listed.requirement.text())),
                     "write NAME==VERSION --hash=sha256:..., or lock it: `cas lock`");
  }
}

void refuse_choice_without_files(const Arguments& arguments, const std::vector<std::string>& files) {
  if (!files.empty()) return;
  for (const char* option : {"extra", "all-extras", "group"}) {
    if (!arguments.has(option)) continue;
    throw UsageError(fmt::format("--{} chooses from a lock file or a pyproject.toml, and none is named", option),
                     "name a file, or write extras behind the package: NAME[extra]");
  }
}

FormatControl read_formats(const Arguments& arguments, const RequirementFiles& files) {
  FormatControl format;
  for (const std::string& name : words_of({"PIP_NO_BINARY"})) format.no_binary(name);
  for (const std::string& name : words_of({"PIP_ONLY_BINARY"})) format.only_binary(name);
  const std::string forbidden = lower_case(variable("UV_NO_BUILD").value_or("0"));
  if (forbidden != "0" && forbidden != "false") format.only_binary(":all:");
  for (const ListedOption& option : files.options) {
    if (option.kind == RequirementOptionKind::no_binary) format.no_binary(option.value);
    if (option.kind == RequirementOptionKind::only_binary) format.only_binary(option.value);
  }
  for (const std::string& value : arguments.values("no-binary")) format.no_binary(value);
  for (const std::string& value : arguments.values("only-binary")) format.only_binary(value);
  if (arguments.has("no-build")) format.only_binary(":all:");
  return format;
}

std::chrono::seconds time_of(const std::string& option, const std::string& value) {
  const auto parsed = parse_duration(value);
  if (!parsed) throw UsageError(fmt::format("--{} is a time like 90s, 12h or 30d, not '{}'", option, printable(value)));
  return *parsed;
}

BuildOptions read_build(const Arguments& arguments, const RequirementFiles& files) {
  BuildOptions build;
  build.format = read_formats(arguments, files);
  for (const std::string& setting : arguments.values("config-settings")) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(fmt::format("--config-settings is KEY=VALUE, not '{}'", printable(setting)));
    }
    build.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  std::vector<RequirementFileName> names;
  for (const std::string& path : arguments.values("build-constraint")) {
    names.push_back({path, RequirementRole::constraints});
  }
  build.constraints = read_requirement_files(names, file_reader()).requirements;
  if (const auto limit = arguments.value("build-timeout")) build.limit = time_of("build-timeout", *limit);
  build.refresh = arguments.has("refresh");
  return build;
}

std::vector<std::string> normalized_names(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::string& name : names) result.push_back(normalize_name(name));
  return result;
}

}  // namespace

bool is_lock_argument(const std::string& argument) {
  const std::string_view name = name_of(argument);
  return is_pylock_name(name) || is_foreign_lock_name(name);
}

bool is_file_argument(const std::string& argument) {
  return is_lock_argument(argument) || is_project_file_name(name_of(argument));
}

bool is_source_argument(const std::string& argument) {
  const std::string path = argument.substr(0, argument.find('['));
  if (is_source_archive_name(path)) return true;
  return leads_to_file(path + "/pyproject.toml") || leads_to_file(path + "/setup.py");
}

bool is_url_argument(const std::string& argument) { return argument.find("://") != std::string::npos; }

bool names_sources(const std::string& argument) {
  const bool path = argument.find_first_of("/.") != std::string::npos;
  return path && !is_url_argument(argument) && is_source_argument(argument);
}

void refuse_requirements_file(const std::string& operand) {
  const bool called_so = operand.ends_with(".txt") || operand.ends_with(".in");
  if (!called_so || is_url_argument(operand) || !leads_to_file(operand)) return;
  throw UsageError(printable(operand) + " is a file, and no name of a package or environment",
                   fmt::format("did you mean -r {}?", printable(operand)));
}

PackageInputs read_package_inputs(const Context& context, const std::vector<std::string>& operands) {
  const Arguments& arguments = context.arguments;
  PackageInputs inputs;
  std::vector<std::string> files = operands;
  for (const std::string& path : arguments.values("requirement")) files.push_back(path);
  std::erase_if(files, [](const std::string& file) { return !is_file_argument(file); });
  refuse_choice_without_files(arguments, files);
  inputs.requirements = read_requirements(context, operands);
  ProjectChoice choice{normalized_names(arguments.values("extra")), arguments.has("all-extras"),
                       normalized_names(arguments.values("group"))};
  for (const std::string& file : files) {
    if (is_lock_argument(file)) {
      inputs.locks.push_back(file);
      inputs.lock_pythons.push_back(python_of_lock(file));
    } else {
      add_project(file, choice, inputs, context.printer);
    }
  }
  if (arguments.has("require-hashes")) refuse_unpinned(inputs.requirements);
  inputs.wishes.extras = std::move(choice.extras);
  if (arguments.has("group")) inputs.wishes.groups = std::move(choice.groups);
  inputs.all_extras = choice.all_extras;
  inputs.network = read_network(context, inputs.requirements);
  inputs.resolve.refresh = arguments.has("refresh");
  inputs.resolve.no_dependencies = arguments.has("no-deps");
  const FileSetting* const pre = arguments.setting("pre");
  inputs.resolve.prereleases = arguments.has("pre") || (pre != nullptr && pre->value == "true");
  const FileSetting* const resolver = arguments.setting("resolver");
  inputs.resolve.resolver =
      arguments.value("resolver")
          .value_or(variable("CAS_RESOLVER").value_or(resolver == nullptr ? "" : resolver->value));
  const FileSetting* const python = arguments.setting("python");
  inputs.python = python == nullptr ? "" : python->value;
  if (const auto age = option_or_setting(arguments, "max-lock-age")) {
    inputs.resolve.max_age = time_of("max-lock-age", *age);
  }
  inputs.resolve.build = read_build(arguments, inputs.requirements);
  inputs.resolve.build.resolver = inputs.resolve.resolver;
  inputs.resolve.build.max_lock_age = inputs.resolve.max_age;
  inputs.wishes.build = inputs.resolve.build;
  return inputs;
}

std::vector<std::string> named_packages(const Context& context, const std::vector<std::string>& operands) {
  std::vector<std::string> files = context.arguments.values("requirement");
  files.insert(files.end(), operands.begin(), operands.end());
  if (const auto lock = std::ranges::find_if(files, is_lock_argument); lock != files.end())
    throw UsageError(printable(*lock) + " is a lock, and no list of names", "`cas sync` follows locks");
  std::vector<std::string> names;
  for (const ListedRequirement& listed : read_requirements(context, operands).requirements) {
    if (listed.constraint) continue;
    if (listed.requirement.name.empty()) {
      throw UsageError(
          fmt::format("{}: {} is no name of a package", listed.place.text(), printable(listed.requirement.text())),
          "name packages as `cas show ENV` lists them");
    }
    names.push_back(listed.requirement.name);
  }
  return names;
}

}  // namespace cas
