// The command lines of `python -m venv` and of virtualenv, translated. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "cli/virtualenv_settings.hpp"
#include "linker/environment.hpp"

namespace cas {

// The options of both, and those of cas that go with them.
[[nodiscard]] std::span<const OptionSpec> venv_option_specs();

// The names of options that virtualenv's settings may stand for.
[[nodiscard]] std::vector<std::string_view> virtualenv_options();

struct VenvRequest {
  CreateOptions options;  // without what is read elsewhere: the ingest options, the kind of base and the threads
  std::vector<std::string> notes;  // about options that mean nothing here: what does the same
};

// What is said on the command line goes before the settings, also where it is another option of the same matter (--pip and
// --no-pip). Throws UsageError for options that exclude each other, and for those that ask for something else than environments.
[[nodiscard]] VenvRequest translate_venv(const Arguments& arguments, const VirtualenvSettings& settings);

}  // namespace cas
