#!/usr/bin/env bash
# `cas list` says what each environment is, what it takes, and which are broken.
. "$(dirname "$0")/lib.sh"
one=$(make_wheel wheels one 1.0 one/__init__.py='x = 1' one/data.txt="$(printf 'data%.0s' {1..9000})")

# A Python of its own, that may be changed: hard links of one of the machine's.
original=''
for candidate in "$cas_test_pyenv"/3.1[0-9]*; do
  cp -al "$candidate" "$CAS_TEST_TMP/original" 2>/dev/null || { rm -rf original && continue; }
  if original/bin/python3 -c 'import sys; sys.exit(sys.prefix != sys.argv[1])' "$CAS_TEST_TMP/original"; then
    original=$CAS_TEST_TMP/original/bin/python3
    break
  fi
  rm -rf original
done
[[ -n $original ]] || skip "no Python of pyenv's that works elsewhere"

for kind in system store standalone; do cas create "e.$kind" -p "$original" --base "$kind" "$one" >/dev/null; done
cas create -n tools -p "$original" >/dev/null

# of ENV FIELD: what the list says of it.
of() {
  cas list --json --sizes | python3 -c '
import json, sys
for environment in json.load(sys.stdin)["environments"]:
    if environment["path"].endswith("/" + sys.argv[1]):
        print(json.dumps(environment[sys.argv[2]]))' "$1" "$2"
}
for kind in system store standalone; do
  assert_eq "$(of "e.$kind" base) $(of "e.$kind" packages) $(of "e.$kind" name)" "\"$kind\" 1 null"
  assert_eq "$(of "e.$kind" base_missing) $(of "e.$kind" interrupted) $(of "e.$kind" outdated)" "false false false"
  du=$(cas du --json "e.$kind")
  assert_eq "$(of "e.$kind" shared_bytes)" "$(json environments.0.shared_bytes <<<"$du")"
  assert_eq "$(of "e.$kind" own_bytes)" "$(json environments.0.freed_by_removal_bytes <<<"$du")"
done
assert_eq "$(of tools name) $(of tools packages)" '"tools" 0'
# Without --sizes: as it was made, from the plan.
about=$(cas list --json)
assert_eq "$(json environments.0.shared_bytes <<<"$about")" "$(cas list --json --sizes | json environments.0.shared_bytes)"
assert_eq "$(json environments.0.measured <<<"$about")" false
(($(json environments.0.own_bytes <<<"$about") > 4096)) || fail "own bytes: $about"
table=$(cas list --sizes)
assert_contains "$(head -n 1 <<<"$table")" "Name"
assert_contains "$table" "Shared"
assert_contains "$(cas list)" "~"
assert_not_contains "$table" "~"

# The original changes: environments over the store's copy work, and are marked; that over the original is not.
touch "$(echo original/lib/python3.*/lib-dynload)/added.so"
for kind in store standalone; do assert_eq "$(of "e.$kind" outdated)" true "$kind"; done
assert_eq "$(of e.system outdated)" false
assert_contains "$(cas list)" "live, outdated"
e.store/bin/python -c 'import one'

# It goes: that over it is broken, and the others are no longer outdated, as nothing newer is there.
mv original away
assert_eq "$(of e.system base_missing)$(of e.store base_missing)$(of e.standalone base_missing)" truefalsefalse
assert_eq "$(of e.store outdated)" false
assert_contains "$(cas list)" "live, interpreter missing"
mv away original
mv "$(find store/python -mindepth 1 -maxdepth 1 -name 'cpython*')" aside
assert_eq "$(of e.system base_missing)$(of e.store base_missing)$(of e.standalone base_missing)" falsetruefalse

# Moved, and interrupted where it cannot be finished.
mv e.standalone elsewhere
assert_eq "$(of e.standalone state) $(of e.standalone own_bytes)" '"moved" null'
expect_failure --status 137 env CAS_FAILPOINT=journal:kill "$CAS_BIN" create e.system -p "$original" "$one" --prompt x
printf 'damaged' >e.system/.cas/journal
said=$(cas list 2>&1)
assert_contains "$said" "cannot be finished"
assert_contains "$said" "live, interrupted"
assert_contains "$said" "half changed" "the new one of a change that cannot be finished"
assert_contains "$said" "e.system/.cas/journal"
assert_contains "$said" "cas doctor --fix"

# Killed in the middle of its removal.
cas create goes "$one" >/dev/null
expect_failure --status 137 env CAS_FAILPOINT=removed-aside:kill "$CAS_BIN" remove goes
assert_eq "$(of goes state)" '"half removed"'
cas gc >/dev/null
assert_not_contains "$(cas list 2>/dev/null)" "half removed"
