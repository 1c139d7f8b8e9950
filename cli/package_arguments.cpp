#include "cli/package_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "cli/environment_options.hpp"
#include "cli/network_arguments.hpp"
#include "cli/option_sources.hpp"
#include "linker/locked/exported_lock.hpp"
#include "linker/locked/project_input.hpp"
#include "linker/locked/requirement_fetch.hpp"
#include "store/base/digest.hpp"
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

constexpr std::string_view kPinMark = "#sha256=";

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

// `network`: asked where a file has to be fetched.
RequirementReader file_reader(std::function<NetworkOptions()> network) {
  RequirementReader reader;
  reader.read = [](const std::string& path) {
    return read_user_text(path.empty() ? "." : path, kMaxRequirementFileBytes);
  };
  reader.fetch = [network = std::move(network)](const std::string& url) {
    return fetch_requirement_file(url, network());
  };
  reader.variable = [](const std::string& name) { return variable(name.c_str()); };
  return reader;
}

// Of "PATH#sha256=…", where "#" is at `pin`.
RequirementHash pinned_hash(const std::string& operand, std::size_t pin) {
  const auto digest = Sha256Digest::from_hex(std::string_view(operand).substr(pin + kPinMark.size()));
  if (!digest) throw UsageError(printable(operand) + ": a pin is #sha256= and 64 hexadecimal digits");
  return {"sha256", digest->hex()};
}

// `constraints`: files that settings name.
RequirementFiles read_requirements(const Context& context, const RequirementReader& reader,
                                   const std::vector<std::string>& operands,
                                   const std::vector<FileSetting>& constraints) {
  std::vector<RequirementFileName> names;
  for (const FileSetting& setting : constraints) names.push_back({setting.value, RequirementRole::constraints});
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
    const std::size_t pin = is_url_argument(operand) ? std::string::npos : operand.find(kPinMark);
    listed.requirement = parse_requirement_or_location(operand.substr(0, pin));
    if (pin != std::string::npos) listed.hashes.push_back(pinned_hash(operand, pin));
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

bool asks_for_hashes(const RequirementFiles& files) {
  return std::ranges::any_of(
      files.options, [](const ListedOption& option) { return option.kind == RequirementOptionKind::require_hashes; });
}

// --require-hashes, on the command line or in a file.
void refuse_unpinned(const RequirementFiles& files) {
  for (const ListedRequirement& listed : files.requirements) {
    if (listed.constraint || listed.is_pinned()) continue;
    throw UsageError(fmt::format("{}: {} has not one version and a hash, and --require-hashes asks for both",
                                 listed.place.text(), printable(listed.requirement.text())),
                     "write NAME==VERSION --hash=sha256:..., or lock it: `cas lock`");
  }
}

void refuse_choice_without_files(const Arguments& arguments, const std::vector<std::string>& files) {
  if (!files.empty()) return;
  for (const char* option : kLockChoices) {
    if (!arguments.has(option)) continue;
    throw UsageError(fmt::format("--{} chooses from a lock file or a pyproject.toml, and none is named", option),
                     "name a file, or write extras behind the package: NAME[extra]");
  }
}

FormatControl read_formats(const Arguments& arguments, const OptionSources& sources, const RequirementFiles& files) {
  FormatControl format;
  if (const auto setting = sources.setting("no-build"); setting && setting->value == "true") format.no_build();
  for (const FileSetting& setting : sources.settings("no-binary")) format.no_binary(setting.value);
  for (const FileSetting& setting : sources.settings("only-binary")) format.only_binary(setting.value);
  for (const ListedOption& option : files.options) {
    if (option.kind == RequirementOptionKind::no_binary) format.no_binary(option.value);
    if (option.kind == RequirementOptionKind::only_binary) format.only_binary(option.value);
  }
  for (const std::string& value : arguments.values("no-binary")) format.no_binary(value);
  for (const std::string& value : arguments.values("only-binary")) format.only_binary(value);
  if (arguments.has("no-build")) format.no_build();
  return format;
}

std::chrono::seconds time_of(const std::string& option, const std::string& value) {
  const auto parsed = parse_duration(value);
  if (!parsed) throw UsageError(fmt::format("--{} is a time like 90s, 12h or 30d, not '{}'", option, printable(value)));
  return *parsed;
}

BuildOptions read_build(const Arguments& arguments, const OptionSources& sources, const RequirementReader& reader,
                        const RequirementFiles& files) {
  BuildOptions build;
  build.format = read_formats(arguments, sources, files);
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
  build.constraints = read_requirement_files(names, reader).requirements;
  if (const auto limit = arguments.value("build-timeout")) {
    build.limit = time_of("build-timeout", *limit);
    build.limit_is_said = true;
  }
  build.refresh = arguments.has("refresh");
  return build;
}

std::vector<std::string> normalized_names(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::string& name : names) result.push_back(normalize_name(name));
  return result;
}

ProjectChoice read_choice(const Arguments& arguments) {
  if (arguments.has("only-group")) {
    for (const char* option : {"group", "all-groups", "extra", "all-extras"})
      refuse_both(arguments, "only-group", option);
  }
  const GroupRules rules{arguments.has("only-group"), arguments.has("all-groups"), arguments.has("no-default-groups"),
                         arguments.has("no-dev")};
  return {normalized_names(arguments.values("extra")), arguments.has("all-extras"),
          normalized_names(arguments.values(rules.only ? "only-group" : "group")), rules};
}

Freshness read_freshness(const Arguments& arguments, const PackageInputs& inputs) {
  refuse_both(arguments, "locked", "frozen");
  for (const char* option : {"locked", "frozen"}) {
    if (!arguments.has(option) || !inputs.locks.empty()) continue;
    throw UsageError(fmt::format("--{} is about a lock, and there is none", option),
                     "`cas lock -o pylock.toml` writes one");
  }
  return arguments.has("locked") ? Freshness::required : arguments.has("frozen") ? Freshness::unasked : Freshness::told;
}

}  // namespace

bool is_lock_argument(const std::string& argument) {
  const std::string_view name = name_of(argument);
  return is_pylock_name(name) || is_foreign_lock_name(name);
}

bool is_foreign_lock_argument(const std::string& argument) { return is_foreign_lock_name(name_of(argument)); }

bool is_file_argument(const std::string& argument) {
  return is_lock_argument(argument) || is_project_file_name(name_of(argument));
}

bool is_source_argument(const std::string& argument) {
  const std::string path = argument.substr(0, std::min(argument.find('['), argument.find(kPinMark)));
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

PackageInputs read_package_inputs(const Context& context, const std::vector<std::string>& operands,
                                  const std::string& environment) {
  const Arguments& arguments = context.arguments;
  const OptionSources sources(context, environment);
  PackageInputs inputs;
  std::vector<std::string> files = operands;
  for (const std::string& path : arguments.values("requirement")) files.push_back(path);
  std::erase_if(files, [](const std::string& file) { return !is_file_argument(file); });
  refuse_choice_without_files(arguments, files);
  const RequirementReader reader = file_reader([&] { return read_network_of_files(arguments, sources); });
  inputs.requirements = read_requirements(context, reader, operands, sources.settings("constraint"));
  ProjectChoice choice = read_choice(arguments);
  for (const std::string& file : files) {
    if (is_lock_argument(file)) {
      inputs.locks.push_back(file);
      inputs.lock_pythons.push_back(python_of_lock(file));
    } else {
      add_project(file, choice, inputs, context.printer);
    }
  }
  if (sources.flag("require-hashes") || asks_for_hashes(inputs.requirements)) refuse_unpinned(inputs.requirements);
  inputs.wishes.extras = std::move(choice.extras);
  if (!choice.groups.empty()) inputs.wishes.groups = std::move(choice.groups);
  inputs.all_extras = choice.all_extras;
  inputs.group_rules = choice.rules;
  inputs.freshness = read_freshness(arguments, inputs);
  inputs.network = read_network(context, sources, inputs.requirements);
  inputs.resolve.refresh = arguments.has("refresh");
  inputs.resolve.no_dependencies = arguments.has("no-deps");
  inputs.resolve.prereleases = sources.flag("pre");
  const FileSetting* const resolver = arguments.setting("resolver");
  inputs.resolve.resolver =
      arguments.value("resolver")
          .value_or(variable("CAS_RESOLVER").value_or(resolver == nullptr ? "" : resolver->value));
  const FileSetting* const python = arguments.setting("python");
  inputs.python = python == nullptr ? "" : python->value;
  if (const auto age = sources.value("max-lock-age")) {
    inputs.resolve.max_age = time_of("max-lock-age", *age);
  }
  inputs.resolve.build = read_build(arguments, sources, reader, inputs.requirements);
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
  const RequirementReader reader =
      file_reader([&] { return read_network_of_files(context.arguments, OptionSources(context, {})); });
  std::vector<std::string> names;
  for (const ListedRequirement& listed : read_requirements(context, reader, operands, {}).requirements) {
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
