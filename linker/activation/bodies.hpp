// The constant parts of the activation scripts, one per file of the language's name. For activation.cpp only.
// Each says which variables the head in front of it sets.
#pragma once

#include <string_view>

namespace cas {

extern const std::string_view kPosixBody;       // _cas_made_at, _cas_prompt
extern const std::string_view kFishBody;        // _cas_prompt
extern const std::string_view kCshBody;         // _cas_made_at, _cas_prompt
extern const std::string_view kPowerShellBody;  // $CasPrompt
extern const std::string_view kNushellBody;     // cas_prompt
extern const std::string_view kXonshBody;       // _cas_prompt
extern const std::string_view kPythonBody;      // _cas_prompt, _cas_site_packages

}  // namespace cas
