#!/usr/bin/env bash
# A store written with --durability none knows the boot that it was written in: after another one the first command looks at what was
# written, forgets what is not whole, and says so; a kill in between changes nothing.
. "$(dirname "$0")/lib.sh"
own_mounts || skip "needs root and a mount namespace of its own, to make up a boot"
boot() {
  printf '%s\n' "$1" >"$CAS_TEST_TMP/boot.$1"
  mount --bind "$CAS_TEST_TMP/boot.$1" /proc/sys/kernel/random/boot_id
  cas_test_mounts+=(/proc/sys/kernel/random/boot_id)
}
export CAS_DURABILITY=none
lost=$(make_wheel wheels lost 1.0 lost.py='x = 1' both.py='same = 1')
kept=$(make_wheel wheels kept 1.0 kept.py='x = 2' both.py='same = 1')
cas add "$lost" "$kept" >/dev/null
cas create old "$kept" >/dev/null
object=$CAS_STORE/objects/00000000/$(printf 'x = 1' | sha256sum | cut -d' ' -f1)
assert_exists "$object"

# In the same boot nothing is looked at: an object without bytes would be seen.
cp -a "$object" saved
: >"$object"
cas list 2>err >/dev/null
assert_eq "$(cat err)" ""
cp -a --remove-destination saved "$object"

# After another one it is, once.
boot second
cas list 2>err >/dev/null
assert_eq "$(cat err)" ""
: >"$object"
cas list 2>err >/dev/null
assert_eq "$(cat err)" "" "the second look of the same boot"
cp -a --remove-destination saved "$object"

cas add "$(make_wheel wheels more 1.0 more.py='x = 3')" >/dev/null
more=$(find "$CAS_STORE/objects" -name "$(printf "x = 3" | sha256sum | cut -d" " -f1)")
assert_exists "$more"
: >"$more"
boot third
expect_failure --status 137 env CAS_FAILPOINT=distrust-commit:kill "$CAS_BIN" list
expect_failure --status 1 env CAS_FAILPOINT=distrust-commit:enospc "$CAS_BIN" list
cas create new "$kept" 2>err >/dev/null
assert_contains "$(cat err)" "1 file forgotten, and with them more 1.0"
assert_sound
check_store --contents
assert_absent "$more"
assert_eq "$(cat new/lib/python3*/site-packages/kept.py)" "x = 2"
expect_failure cas show more
cas add wheels/more-1.0-py3-none-any.whl >/dev/null
cas create again "$lost" wheels/more-1.0-py3-none-any.whl 2>err >/dev/null
assert_eq "$(cat err)" ""
assert_sound

# Synchronised stores note nothing.
CAS_STORE=$CAS_TEST_TMP/synchronised
CAS_DURABILITY=batch cas add "$lost" >/dev/null
file=$CAS_STORE/objects/00000000/${object##*/}
: >"$file"
boot fourth
cas list 2>err >/dev/null
assert_eq "$(cat err)" ""
