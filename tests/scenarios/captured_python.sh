#!/usr/bin/env bash
# Environments own their Python: every interpreter of the machine, captured, in every kind of environment and link mode, runs,
# finds itself, builds extension modules and makes further environments when the original is gone.
. "$(dirname "$0")/lib.sh"
unset CAS_BASE PYTHONDONTWRITEBYTECODE

cat > module.c <<'C'
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *args) { (void)self; (void)args; return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "module", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_module(void) { return PyModule_Create(&module); }
C
cat > build.py <<'PYTHON'
import os, shlex, subprocess, sys, sysconfig
paths, suffix = sysconfig.get_paths(), sysconfig.get_config_var("EXT_SUFFIX")
out = sys.argv[1]
os.makedirs(out)
command = shlex.split(sysconfig.get_config_var("LDSHARED")) + [
    "-fPIC", "-I" + paths["include"], "-I" + paths["platinclude"], "module.c", "-o", os.path.join(out, "module" + suffix)]
subprocess.check_call(command)
sys.path.insert(0, out)
import module
print(module.answer(), sys.argv[2] in " ".join(command))
PYTHON
cat > look.py <<'PYTHON'
import ctypes, hashlib, json, lzma, os, site, sqlite3, ssl, sys, sysconfig, zlib
site_packages = sysconfig.get_paths()["purelib"]
print(json.dumps({
    "prefix": sys.prefix, "base": sys.base_prefix, "site": site_packages in sys.path and site_packages.startswith(sys.prefix),
    "user": bool(site.ENABLE_USER_SITE), "old": [p for p in sys.path[1:] if p and not p.startswith((sys.prefix, sys.base_prefix))]}))
PYTHON
make_wheel . demo 1.0 'demo/__init__.py=value = 1' '@demo-tool=demo:main' >/dev/null
have_headers() { [[ -n $(compgen -G "$1/include/python*/Python.h") ]]; }

originals=()
number=0
while read -r python; do
  number=$((number + 1))
  newest=$python
  base=$("$python" -c 'import sys; print(sys.base_prefix)')
  originals+=("$("$python" -c 'import os; print(os.path.dirname(os.__file__))')")
  first=$(cas create "kept$number" -p "$python" demo-1.0-py3-none-any.whl --json)
  [[ $(json python.base <<< "$first") == store ]] || fail "$python: $first"
  for mode in hardlink copy; do
    for kind in store system standalone; do
      env=$PWD/env$number-$kind-$mode
      cas create "$env" -p "$python" --base "$kind" --link-mode "$mode" demo-1.0-py3-none-any.whl >/dev/null
      told=$("$env/bin/python" look.py)
      assert_eq "$(json prefix <<< "$told")" "$env" "$python, $kind: sys.prefix"
      case $kind in
        store) assert_contains "$(json base <<< "$told")" "$CAS_STORE/python/cpython-" ;;
        system) assert_eq "$(json base <<< "$told")" "$base" ;;
        standalone) assert_eq "$(json base <<< "$told")" "$env" && assert_eq "$(json old <<< "$told")" '[]' ;;
      esac
      assert_eq "$(json site <<< "$told")" true "$python, $kind: packages are found"
      assert_eq "$(json user <<< "$told")" false "$python, $kind: user site"
      assert_eq "$("$env/bin/python" -c 'import demo; print(demo.value)')" 1
      if [[ $kind == standalone ]]; then
        mv "$env" "$env-moved"
        assert_eq "$("$env-moved/bin/python" -c 'import demo, sys; print(demo.value, sys.prefix)')" "1 $env-moved"
        # Linked bytecode is years old.
        written=$(find "$env-moved" "$CAS_STORE/python" -name '*.pyc' -newer build.py)
        [[ -z $written ]] || fail "$python: bytecode was written: $written"
        cas remove "$env-moved" >/dev/null
      else
        cas remove "$env" >/dev/null
      fi
    done
  done
done < <(pythons 3.6)
((number > 0)) || skip "no Python here"
cas create alone -p "$newest" --standalone demo-1.0-py3-none-any.whl >/dev/null
assert_sound --contents

# The day of the upgrade: what was captured is gone.
if ! own_mounts; then
  printf 'not tested: originals that are gone (no mount namespace)\n'
  exit 0
fi
mkdir nothing
for original in "${originals[@]}"; do mount --bind nothing "$original"; done
for env in kept* alone; do
  base=$("$PWD/$env/bin/python" -c 'import sys; print(sys.base_prefix)')
  assert_eq "$("$PWD/$env/bin/python" -c 'import demo, sysconfig; print(demo.value)')" 1 "$env without its original"
  if command -v cc >/dev/null && have_headers "$base"; then
    assert_eq "$("$PWD/$env/bin/python" build.py "built-$env" "$base")" "42 True" "$env builds extension modules"
  else
    printf 'not tested: building a module in %s (no compiler, or no headers)\n' "$env"
  fi
done
version=$(kept1/bin/python -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
cas create later -p "$version" demo-1.0-py3-none-any.whl >/dev/null
assert_eq "$(later/bin/python -c 'import demo; print(demo.value)')" 1 "a new environment over a captured Python"
cas gc >/dev/null
assert_eq "$(kept1/bin/python -c 'import demo; print(demo.value)')" 1 "after a collection"
assert_sound --contents
