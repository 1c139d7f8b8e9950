#!/usr/bin/env bash
# cas.toml of the project and of the user: what counts, in which order, and what a stranger's cannot do.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
start_index_of_base
nowhere=http://127.0.0.1:9/simple
mkdir -p project/inside "$HOME/.config/cas"
user=$HOME/.config/cas/cas.toml
cd project/inside

# The user's file, from anywhere; the project's goes before it, both before what is meant for pip and uv, the command line before all.
printf 'index-url = "%s/simple"\n' "$INDEX" >"$user"
cas create e -r ../../base.txt >/dev/null
printf 'index-url = "%s"\n' "$nowhere" >../cas.toml
expect_failure --status 1 cas create f -r ../../base.txt --refresh
assert_contains "$OUTPUT" "project/cas.toml:1: index-url says where packages come from"
cas create f -r ../../base.txt --refresh --no-config --index-url "$INDEX/simple" >/dev/null
PIP_INDEX_URL=$INDEX/simple expect_failure --status 1 cas create g -r ../../base.txt --refresh
PIP_INDEX_URL=$INDEX/simple cas create g -r ../../base.txt --refresh --no-config >out 2>&1
if grep -q "says where" out; then fail "what does not count is told: $(cat out)"; fi
cas create h -r ../../base.txt --refresh -i "$INDEX/simple" >/dev/null
printf 'index-url = "%s"\n' "$INDEX/simple" >../cas.toml
printf 'index-url = "%s"\n' "$nowhere" >"$user"
cas create i -r ../../base.txt --refresh >/dev/null

# Folders are meant from the file.
printf 'find-links = ["../other"]\nno-index = true\nlink-mode = "copy"\n' >../cas.toml
cas create j -r ../../other.txt >/dev/null
assert_eq "$(cas show j --json | json environment.link_mode)" copy

# Python, where nothing else says which.
python=
for each in $(pythons 3.6); do python=$each; done
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
printf 'python = "%s"\n' "$version" >../cas.toml
PATH=$(dirname "$python"):$PATH cas create k >/dev/null
assert_eq "$(k/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" "$version" "python of the settings"

# What a project cannot say; a file that is wrong; help without it.
printf '#!/bin/sh\ntouch "%s/ran"\n' "$CAS_TEST_TMP" >../evil
chmod +x ../evil
for line in 'resolver = "../evil"' 'store = "x"' 'trusted-host = ["127.0.0.1"]'; do
  echo "$line" >../cas.toml
  expect_failure --status 1 cas create l
  assert_contains "$OUTPUT" "cas.toml:1: a project may not set"
done
echo 'python = "../evil"' >../cas.toml
expect_failure --status 1 cas create l
assert_contains "$OUTPUT" "not for the program"
assert_absent "$CAS_TEST_TMP/ran"
printf '\nindex_url = "x"\n' >../cas.toml
expect_failure --status 1 cas list
assert_contains "$OUTPUT" "cas.toml:2: unknown key 'index_url'; did you mean 'index-url'?"
cas help create >/dev/null
cas list --no-config >/dev/null

# The user's may: a store, and a resolver, which is only run where it is needed.
rm ../cas.toml
printf 'store = "%s/of-settings"\n' "$CAS_TEST_TMP" >"$user"
(unset CAS_STORE && "$CAS_BIN" create m >/dev/null)
assert_exists "$CAS_TEST_TMP/of-settings/version"

# Another user's file above the project does not count.
if [[ $(id -u) -eq 0 ]]; then
  printf '\nindex_url = "x"\n' >../cas.toml
  chown 12345 ../cas.toml
  cas list >/dev/null
else
  echo "not tested: another user's file (only root can give one away)"
fi
