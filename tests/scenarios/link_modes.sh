#!/usr/bin/env bash
# Link modes on real filesystems: what goes which way, across filesystems and mounts, with too many links, on a full disk.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo/a.py='x = 1' demo/b.py='x = 2' demo/c.txt=c)

# counts STORE ENV MODE: "hardlink reflink copy" of a new environment.
counts() {
  local links
  links=$(CAS_STORE=$1 cas create --json "$2" --link-mode "$3" "$wheel" | json links)
  printf '%s %s %s' "$(json hardlink <<<"$links")" "$(json reflink <<<"$links")" "$(json copy <<<"$links")"
  grep -qx 'x = 1' "$2"/lib/python3*/site-packages/demo/a.py || fail "contents in $2"
}

all=$(CAS_STORE=$CAS_TEST_TMP/first-store cas create --json first "$wheel" | json links.hardlink)
((all >= 5)) || fail "three files, METADATA and WHEEL are $all"
check_filesystem() {
  local fs=$1 store=$1/store reflink=$2
  [[ $reflink == yes ]] && cloned="0 $all 0" || cloned="0 0 $all"
  assert_eq "$(counts "$store" "$fs/auto" auto)" "$all 0 0" "$fs auto"
  assert_eq "$(counts "$store" "$fs/hard" hardlink)" "$all 0 0" "$fs hardlink"
  assert_eq "$(counts "$store" "$fs/ref" reflink)" "$cloned" "$fs reflink"
  assert_eq "$(counts "$store" "$fs/copy" copy)" "0 0 $all" "$fs copy"
  # What is not shared may be written to, and the store does not feel it.
  chmod u+w "$fs"/ref/lib/python3*/site-packages/demo/a.py
  echo 'x = 3' > "$(echo "$fs"/ref/lib/python3*/site-packages/demo/a.py)"
  CAS_STORE=$store cas verify --contents >/dev/null
  # A bind mount of the same filesystem is another mount: no hard links, but clones.
  mkdir "$fs/bound" "$fs/behind"
  mount --bind "$fs/behind" "$fs/bound"
  cas_test_mounts+=("$fs/bound")
  assert_eq "$(counts "$store" "$fs/bound/env" auto)" "$cloned" "$fs bind mount"
  # Another filesystem: copies. The environment is found alive without a link, and goes when it is removed.
  assert_eq "$(counts "$store" "$CAS_TEST_TMP/other-${fs##*/}" auto)" "0 0 $all" "$fs elsewhere"
  CAS_STORE=$store cas gc >/dev/null
  assert_eq "$(CAS_STORE=$store cas list --json | grep -c '"state": "live"')" 6 "$fs environments"
  CAS_STORE=$store cas remove "$CAS_TEST_TMP/other-${fs##*/}" "$fs/bound/env" "$fs/auto" "$fs/hard" "$fs/ref" \
    "$fs/copy" >/dev/null
  CAS_STORE=$store cas gc >/dev/null
  assert_eq "$(CAS_STORE=$store cas store info --json | json objects)" 0 "$fs"
}

with_loop_fs ext4 96M -N 4000
ext4=$REPLY
check_filesystem "$ext4" no

# EMLINK: the object has as many names as ext4 allows; a fresh inode takes over.
CAS_STORE=$ext4/store cas add "$wheel" >/dev/null
object=$(grep -rlx 'x = 1' "$ext4/store/objects")
python3 - "$object" "$ext4/names" <<'PYTHON'
import errno, os, sys
os.mkdir(sys.argv[2])
try:
    for n in range(70_000):
        os.link(sys.argv[1], f"{sys.argv[2]}/{n}")
except OSError as error:
    assert error.errno == errno.EMLINK, error
else:
    sys.exit("70,000 links, and no end")
PYTHON
assert_eq "$(counts "$ext4/store" "$ext4/full" auto)" "$all 0 0" "with 65,000 links"
assert_eq "$(stat -c %h "$object")" 2 "the fresh inode's links"
CAS_STORE=$ext4/store cas verify --contents >/dev/null

with_loop_fs xfs 300M
check_filesystem "$REPLY" yes
with_loop_fs btrfs 128M
check_filesystem "$REPLY" yes
