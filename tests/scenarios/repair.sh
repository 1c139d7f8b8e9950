#!/usr/bin/env bash
# What is damaged in the store comes back from whoever has a good copy; every environment that held the damaged file gets the good one; what
# nobody has is out of sight, and said.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
wheel=$(make_wheel wheels demo 1.0 'demo/__init__.py=value = 1' 'demo/data.txt=some data' 'demo/more.txt=more data')

object() { # CONTENT: the file of its object
  find "$CAS_STORE/objects" -name "$(printf %s "$1" | sha256sum | cut -c1-64)*"
}
decay() { # FILE: one bit, and nothing that a look could tell
  python3 - "$1" <<'PYTHON'
import os, sys
path = sys.argv[1]
info = os.stat(path)
os.chmod(path, 0o644)
with open(path, "r+b") as file:
    first = file.read(1)
    file.seek(0)
    file.write(bytes([first[0] ^ 1]))
os.chmod(path, info.st_mode & 0o7777)
os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
PYTHON
}
repair() { # without the network
  cas repair --offline "$@"
}
both_are_right() { # FILE CONTENT: in both environments, and the store's own file
  local one
  for one in env twin; do
    assert_eq "$(cat "$one/$packages/$1")" "$2" "$one"
    assert_same_inode "$one/$packages/$1" "$(object "$2")"
  done
}

cas create env "$wheel" >/dev/null
cas create twin "$wheel" >/dev/null
cas create apart --link-mode copy "$wheel" >/dev/null
packages=$(cd env && echo lib/python3*/site-packages)

# Decay, which only reading finds: from an environment that has a copy. A dry run changes nothing.
decay "$(object 'some data')"
assert_contains "$(repair)" sound
before=$(tree_sum "$CAS_STORE/objects")
expect_failure --status 8 cas verify --scrub
assert_contains "$OUTPUT" "environments: $PWD/env, $PWD/twin"
assert_contains "$(repair --contents --dry-run)" "would be repaired from $PWD/apart/$packages/demo/data.txt"
assert_eq "$(tree_sum "$CAS_STORE/objects")" "$before" "a dry run"
exec 3<"env/$packages/demo/data.txt"
repair --contents >report
assert_contains "$(cat report)" "repaired from $PWD/apart/$packages/demo/data.txt"
assert_contains "$(cat report)" "$PWD/env: 1 file linked anew"
assert_contains "$(cat report)" "$PWD/twin: 1 file linked anew"
both_are_right demo/data.txt 'some data'
[[ $(cat <&3) != 'some data' ]] || fail "the damaged file was written to"
exec 3<&-
assert_sound

# Changed in place through an environment: from the wheel that the environment was made from, which direct_url.json names.
cas remove apart >/dev/null
chmod u+w "env/$packages/demo/data.txt"
echo 'something else' >"env/$packages/demo/data.txt"
expect_failure --status 64 cas verify env
assert_contains "$OUTPUT" "changed-in-place     $packages/demo/data.txt"
assert_contains "$OUTPUT" "shared with $PWD/twin"
repair >report
assert_contains "$(cat report)" "repaired from $PWD/wheels/demo-1.0-py3-none-any.whl: demo/data.txt"
both_are_right demo/data.txt 'some data'
assert_sound
cas verify env twin >/dev/null

# Gone: the environment's link gives the store its name back.
lost=$(object 'more data')
mv "$lost" aside
rm -f aside
repair >report
assert_same_inode "env/$packages/demo/more.txt" "$(object 'more data')"
assert_same_inode "env/$packages/demo/more.txt" "twin/$packages/demo/more.txt"
assert_sound

# Modes and times, put right where they are.
inode=$(stat -c %i "$(object 'some data')")
if [[ $(id -u) -eq 0 ]]; then
  chown -R 65534 "twin/$packages/demo"
  expect_failure --status 64 cas verify twin
  assert_contains "$OUTPUT" 'belongs to user 65534'
fi
chmod -R u+w "env/$packages/demo"
touch "env/$packages/demo/more.txt"
expect_failure --status 4 cas verify
repair >/dev/null
assert_eq "$(stat -c '%i %a' "$(object 'some data')")" "$inode 444"
assert_sound
cas verify --all >/dev/null

# Bytecode, which no wheel has.
pyc=$(echo "env/$packages"/demo/__pycache__/__init__.*.pyc)
decay "$pyc"
repair --contents >report
assert_contains "$(cat report)" "made again"
assert_sound
cas verify --contents --all >/dev/null
assert_eq "$(env/bin/python -c 'import demo; print(demo.value)')" 1

# Another store.
mv wheels elsewhere
cas --store other add elsewhere/*.whl >/dev/null
decay "$(object 'some data')"
manifest=$(find "$CAS_STORE/manifests" -type f)
chmod u+w "$manifest"
: >"$manifest"
expect_failure --status 24 cas verify --contents
repair --contents --from other >report
assert_contains "$(cat report)" "repaired from $PWD/other/objects/"
assert_contains "$(cat report)" "repaired from $PWD/other/manifests/"
assert_sound
both_are_right demo/data.txt 'some data'
rm -rf other

# A manifest, from the wheel itself.
manifest=$(find "$CAS_STORE/manifests" -type f)
chmod u+w "$manifest"
truncate -s 40 "$manifest"
expect_failure --status 1 repair --dry-run
repair elsewhere >/dev/null
assert_sound

# The index, by the wheel's digest; not when the network may not be asked.
unset PIP_NO_INDEX
start_index elsewhere
decay "$(object 'some data')"
cas repair --contents --dry-run --index-url "$INDEX/simple" >/dev/null 2>&1 && fail "a dry run knows what an index has"
[[ -z $(index_log) ]] || fail "a dry run asked the index"
cas repair --contents --index-url "$INDEX/simple" >report
assert_contains "$(cat report)" "repaired from the package index, demo-1.0-py3-none-any.whl: demo/data.txt"
both_are_right demo/data.txt 'some data'
assert_sound

# Nobody has it: out of sight, and the next creation reads the wheel again. Environments keep what they have, and are named.
decay "$(object 'some data')"
expect_failure --status 1 repair --contents
assert_contains "$OUTPUT" "nobody has a good copy; it is out of the store"
assert_contains "$OUTPUT" "forgotten: demo 1.0, demo-1.0-py3-none-any.whl"
# Its plan went with it: what the environment takes is measured.
cas list --json >listed
assert_eq "$(json environments.0.measured <listed)" true
[[ $(json environments.0.own_bytes <listed) -gt 0 ]] || fail "nobody knows what it takes"
assert_not_contains "$(cas list)" "~"
assert_contains "$OUTPUT" "$PWD/env: 1 file is still damaged"
assert_eq "$(find "$CAS_STORE/quarantine" -type f | wc -l)" 1
assert_eq "$(object 'some data' | grep -c objects || true)" 0
assert_sound
cas create new elsewhere/*.whl >/dev/null
assert_eq "$(cat "new/$packages/demo/data.txt")" 'some data'
assert_sound
expect_failure --status 64 cas verify --contents env
cas doctor --fix env >/dev/null 2>&1 || true
cas remove env twin new >/dev/null

# Environments that were moved: named, and linked anew where they are now.
cas create env elsewhere/*.whl >/dev/null
cas create twin elsewhere/*.whl >/dev/null
mv twin moved
chmod u+w "env/$packages/demo/data.txt"
echo edited in place >"env/$packages/demo/data.txt"
expect_failure --status 1 repair --dry-run elsewhere
assert_contains "$OUTPUT" "$PWD/twin was moved"
expect_failure --status 1 repair elsewhere
assert_contains "$OUTPUT" "$PWD/env: 1 file linked anew"
assert_contains "$OUTPUT" "$PWD/twin was moved, and may have a damaged file still"
assert_eq "$(cat "moved/$packages/demo/data.txt")" 'edited in place'
expect_failure --status 1 repair --json
assert_eq "$(json unreached <<<"$OUTPUT")" "[\"$PWD/twin\"]"
expect_failure --status 1 repair --environment nowhere
assert_contains "$(repair --environment moved)" "$PWD/moved: 1 file linked anew"
assert_same_inode "moved/$packages/demo/data.txt" "$(object 'some data')"
assert_contains "$(repair)" sound
assert_sound
cas remove env moved >/dev/null

# The quarantine is emptied when it is said, and by nothing else.
cas create env elsewhere/*.whl >/dev/null
decay "$(object 'some data')"
mv elsewhere hidden
expect_failure --status 1 repair --contents
cas gc --max-age 0s >/dev/null
kept=$(find "$CAS_STORE/quarantine" -type f)
assert_contains "$(cas repair --discard-quarantine --dry-run)" "would remove $kept; somebody has it still"
assert_exists "$kept"
expect_failure --status 2 cas repair --discard-quarantine --scrub
expect_failure --status 2 cas repair --discard-quarantine elsewhere
assert_eq "$(cas repair --discard-quarantine --json | json discarded.0.had)" true
assert_absent "$kept"
assert_contains "$(cas repair --discard-quarantine)" "removed 0 damaged files"
mv hidden elsewhere
cas remove env >/dev/null
cas add elsewhere/*.whl >/dev/null
assert_sound

# A rebuilt index has no row of what is damaged, and its file is out of the store: those who have it are found all the same.
cas create env elsewhere/*.whl >/dev/null
cas create twin elsewhere/*.whl >/dev/null
decay "env/$packages/demo/data.txt"
expect_failure --status 1 cas index rebuild
assert_contains "$OUTPUT" "removed 1 file that was no sound object"
assert_eq "$(find "$CAS_STORE/quarantine" -type f | wc -l)" 1
repair --contents elsewhere >report
assert_contains "$(cat report)" "$PWD/env: 1 file linked anew"
assert_contains "$(cat report)" "$PWD/twin: 1 file linked anew"
both_are_right demo/data.txt 'some data'
assert_eq "$(find "$CAS_STORE/quarantine" -type f | wc -l)" 0
cas verify --all --contents >/dev/null

# Without a name in the store, by one look: the last one who has it has it for himself when the others are linked anew, and did not edit it. Nor did
# he where the repair was killed between them.
for kill in '' relink-placed:kill; do
  [[ -z $kill ]] || cas create third elsewhere/*.whl >/dev/null
  lost=$(object 'some data')
  chmod u+w "$lost"
  truncate -s 4 "$lost"
  rm -f "$lost"
  [[ -z $kill ]] || expect_failure --status 137 env "CAS_FAILPOINT=$kill" "$CAS_BIN" repair --offline elsewhere
  repair elsewhere >report
  both_are_right demo/data.txt 'some data'
  assert_eq "$(find "$CAS_STORE/quarantine" -type f | wc -l)" 0
  assert_sound
  cas verify --all --contents >/dev/null
done
cas remove env twin third >/dev/null

# JSON, and a command line that is wrong.
cas create env elsewhere/*.whl >/dev/null
chmod u+w "env/$packages/demo/data.txt"
echo longer than before >"env/$packages/demo/data.txt"
repair --json elsewhere >document
assert_eq "$(json problems.0.outcome <document)" repaired
assert_eq "$(json relinked.0.path <document)" "$PWD/env"
assert_eq "$(json relinked.0.files.0 <document)" "$packages/demo/data.txt"
assert_eq "$(json exit_status <document)" 0
expect_failure --status 2 repair --scrub --contents
expect_failure --status 1 repair --from nowhere
assert_contains "$(cas verify --sample 1/1 --max-duration 1h)" sound
assert_contains "$(cas verify --sample 50%)" sound
expect_failure --status 2 cas verify --sample 5
expect_failure --status 2 cas verify --max-duration soon
expect_failure --status 2 cas verify --all env
expect_failure --status 1 cas verify nowhere

# A captured interpreter: from the installation that it was captured from.
cas create whole --base store elsewhere/*.whl >/dev/null 2>&1
tree=$(readlink -f whole/bin/python)
tree=${tree%/bin/*}
decay "$(echo "$tree"/lib/python3*/os.py)"
repair --contents >report
cas verify --contents --all >/dev/null
whole/bin/python -c 'import os, demo'

assert_contains "$(cat report)" "repaired from"
assert_not_contains "$(cat report)" "from scratch"

# Its manifest: one problem, said to be what it is, and repaired as such.
rm "$(grep -l '@cpython' "$CAS_STORE"/manifests/*)"
expect_failure --status 16 cas verify
assert_contains "$OUTPUT" "1 problem"
assert_contains "$OUTPUT" "cas python add"
assert_not_contains "$OUTPUT" "cas add"
assert_contains "$(repair --dry-run)" "would be repaired from"
assert_contains "$(repair)" "1 problem, 1 repaired"
cas verify --contents --all >/dev/null
cas remove whole >/dev/null

# What a dry run says is what is done: a mode alone links nothing anew, and what nobody has would go.
cas remove env >/dev/null 2>&1 || true
cas create env elsewhere/*.whl >/dev/null
cas create twin elsewhere/*.whl >/dev/null
mv elsewhere hidden
chmod 0666 "env/$packages/demo/more.txt"
repair --dry-run >report
assert_contains "$(cat report)" "would be repaired from its own bytes"
assert_not_contains "$(cat report)" "linked anew"
assert_contains "$(repair)" "repaired from its own bytes"
chmod u+w "env/$packages/demo/more.txt"
echo damage >>"env/$packages/demo/more.txt"
expect_failure --status 1 repair --dry-run
assert_contains "$OUTPUT" "nobody here has a good copy; unless an index has one, it would be taken out of the store"
assert_contains "$OUTPUT" "would be forgotten, unless an index has it: demo 1.0"
assert_contains "$OUTPUT" "$PWD/env: 1 file would still be damaged"
assert_not_contains "$OUTPUT" "linked anew"
assert_exists "env/$packages/demo/more.txt"
expect_failure --status 8 cas verify

# Who has other bytes under the same name is not said to share the damage.
rm "twin/$packages/demo/more.txt" && printf 'more data' >"twin/$packages/demo/more.txt"
expect_failure --status 8 cas verify
assert_contains "$OUTPUT" "environments: $PWD/env"
assert_not_contains "$OUTPUT" "$PWD/twin"
expect_failure --status 64 cas verify env
assert_not_contains "$OUTPUT" "shared with"
repair hidden >/dev/null

# A wheel that is named mends what it has, and the environment that is being made is not among those that have the damage.
chmod u+w "env/$packages/demo/more.txt"
echo damage >>"env/$packages/demo/more.txt"
cas create fresh hidden/*.whl >report 2>&1
assert_contains "$(cat report)" "other environments have it, too: $PWD/env"
assert_not_contains "$(cat report)" "too: $PWD/fresh"
assert_contains "$(cat report)" "read again from the wheel that was named"
assert_eq "$(cat "fresh/$packages/demo/more.txt")" "more data"
assert_contains "$(repair hidden)" "$PWD/env: 1 file linked anew"
assert_sound

# A manifest that is gone is written again by whoever has the wheel, and named by everybody else.
manifest=$(grep -l 'demo-1.0' "$CAS_STORE"/manifests/*)
rm "$manifest"
expect_failure --status 1 cas show demo
assert_contains "$OUTPUT" "demo 1.0: the manifest $manifest is missing"
assert_contains "$OUTPUT" "cas repair"
cas create found --no-index --find-links hidden demo==1.0 >/dev/null
assert_sound
