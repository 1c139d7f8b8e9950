#!/usr/bin/env bash
# A change that cannot be carried out is refused before anything is touched; one that fails half-way says where it stands, and is
# finished as soon as it can be; and what fails after it makes no failure of it.
. "$(dirname "$0")/lib.sh"
cd "$CAS_TEST_TMP"
one=$(make_wheel wheels one 1.0 one/__init__.py='x = 1' one/deep/a.py='a = 1')
two=$(make_wheel wheels two 1.0 two.py='x = 1')
three=$(make_wheel wheels three 1.0 three.py='x = 1')

# --- the store's history ---
cas create env "$one" >/dev/null
rm -rf store/history
printf x > store/history
cas install env "$two" > out 2> err || fail "installed, and said to have failed: $(cat err)"
assert_contains "$(cat err)" "cannot be rolled back"
env/bin/python -c 'import two'
cas install env "$three" > out 2> err || fail "the next one: $(cat err)"
assert_contains "$(cat err)" "cannot be rolled back"
cas create --clear env "$one" > out 2> err || fail "--clear: $(cat err)"
rm store/history
cas install env "$two" > out 2> err
assert_eq "$(cat err)" ""
cas rollback env --quiet
expect_failure env/bin/python -c 'import two'
cas remove env >/dev/null

# --- directories of somebody else's ---
[[ $(id -u) -eq 0 ]] || skip "needs root to be another user, too"
type -P setpriv >/dev/null || skip "no setpriv"
chmod 755 "$CAS_TEST_TMP"
mkdir user
python3 - <<'PYTHON'
import os
path = os.path.abspath("user")
while path != "/":
    path = os.path.dirname(path)
    if not os.stat(path).st_mode & 0o001:
        raise SystemExit(f"closed to others: {path}")
PYTHON
cp "$CAS_BIN" user/cas
cp -r wheels user/
chown -R 12345:12345 user
cd user
as_user() { setpriv --reuid 12345 --regid 12345 --clear-groups env HOME="$PWD" CAS_STORE="$PWD/store" "$@"; }
as_user ./cas create env --base system "wheels/${one##*/}" "wheels/${two##*/}" >out 2>&1 || skip "no Python for another user: $(cat out)"
site=$(echo env/lib/python3*/site-packages)
state() { (cd env && find . -path ./.cas -prune -o -printf '%P %y %m %u %i\n' | sort; cat .cas/anchor); }

# refused WHAT [DOCTOR]: uninstalling `one` and `two` is, names WHAT, and touches nothing; `cas doctor` says DOCTOR (sound).
refused() {
  local before
  before=$(state)
  expect_failure --status 1 as_user ./cas uninstall env two one
  assert_contains "$OUTPUT" "$1"
  assert_eq "$(state)" "$before" "$1: touched"
  assert_absent env/.cas/journal
  [[ -z $(compgen -G 'env/.cas/new-*') ]] || fail "$1: staging is left"
  assert_contains "$(as_user ./cas doctor env || true)" "${2-sound}" "$1"
}
chown root "$site/one/deep"
refused "one/deep: Permission denied"
chown 12345 "$site/one/deep"
chown root "$site/one"
refused "one: Permission denied"
chown 12345 "$site/one"
chown root "$site"
chmod 1777 "$site"
chown root "$site/two.py"
refused "two.py belongs to user 0" "two.py belongs to user 0, the store to 12345"
chown 12345 "$site" "$site/two.py"
chmod 755 "$site"
mkdir "$site/__pycache__" 2>/dev/null || true
touch "$site/__pycache__/two.cpython-300.pyc"
chown root "$site/__pycache__"
refused "__pycache__: Permission denied"
chown 12345 "$site/__pycache__"
mkdir aside
ln -s ../../aside env/.cas/kept
rm "$site/two.py"
printf 'mine = 1\n' > "$site/two.py"
expect_failure as_user ./cas create env "wheels/${one##*/}" "$(make_wheel more two 2.0 two.py='x = 2')"
assert_contains "$OUTPUT" ".cas/kept: is a symbolic link"
assert_absent env/.cas/journal
rm env/.cas/kept

# Something that happens after it was looked at.
expect_failure --status 137 as_user env CAS_FAILPOINT=change-removed:kill ./cas uninstall env one
chown root "$site/one-1.0.dist-info"
expect_failure as_user ./cas install env "wheels/${two##*/}"
assert_contains "$OUTPUT" "env/.cas/journal says what is left"
assert_contains "$OUTPUT" "Permission denied"
expect_failure as_user ./cas doctor env
assert_contains "$OUTPUT" "interrupted          .cas/journal"
chown 12345 "$site/one-1.0.dist-info"
as_user ./cas doctor --fix env >out 2>&1 || fail "$(cat out)"
assert_absent env/.cas/journal
assert_absent "$site/one"
