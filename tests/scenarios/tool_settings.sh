#!/usr/bin/env bash
# Settings of pip and uv count where they mean the same: files and variables, in which order, and what a project's cannot do.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX PIP_CONFIG_FILE UV_NO_CONFIG
export XDG_CONFIG_DIRS=$CAS_TEST_TMP/machine
mkdir -p project/inside "$HOME/.config/pip" "$HOME/.config/uv" machine/pip
start_index_of_base
nowhere=http://127.0.0.1:9/simple
pip=$HOME/.config/pip/pip.conf
uv=$HOME/.config/uv/uv.toml
number=0
# reaches FILE [OPTION...]: an environment of what FILE pins can be made, asking anew.
reaches() { number=$((number + 1)) && cas create "e$number" -r "$CAS_TEST_TMP/$1" --refresh "${@:2}" >out 2>&1; }
reaches_not() { ! reaches "$@" || fail "reached $1, in spite of the settings: $(cat out)"; }
cd project/inside

# pip's files, in pip's words; what it says of downloads and of itself is not for us.
printf '[global]\nretries = 0\n[install]\nno-index = no\nindex_url = %s\n[freeze]\nuser = nonsense\n' "$INDEX/simple" >"$pip"
reaches base.txt || fail "pip.conf does not count: $(cat out)"
printf '[global]\nretries = 0\nindex-url = %s\n' "$nowhere" >"$pip"
reaches_not base.txt
assert_not_contains "$(cat out)" "after 2 tries"
# A variable goes before the files, --no-config leaves them out, the command line goes before all.
PIP_INDEX_URL=$INDEX/simple reaches base.txt || fail "a variable does not go before: $(cat out)"
UV_DEFAULT_INDEX=$INDEX/simple reaches base.txt || fail "a variable of uv's does not go before a file of pip's: $(cat out)"
reaches base.txt --index-url "$INDEX/simple" || fail "the command line does not count: $(cat out)"
printf '[install]\nfind-links =\n  %s\n  %s\nno-index = true\n' "$CAS_TEST_TMP/nothing" "$CAS_TEST_TMP/other" >"$pip"
mkdir "$CAS_TEST_TMP/nothing"
reaches other.txt || fail "find-links over several lines: $(cat out)"
reaches_not other.txt --no-config --index-url "$INDEX/simple"
PIP_CONFIG_FILE=/dev/null reaches_not other.txt -i "$INDEX/simple"
# Of an environment that is changed.
printf '[install]\nno-index = true\n' >"$pip"
cas create with-settings >/dev/null
printf '[install]\nfind-links = %s\n' "$CAS_TEST_TMP/other" >with-settings/pip.conf
cas install with-settings -r "$CAS_TEST_TMP/other.txt" >/dev/null
assert_exists with-settings/lib/python3*/site-packages/other.py
rm "$pip"

# uv's: the project's before the user's, told by a warning; lists add up.
printf 'index-url = "%s"\n' "$nowhere" >"$uv"
reaches_not base.txt
printf '[project]\nname = "x"\n[[tool.uv.index]]\nname = "in-house"\nurl = "%s"\ndefault = true\n' "$INDEX/simple" >../pyproject.toml
reaches base.txt || fail "[tool.uv] does not count: $(cat out)"
assert_contains "$(cat out)" "project/pyproject.toml:5: index-url says where packages come from"
UV_NO_CONFIG=1 reaches_not base.txt --no-index
printf 'find-links = ["../../other"]\nno-index = true\n' >uv.toml
reaches other.txt || fail "uv.toml does not count, or not from where it lies: $(cat out)"
# cas's own goes before all of them.
printf 'no-index = false\nindex-url = "%s/simple"\n' "$INDEX" >cas.toml
reaches base.txt || fail "cas.toml does not go before: $(cat out)"
rm cas.toml

# What a project cannot say; files that are broken, by name and line.
printf '#!/bin/sh\ntouch "%s/ran"\n' "$CAS_TEST_TMP" >../keyring
chmod +x ../keyring
printf 'keyring-provider = "subprocess"\nallow-insecure-host = ["example.invalid"]\nindex-url = "http://me@example.invalid/"\n' >uv.toml
PATH=$PWD/..:$PATH reaches_not base.txt
assert_contains "$(cat out)" "uv.toml:1: a project may not set keyring-provider"
assert_contains "$(cat out)" "uv.toml:2: a project may not set trusted-host"
assert_contains "$(cat out)" "neither encrypted"
assert_absent "$CAS_TEST_TMP/ran"
printf 'x = [\n' >uv.toml
expect_failure --status 1 cas create broken
assert_contains "$OUTPUT" "project/inside/uv.toml:"
assert_contains "$OUTPUT" "--no-config"
cas create whole --no-config >/dev/null
rm uv.toml
printf '[global]\n\nno-index = perhaps\n' >"$pip"
expect_failure --status 1 cas create broken
assert_contains "$OUTPUT" "pip.conf:3: no-index is on or off, not 'perhaps'"
printf 'no section\n' >"$pip"
expect_failure --status 1 cas create broken
assert_contains "$OUTPUT" "pip.conf:1: neither a section nor a setting"
rm "$pip" "$uv"
printf 'not toml\n' >pyproject.toml
cas create whole --refresh >out 2>&1
assert_contains "$(cat out)" "settings for uv in it do not count"

# Another user's file above the project does not count.
if [[ $(id -u) -eq 0 ]]; then
  printf 'x = [\n' >uv.toml
  chown 12345 uv.toml
  cas create whole >/dev/null
else
  echo "not tested: another user's file (only root can give one away)"
fi
