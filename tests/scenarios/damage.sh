#!/usr/bin/env bash
# What was changed in place, in the store, in a captured interpreter, or in pyvenv.cfg, is found, named with what mends it, and mended.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel . demo 1.0 'demo/__init__.py=value = 1' '@demo-tool=demo:main')

faults() { # of an environment, one per line
  { cas doctor "$1" --json || true; } | python3 -c '
import json, sys
for finding in json.load(sys.stdin)["environments"][0]["findings"]:
    if finding["fault"]: print(finding["kind"], finding["path"], finding["detail"])'
}
change_in_place() { # FILE: as root would
  chmod u+w "$1"
  echo 'value = 666' >"$1"
  chmod 0444 "$1"
}

# An object: nothing is made of it any more, and adding the wheel again is the remedy that every command names.
cas create env --base system "$wheel" >/dev/null
cas create twin --base system "$wheel" >/dev/null
site=$(echo env/lib/python3*/site-packages)
change_in_place "$site/demo/__init__.py"
for command in 'create new --base system --no-index --find-links . demo' 'clone env new' 'create new --base system --link-mode copy --no-index --find-links . demo'; do
  # shellcheck disable=SC2086
  expect_failure --status 1 cas $command
  assert_contains "$OUTPUT" "cas add demo-1.0-py3-none-any.whl" "$command"
  assert_absent new
done
assert_contains "$(faults env)" "demo 1.0, demo-1.0-py3-none-any.whl"
assert_contains "$(faults env)" "cas add demo-1.0-py3-none-any.whl"
expect_failure --status 1 cas doctor --fix env
assert_contains "$OUTPUT" "could not be put right"
assert_contains "$OUTPUT" "cas add demo-1.0-py3-none-any.whl"
assert_not_contains "$OUTPUT" "put right; now"
expect_failure cas verify
assert_contains "$OUTPUT" 'remedy: `cas repair`, or `cas add demo-1.0-py3-none-any.whl`'
cas add "$wheel" >/dev/null
assert_sound
for one in env twin; do
  cas doctor --fix "$one" >/dev/null 2>&1
  assert_eq "$("$one/bin/python" -c 'import demo; print(demo.value)')" 1
done
cas clone env new >/dev/null
cas remove new env twin >/dev/null

# A seed's wheel is at hand: it comes from the interpreter.
if cas create env --base store --seed >/dev/null 2>&1; then
  change_in_place "$(echo env/lib/python3*/site-packages/pip/__init__.py)"
  cas doctor --fix env >/dev/null 2>&1
  assert_sound
  env/bin/python -m pip --version >/dev/null
  assert_contains "$(cas doctor env)" sound
  cas remove env >/dev/null
fi

# pyvenv.cfg that is none, or another's. Nobody waits for a fifo.
cas create env --base system --prompt mine "$wheel" >/dev/null
damage_configuration() {
  rm -f env/pyvenv.cfg
  case $1 in
    other) printf 'home = /nonexistent\nprompt = mine\n' >env/pyvenv.cfg ;;
    bytes) printf '\377\376\n' >env/pyvenv.cfg ;;
    large) truncate -s 100M env/pyvenv.cfg ;;
    fifo) mkfifo env/pyvenv.cfg ;;
    link) ln -s /etc/hostname env/pyvenv.cfg ;;
  esac
}
for how in other bytes large fifo link; do
  damage_configuration "$how"
  assert_contains "$(faults env)" "edited pyvenv.cfg" "$how"
  timeout 60 "$CAS_BIN" doctor --fix env >report 2>&1 || fail "$how: $(cat report)"
  [[ -f env/pyvenv.cfg && ! -L env/pyvenv.cfg ]] || fail "$how: pyvenv.cfg is no file"
  env/bin/python -c 'import demo'
  [[ $how != other ]] || assert_contains "$(cat env/pyvenv.cfg)" "mine" "the prompt is the user's"
done
cas remove env >/dev/null

# The tree of a captured interpreter.
cas create env --base store "$wheel" >/dev/null
tree=$(readlink -f env/bin/python)
tree=${tree%/bin/*}
name=${tree##*/}
origin=$(cas python add --json "$(readlink -f "$(command -v python3)")" | json python.origin)
os=$(echo "$tree"/lib/python3*/os.py)
rm "$os"
assert_contains "$(faults env)" "missing $os"
assert_contains "$(faults env)" "cas python add $origin"
expect_failure --status 32 cas verify
assert_contains "$OUTPUT" "os.py: is missing"
cas doctor --fix env >/dev/null
env/bin/python -c 'import os'
assert_sound
cp "$os" copy && rm "$os" && { cat copy; echo '# mine'; } >"$os"
assert_contains "$(faults env)" "edited $os"
assert_contains "$(faults env)" "doctor --fix"
cas python add "$origin" >/dev/null
assert_contains "$(cas doctor env)" sound
assert_sound
# In place it is the store's file, too: --fix has nothing to link, foresees that, and is not recommended.
change_in_place "$os"
assert_not_contains "$(faults env)" "doctor --fix"
expect_failure --status 1 cas doctor --fix --dry-run env
assert_contains "$OUTPUT" "os.py: its object"
expect_failure --status 1 cas doctor --fix env
cas python add "$origin" >/dev/null
assert_contains "$(cas doctor env)" sound
assert_sound

# Its record: named, made anew, or taken away.
echo nonsense >"$tree/.cas/interpreter"
assert_contains "$(faults env)" ".cas/interpreter"
expect_failure --status 32 cas verify
assert_contains "$OUTPUT" "$name"
assert_contains "$(cas gc 2>&1)" "cas python add"
cas python add "$origin" >/dev/null
assert_sound
assert_contains "$(cas doctor env)" sound
rm "$tree/.cas/interpreter"
expect_failure cas python remove "$name"
cas python remove --force "$name" >/dev/null
assert_absent "$tree"
