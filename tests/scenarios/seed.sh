#!/usr/bin/env bash
# Seeded environments have what `python -m venv` puts there, pip works in them, and the second one costs links alone.
. "$(dirname "$0")/lib.sh"
unset PIP_NO_CACHE_DIR  # pip 18.1 (Python 3.6) fails with it
old=$(make_wheel old demo 1.0 demo.py='VERSION = "1.0"' @demo=demo:main)
make_wheel new demo 2.0 demo.py='VERSION = "2.0"' @demo=demo:main >/dev/null

# programs ENV: names in bin, without activation scripts and Python's own, which are tested elsewhere.
programs() {
  find "$1/bin" -mindepth 1 ! -iname 'activate*' ! -name 'python*' -printf '%f\n' | sort
}

# field NAME: of the environment in the --json document $made.
field() {
  json "environments.0.$1" <<<"$made"
}

one_python() {
  local env=$1 python=$2 listed
  "$python" -m venv "$env-venv" 2>/dev/null || return 0
  cas venv "$env" -p "$python" >/dev/null
  assert_eq "$(programs "$env")" "$(programs "$env-venv")" "programs for $python"
  assert_eq "$("$env/bin/python" -B -m pip list --format=freeze 2>/dev/null)" \
    "$("$env-venv/bin/python" -B -m pip list --format=freeze 2>/dev/null)" "pip list for $python"
  for program in $(programs "$env"); do
    assert_eq "$("$env/bin/$program" --version | sed "s:$env/:ENV/:")" \
      "$("$env-venv/bin/$program" --version | sed "s:$env-venv/:ENV/:")" "$program --version for $python"
  done

  # Again: nothing is read, compiled or planned.
  made=$(cas venv "$env-twin" -p "$python" --json)
  assert_eq "$(field plan_reused) $(field bytecode.compiled)" "true 0" "the second environment of $python"
  assert_eq "$(field wheels | python3 -c 'import json, sys
print(sorted({(w["status"], w["new_files"]) for w in json.load(sys.stdin)}))')" "[('already', 0)]" "wheels of $python"
  assert_eq "$(field packages | python3 -c 'import json, sys
print({p["requested"] for p in json.load(sys.stdin)})')" "{False}" "requested, of $python"
  before=$(tree_sum "$env-twin")

  # pip works from inside: install, upgrade, check, uninstall, itself too.
  "$env/bin/pip" install -q --no-index "$old" 2>log || fail "install with $python: $(cat log)"
  "$env/bin/pip" install -q --no-index --find-links new --upgrade demo 2>log || fail "upgrade with $python: $(cat log)"
  assert_eq "$("$env/bin/python" -B -c 'import demo; print(demo.VERSION)')" 2.0 "after the upgrade with $python"
  "$env/bin/pip" check >/dev/null 2>&1 || fail "pip check with $python"
  "$env/bin/pip" uninstall -q -y demo 2>log || fail "uninstall with $python: $(cat log)"
  assert_absent "$env/bin/demo"
  "$env/bin/pip" uninstall -q -y pip >log 2>&1 || fail "uninstall of pip with $python: $(cat log)"
  assert_eq "$(find "$env/bin" -name 'pip*')" '' "pip's scripts after its removal, of $python"
  assert_eq "$(tree_sum "$env-twin")" "$before" "the other environment of $python"
  # Made again in place, it is back.
  cas venv "$env" -p "$python" >/dev/null
  assert_eq "$("$env/bin/pip" --version | sed "s:$env/::")" "$("$env-twin/bin/pip" --version | sed "s:$env-twin/::")"
}

tested=0
while read -r python; do
  one_python "env$((++tested))" "$python"
done < <(few_pythons 3.6)
((tested > 0)) || skip "no Python from 3.6 on"

# An empty environment, pip or nothing: create and venv have different defaults.
cas create bare >/dev/null
assert_eq "$(programs bare)" ''
cas create seeded --seed >/dev/null
[[ -x seeded/bin/pip ]] || fail "cas create --seed"
cas venv without --without-pip >/dev/null
assert_eq "$(programs without)" ''
# What the user names goes before what is seeded.
mine=$(make_wheel mine pip 99.0 pip/__init__.py='mine = 1' @pip=pip:main)
cas create named --seed "$mine" --json > named.json
assert_contains "$(json packages < named.json)" '"version": "99.0"'
assert_eq "$(named/bin/python -B -c 'import pip; print(pip.mine)')" 1
assert_contains "$(json packages < named.json | tr '}' '\n' | grep '"pip"')" '"requested": true'
# As the Python's own venv has it, also where a folder has a newer one, unless the newest is asked for.
assert_not_contains "$(cas create own --seed --find-links mine --json | json packages)" '"version": "99.0"'
assert_contains "$(cas create own --upgrade-deps --find-links mine --json | json packages)" '"version": "99.0"'
# virtualenv's way. A folder's wheel, if it is newer; a version; the interpreter's own; versions in the store when the file has gone.
made=$(cas venv folder --extra-search-dir mine --json)
assert_contains "$(field packages)" '"version": "99.0"'
made=$(cas venv bundle --extra-search-dir mine --pip embed --json)
assert_not_contains "$(field packages)" '"version": "99.0"'
rm "$mine"
made=$(cas venv stored --pip 99.0 --json)
assert_contains "$(field packages)" '"version": "99.0"'
assert_eq "$(field seeded | json 0.wheel)" ''
expect_failure --status 1 cas venv absent --pip 1.2.3
assert_contains "$OUTPUT" "pip==1.2.3"
assert_contains "$OUTPUT" "ensurepip"
assert_contains "$OUTPUT" "--no-pip"
assert_absent absent
# The newest at hand, in place.
cas venv bundle --upgrade-deps >/dev/null 2>&1
assert_eq "$(bundle/bin/python -B -c 'import pip; print(pip.mine)')" 1
# Every kind of base.
for base in store standalone; do
  cas venv "base-$base" --base "$base" >/dev/null
  assert_contains "$("base-$base/bin/pip" --version)" "base-$base"
done
assert_sound
