#include "cli/automatic_collection.hpp"

#include <fmt/format.h>

#include <algorithm>
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

Json collect(const Context& context, const Store& store) {
  const std::uint64_t least = read_mark(context, "CAS_MIN_FREE", "min-free").value_or(0);
  if (least == 0) return nullptr;
  const std::uint64_t most = std::max(read_mark(context, "CAS_MAX_FREE", "max-free").value_or(least), least);
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

}  // namespace

Json collect_if_low(const Context& context, const Store& store) {
  try {
    return collect(context, store);
  } catch (const Error& error) {
    context.printer.warning("collecting because the disk is nearly full: " + error.message());
    return nullptr;
  }
}

}  // namespace cas
