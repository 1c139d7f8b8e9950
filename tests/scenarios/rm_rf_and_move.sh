#!/usr/bin/env bash
# What users do to environments with other tools: rm -rf is noticed at once, a moved one survives, a copy is no root.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1')
other=$(make_wheel wheels other 1.0 other.py='y = 1')
site=$(cas create gone "$wheel" >/dev/null && cd gone && echo lib/python3*/site-packages)
cas create moved "$other" >/dev/null
cas create twin "$other" >/dev/null
assert_eq "$(stat -c %h "moved/$site/other.py")" 3 "links: the store's and two environments'"

rm -rf gone
assert_eq "$(cas list --json --all | json environments.0.state)" gone
collected=$(cas gc --json)
assert_eq "$(json gone <<<"$collected")" "[\"$CAS_TEST_TMP/gone\"]"
assert_eq "$(json packages.0.name <<<"$collected")" demo
assert_eq "$(json environments <<<"$collected")" 2

mkdir elsewhere
mv moved elsewhere/
assert_eq "$(cas list --json | json environments.0.state)" moved
rm -rf twin
cas gc >/dev/null
assert_eq "$(stat -c %h "elsewhere/moved/$site/other.py")" 2 "still one with the store's"
assert_eq "$(cas show other --json | json packages.0.name)" other
assert_eq "$(elsewhere/moved/bin/python -B -c 'import other; print(other.y)')" 1
cas create again "$other" >/dev/null
assert_same_inode "again/$site/other.py" "elsewhere/moved/$site/other.py"

# A copy works, is nobody's root, and is not the store's to remove.
cp -a again copy
expect_failure --status 1 cas remove copy
assert_contains "$OUTPUT" "copy of an environment"
rm -rf again elsewhere
cas gc >/dev/null
assert_eq "$(cas store info --json | json objects)" 0
assert_eq "$(copy/bin/python -B -c 'import other; print(other.y)')" 1
# An object that has another name on disk stays: removing it would free nothing.
cas create linked "$other" >/dev/null
ln "linked/$site/other.py" kept
rm -rf linked
assert_eq "$(cas gc --json | json objects_held)" 1
rm kept
cas gc >/dev/null
assert_eq "$(cas store info --json | json objects)" 0
assert_sound
