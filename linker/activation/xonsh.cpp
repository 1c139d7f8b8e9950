#include "linker/activation/bodies.hpp"

namespace cas {

// Pure Python but for the names that xonsh gives: `source ENV/bin/activate.xsh`.
const std::string_view kXonshBody = R"cas(
def _cas_activate(here, prompt):
    import os
    from xonsh.built_ins import XSH

    environment, aliases = XSH.env, XSH.aliases
    root = os.path.dirname(os.path.dirname(os.path.abspath(here)))
    if not os.path.isfile(os.path.join(root, "pyvenv.cfg")):
        raise RuntimeError("activate.xsh: there is no environment at " + root)
    if os.pathsep in root:
        raise RuntimeError("activate.xsh: " + root + ": a directory with a colon in its name cannot stand in PATH")

    leave = XSH.ctx.get("_cas_deactivate")
    if leave is not None:
        leave()

    fields = environment.get("PROMPT_FIELDS", {})
    kept = {name: environment[name] for name in ("PATH", "PYTHONHOME") if name in environment}
    if "PATH" in kept:
        kept["PATH"] = list(kept["PATH"])
    old_field = fields.get("env_name")
    own_pydoc = "pydoc" not in aliases

    def show_name():
        return "" if environment.get("VIRTUAL_ENV_DISABLE_PROMPT") else "(" + environment.get("VIRTUAL_ENV_PROMPT", "") + ") "

    def deactivate(args=(), stdin=None, stdout=None, stderr=None):
        environment.update(kept)
        if fields.get("env_name") is show_name:
            fields["env_name"] = old_field
        for name in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
            environment.pop(name, None)
        for name in ("deactivate", "pydoc") if own_pydoc else ("deactivate",):
            aliases.pop(name, None)
        XSH.ctx.pop("_cas_deactivate", None)

    environment["VIRTUAL_ENV"] = root
    environment["VIRTUAL_ENV_PROMPT"] = prompt or os.path.basename(root)
    environment["PATH"] = [os.path.join(root, "bin")] + kept.get("PATH", [])
    environment.pop("PYTHONHOME", None)
    # The field of xonsh's own prompt, which would show VIRTUAL_ENV_PROMPT without brackets and blank.
    if old_field is not None:
        fields["env_name"] = show_name
    aliases["deactivate"] = deactivate
    if own_pydoc:
        aliases["pydoc"] = ["python", "-m", "pydoc"]
    XSH.ctx["_cas_deactivate"] = deactivate


_cas_activate(__file__, _cas_prompt)
del _cas_activate, _cas_prompt
)cas";

}  // namespace cas
