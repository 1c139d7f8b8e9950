#!/usr/bin/env bash
# A standard stream that is closed is nobody else's file: what is said to it does not end up in the index.
. "$(dirname "$0")/lib.sh"

wheel=$(make_wheel . demo 1.0 'demo.py=x = 1')
cas create env "$wheel" >/dev/null
for command in "remove nothing" "create other no-such-package==1 --offline" "gc --json" "verify" "why no-such"; do
  for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&- 2>&-'; do
    { eval "\"\$CAS_BIN\" $command $closed" || true; } >/dev/null 2>&1
    cas verify --contents >/dev/null || fail "after cas $command $closed"
  done
done
assert_sound
