#!/usr/bin/env bash
# pip, inside an environment and from outside, lists, checks, uninstalls and upgrades there, and changes neither the
# store nor any other environment.
. "$(dirname "$0")/lib.sh"
# pip 18.1 (Python 3.6) fails with this set.
unset PIP_NO_CACHE_DIR
old=$(make_wheel old demo 1.0 demo/__init__.py='VERSION = "1.0"' demo/data.txt='same in both' @demo=demo:main)
make_wheel new demo 2.0 demo/__init__.py='VERSION = "2.0"' demo/data.txt='same in both' @demo=demo:main >/dev/null
other=$(make_wheel old other 1.0 other.py='x = 1')

# version ENV: of demo, as its Python sees it.
version() {
  "$1/bin/python" -B -c 'import demo; print(demo.VERSION)'
}

# use_pip ENV COMMAND...: what users do with it; COMMAND is a pip that works on ENV.
use_pip() {
  local env=$1 listed
  shift
  listed=$("$@" list --format=freeze 2>/dev/null)
  assert_contains "$listed" "demo==1.0"
  assert_contains "$listed" "other==1.0"
  "$@" check >/dev/null 2>&1 || fail "pip check in $env"
  "$@" install -q --no-index --find-links new --upgrade demo >"log.$env" 2>&1 || fail "upgrade in $env: $(cat "log.$env")"
  assert_eq "$(version "$env")" 2.0 "after the upgrade in $env"
  "$@" uninstall -q -y demo other >"log.$env" 2>&1 || fail "uninstall in $env: $(cat "log.$env")"
  assert_absent "$env/bin/demo"
  assert_eq "$(find "$env/lib" -path '*/site-packages/*' \( -name 'demo*' -o -name 'other*' \) ! -path '*/pip/*')" '' "left by uninstall in $env"
}

# one_python ENV PYTHON HOW...: HOW is inside, outside, or both.
one_python() {
  local env=$1 python=$2 how=$3 bundled before
  bundled=$("$python" -c 'import ensurepip, glob, os
found = sorted(glob.glob(os.path.dirname(ensurepip.__file__) + "/_bundled/pip-*.whl"))
print(found[-1] if found else "")' 2>/dev/null || true)
  cas create "$env-twin" -p "$python" "$old" "$other" ${bundled:+"$bundled"} >/dev/null
  before=$(tree_sum "$env-twin")

  if [[ -n $bundled ]]; then
    cas create "$env-in" -p "$python" "$old" "$other" "$bundled" >/dev/null
    use_pip "$env-in" "$env-in/bin/pip"
  fi
  if [[ -z $bundled || $how == both ]]; then
    "$python" -m pip --python "$python" --version >/dev/null 2>&1 || return 0
    cas create "$env-out" -p "$python" "$old" "$other" >/dev/null
    use_pip "$env-out" "$python" -m pip --python "$CAS_TEST_TMP/$env-out"
  fi
  assert_eq "$(tree_sum "$env-twin")" "$before" "the other environment of $python"
  assert_eq "$(version "$env-twin")" 1.0
}

tested=0
jobs=()
while read -r python; do
  how=inside
  [[ $python == *3.11* ]] && how=both
  env=env$((++tested))
  one_python "$env" "$python" "$how" &
  jobs+=($!)
  if ((${#jobs[@]} == 3)); then
    wait "${jobs[0]}"
    jobs=("${jobs[@]:1}")
  fi
done < <(pythons 3.6)
((tested > 0)) || skip "no Python from 3.6 on"
for job in "${jobs[@]}"; do wait "$job"; done
assert_sound
# The environments that pip changed can still be changed and removed.
cas create env1-twin "$other" >/dev/null
cas remove env*-* >/dev/null
assert_eq "$(cas gc --json | json objects_kept)" 0
