#include "store/net/keyring.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/process.hpp"

namespace cas {

std::optional<std::string> keyring_password(const Url& url, std::chrono::seconds limit) {
  // It would be an option: somebody else may have written the address.
  if (url.user.starts_with('-') || url.host.starts_with('-')) return std::nullopt;
  const std::string program = find_program("keyring");
  if (program.empty()) {
    throw NotFound(
        fmt::format("the password of {}@{} is to be had from keyring, and there is no program keyring in PATH",
                    printable(url.user), url.host),
        "install keyring, or say --keyring-provider disabled");
  }
  const std::string host = url.port.empty() ? url.host : url.host + ":" + url.port;
  for (const std::string& service : {url.text(), host}) {
    ProcessResult run = run_process({program, "get", service, url.user}, {"PYTHONIOENCODING=utf-8"}, limit);
    if (run.timed_out) {
      throw Error(fmt::format("{} gave no password for {} within {}", printable(program), host, format_duration(limit)),
                  "unlock the keyring, or say --keyring-provider disabled");
    }
    const std::string_view password = trimmed(run.output, "\r\n");
    if (run.exit_status == 0 && !password.empty()) return std::string(password);
  }
  return std::nullopt;
}

}  // namespace cas
