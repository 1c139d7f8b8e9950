#!/usr/bin/env bash
# A pyproject.toml says what its environment needs: dependencies, extras, groups, and which Python; the project itself is not installed.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
mkdir wheels
make_wheel wheels base 1.0 base.py='x = 1' >/dev/null
make_wheel wheels web 1.0 web.py='x = 1' >/dev/null
make_wheel wheels testing 1.0 testing.py='x = 1' >/dev/null
make_wheel wheels linting 1.0 linting.py='x = 1' >/dev/null
start_index wheels
export PIP_INDEX_URL=$INDEX/simple

mkdir project
cd project
write_project() {
  cat <<TOML
[project]
name = "demo-project"
version = "1"
requires-python = "$1"
dependencies = ["base"]
[project.optional-dependencies]
web = ["web"]
all = ["demo-project[web]"]
[dependency-groups]
test = ["testing"]
dev = [{include-group = "test"}, "linting"]
TOML
}
write_project '>=3.6' >pyproject.toml

# Errors need no resolver.
expect_failure --status 2 cas sync e --extra none
assert_contains "$OUTPUT" "it has all, web"
expect_failure --status 2 cas create e -r pyproject.toml --group none
assert_contains "$OUTPUT" "it has dev, test"
expect_failure --status 2 cas create e six --extra web
assert_contains "$OUTPUT" "--extra chooses"
mkdir dynamic wrong
printf '[project]\nname = "d"\ndynamic = ["dependencies"]\n' >dynamic/pyproject.toml
expect_failure --status 2 cas lock -r dynamic/pyproject.toml
assert_contains "$OUTPUT" "project.dependencies is dynamic"
printf '[project]\nname = "d"\ndependencies = [\n 1]\n' >wrong/pyproject.toml
expect_failure --status 1 cas lock wrong/pyproject.toml
assert_contains "$OUTPUT" "wrong/pyproject.toml:4"
write_project '>=9' >dynamic/pyproject.toml
expect_failure --status 1 cas create e -p python3 dynamic/pyproject.toml
assert_contains "$OUTPUT" "requires Python >=9"
expect_failure --status 1 cas create e dynamic/pyproject.toml
assert_contains "$OUTPUT" ">=9"
assert_absent e
mkdir empty
printf '[project]\nname = "d"\n' >empty/pyproject.toml
cas create nothing empty/pyproject.toml >/dev/null
cd empty
assert_contains "$(cas lock)" 'lock-version'
cd ..

uv=$(a_uv)
if [[ -z $uv ]] || ! "$uv" pip compile --help 2>&1 | grep -q pylock.toml; then
  echo "not tested: resolving (no uv in PATH that writes pylock.toml)"
  exit 0
fi
export CAS_RESOLVER=$uv
cas sync e >/dev/null
assert_eq "$(installed e)" "base" "the project of the current directory, itself not installed"
assert_eq "$(cd e/lib/python3*/site-packages && ls -d ./*/REQUESTED | wc -l)" 1 "asked for"
cas sync e --only-group test >/dev/null
assert_eq "$(installed e)" "testing"
cas sync e --all-groups --no-dev >/dev/null
assert_eq "$(installed e)" "base testing"
assert_eq "$(cas lock --only-group dev --only-group test | grep -c '^name = ')" 2
expect_failure --status 2 cas sync e --only-group dev --group test
cas sync e --extra all --group dev >/dev/null
assert_eq "$(installed e)" "base linting testing web" "with an extra and a group"
cas create f -r pyproject.toml --all-extras >/dev/null
assert_eq "$(installed f)" "base web" "all extras"
cas lock --group test -o pylock.toml >/dev/null
cas sync e >/dev/null
assert_eq "$(installed e)" "base testing" "a lock goes before the project"
cas sync e pyproject.toml --extra web >/dev/null
assert_eq "$(installed e)" "base web" "unless the project is named"

# The Python that is found by itself is one that the project is for.
for python in $(pythons 3.6); do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  write_project "==$version.*" >pyproject.toml
  PATH=$(dirname "$python"):$PATH cas create "g$version" pyproject.toml >/dev/null
  assert_eq "$("g$version/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" "$version" "requires-python"
done

# What it is for stands in a lock, which is made for the oldest here: an environment of it has this one.
oldest=$(pythons 3.8 | sort -V | sed -n 1p)
version=$("$oldest" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
write_project ">=3.6,<4,!=3.99.*" >pyproject.toml
cas lock -p "$oldest" -o pylock.toml >/dev/null
grep -qxF "requires-python = \">=$version,<4,!=3.99.*\"" pylock.toml || fail "the project's requires-python is not in $(cat pylock.toml)"
cas sync made >/dev/null
assert_eq "$(made/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" "$version" "the Python that the lock was made for"
rm pylock.toml

# An editable project is named, too.
mkdir ../lone && printf '[project]\nname = "lone"\nversion = "1"\n' >../lone/pyproject.toml
assert_eq "$(cas lock -e ../lone | grep -c '^name = ')" 1 "not the project of the current directory"

# A lock that is replaced keeps its versions as long as they fit, but for what is to be newer; and it says what was asked for.
make_wheel locked top 1.0 top.py= +below >/dev/null
make_wheel locked below 1.0 below.py= >/dev/null
relock() { cas lock top --no-index --find-links locked --refresh -o pylock.kept.toml "$@" >/dev/null; }
below() { grep -A1 '^name = "below"' pylock.kept.toml | tail -n 1; }
relock
make_wheel locked below 2.0 below.py= >/dev/null
relock
assert_eq "$(below)" 'version = "1.0"'
relock --upgrade-package top
assert_eq "$(below)" 'version = "1.0"'
relock --upgrade-package below
assert_eq "$(below)" 'version = "2.0"'
assert_contains "$(cat pylock.kept.toml)" 'requested = ["top"]'
grep -qE '^requires-python = ">=[0-9]+\.[0-9]+"$' pylock.kept.toml || fail "requires-python has a patch version: $(cat pylock.kept.toml)"
