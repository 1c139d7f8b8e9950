#!/usr/bin/env bash
# An environment where something is already: an empty or foreign directory, a mount point, an unwritable parent,
# another tool's or one's own environment.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1' @demo=demo:main)
next=$(make_wheel wheels demo 2.0 demo.py='x = 2' new.py='x = 3')

# works ENV VALUE
works() {
  assert_eq "$("$1/bin/python" -B -c 'import demo; print(demo.x)')" "$2" "$1"
  assert_eq "$(cas show --json "./$1" 2>/dev/null | json environment.state || true)" live "$1"
}

# Places where none can be.
expect_failure --status 2 cas create /
assert_contains "$OUTPUT" "it cannot be an environment"
expect_failure --status 2 cas create a:b
assert_contains "$OUTPUT" "colon"
expect_failure --status 2 cas venv a:b/env
cas create plain >/dev/null
expect_failure --status 2 cas clone plain a:b
expect_failure --status 2 cas move plain a:b
assert_absent a:b
# Somebody may put one there all the same.
mv plain a:b
cas move a:b >/dev/null
cas move ./a:b plain >/dev/null
cas remove plain >/dev/null

# Empty; with files of others, which stay.
mkdir empty foreign
cas create empty "$wheel" >/dev/null
works empty 1
mkdir -p foreign/lib foreign/data
echo mine | tee foreign/note foreign/lib/note foreign/data/note >/dev/null
cas create foreign "$wheel" >/dev/null
works foreign 1
cas create foreign "$next" >/dev/null
works foreign 2
assert_eq "$(cat foreign/note foreign/lib/note foreign/data/note | sort -u)" mine

# Changing one of our own: same packages, others, none; a file of the user's stays.
echo mine > empty/lib/mine
cas create empty "$next" >/dev/null
works empty 2
assert_absent empty/bin/demo
assert_eq "$(cas create --json empty | json changed)" true
[[ -z $(find empty/lib -name 'demo*' -o -name new.py) ]] || fail "files of a package that went"
assert_eq "$(cat empty/lib/mine)" mine
assert_eq "$(cas show --json ./empty | json environment.packages)" "[]"

# Not ours: a file, another tool's environment, an environment of another store. They stay as they are.
echo text > file
expect_failure cas create file "$wheel"
assert_eq "$(cat file)" text
python3 -m venv --without-pip theirs 2>/dev/null || printf 'home = /usr/bin\n' > theirs/pyvenv.cfg
before=$(tree_sum theirs)
expect_failure cas create theirs "$wheel"
assert_contains "$OUTPUT" "another program"
assert_eq "$(tree_sum theirs)" "$before" "another tool's environment"
cas --store other-store create elsewhere "$wheel" >/dev/null
before=$(tree_sum elsewhere/lib)
expect_failure cas create elsewhere "$next"
assert_contains "$OUTPUT" "another store"
assert_eq "$(tree_sum elsewhere/lib)" "$before" "another store's environment"

# A failure leaves an existing directory as it was.
mkdir untouched
expect_failure --status 1 env CAS_FAILPOINT=change-staged:enospc "$CAS_BIN" create untouched "$wheel"
assert_eq "$(find untouched -mindepth 1 ! -path 'untouched/.cas' ! -path 'untouched/.cas/lock*')" "" "after a failure"

# A link to a directory stands for it.
mkdir real
ln -s real link
cas create link "$wheel" >/dev/null
works real 1

# An unwritable parent, as an ordinary user.
if [[ $(id -u) -eq 0 ]] && command -v setpriv >/dev/null && getent passwd nobody >/dev/null; then
  user=$(id -u nobody)
  as_nobody() {
    env CAS_STORE="$CAS_TEST_TMP/theirs.d/store" HOME="$CAS_TEST_TMP/theirs.d" \
      setpriv --reuid "$user" --regid "$(id -g nobody)" --clear-groups "$@"
  }
  mkdir -p theirs.d parent/env
  cp "$CAS_BIN" theirs.d/cas
  chown -R "$user" theirs.d parent/env
  chmod 755 . parent
  chmod -R a+rX wheels
  as_nobody theirs.d/cas create parent/env -p /usr/bin/python3 "$wheel" >/dev/null
  assert_eq "$(parent/env/bin/python -B -c 'import demo; print(demo.x)')" 1
  as_nobody theirs.d/cas create parent/env -p /usr/bin/python3 "$next" >/dev/null
  assert_eq "$(parent/env/bin/python -B -c 'import demo; print(demo.x)')" 2
  expect_failure --status 1 as_nobody theirs.d/cas create parent/denied -p /usr/bin/python3 "$wheel"
  assert_contains "$OUTPUT" "Permission denied"
  assert_absent parent/denied
  as_nobody theirs.d/cas remove parent/env >/dev/null
  assert_absent parent/env/pyvenv.cfg
  as_nobody theirs.d/cas gc >/dev/null
  as_nobody theirs.d/cas verify --contents >/dev/null
else
  printf 'not tested: an unwritable parent (needs root and setpriv)\n'
fi

# A mount point.
mkdir mounted
if own_mounts && mount -t tmpfs none mounted 2>/dev/null; then
  cas_test_mounts+=("$CAS_TEST_TMP/mounted")
  links=$(cas create --json mounted "$wheel" | json links)
  assert_eq "$(json hardlink <<<"$links") $(json reflink <<<"$links")" "0 0" "another filesystem: copies"
  (($(json copy <<<"$links") >= 3)) || fail "copies: $links"
  works mounted 1
  cas create mounted "$next" >/dev/null
  works mounted 2
  cas remove mounted >/dev/null
  assert_eq "$(find mounted -mindepth 1)" "" "contents of the mount point"
else
  printf 'not tested: a mount point\n'
fi
assert_no_scratch .
assert_sound
