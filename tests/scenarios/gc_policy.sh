#!/usr/bin/env bash
# What cas gc takes: by age, size, free space and number, pins, what stops it, what it prints; dry runs say the same as runs.
. "$(dirname "$0")/lib.sh"
# Of 20,000 bytes that nobody shares, last used so many days ago.
for n in 1 2 3 4; do make_wheel wheels demo "$n.0" demo.py="$(head -c 15000 /dev/urandom | base64 -w0)" >/dev/null; done
make_wheel wheels other 1.0 other.py="$(head -c 15000 /dev/urandom | base64 -w0)" >/dev/null
left() { # the versions of demo that are there
  cas show demo --json 2>/dev/null | python3 -c 'import json, sys; print(" ".join(sorted(p["version"] for p in json.load(sys.stdin)["packages"])))' || true
}
again() { cas add wheels/*.whl >/dev/null; }

# Age and number.
again
cas create env wheels/demo-1.0-*.whl >/dev/null
assert_eq "$(cas gc --max-age 1d --json | json packages)" "[]"
cas gc --keep-last 2 >/dev/null
assert_eq "$(left | wc -w)" 2 "the one in use, and another"
assert_contains "$(left)" 1.0
expect_failure --status 2 cas gc --keep-last none
expect_failure --status 2 cas gc --max-free 1M --min-free 2M

# Size, and what a dry run says.
again
dry=$(cas gc --max-size 70k --dry-run --json)
assert_eq "$(left)" "1.0 2.0 3.0 4.0"
run=$(cas gc --max-size 70k --json)
assert_eq "$(json packages <<<"$run")" "$(json packages <<<"$dry")"
assert_eq "$(json bytes_freed <<<"$run")" "$(json bytes_freed <<<"$dry")"
assert_contains "$(json packages.0.reason <<<"$run")" "larger than 70.0 kB"

# Enough is free: nothing is done. Then everything that nothing uses goes.
again
assert_eq "$(cas gc --min-free 1 --json | json stop)" enough-free
assert_contains "$(cas gc --min-free 1)" "enough of the disk is free"
assert_eq "$(left)" "1.0 2.0 3.0 4.0"
cas gc --min-free 900T >/dev/null
assert_eq "$(left)" 1.0

# What stops it, and going on.
again
first=$(cas gc --max-freed 1 --json)
assert_eq "$(json stop <<<"$first") $(json packages <<<"$first" | grep -o '"name"' | wc -l)" "max-freed 1"
assert_eq "$(cas gc --max-duration 0 --json | json stop)" max-duration
assert_contains "$(cas gc --max-duration 0s)" "the next"
cas gc >/dev/null
assert_eq "$(left)" 1.0

# Pins: a package, a lock, an environment; they survive a rebuild of the index.
again
cas pin demo==2.0 --dry-run >/dev/null
assert_eq "$(cas pins --json | json pins)" "[]"
assert_contains "$(cas pin Demo==2.0)" "pinned package demo==2.0: 1 package"
sha=$(sha256sum wheels/demo-3.0-*.whl | cut -d' ' -f1)
cat >pylock.toml <<LOCK
lock-version = "1.0"
created-by = "test"
[[packages]]
name = "demo"
version = "3.0"
wheels = [{name = "demo-3.0-py3-none-any.whl", path = "wheels/demo-3.0-py3-none-any.whl", hashes = {sha256 = "$sha"}}]
[[packages]]
name = "absent"
version = "1.0"
wheels = [{name = "absent-1.0-py3-none-any.whl", path = "absent-1.0-py3-none-any.whl", hashes = {sha256 = "${sha//[0-9]/0}"}}]
LOCK
assert_contains "$(cas pin pylock.toml 2>&1)" "nothing of absent==1.0"
assert_eq "$(cas pin pylock.toml --dry-run --json 2>/dev/null | json missing)" '["absent==1.0"]'
cas create pinned wheels/demo-4.0-*.whl >/dev/null
cas pin ./pinned >/dev/null
rm -rf pinned
cas index rebuild >/dev/null
cas gc --drop-history >/dev/null
assert_eq "$(left)" "1.0 2.0 3.0 4.0"
expect_failure --status 1 cas show other
cas create pinned wheels/demo-4.0-*.whl >/dev/null
assert_contains "$(cas pins)" "$CAS_TEST_TMP/pinned"
# By where it is now, or by another spelling of the version; made again from the store alone.
mv pinned moved
printf 'demo==4.0 --hash=sha256:%s\n' "$(sha256sum wheels/demo-4.0-*.whl | cut -d' ' -f1)" >moved.txt
rm -rf again
cas create again --offline --no-index -r moved.txt >/dev/null
assert_contains "$(cas show again)" "demo     4.0"
rm -rf again
cas unpin ./moved --dry-run >/dev/null
mv moved pinned
cas pin demo==2 --dry-run >/dev/null
expect_failure --status 1 cas pin no-such
expect_failure --status 1 cas unpin no-such
expect_failure --status 2 cas pin
expect_failure --status 2 cas pin uv.lock

# Why: everything that holds something, and nothing.
assert_contains "$(cas why demo==1.0)" "environment $CAS_TEST_TMP/env (live)"
assert_contains "$(cas why demo==2.0)" "pin demo==2.0"
site=$(cd env && echo lib/python3*/site-packages)
by_file=$(cas why "env/$site/demo.py")
assert_contains "$by_file" "has it as demo.py"
assert_contains "$by_file" "environment $CAS_TEST_TMP/env (live)"
object=$(sha256sum "env/$site/demo.py" | cut -d' ' -f1)
assert_eq "$(cas why "$object" --json | json packages.0.version)" 1.0
assert_eq "$(cas why "$sha" --json | json packages.0.holders.0.kind)" pin
again
expect_failure --status 1 cas why other
assert_contains "$OUTPUT" "nothing holds it"
expect_failure --status 1 cas why no-such
expect_failure --status 1 cas why "${sha//[0-9]/0}"
expect_failure --status 2 cas why
cas why env demo >/dev/null

# What is printed is what happens.
roots=$(cas gc --print-roots)
assert_contains "$roots" "environment $CAS_TEST_TMP/env (live)"
assert_contains "$roots" "pin demo==2.0"
expect_failure --status 2 cas gc --print-roots --print-dead
assert_contains "$(cas gc --min-free 900T --dry-run 2>&1)" "less than 900 TB of the disk is free even without all that may go"
cas gc --print-dead >dead
cas gc --print-live >live
assert_contains "$(cat dead)" "package other 1.0"
assert_not_contains "$(cat live)" "package other"
cas gc >/dev/null
while read -r kind path; do
  if [[ $kind == object ]]; then assert_absent "$path"; fi
done <dead
while read -r kind path; do
  if [[ $kind == object ]]; then assert_exists "$path"; fi
done <live
assert_eq "$(cas gc --print-dead --json | json dead.objects)" "[]"

cas unpin demo==2.0 pylock.toml ./pinned --dry-run >/dev/null
assert_eq "$(cas pins --json | json pins | grep -o '"kind"' | wc -l)" 3
cas unpin demo==2.0 pylock.toml ./pinned >/dev/null
rm -rf pinned
cas gc --drop-history >/dev/null
assert_eq "$(left)" 1.0

# At the end of a command, where the disk is said to be full; settings of a project do not count.
again
assert_eq "$(CAS_MIN_FREE=1 cas create two wheels/demo-1.0-*.whl --json | json collected)" ""
assert_eq "$(left)" "1.0 2.0 3.0 4.0"
full=$(CAS_MIN_FREE=900T cas create two wheels/demo-2.0-*.whl --json 2>stderr)
assert_eq "$(json collected.in_vain <<<"$full")" true
assert_contains "$(cat stderr)" "and still is"
assert_eq "$(left)" "1.0 2.0"
again
assert_eq "$(CAS_MIN_FREE=900T cas create three wheels/demo-2.0-*.whl --json | json collected)" "" # not again so soon
assert_eq "$(left)" "1.0 2.0 3.0 4.0"
mkdir -p "$HOME/.config/cas"
echo 'min-free = "900T"' >"$HOME/.config/cas/cas.toml"
touch -d '1 hour ago' "$CAS_STORE/locks/automatic.in-vain"
assert_contains "$(cas create three wheels/demo-1.0-*.whl 2>/dev/null)" "removed"
assert_eq "$(left)" "1.0 2.0"
CAS_MIN_FREE=lots cas create four wheels/demo-1.0-*.whl >out 2>&1
assert_contains "$(cat out)" "CAS_MIN_FREE is a size"
CAS_MIN_FREE=2G CAS_MAX_FREE=1G cas create four wheels/demo-1.0-*.whl >out 2>&1
assert_contains "$(cat out)" "max-free is less than min-free"
assert_sound

# What was compiled for environments that are gone, of packages that stay: as for another Python.
make_wheel wheels lasting 1.0 lasting.py="x = 1" >/dev/null
cas create plain --no-compile-bytecode wheels/lasting-1.0-*.whl >/dev/null
cas create compiled wheels/lasting-1.0-*.whl >/dev/null
bytecode=$(sha256sum compiled/lib/python3*/site-packages/__pycache__/lasting.*.pyc | cut -d' ' -f1)
assert_contains "$(cas why "$bytecode")" "environment $CAS_TEST_TMP/compiled (live)"
assert_eq "$(cas gc --dry-run --json | json plans)" "[]"
rm -rf compiled
expect_failure --status 1 cas why "$bytecode"
assert_contains "$OUTPUT" "no environment was made with it: \`cas gc\` takes it"
assert_contains "$(cas gc --dry-run)" "would remove what was compiled and made for environments of lasting 1.0: no environment was made with it"
assert_contains "$(cas gc --print-dead)" "plan "
assert_eq "$(cas gc --max-age 1d --json | json plans)" "[]"
cas pin lasting==1.0 >/dev/null
assert_contains "$(cas why "$bytecode")" "pin lasting==1.0"
assert_eq "$(cas gc --json | json plans)" "[]"
cas unpin lasting==1.0 >/dev/null
assert_eq "$(cas gc --json | json plans.0.packages)" '["lasting 1.0"]'
expect_failure --status 1 cas why "$bytecode"
cas verify plain >/dev/null
check_store
