#!/usr/bin/env bash
# A store that another user could have written to is not opened, unless that is allowed by name; one that may only be read is only read.
. "$(dirname "$0")/lib.sh"
[[ $(id -u) -eq 0 ]] || skip "needs root to be several users"
type -P setpriv >/dev/null || skip "no setpriv"
alice=12345 bob=12346
python3 - "$CAS_TEST_TMP" <<'PYTHON' || skip "the directory for temporary files is closed to others"
import os, sys
path = sys.argv[1]
while (path := os.path.dirname(path)) != "/":
    if not os.stat(path).st_mode & 0o001: sys.exit(1)
PYTHON
chmod 755 "$CAS_TEST_TMP"
cp "$CAS_BIN" program
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1')
wheel=$CAS_TEST_TMP/$wheel
chmod -R a+rX wheels
for user in $alice $bob; do install -d -o $user -g $user "home$user"; done
cas_as() { # USER WORD...
  local user=$1
  shift
  setpriv --reuid "$user" --regid "$user" --clear-groups env HOME="$CAS_TEST_TMP/home$user" "$CAS_TEST_TMP/program" "$@"
}

# Every user's Python, and not one in somebody's home.
[[ -x /usr/bin/python3 ]] || skip "no /usr/bin/python3"

# Root's, for everybody to look at.
cas create -p /usr/bin/python3 env "$wheel" >/dev/null
for command in list 'show env' 'show demo' 'verify' 'verify env' 'doctor env' 'du' 'du env' 'check env' 'store info' 'history env' 'freeze env' \
  'gc --dry-run' 'gc --print-roots' 'why demo' 'pins' 'python list' 'run env python -c pass'; do
  # shellcheck disable=SC2086
  cas_as $bob $command >out 2>&1 || fail "$command: $(cat out)"
done
before=$(find store env -printf '%P %u %m %T@\n' | grep -v '^\(index\|locks\)' | sort)
for command in "create -p /usr/bin/python3 $CAS_TEST_TMP/home$bob/env $wheel" "add $wheel" gc 'remove env' 'pin demo' repair 'doctor --fix env' 'index rebuild' \
  "clone env $CAS_TEST_TMP/home$bob/env" 'python add /usr/bin/python3' "install env $wheel"; do
  # shellcheck disable=SC2086
  expect_failure --status 1 cas_as $bob $command
  assert_contains "$OUTPUT" "it belongs to user 0" "$command"
  assert_contains "$OUTPUT" "a store of your own" "$command"
done
assert_eq "$(find store env -printf '%P %u %m %T@\n' | grep -v '^\(index\|locks\)' | sort)" "$before"
assert_absent "home$bob/env"

# A user's, for root.
export CAS_STORE=$CAS_TEST_TMP/home$alice/store
cas_as $alice create -p /usr/bin/python3 "$CAS_TEST_TMP/home$alice/env" "$wheel" >/dev/null
expect_failure --status 1 cas list
assert_contains "$OUTPUT" "it belongs to user $alice"
assert_contains "$OUTPUT" "sudo -u"
assert_contains "$OUTPUT" "CAS_TRUST_STORE=$CAS_STORE"
CAS_TRUST_STORE=/elsewhere:$CAS_STORE cas list >/dev/null
CAS_TRUST_STORE=$CAS_STORE cas verify --contents >/dev/null
expect_failure --status 1 env CAS_TRUST_STORE="$CAS_STORE" "$CAS_BIN" create -p /usr/bin/python3 new "$wheel"
assert_contains "$OUTPUT" "could not change what root leaves there"
assert_eq "$(find "$CAS_STORE" ! -user $alice)" "" "root left something"
# With the group's leave, nobody is locked out.
cas_as $alice store share --group $alice >/dev/null
CAS_TRUST_STORE=$CAS_STORE cas create -p /usr/bin/python3 new "$(make_wheel wheels roots 1.0 roots.py='x = 1')" >/dev/null
cas_as $alice gc >/dev/null
cas remove new --store "$CAS_TEST_TMP/store" >/dev/null 2>&1 || CAS_TRUST_STORE=$CAS_STORE cas remove new >/dev/null
cas_as $alice gc --max-age 0s >/dev/null
assert_eq "$(cas_as $alice store info "home$alice" --json | json environments)" 1
cas_as $alice verify --contents >/dev/null

# Writable for others: refused, whatever it is, until it is not.
export CAS_STORE=$CAS_TEST_TMP/second
(umask 0 && cas create -p /usr/bin/python3 env2 "$wheel" >/dev/null)
assert_eq "$(find second -perm /022 ! -type l ! -name '*.lock' ! -name '*.gate')" "" "whatever the umask"
for place in . objects roots staging index index/data.mdb manifests python locks; do
  [[ -e second/$place ]] || continue
  for bits in o+w g+w; do
    chmod $bits "second/$place"
    expect_failure --status 1 cas list
    assert_contains "$OUTPUT" "can be written by" "$place $bits"
    assert_contains "$OUTPUT" "chmod -R go-w $CAS_STORE" "$place $bits"
    CAS_TRUST_STORE=$CAS_STORE cas list >/dev/null
    chmod go-w "second/$place"
  done
  chown $bob "second/$place"
  [[ $place == . ]] || expect_failure --status 1 cas list
  [[ $place == . ]] || assert_contains "$OUTPUT" "belongs to user $bob" "$place"
  chown root "second/$place"
  cas list >/dev/null
done
# A segment is looked at by those who link from it.
chmod o+w second/objects/00000000
expect_failure --status 1 cas create -p /usr/bin/python3 env3 "$wheel"
assert_contains "$OUTPUT" "can be written by everybody"
chmod o-w second/objects/00000000
# A link in the place of a directory.
for place in objects staging roots index; do
  mv "second/$place" aside
  ln -s ../aside "second/$place"
  expect_failure --status 1 cas list
  assert_contains "$OUTPUT" "is a symbolic link" "$place"
  rm "second/$place"
  mv aside "second/$place"
done
cas create -p /usr/bin/python3 env3 "$wheel" >/dev/null

# An empty directory that is open to all becomes a store that is not; where others can exchange it, that is said once.
mkdir -m 777 open
mkdir -m 777 open/store
CAS_STORE=$PWD/open/store cas create -p /usr/bin/python3 env4 "$wheel" >out 2>&1
assert_contains "$(cat out)" "every user can rename what is in $PWD/open"
assert_eq "$(stat -c %a open/store)" 755
CAS_STORE=$PWD/open/store cas create -p /usr/bin/python3 env5 "$wheel" >out 2>&1
assert_not_contains "$(cat out)" "can rename"
assert_contains "$(CAS_STORE=$PWD/open/store cas store info)" "can rename"
chmod 1777 open
assert_not_contains "$(CAS_STORE=$PWD/open/store cas store info)" "can rename"
# One that another user made for it is his.
install -d -o $bob lure
expect_failure --status 1 env CAS_STORE="$PWD/lure" "$CAS_BIN" create -p /usr/bin/python3 env6 "$wheel"
assert_contains "$OUTPUT" "it belongs to user $bob"

# A user whom this user namespace does not know.
if unshare --user --map-root-user true 2>/dev/null; then
  export CAS_STORE=$CAS_TEST_TMP/home$alice/store3
  cas_as $alice create -p /usr/bin/python3 "$CAS_TEST_TMP/home$alice/env3" "$wheel" >/dev/null
  expect_failure --status 1 unshare --user --map-root-user "$CAS_BIN" list
  assert_contains "$OUTPUT" "user namespace"
  CAS_TRUST_STORE=$CAS_STORE unshare --user --map-root-user "$CAS_BIN" list >/dev/null
fi
