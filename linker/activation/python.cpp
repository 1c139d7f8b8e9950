#include "linker/activation/bodies.hpp"

namespace cas {

// For programs that embed a Python, or that cannot be started by the environment's own. For every Python from 2.7 on.
const std::string_view kPythonBody = R"cas(

def _cas_activate(here, prompt, site_packages):
    import os
    import site
    import sys

    bin_directory = os.path.dirname(os.path.abspath(here))
    root = os.path.dirname(bin_directory)
    if not isinstance(prompt, str):  # Python 2
        prompt = prompt.encode("utf-8")

    path = os.environ.get("PATH", "").split(os.pathsep)
    if path[0] != bin_directory:
        os.environ["PATH"] = os.pathsep.join([bin_directory] + [entry for entry in path if entry])
    os.environ["VIRTUAL_ENV"] = root
    os.environ["VIRTUAL_ENV_PROMPT"] = prompt or os.path.basename(root)
    os.environ.pop("PYTHONHOME", None)

    # Its packages, and what their .pth files add, before those of the program.
    before = list(sys.path)
    site.addsitedir(os.path.join(root, *site_packages.split("/")))
    added = [entry for entry in sys.path if entry not in before]
    sys.path[:] = added + [entry for entry in sys.path if entry not in added]

    if sys.prefix != root:
        sys.real_prefix = sys.prefix
    sys.prefix = sys.exec_prefix = root


try:
    __file__
except NameError:
    raise RuntimeError("activate_this.py: run it with its path: exec(open(path).read(), {'__file__': path})")
_cas_activate(__file__, _cas_prompt, _cas_site_packages)
del _cas_activate, _cas_prompt, _cas_site_packages
)cas";

}  // namespace cas
