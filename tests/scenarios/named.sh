#!/usr/bin/env bash
# Environments that have a name instead of a path, and when an environment counts as used.
. "$(dirname "$0")/lib.sh"
one=$(make_wheel wheels one 1.0 one.py='x = 1' @one=one:main)
two=$(make_wheel wheels two 1.0 two.py='y = 1')
envs=$CAS_TEST_TMP/store-envs

cas create -n tools "$one" >/dev/null
assert_exists "$envs/tools/bin/one"
assert_same_inode "$envs/tools/.cas/anchor" store/roots/* "beside the store, so links work"
assert_eq "$(cas run tools python -c 'import one; print(one.x)')" 1
assert_eq "$(cas show --json tools | json environment.path)" "$envs/tools"
assert_eq "$(cas du --json tools | json environments.0.path)" "$envs/tools"
cas create --name tools "$two" >/dev/null
assert_eq "$(cas run tools python -c 'import two; print(two.y)')" 1 "it was changed in place"

# -n stands where the path would, also for the commands that need what is there, and never means a path.
cas create ./tools "$one" >/dev/null
assert_eq "$(cas run -n tools python -c 'import two; print(two.y)')" 1
assert_eq "$(cas run --name=tools -- python -c 'import sys; print(sys.argv[1:])' -n x)" "['-n', 'x']"
assert_eq "$(cas show --json -n tools | json environment.path)" "$envs/tools"
assert_eq "$(cas du --json -n tools | json environments.0.path)" "$envs/tools"
assert_eq "$(cas freeze -n tools | sed 's/ @.*//')" two
assert_contains "$(cas tree -n tools)" "two"
assert_contains "$(cas why -n tools two)" "two"
assert_contains "$(cas export -n tools)" "two"
cas install -n tools "$one" >/dev/null
assert_eq "$(cas freeze -n tools | sed 's/ @.*//' | tr '\n' ' ')" "one two "
cas uninstall -n tools one >/dev/null
assert_eq "$(cas freeze -n tools | sed 's/ @.*//')" two
cas rollback -n tools >/dev/null
assert_eq "$(cas freeze -n tools | sed 's/ @.*//' | tr '\n' ' ')" "one two "
assert_contains "$(cas history -n tools)" "uninstall"
for command in check doctor; do cas $command -n tools >/dev/null; done
cas upgrade -n tools --dry-run >/dev/null
echo 'echo $VIRTUAL_ENV' | SHELL=/bin/sh cas shell -n tools >out 2>/dev/null
assert_eq "$(cas remove -n tools --dry-run --json | json environments.0.path)" "$envs/tools"
expect_failure --status 125 cas run -n nosuch true
assert_contains "$OUTPUT" "nosuch"
expect_failure --status 2 cas freeze -n a/b
expect_failure --status 1 cas freeze -n nosuch
expect_failure --status 2 cas freeze ./tools -n tools
cas remove ./tools >/dev/null
cas create -n tools "$two" >/dev/null

# With -n every other word is a package, and that is said where it was perhaps not meant.
mkdir empty
for word in my_env ./my/env my-env; do
  expect_failure cas create "$word" -n other --no-index --find-links empty
  assert_contains "$OUTPUT" "$word is taken for a package, because --name says where the environment is" "$word"
  assert_absent "$envs/other"
done
expect_failure cas create nosuch --no-index --find-links empty nosuch
assert_not_contains "$OUTPUT" "taken for a package"
expect_failure cas create "$two" nosuch -n other --no-index --find-links empty
assert_not_contains "$OUTPUT" "taken for a package"

# What lies here goes before; with a slash it is always a path.
cas create tools "$one" >/dev/null
assert_eq "$(cas run tools python -c 'import one; print(one.x)')" 1
assert_eq "$(cas show --json tools | json environment.path)" "$CAS_TEST_TMP/tools"
cas remove ./tools >/dev/null
expect_failure --status 1 cas remove ./tools
cas remove --dry-run tools >/dev/null
assert_exists "$envs/tools"
cas remove tools >/dev/null
assert_absent "$envs/tools"
expect_failure --status 1 cas remove tools
assert_contains "$OUTPUT" "there is neither an environment $CAS_TEST_TMP/"
assert_contains "$OUTPUT" "nor one named 'tools' in $CAS_STORE-envs"
expect_failure --status 125 cas run tools true

# Another place.
CAS_ENVS=$CAS_TEST_TMP/elsewhere cas create -n there "$one" >/dev/null
assert_exists elsewhere/there/pyvenv.cfg
CAS_ENVS=elsewhere cas run there true
expect_failure --status 125 cas run there true
expect_failure --status 2 env CAS_ENVS="$CAS_STORE/envs" "$CAS_BIN" create -n inside "$one"
assert_contains "$OUTPUT" "lies in the store"

for name in '' . .. a/b .hidden -x a:b $'a\nb'; do
  expect_failure --status 2 cas create --name="$name" "$one"
done

# Used: by `cas run` and `cas shell`, which open no store, and not by looking at it.
used() {
  stat -c %Y elsewhere/there/.cas/anchor
}
touch -d 2020-01-01 elsewhere/there/.cas/anchor
old=$(used)
cas list >/dev/null
cas show elsewhere/there >/dev/null
cas du >/dev/null
assert_eq "$(used)" "$old"
assert_eq "$(cas list --json | json environments.0.used | cut -c1-4)" 2020
cas run elsewhere/there true
[[ $(used) -gt $old ]] || fail "cas run did not count as use"
assert_not_contains "$(cas list --json | json environments.0.used)" 2020
touch -d 2020-01-01 elsewhere/there/.cas/anchor
SHELL=/bin/sh cas shell elsewhere/there </dev/null >/dev/null 2>&1
[[ $(used) -gt $old ]] || fail "cas shell did not count as use"
# Another tool's has no anchor, and gets none.
python3 -m venv --without-pip foreign
cas run foreign true
assert_absent foreign/.cas

# Neither a path nor a name: both places are said.
for arguments in 'run nosuch true' 'clone nosuch new' 'move nosuch new' 'move nosuch' 'rename nosuch new' 'shell nosuch'; do
  # shellcheck disable=SC2086
  expect_failure cas $arguments
  assert_contains "$OUTPUT" "neither an environment $PWD/nosuch nor one named 'nosuch' in "
done
expect_failure --status 2 cas run --json nosuch true
assert_contains "$OUTPUT" "no --json"
