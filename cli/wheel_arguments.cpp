#include "cli/wheel_arguments.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/glob.hpp"

namespace cas {
namespace {

constexpr std::string_view kPinMark = "#sha256=";
constexpr std::string_view kWheelSuffix = ".whl";
constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kMaxSumsBytes = std::size_t{64} << 20;

// One line of sha256sum(1) after its digest: two blanks, or a blank and a star, then the name. "" : it is none.
std::string_view name_after_digest(std::string_view rest) {
  if (!rest.starts_with("  ") && !rest.starts_with(" *")) return {};
  return name_of(rest.substr(2));
}

void add_pin(WheelPins& pins, std::string_view line, std::string_view shown, std::size_t number) {
  const auto digest = Sha256Digest::from_hex(line.substr(0, kDigestDigits));  // nullopt where the line is shorter
  const std::string_view name = digest ? name_after_digest(line.substr(kDigestDigits)) : std::string_view();
  if (name.empty()) {
    throw UsageError(fmt::format("{}, line {}: not a digest and a file name", shown, number),
                     "lines are those that `sha256sum` writes");
  }
  const auto [pin, fresh] = pins.emplace(name, *digest);
  if (!fresh && pin->second != *digest) {
    throw UsageError(fmt::format("{}, line {}: another digest for {} than before", shown, number, printable(name)));
  }
}

Sha256Digest parse_pin(std::string_view argument, std::string_view hex) {
  const auto digest = Sha256Digest::from_hex(hex);
  if (!digest) throw UsageError(fmt::format("{}: a pin is #sha256= and 64 hexadecimal digits", printable(argument)));
  return *digest;
}

WheelRequest request_for(std::string path, const WheelPins& pins) {
  WheelRequest request;
  if (const auto pin = pins.find(name_of(path)); pin != pins.end()) request.pinned = pin->second;
  request.path = std::move(path);
  return request;
}

std::vector<WheelRequest> requests_for(const std::vector<std::string>& paths, const WheelPins& pins,
                                       const std::string& argument, std::string_view nothing) {
  if (paths.empty()) throw NotFound(fmt::format("{} {}", nothing, printable(argument)));
  std::vector<WheelRequest> requests;
  for (const std::string& path : paths) requests.push_back(request_for(path, pins));
  return requests;
}

WheelRequest pinned_request(const std::string& argument, std::size_t mark, const WheelPins& pins) {
  WheelRequest request = request_for(argument.substr(0, mark), pins);
  const Sha256Digest digest = parse_pin(argument, std::string_view(argument).substr(mark + kPinMark.size()));
  if (request.pinned && *request.pinned != digest) {
    throw UsageError(fmt::format("{}: --sha256sums pins another digest", printable(argument)));
  }
  request.pinned = digest;
  return request;
}

}  // namespace

WheelPins parse_sha256sums(std::string_view text, std::string_view shown) {
  WheelPins pins;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.front() == '#') continue;
    add_pin(pins, line, shown, number);
  }
  return pins;
}

bool is_wheel_argument(std::string_view argument) {
  const std::string_view path = argument.substr(0, argument.rfind(kPinMark));
  return path.ends_with(kWheelSuffix) || argument.find('/') != std::string_view::npos;
}

std::vector<WheelRequest> expand_wheel_argument(const std::string& argument, const WheelPins& pins) {
  if (argument.empty()) throw UsageError("an empty argument names no wheel");
  const auto kind = kind_of_path(argument);
  if (kind == PathKind::directory) {
    return requests_for(entries_with_suffix(argument, kWheelSuffix), pins, argument, "no wheel in the directory");
  }
  if (kind == PathKind::file) return {request_for(argument, pins)};
  if (const std::size_t mark = argument.rfind(kPinMark); mark != std::string::npos) {
    return {pinned_request(argument, mark, pins)};
  }
  if (is_glob_pattern(argument)) return requests_for(expand_glob(argument), pins, argument, "no file matches");
  // Not there: reading it says so, for this wheel alone.
  return {request_for(argument, pins)};
}

WheelPins read_pins(const Arguments& arguments) {
  WheelPins pins;
  for (const std::string& path : arguments.values("sha256sums")) {
    const Fd file = open_user_file(path);
    pins.merge(parse_sha256sums(read_fd(file.get(), kMaxSumsBytes, path), path));
  }
  return pins;
}

IngestOptions read_ingest_options(const Context& context) {
  IngestOptions options;
  if (context.arguments.has("strict-record")) options.record = RecordStrictness::always;
  options.threads = context.global.threads;
  return options;
}

}  // namespace cas
