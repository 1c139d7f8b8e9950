#!/usr/bin/env bash
# An environment looks to Python as one of its own `python -m venv` does.
. "$(dirname "$0")/lib.sh"
cat > probe.py <<'PYTHON'
import json, os, site, sys, sysconfig
def seen(path):
    return path.replace(os.environ["ENV"], "ENV") if isinstance(path, str) else path
print(json.dumps({
    "prefix": [seen(p) for p in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)],
    "executable": seen(sys.executable),
    "base": seen(getattr(sys, "_base_executable", None)) if sys.version_info >= (3, 8) else None,
    "site": [seen(p) for p in site.getsitepackages()],
    "user": site.ENABLE_USER_SITE,
    "path": [seen(p) for p in sys.path[1:]],
    "sysconfig": {k: seen(v) for k, v in sysconfig.get_paths().items()},
}, sort_keys=True, indent=1))
PYTHON

keys() {
  cut -d= -f1 "$1/pyvenv.cfg" | tr -d ' ' | grep -vx -e cas -e command -e executable -e implementation | sort
}

tested=0
while read -r python; do
  "$python" -m venv --help >/dev/null 2>&1 || continue
  tested=$((tested + 1))
  theirs=$CAS_TEST_TMP/venv$tested
  ours=$CAS_TEST_TMP/cas$tested
  "$python" -m venv --without-pip "$theirs"
  cas create "$ours" -p "$python" >/dev/null
  assert_eq "$(keys "$ours")" "$(keys "$theirs")" "keys of pyvenv.cfg for $python"
  assert_eq "$(sed -n 's/^home *= *//p' "$ours/pyvenv.cfg" | xargs realpath)" \
    "$(sed -n 's/^home *= *//p' "$theirs/pyvenv.cfg" | xargs realpath)" "home for $python"
  assert_eq "$(sed -n 's/^version *= *//p' "$ours/pyvenv.cfg")" "$(sed -n 's/^version *= *//p' "$theirs/pyvenv.cfg")"
  names=$(cd "$theirs/bin" && find . -name 'python*' | sort)
  for name in $names; do assert_exists "$ours/bin/$name"; done
  assert_eq "$(readlink "$ours/lib64")" "$(readlink "$theirs/lib64")" "lib64 for $python"
  assert_eq "$(cd "$ours" && find lib include -type d | sort)" \
    "$(cd "$theirs" && find lib include -type d | sort)" \
    "directories for $python"
  assert_eq "$(ENV=$ours "$ours/bin/python" probe.py)" "$(ENV=$theirs "$theirs/bin/python" probe.py)" \
    "what $python sees"
done < <(pythons 3.6)
((tested > 0)) || skip "no Python with venv"
