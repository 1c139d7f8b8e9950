#!/usr/bin/env bash
# To another filesystem an environment is moved with everything in it, and killed in between it is complete at one place at least.
. "$(dirname "$0")/lib.sh"
with_loop_fs ext4 100M
other=$REPLY
one=$(make_wheel wheels one 1.0 one/__init__.py='def main(): print("one runs")' one/data.txt=data @one=one:main)
cas create env --prompt given --system-site-packages "$one" >/dev/null
site=$(cd env && echo lib/python3*/site-packages)
printf 'mine\n' >env/note
mkdir env/notes && printf "plan\n" >env/notes/plan
rm "env/$site/one/data.txt"
expect_failure --status 137 env CAS_FAILPOINT=staged:kill "$CAS_BIN" move env "$other/env"
assert_eq "$(env/bin/one)" "one runs"
cas gc >/dev/null
assert_no_scratch "$other" .
assert_absent "$other/env"

for next in list gc du; do
  expect_failure --status 137 env CAS_FAILPOINT=moved-copy:kill "$CAS_BIN" move env "$other/env"
  assert_eq "$(env/bin/one) $("$other/env/bin/one")" "one runs one runs" "complete at both"
  assert_eq "$(cas "$next" 2>&1 >/dev/null)" "" "$next"
  assert_absent env
  assert_no_scratch "$other" .
  assert_eq "$(cas move --json "$other/env" env | json to_other_filesystem)" true
  assert_absent "$other/env"
done
cas move env "$other/env" >/dev/null
assert_eq "$("$other/env/bin/one")" "one runs"
assert_eq "$(cat "$other/env/note")" mine
assert_absent "$other/env/$site/one/data.txt"
assert_contains "$(cat "$other/env/pyvenv.cfg")" "prompt = 'given'"
assert_contains "$(cat "$other/env/pyvenv.cfg")" "include-system-site-packages = true"
assert_eq "$(cas list --json | json environments.0.path)" "$other/env"
# Somebody put another environment where the copy was: it is not taken for it, and nothing is removed.
cas move "$other/env" env >/dev/null
expect_failure --status 137 env CAS_FAILPOINT=moved-copy:kill "$CAS_BIN" move env "$other/env"
mv "$other/env" "$other/aside"
CAS_STORE=$CAS_TEST_TMP/store2 cas create "$other/env" "$one" >/dev/null
cas list >/dev/null
assert_eq "$(env/bin/one)" "one runs"
# What cannot be copied is not lost.
rm -r "$other/env"
mkfifo env/pipe
expect_failure --status 1 cas move env "$other/env"
assert_contains "$OUTPUT" "neither a file nor a link"
assert_exists env/pipe
assert_absent "$other/env"
assert_sound
