#!/usr/bin/env bash
# A captured interpreter whose whole tree is gone: verify says it, gc keeps what it was made of, repair and doctor make it again. One that was
# removed on purpose is not missed.
. "$(dirname "$0")/lib.sh"
unset CAS_BASE

while read -r python; do newest=$python; done < <(pythons 3.8)
[[ -n ${newest-} ]] || skip "no Python here"
cas create env -p "$newest" --base store "$(make_wheel . demo 1.0 'demo/__init__.py=value = 1')" >/dev/null
tree=$(env/bin/python -c 'import sys; print(sys.base_prefix)')
name=$(basename "$tree")
files() { (cd "$tree" && find . -path ./.cas -prune -o -print | sort); }
files >before
runs() { assert_eq "$(env/bin/python -c 'import json, demo; print(demo.value)')" 1; }

lose() { rm -rf "$tree"; }
lose
expect_failure --status 32 cas verify
assert_contains "$OUTPUT" "python/$name: is missing"
assert_contains "$OUTPUT" "$PWD/env"
assert_contains "$(cas gc --print-roots)" "$name"
assert_contains "$(cas gc)" "removed 0 packages and 0 objects"
expect_failure cas doctor env
assert_contains "$OUTPUT" "cas repair"
assert_contains "$OUTPUT" "cas python add"
assert_contains "$(cas repair --dry-run)" "would be repaired"
assert_absent "$tree"
assert_contains "$(cas doctor --fix --dry-run env)" "would be put right"
assert_absent "$tree"
assert_contains "$(cas repair)" "1 repaired"
runs
files | diff before - || fail "the tree is not what it was"
assert_sound
assert_contains "$(cas doctor env)" sound

# All trees, and the directory that they were in.
lose
rmdir "$(dirname "$tree")"
expect_failure --status 32 cas verify
assert_contains "$(cas doctor --fix env)" "put right; now sound"
runs
assert_sound
# The next capture finds the tree, and knows what it was captured from.
lose
assert_eq "$(cas python add "$newest" --json | json python.name)" "$name"
runs
assert_sound

# Without its objects it cannot be made, and the dry run knows that, too.
lose
object=$(find "$CAS_STORE/objects" -type f -size +1000k | head -1)
mv "$object" kept
expect_failure --status 1 cas doctor --fix --dry-run env
assert_contains "$OUTPUT" "is missing"
expect_failure --status 1 cas doctor --fix env
mv kept "$object"
cas repair >/dev/null
assert_sound

# Removed on purpose: nobody misses it, and what only it had goes.
cas python remove --force "$name" >/dev/null
cas verify >/dev/null
assert_not_contains "$(cas gc --print-roots)" "$name"
assert_contains "$(cas repair)" sound
assert_absent "$tree"
assert_contains "$(cas gc)" "removed cpython"
expect_failure cas doctor env
assert_not_contains "$OUTPUT" "cas repair"
cas python add "$newest" >/dev/null
runs
assert_eq "$(find "$CAS_STORE/python" -name '.*' -path '*/.gone-*')" ""
cas python remove --force "$name" >/dev/null
cas remove env >/dev/null
cas gc >/dev/null
assert_eq "$(find "$CAS_STORE/python" -name '.gone-*')" ""
assert_sound
