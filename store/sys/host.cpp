#include "store/sys/host.hpp"

#include <string_view>

#include "store/base/digest.hpp"
#include "store/base/error.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostIdBytes = 4096;
constexpr std::size_t kIdentityDigits = 32;

std::string hashed(std::string_view kind, std::string_view id) {
  const std::string text = "cas host 1\n" + std::string(id);
  return std::string(kind) + ":" + sha256(text).hex().substr(0, kIdentityDigits);
}

// "" where there is none; "uninitialized": the first start of an image.
std::string machine_id() {
  try {
    const std::string path = "/etc/machine-id";
    const std::string text = read_fd(open_user_file(path).get(), kMostIdBytes, path);
    const std::string id(trimmed(text, " \n"));
    return id == "uninitialized" ? std::string() : id;
  } catch (const Error&) {  // there is none, or it is none
    return {};
  }
}

}  // namespace

std::string host_identity() {
  if (const std::string machine = machine_id(); !machine.empty()) return hashed("machine", machine);
  const std::string boot = boot_id();
  return boot.empty() ? boot : hashed("boot", boot);
}

}  // namespace cas
