#!/usr/bin/env bash
# Interpreters are found wherever people have them, an environment's copy never passes for a base, and what is broken is told
# without harming the rest.
. "$(dirname "$0")/lib.sh"
unset CONDA_PREFIX PYENV_VERSION PYENV_ROOT UV_PYTHON_INSTALL_DIR

mapfile -t found < <(pythons 3.6)
((${#found[@]} > 0)) || skip "no CPython 3.6 or later on this machine"
real=${found[0]}
base() { "$1" -I -c 'import os, sys; print(os.path.realpath(getattr(sys, "base_prefix", sys.prefix)))'; }
# A link to it alone in a folder: nothing else of the machine is seen. The tools that the script itself needs stay.
tools=$PATH
mkdir only
ln -s "$real" only/python3
export PATH=$CAS_TEST_TMP/only
find_python() { cas python find "$@"; }
executable=$(find_python)
assert_eq "$(base "$executable")" "$(base "$real")" "base of $real"
PATH=$tools
version=$("$real" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
minor=${version%.*}

# Every real interpreter is listed with its own version, none of them twice; no store is made for it.
listing=$(PATH=$(printf '%s:' "${found[@]%/*}") cas python list --json)
assert_eq "$(json broken <<<"$listing")" "[]" "broken interpreters among those of this machine"
for python in "${found[@]}"; do
  theirs=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
  at=$(base "$python")
  count=$(python3 -c '
import json, os, sys
pythons = json.load(sys.stdin)["pythons"]
print(sum(os.path.realpath(p["prefix"]) == sys.argv[1] and p["version"] == sys.argv[2] for p in pythons))
' "$at" "$theirs" <<<"$listing")
  assert_eq "$count" 1 "entries for $python in: $listing"
done
assert_eq "$(python3 -c '
import json, sys
print(sum(p["default"] for p in json.load(sys.stdin)["pythons"]))' <<<"$listing")" 1 "defaults"
assert_absent "$CAS_STORE"

# Every spelling means the same interpreter.
PATH=$CAS_TEST_TMP/only
for spec in 3 "$minor" "$version" "${minor/./}" "python$minor" "cpython$minor" "cpython@$minor" "cpython-$version" python \
  cpython "==$version" ">=$minor,<4" "~=$minor" ./only/python3 "$real"; do
  assert_eq "$(find_python "$spec")" "$executable" "python find $spec"
done
assert_eq "$(find_python "$(base "$real")")" "$executable" "an installation's directory"
expect_failure --status 1 find_python 3.99
assert_contains "$OUTPUT" "no Python that fits '3.99'"
assert_contains "$OUTPUT" "PATH ($CAS_TEST_TMP/only)"
expect_failure --status 1 find_python "<$minor"
assert_contains "$OUTPUT" "CPython $version at $executable"
for nonsense in 3.x '' '>=' 3.12.1.1 cpython@x; do
  expect_failure --status 2 find_python "$nonsense"
  assert_contains "$OUTPUT" --python
done
PATH=$tools

# Environments, and environments of environments, of venv's, of cas's, and with a copy of the executable.
"$real" -m venv --without-pip plain 2>/dev/null || skip "$real has no venv"
"$real" -m venv --without-pip --copies copied
plain/bin/python -m venv --without-pip nested
copied/bin/python -m venv --without-pip --copies 'nested copy é'
cas create ours -p "$real" >/dev/null
cas create 'ours of nested' -p ./nested >/dev/null
cas create 'ours of copied' -p 'nested copy é/bin/python' >/dev/null
environments=(plain copied nested 'nested copy é' ours 'ours of nested' 'ours of copied')
for environment in "${environments[@]}"; do
  for round in asked remembered; do
    assert_eq "$(find_python "./$environment")" "$executable" "base of $environment ($round)"
    assert_eq "$(PATH=$CAS_TEST_TMP/none VIRTUAL_ENV=$CAS_TEST_TMP/$environment find_python)" "$executable" \
      "base of VIRTUAL_ENV=$environment ($round)"
    assert_eq "$(PATH="$CAS_TEST_TMP/$environment/bin" find_python)" "$executable" "base of PATH=$environment/bin ($round)"
  done
done
for environment in ours 'ours of nested' 'ours of copied'; do
  assert_eq "$(base "$environment/bin/python")" "$(base "$real")" "base of $environment"
  assert_eq "$(sed -n 's/^home *= *//p' "$environment/pyvenv.cfg")" "${executable%/*}" "home of $environment"
done
# virtualenv's form of the file, whoever wrote it.
if command -v virtualenv >/dev/null; then
  virtualenv -q --no-download --without-pip -p "$real" virtual >/dev/null 2>&1 || virtualenv -q -p "$real" virtual
  assert_eq "$(find_python ./virtual)" "$executable" "base of virtualenv's"
else
  printf 'not tested: an environment made by virtualenv (not installed)\n'
fi
# An environment whose base is gone is broken, and the search goes on.
mkdir -p orphan/bin
ln -s /nowhere/python3 orphan/bin/python
listing=$(PATH=$CAS_TEST_TMP/only VIRTUAL_ENV=$CAS_TEST_TMP/orphan cas python list)
assert_contains "$listing" "broken: $CAS_TEST_TMP/orphan/bin/python (environment): it is a link to /nowhere/python3"
assert_contains "$listing" "*  CPython $version"

# What is in the way in PATH: dangling links, a link to itself, a file, an absent and an unreadable folder, one that hangs,
# one that is no interpreter; and a folder with blanks and other letters.
mkdir -p 'in the way' 'büro & so' closed
ln -s /nowhere/python3.12 'in the way/python3.12'
ln -s python3.11 'in the way/python3.11'
printf '#!/bin/sh\nexec sleep 1000\n' >'in the way/python3'
printf '#!/bin/sh\necho broken on purpose >&2; exit 3\n' >'in the way/python'
chmod +x 'in the way/python3' 'in the way/python'
printf x >file
chmod 0 closed
# A wrapper, as some managers have: not remembered, and what it leads to is found.
printf '#!/bin/sh\nexec "%s" "$@"\n' "$real" >'büro & so/python3'
chmod +x 'büro & so/python3'
way="$CAS_TEST_TMP/in the way:$CAS_TEST_TMP/file:$CAS_TEST_TMP/absent:$CAS_TEST_TMP/closed:$CAS_TEST_TMP/büro & so:/bin"
listing=$(PATH=$way cas python list "==$version" --json)
assert_contains "$listing" "did not tell within 10 s"
assert_contains "$listing" "broken on purpose"
assert_contains "$listing" "$CAS_TEST_TMP/file: not a directory"
assert_eq "$(python3 -c '
import json, sys
print([p["version"] for p in json.load(sys.stdin)["pythons"]].count(sys.argv[1]) >= 1)' "$version" <<<"$listing")" True
[[ $(id -u) -eq 0 ]] || assert_contains "$listing" "$CAS_TEST_TMP/closed: "
assert_eq "$("$CAS_BIN" python find "$CAS_TEST_TMP/büro & so/python3")" "$executable" "a wrapper"
# It is passed over with a warning, and the environment is made of the next.
mv 'in the way/python' 'in the way/python3'
output=$(PATH="$CAS_TEST_TMP/in the way:$CAS_TEST_TMP/only:/bin" cas create passed -p 3 2>&1 >/dev/null)
assert_contains "$output" "passed over: $CAS_TEST_TMP/in the way/python3"
assert_contains "$output" "broken on purpose"
assert_eq "$(base passed/bin/python)" "$(base "$real")"
chmod 755 closed

# pyenv, made up: shims in PATH stand for what .python-version, PYENV_VERSION and the global version select.
mkdir -p pyenv/shims "pyenv/versions/$version/bin" pyenv/versions/broken/bin project/deeper
ln -s "$real" "pyenv/versions/$version/bin/python3"
printf '#!/bin/sh\nexit 9\n' >pyenv/versions/broken/bin/python3
printf '#!/bin/sh\necho a shim was run >&2\nexit 1\n' >pyenv/shims/python3
chmod +x pyenv/versions/broken/bin/python3 pyenv/shims/python3
cp pyenv/shims/python3 "pyenv/shims/python$minor"
shims=$CAS_TEST_TMP/pyenv/shims
echo "$minor" >project/.python-version
selected=$(cd project/deeper && PATH=$shims cas python find --json)
assert_eq "$(json python.executable <<<"$selected")" "$executable"
assert_eq "$(json python.source <<<"$selected")" pyenv
assert_eq "$(json python.selected_by <<<"$selected")" "$CAS_TEST_TMP/project/.python-version"
echo "$version" >pyenv/version
assert_eq "$(PATH=$shims find_python)" "$executable" "the global version"
assert_eq "$(PATH=$shims find_python "$shims/python3")" "$executable" "a shim by its path"
assert_eq "$(PATH=$shims PYENV_VERSION="broken:$version" find_python 2>warning)" "$executable" "the second selected"
assert_contains "$(<warning)" "status 9"
expect_failure --status 1 env PYENV_VERSION=system PATH="$shims" "$CAS_BIN" python find "$shims/python3"
assert_contains "$OUTPUT" "is a shim of pyenv's"
assert_contains "$(PATH=$shims PYENV_VERSION=3.99.1 cas python list)" "PYENV_VERSION selects 3.99.1, which pyenv has not installed"
# Where nothing was asked for, another Python is taken, and that is said; likewise for an environment that is gone.
PATH=$shims:$CAS_TEST_TMP/only PYENV_VERSION=3.99.1 cas python find >/dev/null 2>warning
assert_contains "$(<warning)" "passed over: PYENV_VERSION selects 3.99.1, which pyenv has not installed"
PATH=$CAS_TEST_TMP/only VIRTUAL_ENV=/nonexistent CONDA_PREFIX=/nonexistent cas create gone >/dev/null 2>warning
assert_contains "$(<warning)" "passed over: VIRTUAL_ENV (/nonexistent): there is no such directory"
assert_contains "$(<warning)" "passed over: CONDA_PREFIX (/nonexistent): there is no such directory"
cas remove gone >/dev/null
# The path of a shim that no selection stands behind means its name, where that says a version.
assert_eq "$(PATH=$shims PYENV_VERSION=3.99.1 find_python "$shims/python$minor")" "$executable"
expect_failure --status 1 env PYENV_VERSION=3.99.1 PATH="$shims" "$CAS_BIN" python find "$shims/python3"
assert_contains "$OUTPUT" "PYENV_VERSION selects 3.99.1"
# No file of the memo's is spoilt by what selects: another selection answers at once with another interpreter.
other=''
for python in "${found[@]}"; do
  [[ $(base "$python") == "$(base "$real")" ]] || other=$python
done
if [[ -n $other ]]; then
  mkdir -p pyenv/versions/other/bin
  ln -s "$other" pyenv/versions/other/bin/python3
  assert_eq "$(base "$(PATH=$shims PYENV_VERSION=other find_python)")" "$(base "$other")" "another selection"
  assert_eq "$(PATH=$shims find_python)" "$executable" "the global version again"
else
  printf 'not tested: two selections (only one interpreter here)\n'
fi

# uv's folder.
mkdir -p "home/.local/share/uv/python/cpython-$version-linux-x86_64-gnu/bin"
ln -s "$real" "home/.local/share/uv/python/cpython-$version-linux-x86_64-gnu/bin/python3"
assert_eq "$(PATH=$CAS_TEST_TMP/none cas python find --json | json python.source)" uv
assert_eq "$(PATH=$CAS_TEST_TMP/none find_python "$minor")" "$executable" "uv's"

# Python 2.7 is listed, and refused where an environment is to be made.
old=''
for python in "$cas_test_pyenv"/2.7*/bin/python2.7 /usr/bin/python2.7; do [[ -x $python ]] && old=$python && break; done
if [[ -n $old ]]; then
  assert_contains "$(cas python find "$old" --json | json python.unusable)" "has no virtual environments"
  assert_contains "$(PATH="$CAS_TEST_TMP/only:${old%/*}" cas python list 2.7)" "CPython 2.7."
  assert_eq "$(PATH="${old%/*}:$CAS_TEST_TMP/only" find_python)" "$executable" "2.7 is not taken while there is another"
  expect_failure --status 1 cas create old -p "$old"
  assert_contains "$OUTPUT" "which has no virtual environments"
  assert_absent old
  # Environments of 2.7 lead to their base, too: virtualenv's forms of naming it.
  mkdir -p old-cfg/bin old-prefix/bin old-prefix/lib/python2.7
  cp "$old" old-cfg/bin/python
  printf 'home = %s\n' "${old%/*}" >old-cfg/pyvenv.cfg
  cp "$old" old-prefix/bin/python
  printf '%s' "$("$old" -c 'import sys; print(sys.prefix)')" >old-prefix/lib/python2.7/orig-prefix.txt
  theirs=$(find_python "$old")
  for environment in old-cfg old-prefix; do
    assert_eq "$(PYTHONHOME='' find_python "./$environment")" "$theirs" "base of $environment"
  done
else
  printf 'not tested: Python 2.7 (none on this machine)\n'
fi
