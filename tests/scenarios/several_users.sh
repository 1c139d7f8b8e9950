#!/usr/bin/env bash
# Users of one group share a store: each makes environments of what another brought, by links to his own files and by reflinks or copies of
# others', whatever the umasks; nobody collects what another needs; and what is killed half-way the next command cleans up.
. "$(dirname "$0")/lib.sh"
[[ $(id -u) -eq 0 ]] || skip "needs root to be several users"
type -P setpriv >/dev/null || skip "no setpriv"
# 1 nearly everywhere. Where it is 0 members may link each other's files, and nothing needs to fall back.
protected=$(cat /proc/sys/fs/protected_hardlinks)
echo "fs.protected_hardlinks is $protected"

group=23456 alice=12345 bob=12346 carol=12347
python3 - "$CAS_TEST_TMP" <<'PYTHON' || skip "the directory for temporary files is closed to others"
import os, sys
path = sys.argv[1]
while (path := os.path.dirname(path)) != "/":
    if not os.stat(path).st_mode & 0o001: sys.exit(1)
PYTHON
chmod 755 "$CAS_TEST_TMP"
cp "$CAS_BIN" "$CAS_TEST_TMP/cas"
[[ -x /usr/bin/python3 ]] || skip "no /usr/bin/python3"
have_wheels demo
mkdir "$CAS_TEST_TMP/wheels"
six=$(wheel six) && cp "$six" "$CAS_TEST_TMP/wheels"
six=$CAS_TEST_TMP/wheels/${six##*/}
mine=$(make_wheel wheels mine 1.0 mine.py='x = 1' mine_data/a.txt=a mine_data/b.txt=b)
yours=$(make_wheel wheels yours 1.0 yours.py='x = 2')
mine=$CAS_TEST_TMP/$mine yours=$CAS_TEST_TMP/$yours
chmod -R a+rX wheels

as() { # USER COMMAND...
  local user=$1 groups=(--groups "$group")
  shift
  [[ $user != "$carol" ]] || groups=(--clear-groups)
  setpriv --reuid "$user" --regid "$user" "${groups[@]}" env HOME="$place/home$user" CAS_STORE="$store" "$@"
}
cas_as() {
  local user=$1
  shift
  as "$user" "$CAS_TEST_TMP/cas" "$@"
}
# sound: nothing is wrong, by cas and by a program that shares nothing with it.
sound() {
  cas_as "$alice" verify --contents >/dev/null || fail "not sound: $(cas_as "$alice" verify --contents 2>&1)"
  CAS_STORE=$store check_store "$@"
}
links() { # DOCUMENT FIELD
  json "links.$2" <<<"$1"
}

# on_filesystem DIR reflink|copy: what a file becomes that cannot be linked.
on_filesystem() {
  place=$1 store=$1/store
  local instead=$2 user made all
  chmod 755 "$place"
  for user in $alice $bob $carol; do
    install -d -o "$user" -g "$user" -m 700 "$place/home$user"
  done
  install -d -o $alice -g $group -m 755 "$store"

  # Not shared: nobody else's business.
  cas_as $alice create -p /usr/bin/python3 "$place/home$alice/private" "$six" >/dev/null
  expect_failure --status 1 cas_as $bob list
  assert_contains "$OUTPUT" "it belongs to user $alice"
  assert_contains "$OUTPUT" "cas store share"
  expect_failure --status 1 cas_as $bob store share --group $group
  expect_failure --status 1 cas_as $alice store share --group 34567
  assert_contains "$OUTPUT" "member"

  # Shared. Its owner has a umask that leaves nothing to others, and so has everybody else.
  umask 077
  assert_contains "$(cas_as $alice store share --group $group --dry-run)" "would be shared"
  expect_failure --status 1 cas_as $bob list
  # Half shared is not shared, for anybody, until it is done again.
  expect_failure --status 137 as $alice env CAS_FAILPOINT=store-shared:kill "$CAS_TEST_TMP/cas" store share --group $group
  for user in $alice $bob; do
    expect_failure --status 1 cas_as "$user" list
    assert_contains "$OUTPUT" "cas store share"
  done
  assert_contains "$(cas_as $alice store share --group $group)" "is shared now with group $group"
  assert_contains "$(cas_as $alice store info "$place/home$alice")" "shared with group $group"
  expect_failure --status 1 cas_as $carol list
  assert_contains "$OUTPUT" "of which you are no member"
  expect_failure --status 1 env CAS_STORE="$store" "$CAS_TEST_TMP/cas" list
  assert_contains "$OUTPUT" "sudo -u"

  # Alice's files, in Bob's environment, and the line that says so.
  made=$(cas_as $bob create --json -p /usr/bin/python3 "$place/home$bob/env" "$six")
  all=$(links "$made" "$instead")
  if [[ $protected -eq 1 ]]; then
    ((all >= 5)) || fail "$instead: $made"
    assert_eq "$(links "$made" forbidden)" "$all"
    assert_contains "$(cas_as $bob create -p /usr/bin/python3 "$place/home$bob/again" "$six")" "$all files not hard-linked: $all belong to other users"
    cas_as $bob remove "$place/home$bob/again" >/dev/null
  fi
  as $bob "$place/home$bob/env/bin/python" -c 'import six'
  # What Bob brings is his, and he links it; for Alice it is the other way round.
  made=$(cas_as $bob create --json -p /usr/bin/python3 "$place/home$bob/own" "$mine" "$six")
  ((all < $(links "$made" "$instead") + $(links "$made" hardlink))) || fail "nothing of his own: $made"
  (($(links "$made" hardlink) >= 3)) || fail "Bob does not link his own files: $made"
  cas_as $alice create -p /usr/bin/python3 "$place/home$alice/env" "$mine" >/dev/null
  as $alice "$place/home$alice/env/bin/python" -c 'import mine'
  sound
  cas_as $bob doctor "$place/home$bob/own" >/dev/null
  cas_as $bob verify "$place/home$bob/own" >/dev/null

  # Everybody sees that there are environments, collects, and nobody loses anything.
  assert_eq "$(cas_as $alice list --json | grep -c '"path"')" 4
  for user in $alice $bob; do
    cas_as "$user" gc >/dev/null
    cas_as "$user" du >/dev/null
  done
  as $bob "$place/home$bob/own/bin/python" -c 'import mine, six'
  assert_contains "$(cas_as $bob doctor "$place/home$bob/own")" sound
  # Bob's packages go by Alice's collection, when nobody has them; what is removed is Bob's.
  cas_as $bob remove "$place/home$bob/own" >/dev/null
  cas_as $alice remove "$place/home$alice/env" >/dev/null
  cas_as $alice gc --max-age 0s >/dev/null
  expect_failure cas_as $alice show mine
  sound

  # Bob is killed where it hurts; Alice goes on, collects, and leaves alone what lies in his home.
  for step in objects-synchronised anchor-published linked; do
    expect_failure --status 137 as $bob env CAS_FAILPOINT=$step:kill "$CAS_TEST_TMP/cas" create -p /usr/bin/python3 "$place/home$bob/half" "$yours"
    cas_as $alice gc >/dev/null
    cas_as $alice create -p /usr/bin/python3 "$place/home$alice/after" "$yours" >/dev/null
    cas_as $alice remove "$place/home$alice/after" >/dev/null
    sound
    cas_as $bob create -p /usr/bin/python3 "$place/home$bob/half" "$yours" >/dev/null
    cas_as $bob gc >/dev/null
    cas_as $bob remove "$place/home$bob/half" >/dev/null
    cas_as $bob gc --max-age 0s >/dev/null
  done
  CAS_STORE=$store assert_no_scratch "$place/home$bob" "$place/home$alice"

  # The index is made anew by either; an interpreter that one captured is the other's, too.
  cas_as $bob index rebuild >/dev/null
  cas_as $alice create -p /usr/bin/python3 "$place/home$alice/based" --base store "$yours" >/dev/null
  made=$(cas_as $bob create --json -p /usr/bin/python3 "$place/home$bob/based" --base store "$yours")
  assert_eq "$(json python.captured <<<"$made")" "" "captured twice"
  as $bob "$place/home$bob/based/bin/python" -c 'import yours, json, ssl'
  cas_as $bob pin yours >/dev/null
  cas_as $alice unpin yours >/dev/null
  sound

  # What a copy of the store loses is said, and put right.
  setfacl -b "$store" 2>/dev/null || python3 -c 'import os, sys; os.removexattr(sys.argv[1], "system.posix_acl_default")' "$store"
  expect_failure --status 1 cas_as $bob list
  assert_contains "$OUTPUT" "cas store share"
  cas_as $alice store share >/dev/null
  cas_as $bob list >/dev/null
  umask 022

  # Somebody who is no member of the group got hold of an object, or of a directory.
  cas_as $bob remove "$place/home$bob/based" >/dev/null
  local segment object
  object=$(find "$store/objects" -name "$(printf 'x = 2' | sha256sum | cut -c1-64)")
  segment=${object%/*}
  chown $carol:$carol "$object"
  expect_failure --status 1 cas_as $bob create -p /usr/bin/python3 "$place/home$bob/tampered" "$yours"
  assert_contains "$OUTPUT" "belongs to user $carol"
  expect_failure --status 4 cas_as $alice verify
  assert_contains "$OUTPUT" "$carol"
  cas_as $alice repair --offline >/dev/null
  sound
  chmod o+w "$segment"
  expect_failure --status 1 cas_as $bob create -p /usr/bin/python3 "$place/home$bob/tampered" "$yours"
  assert_contains "$OUTPUT" "can be written by everybody"
  chmod o-w "$segment"
  cas_as $bob create -p /usr/bin/python3 "$place/home$bob/env2" "$yours" >/dev/null
  sound

  # No longer shared: Alice's alone, and what Bob has works on. Directories of his only root can give her.
  expect_failure --status 1 cas_as $bob store share --none
  expect_failure --status 2 cas_as $alice store share --none --group $group
  if find "$store/objects" "$store/python" -type d -user $bob | grep -q .; then
    expect_failure --status 1 cas_as $alice store share --none
    assert_contains "$OUTPUT" "belongs to user $bob"
    cas_as $bob list >/dev/null # nothing was begun
  fi
  # The index is Bob's by now, and everybody's; a process of his has it open.
  cas_as $bob index rebuild >/dev/null
  as $bob chmod 666 "$store/index/data.mdb"
  rm -f "$place/home$bob/opened" "$place/home$bob/go"
  as $bob python3 - "$store/index/data.mdb" "$place/home$bob" <<'PYTHON' &
import os, sys, time
file = open(sys.argv[1], "r+b", buffering=0)
open(sys.argv[2] + "/opened", "w").close()
while not os.path.exists(sys.argv[2] + "/go"): time.sleep(0.05)
os.pwrite(file.fileno(), b"x" * os.fstat(file.fileno()).st_size, 0)
PYTHON
  local writer=$!
  for _ in {1..200}; do
    [[ ! -e $place/home$bob/opened ]] || break
    sleep 0.05
  done
  assert_exists "$place/home$bob/opened"
  local before after step
  before=$(tree_sum "$store")
  assert_contains "$(CAS_STORE=$store "$CAS_TEST_TMP/cas" store share --none --dry-run)" "would be its owner's alone"
  after=$(tree_sum "$store")
  assert_eq "$after" "$before" "a dry run"
  for step in index-renew store-closed; do
    expect_failure --status 137 env CAS_STORE="$store" CAS_FAILPOINT=$step:kill "$CAS_TEST_TMP/cas" store share --none
  done
  for user in $alice $bob; do expect_failure --status 1 cas_as "$user" list; done
  CAS_STORE=$store "$CAS_TEST_TMP/cas" store share --none >/dev/null 2>&1
  assert_absent "$store/shared"
  touch "$place/home$bob/go"
  wait "$writer"
  expect_failure --status 1 cas_as $bob list
  assert_contains "$OUTPUT" "it belongs to user $alice"
  assert_eq "$(find "$store" -path "$store/cache/*" -prune -o -type d \( -perm /g+w,g+s -o ! -user $alice \) -print)" ""
  assert_eq "$(find "$store" -path "$store/cache/*" -prune -o -path "$store/roots/*" -prune -o -type f -perm /g+w,o+w -print)" ""
  as $bob "$place/home$bob/env2/bin/python" -c 'import yours'
  cas_as $alice repair --offline --contents >/dev/null
  cas_as $alice verify --contents >/dev/null
  assert_not_contains "$(cas_as $alice gc 2>&1)" "interrupted"
  cas_as $alice create -p /usr/bin/python3 "$place/home$alice/last" "$yours" >/dev/null
  as $alice "$place/home$alice/last/bin/python" -c 'import yours'
  expect_failure --status 2 cas_as $alice store share --none
  assert_contains "$OUTPUT" "is not shared"
}

with_loop_fs ext4 256M
on_filesystem "$REPLY" copy
with_loop_fs xfs 300M
on_filesystem "$REPLY" reflink
with_loop_fs btrfs 256M
on_filesystem "$REPLY" reflink
