// User names and passwords in the URLs of requirements and of what resolvers answer: for the network alone, never for a lock.
#pragma once

#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"
#include "store/pylock/pylock.hpp"

namespace cas {

// `url` ("https://...", also "git+https://...") as it may be kept. What is no URL of http stays as it is.
[[nodiscard]] std::string without_credentials(const std::string& url);
// The same. Its user and password are remembered for its origin.
[[nodiscard]] std::string take_credentials(PackageNetwork& network, const std::string& url);
// Of every URL in the lock.
void take_credentials(PackageNetwork& network, Pylock& lock);

// For git: arguments can be read by everybody on the machine, and a clone's configuration keeps its address. So user and password, if the
// URL has some or they are known for its origin, are told by settings in git's environment (git-config(1): GIT_CONFIG_COUNT, and
// url.<base>.insteadOf).
struct GitAddress {
  std::string url;
  std::vector<std::string> settings;  // "NAME=value"
};
[[nodiscard]] GitAddress git_address(PackageNetwork& network, const std::string& url);

// Whether a program that gets this URL as an argument would show everybody a password.
[[nodiscard]] bool holds_credentials(const std::string& url);

}  // namespace cas
