#!/usr/bin/env bash
# Errors of `cas create` and `cas venv` name what was tried and what to do.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1')

# A place where nothing can be made: the environment is named, not where it would have been assembled.
expect_failure --status 1 cas create /proc/x
assert_contains "$OUTPUT" "making the environment /proc/x"
assert_contains "$OUTPUT" "hint: no directory can be made in /proc"
assert_not_contains "$OUTPUT" ".cas-"
expect_failure --status 1 cas create /proc/x/y
assert_contains "$OUTPUT" "making the environment /proc/x/y"
# Another tool's environment.
mkdir theirs
printf 'home = /usr/bin\n' > theirs/pyvenv.cfg
expect_failure --status 2 cas create theirs
assert_contains "$OUTPUT" "--clear"
