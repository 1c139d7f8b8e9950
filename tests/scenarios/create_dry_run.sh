#!/usr/bin/env bash
# --dry-run of `cas create` and `cas venv` says what would happen, and nothing is written.
. "$(dirname "$0")/lib.sh"
one=$(make_wheel wheels one 1.0 one.py='x = 1')
two=$(make_wheel wheels two 2.0 two.py='x = 2')

# Without a store: none is made, here or elsewhere.
mkdir tmp
said=$(TMPDIR=$PWD/tmp cas create env "$one" --find-links wheels two --dry-run)
assert_contains "$said" "would be new in it: one 1.0, two 2.0"
assert_contains "$said" "would create $PWD/env: Python 3."
assert_absent env
assert_absent "$CAS_STORE"
assert_eq "$(ls tmp)" ''

cas create env "$one" --base system >/dev/null
before=$(tree_sum env)
objects=$(cas store info --json | json objects)
# A bare `cas create ENV` drops what is there, and says so.
said=$(cas create env --dry-run)
assert_contains "$said" "would no longer be in it: one 1.0"
assert_contains "$said" "would change $PWD/env"
made=$(cas create env --allow-existing "$two" --dry-run --json)
assert_eq "$(json dry_run <<<"$made") $(json added <<<"$made") $(json dropped <<<"$made") $(json files <<<"$made")" \
  'true ["two 2.0"] [] '
assert_contains "$(cas venv env --clear --without-pip --dry-run)" "would replace $PWD/env"
assert_contains "$(cas venv env --clear --without-pip --dry-run)" "would no longer be in it: one 1.0"
made=$(cas venv env other --dry-run --json)
assert_eq "$(json environments.0.changed <<<"$made") $(json environments.1.changed <<<"$made")" "true false"
assert_contains "$(json environments.1.seeded <<<"$made")" pip
assert_absent other
assert_contains "$(cas create other --base store --dry-run)" "would capture CPython"
assert_absent "$CAS_STORE/python"
# What is refused is refused.
expect_failure --status 1 cas create other "$PWD/wheels/absent.whl" --dry-run
mkdir theirs
touch theirs/pyvenv.cfg
expect_failure --status 2 cas create theirs --dry-run
assert_eq "$(tree_sum env)" "$before"
assert_eq "$(cas store info --json | json objects)" "$objects" "nothing came into the store"
# What was said comes true.
assert_eq "$(cas create env "$two" --json | json dropped)" '["one 1.0"]'
assert_sound
