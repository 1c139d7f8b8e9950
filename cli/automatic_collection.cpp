#include "cli/automatic_collection.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "cli/gc_options.hpp"
#include "cli/words.hpp"
#include "store/automatic_gc.hpp"
#include "store/base/error.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

std::optional<std::uint64_t> read_mark(const Context& context, const char* variable, const char* key) {
  const char* text = std::getenv(variable);
  if (text != nullptr && *text != '\0') return read_size(variable, text);
  const FileSetting* setting = context.arguments.setting(key);
  if (setting == nullptr) return std::nullopt;
  return read_size(fmt::format("{}: {}", setting->place, key), setting->value);
}

struct Marks {
  std::uint64_t least = 0, most = 0;
};

// As `cas gc` takes its options: one alone is both. nullopt: nothing is collected automatically, perhaps because what is set makes no
// sense. A command is not refused for that.
std::optional<Marks> read_marks(const Context& context) {
  try {
    const auto least = read_mark(context, "CAS_MIN_FREE", "min-free");
    const auto most = read_mark(context, "CAS_MAX_FREE", "max-free");
    const Marks marks{least ? *least : most.value_or(0), most ? *most : least.value_or(0)};
    if (marks.most < marks.least) {
      throw UsageError(
          "max-free is less than min-free: packages go where less than min-free is free, until max-free is");
    }
    return marks.least == 0 ? std::nullopt : std::optional(marks);
  } catch (const UsageError& error) {
    context.printer.warning(error.message() + "; nothing is collected");
    return std::nullopt;
  }
}

Json collect(const Context& context, const Store& store) {
  const auto marks = read_marks(context);
  if (!marks) return nullptr;
  const auto [least, most] = *marks;
  const auto done = collect_automatically(store, least, most, context.printer);
  context.printer.finish();
  if (!done) return nullptr;
  const GcResult& result = done->result;
  for (const std::string& warning : result.warnings) context.printer.warning(warning);
  const std::string why = fmt::format("less than {} of the store's disk was free", format_size(least));
  if (result.objects_removed > 0) {
    context.say(fmt::format("{}: removed {} that no environment uses, {}", why,
                            counted(result.packages.size(), "package"), format_size(result.bytes_freed)));
  }
  if (done->in_vain) {
    context.printer.warning(why +
                            ", and still is: `cas gc` says what is kept, `cas list` which environments there are");
  }
  return {{"packages", result.packages.size()},
          {"objects_removed", result.objects_removed},
          {"bytes_freed", result.bytes_freed},
          {"in_vain", done->in_vain}};
}

// Whether anything was given back.
bool make_room(const Context& context) {
  if (!read_marks(context)) return false;
  try {
    GcOptions options;
    options.max_duration = kAutomaticDuration;
    const GcResult result = collect_garbage(context.open_store(), options, context.printer);
    context.printer.finish();
    if (result.objects_removed == 0) return false;
    context.say(fmt::format("the store's disk is full: removed {} that no environment uses, {}; trying again",
                            counted(result.packages.size(), "package"), format_size(result.bytes_freed)));
    return true;
  } catch (const Error&) {
    return false;  // that the disk is full is what has to be said
  }
}

}  // namespace

int run_with_room(const Context& context, int (*run)(const Context&)) {
  try {
    return run(context);
  } catch (const SystemError& error) {
    context.printer.finish();
    if (!error.is(ENOSPC) && !error.is(EDQUOT)) throw;
    if (context.arguments.has("dry-run") || !make_room(context)) throw;
  }
  return run(context);
}

Json collect_if_low(const Context& context, const Store& store) {
  try {
    return collect(context, store);
  } catch (const Error& error) {
    context.printer.warning("collecting because the disk is nearly full: " + error.message());
    return nullptr;
  }
}

}  // namespace cas
