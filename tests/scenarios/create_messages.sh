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

# Wheels that are not there, or do not fit: where was looked, what is near, which interpreter, which tags.
expect_failure --status 1 cas create env --find-links wheels demmo
assert_contains "$OUTPUT" "no wheel of demmo in $PWD/wheels"
assert_contains "$OUTPUT" "did you mean 'demo'?"
cp "$wheel" wheels/other-1.0-cp27-none-win32.whl
expect_failure --status 1 cas create env --find-links wheels other
assert_contains "$OUTPUT" "other-1.0-cp27-none-win32.whl does not fit CPython 3."
assert_contains "$OUTPUT" "it is for cp27-none-win32"
expect_failure --status 1 cas create env wheels/absent.whl
assert_contains "$OUTPUT" "$PWD/wheels/absent.whl: there is no such wheel file"
assert_contains "$OUTPUT" "hint: "
assert_absent env
assert_no_scratch .
