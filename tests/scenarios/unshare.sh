#!/usr/bin/env bash
# cas unshare gives an environment its own files; what was edited in place becomes its own, and everybody else is healed.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 'demo/__init__.py=value = 1' 'demo/other.py=other = 1' 'demo/data/one.txt=one' 'demo/data/two.txt=two')
cas create env "$wheel" >/dev/null
cas create twin "$wheel" >/dev/null
packages=$(cd env && echo lib/python3*/site-packages)
value() { "$1/bin/python" -c 'import demo; print(demo.value)'; }

# Its own, writable, and nobody else sees what is written.
assert_contains "$(cas unshare --dry-run env "$packages/demo/__init__.py")" "would be its own"
assert_same_inode "env/$packages/demo/__init__.py" "twin/$packages/demo/__init__.py"
assert_contains "$(cas unshare env "$packages/demo/__init__.py" "$PWD/env/$packages/demo/data/")" "3 files are its own now"
[[ ! "env/$packages/demo/__init__.py" -ef "twin/$packages/demo/__init__.py" ]] || fail "still shared"
assert_same_inode "env/$packages/demo/other.py" "twin/$packages/demo/other.py"
assert_eq "$(stat -c %A "env/$packages/demo/__init__.py" | cut -c3)" w
echo 'value = 2' >"env/$packages/demo/__init__.py"
assert_eq "$(value env) $(value twin)" "2 1"
assert_sound
assert_contains "$(cas doctor env)" "own-copy             $packages/demo/__init__.py is the environment's own"
assert_contains "$(cas doctor env)" "env: sound"
cas verify --contents --all >/dev/null
assert_contains "$(cas unshare env "$packages/demo/__init__.py")" "was its own already"

# A change and --fix leave it alone; another version takes its place, and the edit is kept.
rm "env/$packages/demo/other.py"
cas doctor --fix env >/dev/null
assert_eq "$(value env)" 2
assert_exists "env/$packages/demo/other.py"
extra=$(make_wheel wheels extra 1.0 'extra.py=x = 1')
cas create env "$wheel" "$extra" >/dev/null
assert_eq "$(value env)" 2
cas create env "$(make_wheel wheels demo 2.0 'demo/__init__.py=value = 20')" >/dev/null 2>&1
assert_eq "$(value env)" 20
grep -rq 'value = 2' env/.cas/kept || fail "the edit is lost"
assert_contains "$(cas doctor env)" "env: sound"
cas remove env >/dev/null

# Edited in place by force: env keeps it, twin and the store are healed.
cas create env "$wheel" >/dev/null
chmod u+w "env/$packages/demo/__init__.py"
echo 'value = 33' >"env/$packages/demo/__init__.py"
assert_eq "$(value twin)" 33
expect_failure --status 64 cas verify env
assert_contains "$OUTPUT" "shared with $PWD/twin"
assert_contains "$(cas gc 2>&1)" "changed in place"
expect_failure --status 1 cas create another --check --no-index --find-links wheels demo==1.0
assert_contains "$OUTPUT" "$PWD/env"
cas unshare --offline --edited env >report
assert_contains "$(cat report)" "$packages/demo/__init__.py, as it was changed"
assert_contains "$(cat report)" "$PWD/twin: 1 file linked anew"
assert_eq "$(value env) $(value twin)" "33 1"
assert_sound
cas verify --contents --all >/dev/null
assert_same_inode "twin/$packages/demo/__init__.py" "$(find "$CAS_STORE/objects" -name "$(printf 'value = 1' | sha256sum | cut -c1-64)")"
cas unshare --json env "$packages/demo/other.py" >document
assert_eq "$(json files.0.path <document) $(json files.0.changed <document)" "$packages/demo/other.py false"

# A moved environment takes its own files along. The list of them is a file like any other: damage is said.
cas move env moved >/dev/null
assert_eq "$(value moved)" 33
assert_contains "$(cas doctor moved)" "own-copy"
truncate -s 9 moved/.cas/own
expect_failure --status 1 cas doctor moved
assert_contains "$OUTPUT" ".cas/own"
rm moved/.cas/own

expect_failure --status 1 cas unshare twin nowhere.py
expect_failure --status 2 cas unshare twin "$packages" --edited
assert_contains "$(cas unshare twin . --dry-run)" "would be its own"
expect_failure --status 2 cas unshare twin ..

# Nobody has the right file: the package stays, and nothing is made of it until somebody has.
cas create third "$wheel" >/dev/null
chmod u+w "third/$packages/demo/data/two.txt"
echo mine >"third/$packages/demo/data/two.txt"
mv wheels gone
expect_failure --status 1 cas unshare --no-index --edited third --dry-run
assert_not_contains "$OUTPUT" "$PWD/third: 1 file would still"
assert_contains "$OUTPUT" "$PWD/twin: 1 file would still be damaged"
assert_contains "$OUTPUT" "until \`cas repair\` brings it back"
expect_failure --status 1 cas unshare --no-index --edited third
assert_not_contains "$OUTPUT" "forgotten"
assert_eq "$(cat "third/$packages/demo/data/two.txt")" mine
expect_failure --status 8 cas verify
cas repair --no-index gone >/dev/null
assert_sound
assert_eq "$(cat "third/$packages/demo/data/two.txt") $(cat "twin/$packages/demo/data/two.txt")" "mine two"

expect_failure --status 2 cas unshare twin
expect_failure --status 2 cas unshare twin /etc/passwd
expect_failure --status 1 cas unshare nowhere x
assert_no_scratch twin

# A directory that became a link leads out of the environment: nothing there is touched.
wheel=$(make_wheel wheels demo 1.0 "demo/__init__.py=value = 1" "demo/other.py=other = 1")
cas create linked "$wheel" >/dev/null
mkdir outside
echo secret >outside/other.py
chmod 600 outside/other.py
before=$(stat -c '%i %a %s' outside/other.py)
mv "linked/$packages/demo" "linked/$packages/hidden"
ln -s "$PWD/outside" "linked/$packages/demo"
expect_failure cas unshare linked "$packages/demo/other.py"
assert_contains "$OUTPUT" "does not lie in"
expect_failure cas unshare linked --edited --contents
assert_eq "$(stat -c '%i %a %s' outside/other.py)" "$before"
