// direct_url.json: where a package came from that was not chosen by name from an index (PEP 610).
#pragma once

#include <string>
#include <string_view>

#include "store/base/digest.hpp"
#include "store/net/url.hpp"

namespace cas {

// For a wheel or archive given as a local file. `path` is absolute and may hold any bytes but NUL. `subdirectory`: where the project lies in
// it; "" at its root.
[[nodiscard]] std::string archive_direct_url(std::string_view path, const Sha256Digest& digest,
                                             std::string_view subdirectory = {});
// For one given by its URL; without credentials, which are nobody else's business.
[[nodiscard]] std::string archive_direct_url(const Url& url, const Sha256Digest& digest,
                                             std::string_view subdirectory = {});

enum class Editable { no, yes };
// For a directory of this machine.
[[nodiscard]] std::string directory_direct_url(std::string_view path, Editable editable,
                                               std::string_view subdirectory = {});

// For a commit of a repository; `url` as the lock has it. `requested`: the branch, tag or commit that was asked for, "" none.
[[nodiscard]] std::string git_direct_url(std::string_view url, std::string_view requested, std::string_view commit,
                                         std::string_view subdirectory = {});

}  // namespace cas
