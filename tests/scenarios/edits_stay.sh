#!/usr/bin/env bash
# What somebody did to the files of a package stays until that package itself is replaced or removed; what is then in the way is kept
# aside, whoever put it there.
. "$(dirname "$0")/lib.sh"
cd "$CAS_TEST_TMP"
lib=$(make_wheel wheels lib 1.0 lib/__init__.py='x = 1' lib/core.py='core = 1' lib/gone.py='x = 1' lib/folder.txt='text' \
  lib/data/a.txt='a' @lib-tool=lib:x)
lib2=$(make_wheel wheels lib 2.0 lib/__init__.py='x = 2' lib/core.py='core = 1' lib/gone.py='x = 1' lib/folder.txt='text' \
  lib/data/a.txt='a' @lib-tool=lib:x)
one=$(make_wheel wheels one 1.0 one.py='x = 1')
two=$(make_wheel wheels two 1.0 two.py='x = 1')

cas create env "$lib" "$one" >/dev/null
site=$(echo env/lib/python3*/site-packages)
edit() { printf '%s\n' "$2" > "$1.new" && mv "$1.new" "$1"; }
edit "$site/lib/core.py" 'core = "mine"'
rm "$site/lib/gone.py" "$site/lib/folder.txt"
mkdir "$site/lib/folder.txt"
echo mine > "$site/lib/folder.txt/mine"
echo added > "$site/lib/added.py"
mv "$site/lib/data" elsewhere
ln -s ../../../../../elsewhere "$site/lib/data"
edit env/bin/lib-tool '#!/bin/sh'
env/bin/python -c 'import lib.core' # Python's own bytecode of the edited file
bytecode=$(find "$site/lib/__pycache__" -name 'core.*')
sum=$(sha256sum "$bytecode")

# --- changes that have nothing to do with it ---
lies_as_it_did() {
  assert_eq "$(cat "$site/lib/core.py")" 'core = "mine"' "$1"
  assert_absent "$site/lib/gone.py"
  assert_eq "$(cat "$site/lib/folder.txt/mine")" mine "$1"
  assert_eq "$(cat "$site/lib/added.py")" added "$1"
  assert_eq "$(readlink "$site/lib/data")" ../../../../../elsewhere "$1"
  assert_eq "$(cat env/bin/lib-tool)" '#!/bin/sh' "$1"
  assert_eq "$(sha256sum "$bytecode")" "$sum" "$1"
  assert_absent env/.cas/kept
}
for command in "install env $two" 'uninstall env one' 'rollback env' "install env $two $one" "install --reinstall env $one"; do
  # shellcheck disable=SC2086
  cas $command > out 2>&1 || fail "$command: $(cat out)"
  assert_not_contains "$(cat out)" "lib/" "$command: nothing of it is anybody's business"
  lies_as_it_did "$command"
done
env/bin/python -c 'import lib.core, two; assert lib.core.core == "mine"'
# The package is asked for, and is there.
cas install env "$lib" > out
assert_contains "$(cat out)" "already there: lib 1.0"
lies_as_it_did already

# --- changes of the package itself, and of all that is not as it was made ---
expect_failure cas doctor env
assert_contains "$OUTPUT" "lib/data is a symbolic link"
expect_failure cas doctor --fix env
assert_contains "$OUTPUT" "symbolic link"
rm "$site/lib/data"
mv elsewhere "$site/lib/data"
cp -a env copy
cas install env --reinstall "$lib" > out 2>&1 || fail "$(cat out)"
assert_contains "$(cat out)" "lib/core.py"
assert_eq "$(cat "$site/lib/core.py" "$site/lib/folder.txt")" "core = 1text"
assert_exists "$site/lib/gone.py"
assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/lib/core.py)" 'core = "mine"'
assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/lib/folder.txt/mine)" mine
assert_eq "$(cat "$site/lib/added.py")" added
rm "$site/lib/added.py"
rm -r env/.cas/kept
assert_contains "$(cas doctor env)" sound

edit "$site/lib/core.py" 'core = "mine"'
cas install env "$lib2" > out 2>&1 || fail "$(cat out)"
assert_eq "$(cat "$site/lib/core.py")" 'core = 1' "the same in both versions, and of a package that was replaced"
assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/lib/core.py)" 'core = "mine"'
rm -r env/.cas/kept

# A directory in the place of a file is no reason for doctor to give up.
rm "$site/lib/gone.py"
mkdir "$site/lib/gone.py"
echo mine > "$site/lib/gone.py/mine"
cas doctor --fix env > out 2>&1 || fail "$(cat out)"
assert_eq "$(cat "$site/lib/gone.py")" 'x = 1'
assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/lib/gone.py/mine)" mine
rm -r env/.cas/kept

# --- what stayed when its package was removed, and what somebody put there since ---
for command in "install env $one" 'rollback env'; do
  edit "$site/one.py" 'x = "mine"'
  cas uninstall env one > out 2>&1
  assert_contains "$(cat out)" "left alone"
  assert_eq "$(cat "$site/one.py")" 'x = "mine"'
  # shellcheck disable=SC2086
  cas $command > out 2>&1 || fail "$command: $(cat out)"
  assert_contains "$(cat out)" "kept below .cas/kept" "$command"
  assert_contains "$(cat out)" "one.py" "$command"
  assert_eq "$(cat "$site/one.py")" 'x = 1' "$command"
  assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/one.py)" 'x = "mine"' "$command"
  rm -r env/.cas/kept
done
mkdir "$site/folder" && echo mine > "$site/folder/mine"
echo mine > "$site/file"
cas install env "$(make_wheel wheels odd 1.0 folder='text' file/a.py='a = 1')" > out 2>&1 || fail "$(cat out)"
assert_eq "$(cat "$site/folder" "$site/file/a.py")" 'texta = 1'
assert_eq "$(cat env/.cas/kept/*/lib/python3*/site-packages/folder/mine env/.cas/kept/*/lib/python3*/site-packages/file)" $'mine\nmine'

# The same for those that make the environment anew.
cas create again "$one" "$two" >/dev/null
cas export again -o pylock.toml >/dev/null
site_again=$(echo again/lib/python3*/site-packages)
for command in "create again $one $two" "create again --allow-existing $one" 'sync again pylock.toml' 'sync again --inexact pylock.toml'; do
  edit "$site_again/one.py" 'x = "mine"'
  cas uninstall again one >/dev/null 2>&1
  # shellcheck disable=SC2086
  cas $command > out 2>&1 || fail "$command: $(cat out)"
  assert_contains "$(cat out)" "kept below .cas/kept" "$command"
  assert_eq "$(cat "$site_again/one.py")" 'x = 1' "$command"
  assert_eq "$(cat again/.cas/kept/*/lib/python3*/site-packages/one.py)" 'x = "mine"' "$command"
  rm -r again/.cas/kept
done
mkdir mine
cp -r again/lib mine/
expect_failure cas create mine "$one"
assert_contains "$OUTPUT" "in the way"
assert_absent mine/pyvenv.cfg

# ... but not what another package has.
mkdir "$site/other-1.0.dist-info"
printf 'Metadata-Version: 2.1\nName: other\nVersion: 1.0\n' > "$site/other-1.0.dist-info/METADATA"
echo pip > "$site/other-1.0.dist-info/INSTALLER"
printf 'other.py,,\n%s,,\n' other-1.0.dist-info/METADATA other-1.0.dist-info/RECORD > "$site/other-1.0.dist-info/RECORD"
echo 'x = "of pip"' > "$site/other.py"
expect_failure cas install env "$(make_wheel wheels taker 1.0 other.py='x = 1')"
assert_contains "$OUTPUT" "in the way"
assert_eq "$(cat "$site/other.py")" 'x = "of pip"'

# What pip installed again is pip's, and cas's when it is asked for anew.
cas remove env >/dev/null
cas create env "$one" "$two" >/dev/null
if python3 -m pip --python env/bin/python install -q --no-index --no-deps --force-reinstall "$one" 2>/dev/null; then
  edit "$site/two.py" 'x = "mine"'
  cas install env --reinstall "$one" > out 2>&1 || fail "$(cat out)"
  assert_eq "$(cat "$site/one-1.0.dist-info/INSTALLER")" cas
  assert_eq "$(stat -c %a "$site/one.py")" 444
  assert_eq "$(cat "$site/two.py")" 'x = "mine"'
else
  echo "not tested: packages of another tool (this pip cannot install from outside)"
fi
rm -rf copy
cas gc >/dev/null
assert_sound
