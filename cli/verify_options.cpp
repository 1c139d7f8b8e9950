#include "cli/verify_options.hpp"

#include <fmt/format.h>

#include <random>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {

VerifyDepth read_verify_depth(const Arguments& arguments) {
  const bool scrub = arguments.has("scrub");
  const bool contents = arguments.has("contents");
  if (scrub && contents) throw UsageError("--scrub and --contents exclude each other", "--contents finds more");
  return contents ? VerifyDepth::contents : scrub ? VerifyDepth::scrub : VerifyDepth::metadata;
}

std::string_view depth_name(VerifyDepth depth) {
  switch (depth) {
    case VerifyDepth::metadata:
      return "metadata";
    case VerifyDepth::scrub:
      return "scrub";
    case VerifyDepth::contents:
      return "contents";
  }
  return "unknown";
}

VerifyShare read_sample(const Arguments& arguments) {
  const auto text = arguments.value("sample");
  if (!text) return {};
  std::random_device random;
  const auto share = parse_verify_share(*text, (std::uint64_t{random()} << 32) | random());
  if (share) return *share;
  throw UsageError(fmt::format("--sample is a share like 5% or 3/10, not '{}'", printable(*text)),
                   "5% are chosen at random each time; 1/10, 2/10 … 10/10 are ten runs that look at everything");
}

std::optional<std::chrono::nanoseconds> read_max_duration(const Arguments& arguments) {
  const auto text = arguments.value("max-duration");
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration || duration->count() == 0) {
    throw UsageError(fmt::format("--max-duration is a time like 90s, 15m or 2h, not '{}'", printable(*text)));
  }
  return *duration;
}

}  // namespace cas
