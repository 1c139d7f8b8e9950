#include "cli/network_arguments.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// Where packages come from unless something else is said.
constexpr const char* kDefaultIndexUrl = "https://pypi.org/simple";
constexpr double kLongestTimeout = 86400;
constexpr double kMostRetries = 100;

// A folder or page, as it means the same from anywhere. In a file: beside that file, if it is there.
std::string find_links_place(const std::string& value, const std::string& beside) {
  if (value.find("://") != std::string::npos) return value;
  const std::string near = beside.empty() || value.starts_with('/') ? std::string() : beside + "/" + value;
  return !near.empty() && leads_to_file(near) ? absolute_path(near) : absolute_path(value);
}

// Somebody else may have written it.
void tell_place(const Context& context, const FileSetting& setting) {
  if (setting.owner == SettingsOwner::user) return;
  context.printer.warning(fmt::format("{}: {} says where packages come from (--no-config: it does not count)",
                                      setting.place, setting.name));
}

// The default index is the last: what others have is theirs (see IndexClient).
struct Indexes {
  std::string main = kDefaultIndexUrl;
  std::vector<std::string> extra;

  [[nodiscard]] std::vector<std::string> in_order() const {
    std::vector<std::string> all = extra;
    all.push_back(main);
    return all;
  }
};

void tell_places(const Context& context, const OptionSources& sources) {
  if (const auto main = sources.setting("index-url")) tell_place(context, *main);
  for (const char* list : {"extra-index-url", "find-links"}) {
    for (const FileSetting& setting : sources.settings(list)) tell_place(context, setting);
  }
}

void take_settings(const OptionSources& sources, IndexPlaces& places, Indexes& indexes, NetworkOptions& network) {
  if (const auto main = sources.setting("index-url")) indexes.main = main->value;
  for (const FileSetting& setting : sources.settings("extra-index-url")) indexes.extra.push_back(setting.value);
  for (const FileSetting& setting : sources.settings("find-links"))
    places.find_links.push_back(find_links_place(setting.value, {}));
  for (const FileSetting& setting : sources.settings("trusted-host")) network.allow_insecure.push_back(setting.value);
  places.no_index = sources.flag("no-index");
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

void take_arguments(const Arguments& arguments, IndexPlaces& places, Indexes& indexes, NetworkOptions& network) {
  if (const auto url = arguments.value("index-url")) indexes.main = *url;
  for (const std::string& url : arguments.values("extra-index-url")) indexes.extra.push_back(url);
  if (arguments.has("no-index")) places.no_index = true;
  for (const std::string& place : arguments.values("find-links"))
    places.find_links.push_back(find_links_place(place, {}));
  for (const std::string& host : arguments.values("trusted-host")) network.allow_insecure.push_back(host);
}

// From the command line it is wrong; uv knows one more, which has no meaning here.
IndexStrategy read_strategy(const Context& context, const OptionSources& sources) {
  const auto how = sources.value("index-strategy");
  if (!how || *how == "first-index") return IndexStrategy::first_index;
  if (*how == "unsafe-best-match") return IndexStrategy::unsafe_best_match;
  const auto said = sources.setting("index-strategy");
  if (context.arguments.has("index-strategy") || !said || *how != "unsafe-first-match") {
    throw UsageError(
        fmt::format("--index-strategy is 'first-index' or 'unsafe-best-match', not '{}'", printable(*how)));
  }
  context.printer.warning(fmt::format("{}: index-strategy unsafe-first-match is not known here, first-index is used",
                                      printable(said->place)));
  return IndexStrategy::first_index;
}

PartialDownloads read_partial_downloads(const Arguments& arguments) {
  const auto when = arguments.value("partial-downloads");
  if (!when || *when == "auto") return PartialDownloads::automatic;
  if (*when == "never") return PartialDownloads::never;
  if (*when == "always") return PartialDownloads::always;
  throw UsageError(fmt::format("--partial-downloads is 'auto', 'never' or 'always', not '{}'", printable(*when)));
}

KeyringProvider read_keyring(const Context& context, const OptionSources& sources) {
  const auto how = sources.value("keyring-provider");
  // pip's "auto" is what nobody asked for.
  if (!how || *how == "disabled" || *how == "auto") return KeyringProvider::disabled;
  if (*how == "subprocess") return KeyringProvider::subprocess;
  const auto said = sources.setting("keyring-provider");
  if (context.arguments.has("keyring-provider") || !said || *how != "import") {
    throw UsageError(fmt::format("--keyring-provider is 'disabled' or 'subprocess', not '{}'", printable(*how)));
  }
  context.printer.warning(
      fmt::format("{}: keyring-provider import is for pip alone; cas asks no keyring", printable(said->place)));
  return KeyringProvider::disabled;
}

// A number of pip's or uv's settings, up to `most`.
std::optional<double> number_of(const OptionSources& sources, std::string_view name, double most) {
  const auto said = sources.setting(name);
  if (!said) return std::nullopt;
  double number = 0;
  const char* const last = said->value.data() + said->value.size();
  const auto [end, problem] = std::from_chars(said->value.data(), last, number);
  if (problem != std::errc{} || end != last || !(number >= 0) || number > most) {
    throw InvalidInput(fmt::format("{}: {} is a number up to {}, not '{}'", printable(said->place), name, most,
                                   printable(said->value)),
                       "correct it; --no-config leaves all settings files out");
  }
  return number;
}

std::string path_of(const OptionSources& sources, std::string_view option) {
  const auto path = sources.value(option);
  return path ? absolute_path(*path) : std::string();
}

// What has nothing to tell.
NetworkOptions network_of(const Arguments& arguments, const OptionSources& sources, const RequirementFiles& files) {
  NetworkOptions network;
  IndexPlaces& places = network.places;
  Indexes indexes;
  take_settings(sources, places, indexes, network);
  take_file_options(files, places, indexes, network);
  take_arguments(arguments, places, indexes, network);
  if (!places.no_index) places.indexes = indexes.in_order();
  network.certificates = path_of(sources, "cert");
  network.client_certificate = path_of(sources, "client-cert");
  if (const auto proxy = sources.setting("proxy")) network.proxy = proxy->value;
  if (const auto seconds = number_of(sources, "timeout", kLongestTimeout)) {
    network.timeout = std::chrono::seconds(std::max(1L, std::lround(std::ceil(*seconds))));
  }
  if (const auto retries = number_of(sources, "retries", kMostRetries)) {
    network.retries = static_cast<int>(*retries);
  }
  if (arguments.has("offline")) network.mode = CacheMode::offline;
  if (arguments.has("refresh") && !arguments.has("offline")) network.mode = CacheMode::refresh;
  return network;
}

}  // namespace

NetworkOptions read_network(const Context& context, const OptionSources& sources, const RequirementFiles& files) {
  NetworkOptions network = network_of(context.arguments, sources, files);
  tell_places(context, sources);
  network.places.strategy = read_strategy(context, sources);
  network.partial_downloads = read_partial_downloads(context.arguments);
  network.keyring = read_keyring(context, sources);
  return network;
}

NetworkOptions read_network_of_files(const Arguments& arguments, const OptionSources& sources) {
  return network_of(arguments, sources, {});
}

}  // namespace cas
