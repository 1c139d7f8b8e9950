#!/usr/bin/env bash
# Every change of an environment is a revision that it can be rolled back to, from the store alone; the collector keeps what that needs
# for as long as it can, and not longer.
. "$(dirname "$0")/lib.sh"
cd "$CAS_TEST_TMP"
one=$(make_wheel wheels one 1.0 one.py='x = 1')
two=$(make_wheel wheels two 1.0 two.py='y = 1')
two2=$(make_wheel wheels two 2.0 two.py='y = 2')
three=$(make_wheel wheels three 1.0 three.py='z = 1')

listed() { python3 -m pip --python "$1/bin/python" list --format=freeze 2>/dev/null | sort | tr '\n' ' '; }
site() { echo "$1"/lib/python3*/site-packages; }
revisions() { cas history "$1" --json | python3 -c 'import json, sys
for r in json.load(sys.stdin)["revisions"]: print(r["revision"], r["command"], "*" if r["current"] else "", end=";")'; }

cas create env "$one" >/dev/null
assert_eq "$(revisions env)" "1 create *;"
expect_failure cas rollback env
assert_contains "$OUTPUT" "no earlier revision"
expect_failure --status 2 cas rollback env 1
expect_failure --status 2 cas rollback env first
cas install env "$two" --quiet
cas install env "$two" --quiet # nothing to do, no revision
cas install env "$two2" "$three" --quiet
cas uninstall env one --quiet
assert_eq "$(revisions env)" "1 create ;2 install ;3 install ;4 uninstall *;"
cas history env > out
assert_contains "$(cat out)" "~ two 1.0 -> 2.0"
assert_contains "$(cat out)" "- one 1.0"
assert_eq "$(cas history env --json | json revisions.0.packages.0.name)" one

# --- what history needs stays, also where the wheels are gone ---
rm -r wheels
cas gc > out
assert_contains "$(cat out)" "history holds 2 packages"
assert_contains "$(cat out)" "removed 0 packages"
cas rollback env --dry-run > out
assert_contains "$(cat out)" "+ one 1.0"
assert_eq "$(listed env)" "three==1.0 two==2.0 "
cas rollback env > out
assert_contains "$(cat out)" "rolled $PWD/env back to revision 3, as revision 5"
assert_eq "$(listed env)" "one==1.0 three==1.0 two==2.0 "
cas rollback env 2 --quiet
assert_eq "$(listed env)" "one==1.0 two==1.0 "
assert_eq "$(env/bin/python -c 'import two; print(two.y)')" 1
assert_absent "$(site env)/three.py"
cas rollback env --quiet # is taken back
assert_eq "$(listed env)" "one==1.0 three==1.0 two==2.0 "
cas rollback env 3 --json > out
assert_eq "$(json revision < out)" '' "as it was already"
expect_failure cas rollback env 99
assert_contains "$OUTPUT" "there are: 1, 2, 3, 4, 5, 6"

# Edited files are kept aside, and said.
rm "$(site env)/two.py"
printf 'mine\n' > "$(site env)/two.py"
cas rollback env 2 > out 2> err
assert_contains "$(cat err)" "kept below .cas/kept"
assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/two.py)" mine

# --- it goes with the environment, by whatever way, and is in no index ---
mv env away
assert_eq "$(cas history away --json | json revisions.7.revision)" 8
cas gc --quiet
cas move away env2 >/dev/null
assert_eq "$(cas history env2 --json | json revisions.7.current)" true
cas index rebuild >/dev/null
cas gc --quiet
cas rollback env2 4 --quiet
assert_eq "$(listed env2)" "three==1.0 two==2.0 "
cas clone env2 twin >/dev/null
assert_eq "$(revisions twin)" "1 clone *;"

# --- the one before, where a killed command has left it ---
expect_failure --status 137 env CAS_FAILPOINT=journal-removed:kill "$CAS_BIN" uninstall env2 three
assert_eq "$(cas history env2 --json | json revisions.9.command)" uninstall
assert_eq "$(cas history env2 --json | json revisions.8.command)" rollback
expect_failure --status 137 env CAS_FAILPOINT=journal-removed:kill "$CAS_BIN" rollback env2
cas gc > out
assert_contains "$(cat out)" "removed 0 packages"
assert_not_contains "$(cat out)" "was deleted"
assert_eq "$(listed env2)" "three==1.0 two==2.0 "
cas rollback env2 1 --quiet
assert_eq "$(listed env2)" "one==1.0 "

# --- hostile and damaged revisions ---
history=$(echo "$CAS_STORE"/history/*/9) # twin has none
history=${history%/*}
printf '{' > "$history/7"
printf 'x' > "$history/../not-a-history"
mkdir "$history/5x"
cas history env2 > out 2> err
assert_contains "$(cat err)" "/7"
assert_contains "$(cat out)" "6  "
rm "$history/7"; rmdir "$history/5x"

# --- bounded, in number and in time ---
touch -d '31 days ago' "$history/2"
cas gc --quiet
assert_absent "$history/2"
cas rollback env2 4 --quiet
for _ in $(seq 22); do cas rollback env2 --quiet; done
count=$(find "$history" -type f | wc -l)
assert_eq "$count" 20 "revisions that are kept"

# --- let go ---
cas gc --drop-history --dry-run > out
assert_contains "$(cat out)" "would remove"
assert_eq "$(find "$history" -type f | wc -l)" 20
assert_contains "$(cas history env2 --drop --dry-run)" "would drop 20 revisions"
cas history env2 --drop >/dev/null
cas gc > out
assert_not_contains "$(cat out)" "history holds"
expect_failure cas rollback env2
assert_contains "$OUTPUT" "no earlier revision"

# Of an environment that is gone there is no history.
twin=$(ls -d "$CAS_STORE"/history/* | wc -l)
rm -r env2
cas gc --quiet
assert_eq "$(find "$CAS_STORE/history" -mindepth 1 -maxdepth 1 -type d | wc -l)" 0 "$twin"

# --- a package that is gone anyway ---
cd "$CAS_TEST_TMP"
one=$(make_wheel wheels one 1.0 one.py='x = 1')
two=$(make_wheel wheels two 1.0 two.py='y = 1')
cas create gone "$one" >/dev/null
cas create gone "$two" >/dev/null
mv "$CAS_STORE/history" aside
cas gc --quiet
mv aside "$CAS_STORE/history"
expect_failure cas rollback gone
assert_contains "$OUTPUT" "one 1.0"
assert_eq "$(listed gone)" "two==1.0 "
assert_sound
