// What of an environment names the place where it lies, and has to follow when that is another: heads of scripts, the RECORDs
// that list them, pyvenv.cfg, activation scripts. Of cas's own and of what pip installed there.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

struct RelocatedFile {
  std::string path;  // relative to the environment
  std::string text;
  mode_t mode = 0;
};

// `environment`: the open directory, of which `anchor` is; `former`: where it, or what it was copied from, has been, absolute; `now`:
// where it is to be. What it wrote for cas's own packages is what a new environment there would have; other scripts keep all but
// the interpreter's path. Scripts larger than 1 MiB, edited activation scripts, and whatever is no regular file are left out.
[[nodiscard]] std::vector<RelocatedFile> relocated_files(const Store& store, int environment, const Anchor& anchor,
                                                         const std::vector<std::string>& former,
                                                         const std::string& now);

}  // namespace cas
