#!/usr/bin/env bash
# What becomes of environments behind the store's back: the table of `cas help gc`, and what can be forgotten.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1')
state() { cas list --all --json | python3 -c 'import json, sys
print(*sorted(e["state"] for e in json.load(sys.stdin)["environments"] if e["path"] == sys.argv[1]))' "$CAS_TEST_TMP/$1"; }
packages() { { cas show demo --json | json packages.0.name; } 2>/dev/null || true; }
works() { assert_eq "$("$1/bin/python" -B -c 'import demo; print(demo.x)')" 1 "$1"; }

# A directory above it is renamed, twice.
mkdir -p a/b
cas create a/b/env "$wheel" >/dev/null
mv a/b a/c
mv a z
cas gc >/dev/null
assert_eq "$(state a/b/env) $(packages)" "moved demo"
works z/c/env
rm -rf z
assert_eq "$(cas gc --json | json gone)" "[\"$CAS_TEST_TMP/a/b/env\"]"
assert_eq "$(packages)" ""

# Deleted, and made again at the same path: by cas, and by another tool.
cas create env "$wheel" >/dev/null
id=$(cas list --json | json environments.0.id)
rm -rf env
cas create env "$wheel" >/dev/null
assert_eq "$(state env)" "gone live"
cas gc >/dev/null
assert_eq "$(state env)" live
[[ $(cas list --json | json environments.0.id) != "$id" ]] || fail "the same anchor"
rm -rf env
python3 -m venv --without-pip env
assert_eq "$(state env)" gone
cas gc >/dev/null
assert_eq "$(packages)" ""
rm -rf env

# A copy takes its place: what lies there is what was made there, by its anchor.
cas create env "$wheel" >/dev/null
cp -a env copy
rm -rf env
assert_eq "$(state env)" gone
mv copy env
assert_eq "$(state env)" live
cas gc >/dev/null
assert_eq "$(packages)" demo
works env
assert_eq "$(cas show ./env --json | json environment.state)" live

# Backups of environments: tar and rsync, with new inodes, back to the place; elsewhere nobody knows them.
tar cf env.tar env
rm -rf env
tar xf env.tar
assert_eq "$(state env)" live
cas gc >/dev/null
works env
if type -P rsync >/dev/null; then
  rsync -a env/ saved/
  rm -rf env
  rsync -a saved/ env/
  assert_eq "$(state env)" live
fi
rm -rf env
mkdir elsewhere
tar xf env.tar -C elsewhere
cas gc >/dev/null
assert_eq "$(packages)" ""
works elsewhere/env
expect_failure --status 1 cas show ./elsewhere/env
assert_contains "$OUTPUT" "not known to the store"

# Store and environment together, with their links: as if nothing had happened.
cas create env "$wheel" >/dev/null
tar cf all.tar env store
rm -rf env store
tar xf all.tar
assert_eq "$(state env)" live
assert_eq "$(stat -c %h env/.cas/anchor)" 2
mv env moved
assert_eq "$(state env)" moved
cas gc >/dev/null
works moved
rm -rf moved
cas gc >/dev/null
assert_eq "$(packages)" ""

# Where no link is possible: seen, out of sight, forgotten.
with_loop_fs ext4 64M
disk=$REPLY
cas create "$disk/env" "$wheel" >/dev/null
path=$disk/env
anchor=$(find store/roots -type f)
assert_contains "$(cat "$anchor")" '"host"'
unseen() { cas list --all --json | json environments.0.state; }
assert_eq "$(unseen)" live
expect_failure --status 1 cas gc --forget "$path"
assert_contains "$OUTPUT" "cas remove"
umount "$disk"
assert_eq "$(unseen)" unseen
assert_contains "$(cas gc)" "1 of them out of sight"
assert_eq "$(packages)" demo
expect_failure --status 1 cas history "$path"
assert_contains "$OUTPUT" "cas gc --forget"
# Long unused: gone on this machine, not on another's word.
touch -d '40 days ago' "$anchor"
assert_eq "$(unseen)" gone
sed -i 's/"host": "[^"]*"/"host": "machine:00000000000000000000000000000000"/' "$anchor"
touch -d '40 days ago' "$anchor"
assert_eq "$(unseen)" unseen
cas gc >/dev/null
assert_eq "$(packages)" demo
assert_contains "$(cas gc --forget "$path" --dry-run)" "would forget $path"
assert_eq "$(unseen)" unseen
assert_eq "$(cas gc --forget "$path" --json | json forgotten)" "[\"$path\"]"
assert_eq "$(packages)" ""
expect_failure --status 1 cas gc --forget "$path"
# It was not gone after all: it works, and the store does not know it.
mount -o loop "$CAS_TEST_TMP/ext4.0.img" "$disk"
works "$disk/env"
expect_failure --status 1 cas show "$disk/env"
# By its id, which needs no path.
cas create "$disk/second" "$wheel" >/dev/null
id=$(cas list --json | json environments.0.id)
umount "$disk"
cas gc --forget "$id" >/dev/null
assert_eq "$(packages)" ""
mount -o loop "$CAS_TEST_TMP/ext4.0.img" "$disk"
rm -rf "$disk/env" "$disk/second"
cas gc >/dev/null
# Deleted and made again, and again: all of them at once.
for _ in 1 2 3; do
  rm -rf "$disk/env"
  cas create "$disk/env" "$wheel" >/dev/null
done
assert_eq "$(cas gc --json | json unseen)" 2
assert_eq "$(cas gc --forget "$disk/env" --json | json forgotten)" "[\"$disk/env\", \"$disk/env\"]"
assert_eq "$(cas gc --json | json unseen)" 0
works "$disk/env"
cas remove "$disk/env" >/dev/null
cas gc >/dev/null

# In mount namespaces, as containers have them. Something covers the environment: its anchor has two names.
in_namespace() { unshare --mount --propagation private bash -euc "$1" -- "${@:2}"; }
mkdir covered box seen
cas create covered/env "$wheel" >/dev/null
in_namespace 'mount -t tmpfs none covered; "$CAS_BIN" gc >/dev/null; [[ ! -e covered/env ]]'
assert_eq "$(packages) $(state covered/env)" "demo live"
works covered/env
rm -rf covered
cas gc >/dev/null
assert_eq "$(packages)" ""
# It was made in a mount that nobody else has, over which no link leads: the time since its last use tells.
in_namespace 'mount --bind box seen; "$CAS_BIN" create seen/env "$1" >/dev/null' "$wheel"
assert_eq "$(state seen/env)" unseen
cas gc >/dev/null
assert_eq "$(packages)" demo
works box/env
cas gc --forget seen/env >/dev/null
assert_eq "$(packages)" ""
works box/env
assert_sound
