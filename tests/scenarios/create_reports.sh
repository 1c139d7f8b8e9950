#!/usr/bin/env bash
# What `cas create` says it did is what it did: captured, created, changed, unchanged.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1' @demo=demo:main)
python=$(pythons 3.8 | sed -n 1p)
python=${python%% *}
[[ -n $python ]] || skip "no Python found"

# The first environment over the store's Python says that it captured it, and which; the next does not.
made=$(cas create captured -p "$python" --base store --no-compile-bytecode "$wheel")
version=$("$python" -c 'import platform; print(platform.python_version())')
assert_contains "$made" "captured CPython $version into the store"
assert_not_contains "$(cas create again -p "$python" --base store --no-compile-bytecode "$wheel")" "captured "
