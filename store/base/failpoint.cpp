#include "store/base/failpoint.hpp"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>

#include "store/base/error.hpp"

namespace cas::detail {
namespace {

struct NamedError {
  std::string_view name;
  int number;
};
constexpr NamedError kErrors[] = {
    {"enospc", ENOSPC}, {"eio", EIO}, {"emfile", EMFILE}, {"edquot", EDQUOT}, {"erofs", EROFS}};

struct Armed {
  std::string step;
  std::string action;
  int count = 1;
};

Armed parse() {
  Armed armed;
  const char* text = std::getenv("CAS_FAILPOINT");
  if (text == nullptr) return armed;
  const std::string_view all = text;
  const std::size_t colon = all.find(':');
  armed.step = all.substr(0, colon);
  if (colon == std::string_view::npos) return armed;
  std::string_view rest = all.substr(colon + 1);
  const std::size_t second = rest.find(':');
  armed.action = rest.substr(0, second);
  if (second != std::string_view::npos) {
    rest.remove_prefix(second + 1);
    std::from_chars(rest.data(), rest.data() + rest.size(), armed.count);
  }
  return armed;
}

const Armed& armed() {
  static const Armed value = parse();
  return value;
}

std::atomic<int> reached{0};

}  // namespace

const bool failpoints_armed = std::getenv("CAS_FAILPOINT") != nullptr;

void failpoint_reached(std::string_view step) {
  if (step != armed().step || ++reached != armed().count) return;
  const std::string& action = armed().action;
  if (action == "kill") ::raise(SIGKILL);
  if (action == "pause") ::raise(SIGSTOP);
  for (const auto& [name, number] : kErrors) {
    if (action == name) throw SystemError(number, "failpoint", step);
  }
  if (action != "kill" && action != "pause") {
    throw UsageError("CAS_FAILPOINT: there is no action '" + action + "'", "see store/base/failpoint.hpp");
  }
}

}  // namespace cas::detail
