#!/usr/bin/env bash
# `cas shell` starts every shell with the environment active after the user's start-up files, and ends with its status.
. "$(dirname "$0")/lib.sh"
mkdir "$HOME/tmp"
cas create "$CAS_TEST_TMP/an 'odd' env" >/dev/null
python3 "$cas_root/tests/scenarios/shell.py" "an 'odd' env" || fail "see above"

cas create env >/dev/null
# Without a terminal, too, and with a status.
assert_eq "$(echo 'echo "$VIRTUAL_ENV"' | SHELL=/bin/bash cas shell env 2>/dev/null | tail -n 1)" "$CAS_TEST_TMP/env"
# Not twice the same, but another.
expect_failure --status 125 cas run env "$CAS_BIN" shell env
assert_contains "$OUTPUT" "env is active in this shell already"
assert_eq "$(echo 'echo "$VIRTUAL_ENV"; exit' | cas run "an 'odd' env" "$CAS_BIN" shell env --shell bash 2>/dev/null | tail -n 1)" \
  "$CAS_TEST_TMP/env"
expect_failure --status 125 cas shell env --shell /usr/bin/python3
assert_contains "$OUTPUT" "does not know how to activate"
expect_failure --status 127 cas shell env --shell /no/such/zsh
expect_failure --status 125 cas shell missing
rm env/bin/activate.fish
expect_failure --status 125 cas shell env --shell fish
assert_contains "$OUTPUT" "no activation script for fish"
expect_failure --status 2 cas shell
expect_failure --status 2 cas shell env ls
TMPDIR=$HOME/tmp expect_failure --status 127 cas shell env --shell /no/such/zsh
assert_eq "$(find "$HOME/tmp" -name 'cas-*')" ''
