#!/usr/bin/env bash
# What cas export writes, cas sync and pip make the same environment of; what is not known is said and not made up.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_index.sh"
. "$(dirname "$0")/lib_metadata.sh"
unset PIP_NO_CACHE_DIR
python3 -c 'import ensurepip' 2>/dev/null || skip "no Python with ensurepip"
python=$(python3 -c 'import sys; print(sys.executable)')
make_described_wheel wheels app 1.0 'Requires-Dist: lib>=1' 'Requires-Python: >=3.6' >/dev/null
make_described_wheel wheels lib 1.5 >/dev/null
make_described_wheel wheels lib 1.6 >/dev/null
make_described_wheel wheels new 1.0 >/dev/null
file=$(make_wheel files direct 0.1 direct.py='x = 1')
sum() { sha256sum "$1" | cut -d' ' -f1; }
lock_of_files wheels/{app-1.0,lib-1.5}-*.whl > first.lock.toml
mv first.lock.toml pylock.first.toml
cas sync env pylock.first.toml -p "$python" >/dev/null

# --- requirements ---------------------------------------------------------------------------------------------------------
assert_eq "$(cas export env)" "app==1.0 \\
    --hash=sha256:$(sum wheels/app-1.0-py3-none-any.whl)
lib==1.5 \\
    --hash=sha256:$(sum wheels/lib-1.5-py3-none-any.whl)"
assert_eq "$(cas export env -o requirements.txt)" "exported 2 packages to $CAS_TEST_TMP/requirements.txt"
cas sync by-requirements -p "$python" -r requirements.txt --no-index --find-links wheels >/dev/null
assert_eq "$(cas diff env by-requirements --exit-code)" "no difference"
"$python" -m venv plain
plain/bin/python -m pip install -q --no-index --find-links wheels --require-hashes -r requirements.txt
assert_eq "$(plain/bin/python -m pip freeze)" "$(cas freeze env)"

# --- locks, also with what came from a file of its own ----------------------------------------------------------------------
printf '\n[[packages]]\nname = "direct"\nversion = "0.1"\narchive = {path = "%s", hashes = {sha256 = "%s"}}\n' "$file" "$(sum "$file")" >> pylock.first.toml
cas sync env pylock.first.toml >/dev/null
assert_contains "$(cas freeze env)" "direct @ file://"
cas export env -o pylock.toml --no-index --find-links wheels >/dev/null
assert_contains "$(<pylock.toml)" 'dependencies = [{name = "lib"}]'
assert_contains "$(<pylock.toml)" 'requires-python = ">=3.6"'
assert_contains "$(<pylock.toml)" 'requested = ["app", "direct", "lib"]'
# What merely came along is so in the lock, too, and in what is made of it.
cas create asked -p "$python" --no-index --find-links wheels app >/dev/null
cas export asked -o pylock.asked.toml --no-index --find-links wheels >/dev/null
assert_contains "$(<pylock.asked.toml)" 'requested = ["app"]'
cas sync by-asked -p "$python" pylock.asked.toml >/dev/null
assert_exists "$(echo by-asked/lib/python3*)/site-packages/app-1.0.dist-info/REQUESTED"
assert_absent "$(echo by-asked/lib/python3*)/site-packages/lib-1.6.dist-info/REQUESTED"
rm asked/lib/python3*/site-packages/app-1.0.dist-info/REQUESTED
assert_not_contains "$(cas export asked --format pylock.toml --no-index --find-links wheels)" 'requested'
rm -r asked by-asked pylock.asked.toml
cas sync by-lock -p "$python" pylock.toml >/dev/null
assert_eq "$(cas diff env by-lock --exit-code)" "no difference"
assert_eq "$(cas freeze by-lock)" "$(cas freeze env)"
assert_eq "$(cas export by-lock --format pylock.toml --no-index --find-links wheels)" "$(<pylock.toml)"

# From an index, which tells where the files lie.
mkdir served
cp wheels/* served
start_index served
unset PIP_NO_INDEX
cas export env --exclude direct --format pylock.toml --index-url "$INDEX/simple/" --trusted-host 127.0.0.1 > pylock.remote.toml
assert_contains "$(<pylock.remote.toml)" "url = \"$INDEX/"
assert_not_contains "$(<pylock.remote.toml)" 'name = "direct"'
CAS_STORE=$CAS_TEST_TMP/other-store cas sync from-index -p "$python" pylock.remote.toml --trusted-host 127.0.0.1 >/dev/null
assert_eq "$(cas freeze from-index)" "$(cas freeze env --exclude direct)"

# --- a lock as requirements -----------------------------------------------------------------------------------------------
assert_eq "$(cas export pylock.remote.toml)" "$(cas export env --exclude direct)"
cat > pylock.markers.toml <<TOML
lock-version = "1.0"
created-by = "a test"
[[packages]]
name = "a"
version = "1"
marker = "python_version<'3'"
wheels = [{path = "a-1-py3-none-any.whl", hashes = {sha256 = "$(sum "$file")"}}]
[[packages]]
name = "b"
directory = {path = "src", editable = true}
TOML
assert_eq "$(cas export pylock.markers.toml --no-hashes)" "a==1 ; python_version < \"3\"
-e $CAS_TEST_TMP/src"
expect_failure --status 1 cas export pylock.markers.toml
assert_contains "$OUTPUT" "b without a file that has a SHA-256"
sed -i "s/python_version<'3'/'more' in extras/" pylock.markers.toml
expect_failure --status 1 cas export pylock.markers.toml --no-hashes
assert_contains "$OUTPUT" "a belongs to an extra or a dependency group"
expect_failure --status 2 cas export pylock.toml --format pylock.toml

# --- what is not known ------------------------------------------------------------------------------------------------------
plain/bin/python -m pip --python "$CAS_TEST_TMP/env" --version >/dev/null 2>&1 || skip "pip has no --python"
plain/bin/python -m pip --python "$CAS_TEST_TMP/env" install -q --no-index --find-links wheels new lib==1.6
before=$(<requirements.txt)
expect_failure --status 1 cas export env -o requirements.txt
assert_contains "$OUTPUT" "of lib, new it is not known which file they were installed from"
assert_eq "$(<requirements.txt)" "$before"
expect_failure --status 1 cas export env --format pylock.toml --no-index --find-links wheels
assert_contains "$OUTPUT" "of lib, new"
assert_eq "$(cas export env --no-hashes)" "$(cas freeze env)"
assert_contains "$(cas export env --exclude lib --exclude new)" "app==1.0"

# A file that the index does not have; a folder that is not there.
expect_failure --status 1 cas export by-lock --exclude direct --format pylock.toml --no-index --find-links files
assert_contains "$OUTPUT" "app==1.0: no index has app"
expect_failure --status 1 cas export by-lock -o absent/requirements.txt
assert_absent absent
# As a shell would write it: permissions, links, the standard output.
(umask 077 && cas export by-lock -o private.txt >/dev/null)
assert_eq "$(stat -c %a private.txt)" 600
ln -s target.txt link.txt
cas export by-lock -o link.txt >/dev/null
assert_eq "$(<target.txt)" "$(<private.txt)"
[[ -L link.txt ]] || fail "the link was replaced"
assert_eq "$(cas export by-lock -o -)" "$(<private.txt)"
assert_eq "$(cas export by-lock --quiet -o /dev/stdout | cat)" "$(<private.txt)"
expect_failure --status 1 cas export by-lock -o /dev/full
[[ -c /dev/full ]] || fail "/dev/full was replaced"
expect_failure --status 2 cas export by-lock --format conda
expect_failure --status 2 cas export by-lock --format pylock.toml --no-hashes
[[ -z $(find . -maxdepth 1 -name '.*' ! -name .) ]] || fail "left behind: $(ls -A)"
