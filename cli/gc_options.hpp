// Options of collections, for the commands that collect.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "store/gc.hpp"

namespace cas {

inline constexpr std::array kGcPolicyOptions{
    OptionSpec{"dry-run", '\0', {}},       OptionSpec{"max-age", '\0', "AGE"},
    OptionSpec{"max-size", '\0', "SIZE"},  OptionSpec{"min-free", '\0', "SIZE"},
    OptionSpec{"max-free", '\0', "SIZE"},  OptionSpec{"keep-last", '\0', "N"},
    OptionSpec{"max-freed", '\0', "SIZE"}, OptionSpec{"max-duration", '\0', "TIME"},
    OptionSpec{"drop-history", '\0', {}},
};

// Of the options above. Throws UsageError.
[[nodiscard]] GcOptions read_gc_options(const Arguments& arguments);

// What `text` says; `what` is what holds it ("--max-age", "cas.toml:3: min-free"), for the error. Throws UsageError.
[[nodiscard]] std::chrono::seconds read_age(std::string_view what, const std::string& text);
[[nodiscard]] std::uint64_t read_size(std::string_view what, const std::string& text);

}  // namespace cas
