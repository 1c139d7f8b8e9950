#include "store/base/error.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace cas {

Error::Error(std::string message, std::string hint) : message_(std::move(message)), hint_(std::move(hint)) {}

void Error::add_context(std::string_view context) { message_ = fmt::format("{}: {}", context, message_); }

void Error::say_instead(std::string_view from, std::string_view to) {
  for (std::string* text : {&message_, &hint_}) {
    for (std::size_t at = text->find(from); at != std::string::npos; at = text->find(from, at + to.size())) {
      text->replace(at, from.size(), to);
    }
  }
}

SystemError::SystemError(int error_number, std::string_view operation, std::string_view path, std::string hint)
    : Error(fmt::format("{} {}: {}", operation, path, std::generic_category().message(error_number)), std::move(hint)),
      error_number_(error_number) {}

void throw_errno(std::string_view operation, std::string_view path) {
  const int saved = errno;
  std::string hint;
  if (saved == ENOSPC || saved == EDQUOT) hint = "free some space, for example with `cas gc`";
  throw SystemError(saved, operation, path, std::move(hint));
}

}  // namespace cas
