#include "linker/locked/lock_credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "store/net/url.hpp"

namespace cas {
namespace {

constexpr std::string_view kGit = "git+";

std::string_view prefix_of(const std::string& url) { return url.starts_with(kGit) ? kGit : std::string_view{}; }

}  // namespace

std::string without_credentials(const std::string& url) {
  const std::string_view prefix = prefix_of(url);
  const auto parsed = try_parse_url(url.substr(prefix.size()));
  if (!parsed || !parsed->has_credentials) return url;
  return std::string(prefix) + parsed->text() + (parsed->fragment.empty() ? "" : "#" + parsed->fragment);
}

std::string take_credentials(PackageNetwork& network, const std::string& url) {
  if (const auto parsed = try_parse_url(url.substr(prefix_of(url).size()))) network.remember(*parsed);
  return without_credentials(url);
}

void take_credentials(PackageNetwork& network, Pylock& lock) {
  const auto take = [&](std::string& url) { url = take_credentials(network, url); };
  for (LockedPackage& package : lock.packages) {
    take(package.index);
    for (LockedFile& wheel : package.wheels) take(wheel.url);
    if (package.sdist) take(package.sdist->url);
    if (package.archive) take(package.archive->url);
    if (package.vcs) take(package.vcs->url);
  }
}

GitAddress git_address(PackageNetwork& network, const std::string& url) {
  const auto parsed = try_parse_url(url);
  if (!parsed || parsed->is_file()) return {url, {}};
  GitAddress address{parsed->text(), {}};
  network.remember(*parsed);
  if (const auto login = network.credentials_for(*parsed)) {
    // The user may have settings of that kind.
    const char* before = std::getenv("GIT_CONFIG_COUNT");
    const int number = before == nullptr ? 0 : std::max(0, std::atoi(before));
    const std::string host = parsed->origin().substr(parsed->scheme.size() + 3);
    address.settings = {
        fmt::format("GIT_CONFIG_COUNT={}", number + 1),
        fmt::format("GIT_CONFIG_KEY_{}=url.{}://{}:{}@{}/.insteadOf", number, parsed->scheme,
                    percent_encoded(login->user), percent_encoded(login->password), host),
        fmt::format("GIT_CONFIG_VALUE_{}={}/", number, parsed->origin()),
    };
  }
  return address;
}

bool holds_credentials(const std::string& url) {
  const auto parsed = try_parse_url(url.substr(prefix_of(url).size()));
  return parsed && parsed->has_credentials;
}

}  // namespace cas
