#!/usr/bin/env bash
# Broken and hostile wheels are refused by name of the member, and leave the store as it was; wheels for other
# interpreters are refused with the reason.
. "$(dirname "$0")/lib.sh"
good=$(make_wheel wheels good 1.0 good.py='x = 1')
cas add "$good" >/dev/null
python3 "$cas_root/tests/scenarios/hostile_wheels.py" hostile > expected

# What `cas store info` says about contents.
state() {
  cas store info --json | python3 -c '
import json, sys
info = json.load(sys.stdin)
print([info[key] for key in ("objects", "object_bytes", "packages", "artifact_bytes", "environments")])'
}
before=$(state)
count=0
while IFS=$'\t' read -r file message; do
  expect_failure --status 1 cas add "hostile/$file"
  assert_contains "$OUTPUT" "$file" "which wheel"
  assert_contains "$OUTPUT" "$message" "message for $file"
  assert_eq "$(state)" "$before" "the store after $file"
  expect_failure --status 1 cas create env "$good" "hostile/$file"
  assert_absent env
  count=$((count + 1))
done < expected
((count >= 10)) || fail "only $count hostile wheels were made"
assert_no_scratch .
assert_absent ../escape.py
cas verify >/dev/null
assert_eq "$(cas verify --json | json orphans)" 0
assert_sound

# A broken one among good ones: the others are added, and the status tells.
other=$(make_wheel wheels other 1.0 other.py='x = 2')
expect_failure --status 1 cas add "$other" hostile/dotdot-1.0-py3-none-any.whl
assert_eq "$(cas show --json other | json packages.0.version)" 1.0
refused=$(cas add --json "$other" hostile/dotdot-1.0-py3-none-any.whl 2>/dev/null || true)
assert_eq "$(json refused <<<"$refused") $(json already <<<"$refused") $(json wheels.1.error.kind <<<"$refused")" "1 1 invalid"

for pair in windows:win_amd64 ancient:cp27 future:99.1; do
  expect_failure --status 1 cas create env hostile/"${pair%:*}"-*.whl
  assert_contains "$OUTPUT" "${pair%:*}"
  assert_contains "$OUTPUT" "${pair#*:}" "the reason"
  assert_absent env
done
assert_sound
