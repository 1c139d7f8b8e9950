#include "cli/gc_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

std::uint64_t read_number(std::string_view option, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) {
    throw UsageError(fmt::format("--{} is a number from 1 on, not '{}'", option, printable(text)));
  }
  return number;
}

}  // namespace

std::chrono::seconds read_age(std::string_view what, const std::string& text) {
  const auto age = parse_duration(text);
  if (!age) throw UsageError(fmt::format("{} is a time like 90s, 12h, 30d or 2w, not '{}'", what, printable(text)));
  return *age;
}

std::uint64_t read_size(std::string_view what, const std::string& text) {
  const auto size = parse_size(text);
  if (!size) throw UsageError(fmt::format("{} is a size like 500M or 10G, not '{}'", what, printable(text)));
  return *size;
}

GcOptions read_gc_options(const Arguments& arguments) {
  GcOptions options;
  options.dry_run = arguments.has("dry-run");
  options.drop_history = arguments.has("drop-history");
  if (const auto text = arguments.value("max-age")) options.max_age = read_age("--max-age", *text);
  if (const auto text = arguments.value("max-duration")) options.max_duration = read_age("--max-duration", *text);
  if (const auto text = arguments.value("keep-last")) options.keep_last = read_number("keep-last", *text);
  const auto size = [&](const char* option) -> std::optional<std::uint64_t> {
    const auto text = arguments.value(option);
    return text ? std::optional(read_size("--" + std::string(option), *text)) : std::nullopt;
  };
  options.max_size = size("max-size");
  options.min_free = size("min-free");
  options.max_free = size("max-free");
  options.max_freed = size("max-freed");
  if (options.min_free && options.max_free && *options.max_free < *options.min_free) {
    throw UsageError(
        "--max-free is less than --min-free: packages go where less than --min-free is free, until --max-free is");
  }
  return options;
}

}  // namespace cas
