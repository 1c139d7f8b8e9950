#!/usr/bin/env bash
# Where files are cloned, a first import writes no file either: clones have their object's time.
. "$(dirname "$0")/lib.sh"
with_loop_fs xfs 300M
cd "$REPLY"
export CAS_STORE=$REPLY/store
python=$(pythons | sed -n 1p)
[[ -n $python ]] || skip "no Python here"
wheel=$(make_wheel wheels demo 1.0 demo/__init__.py= demo/core.py='x = 1')
links=$(cas create --json env -p "$python" --link-mode reflink "$wheel" | json links.reflink)
((links > 0)) || skip "no reflinks on this XFS"
listing() {
  find env -printf '%p %y %m %i %s %T@ %l\n' | sort
}
before=$(listing)
assert_eq "$(env/bin/python -c 'import demo.core; print(demo.core.x)')" 1
assert_eq "$(listing)" "$before" "what importing wrote"
assert_eq "$(find env -name '*.pyc' | wc -l)" 2 "bytecode"
assert_sound
