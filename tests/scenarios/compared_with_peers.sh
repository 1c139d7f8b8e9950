#!/usr/bin/env bash
# Environments of every kind are, fact by fact, what `python -m venv` and virtualenv make of the same wheels; what differs on
# purpose stands in compared_with_peers.allowed, and in docs/compared.md with the same names.
#
# CAS_TEST_VIRTUALENV names a virtualenv that is not in PATH; CAS_TEST_PYTHONS (paths, separated by blanks) other interpreters
# than the system's and pyenv's newest.
. "$(dirname "$0")/lib.sh"
here=$cas_root/tests/scenarios
facts() { python3 "$here/environment_facts.py" "$@"; }
virtualenv=${CAS_TEST_VIRTUALENV-$(command -v virtualenv || true)}
[[ -n $virtualenv ]] || printf 'not tested: virtualenv is not installed\n'
unset "${!VIRTUALENV_@}" PIP_NO_CACHE_DIR

assert_eq "$(sed -n 's/^| `\([a-z0-9-]*\)` .*/\1/p' "$cas_root/docs/compared.md" | sort)" \
  "$(sed -n 's/^\[\([a-z0-9-]*\)\].*/\1/p' "$here/compared_with_peers.allowed" | sort)" "groups in docs/compared.md"

make_wheel wheels demo 1.0 demo/__init__.py='VALUE = 1' demo/data.txt=text @demo=demo:main @demo-tool=demo.part:run >/dev/null
make_wheel wheels other_name 2.1 other.py='x = 1' >/dev/null
for file in "$CAS_WHEELS"/six-1*.whl; do [[ ! -f $file ]] || cp "$file" wheels/; done

# seeds_of PYTHON: what its venv installs, as wheels.
seeds_of() {
  "$1" - <<'PYTHON'
import ensurepip, glob, os, sys, sysconfig
folders = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), sysconfig.get_config_var("WHEEL_PKG_DIR") or "/none"]
for name in ("pip", "setuptools")[: 1 if sys.version_info >= (3, 12) else 2]:
    print(sorted(file for folder in folders for file in glob.glob("%s/%s-*.whl" % (folder, name)))[-1])
PYTHON
}

# One, for it takes half a minute: others by CAS_TEST_PYTHONS.
pythons_here() {
  if [[ -x /usr/bin/python3 ]]; then
    echo /usr/bin/python3
  else
    find "$cas_test_pyenv" -maxdepth 1 -name '3.*' -printf '%p/bin/python3\n' 2>/dev/null | sort -V | tail -n 1
  fi
}

differ=0
number=0
for python in ${CAS_TEST_PYTHONS:-$(pythons_here)}; do
  "$python" -c 'import venv, ensurepip' 2>/dev/null || continue
  number=$((number + 1))
  base=$("$python" -c 'import sys; print(sys.base_prefix)')
  echo "# $python"
  peers=()
  "$python" -m venv "venv$number" >log 2>&1 || fail "$python -m venv: $(cat log)"
  "venv$number/bin/pip" install -q --no-index --no-deps wheels/*.whl >log 2>&1 || fail "pip with $python: $(cat log)"
  facts collect "venv$number" "$base" >"venv.json"
  peers+=(venv)
  if [[ -n $virtualenv ]] && "$virtualenv" -q --no-seed -p "$python" "virtualenv$number" 2>log; then
    mapfile -t seeds < <(seeds_of "$python")
    mkdir "seeds$number" && cp "${seeds[@]}" "seeds$number"
    # pip runs from its own wheel.
    "virtualenv$number/bin/python" "${seeds[0]}/pip" install -q --no-index --no-deps wheels/*.whl >log 2>&1 &&
      "virtualenv$number/bin/python" "${seeds[0]}/pip" install -q --no-index --find-links "seeds$number" \
        pip ${seeds[1]:+setuptools} >log 2>&1 || fail "pip with $python: $(cat log)"
    facts collect "virtualenv$number" "$base" >"virtualenv.json"
    peers+=(virtualenv)
  elif [[ -n $virtualenv ]]; then
    printf 'not tested: virtualenv with %s: %s\n' "$python" "$(tail -n 1 log)"
  fi
  for kind in store system standalone; do
    cas create "$kind$number" --base "$kind" --seed -p "$python" wheels/*.whl >/dev/null
    own_base=$("$kind$number/bin/python" -c 'import sys; print(sys.base_prefix)')
    facts collect "$kind$number" "$own_base" >"$kind.json"
    for peer in "${peers[@]}"; do
      facts compare "$here/compared_with_peers.allowed" "$peer" "$kind" "$peer.json" "$kind.json" || differ=1
    done
  done
done
((number > 0)) || skip "no Python with venv"
((differ == 0)) || fail "differences that nobody meant: see above"
