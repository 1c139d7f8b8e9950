#include "cli/json_output.hpp"

#include "cli/words.hpp"
#include "store/base/secrets.hpp"

namespace cas {

Json json_document(std::string_view command) {
  Json document;
  document["format"] = kJsonFormat;
  document["command"] = command;
  return document;
}

std::string json_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_time(std::int64_t seconds_since_epoch) {
  if (seconds_since_epoch == 0) return nullptr;
  return time_text(seconds_since_epoch);
}

Json json_error(std::string_view kind, std::string_view message, std::string_view hint) {
  Json error;
  error["kind"] = kind;
  error["message"] = without_secrets(message);
  error["hint"] = hint.empty() ? Json(nullptr) : Json(without_secrets(hint));
  return error;
}

}  // namespace cas
