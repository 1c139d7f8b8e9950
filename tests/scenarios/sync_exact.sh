#!/usr/bin/env bash
# An environment that is made exact loses what other tools installed, by their lists of files, and keeps what it is: its Python, its
# prompt, its view of the system's packages, what it was seeded with.
. "$(dirname "$0")/lib.sh"
one=$(make_wheel wheels one 1.0 one.py='x = 1' @one=one:x)
two=$(make_wheel wheels two 1.0 two/__init__.py='x = 1' two/more.py='y = 1' @two=two:x)
three=$(make_wheel wheels three 1.0 three.py='x = 1')
make_wheel wheels setuptools 99.0 setuptools.py= >/dev/null
make_wheel wheels needy 1.0 needy.py= +setuptools >/dev/null
pin() { printf '%s==1.0 --hash=sha256:%s\n' "$(basename "${1%%-*}")" "$(sha256sum "$1" | cut -d' ' -f1)"; }
pin "$one" >one.txt
exact() { cas sync "$1" -r "${2:-one.txt}" --no-index --find-links wheels "${@:3}"; }
by_pip() { python3 -m pip --python "$1/bin/python" install --quiet --no-index --find-links wheels "${@:2}"; }
listed() { cas freeze "$1" --all | sort | sed 's/ @.*//;s/==.*//' | tr '\n' ' '; }

# --- what other tools installed goes ---
cas create e "$one" --prompt mine --system-site-packages --relocatable >/dev/null
by_pip e two three
echo '# mine' >>e/lib/python3*/site-packages/two/more.py
cas create e "$one" >out 2>err
assert_contains "$(cat err)" "left there: three, two"
[[ -e $(echo e/lib/python3*/site-packages/two) ]] || fail "create takes nothing of other tools away"
exact e one.txt --dry-run >out 2>&1
assert_contains "$(cat out)" "would no longer be in it: three 1.0, two 1.0"
exact e >out 2>err
assert_contains "$(cat out)" "no longer in it: three 1.0, two 1.0"
assert_eq "$(listed e)" "one "
for left in e/bin/two e/lib/python3*/site-packages/{two,three.py,two-1.0.dist-info,three-1.0.dist-info}; do assert_absent "$left"; done
assert_contains "$(cat err)" "two/more.py"
assert_contains "$(cat e/.cas/kept/*/lib/python3*/site-packages/two/more.py)" "# mine"
assert_contains "$(exact e)" unchanged

# The environment is otherwise what it was.
assert_contains "$(cat e/pyvenv.cfg)" "prompt = 'mine'"
assert_contains "$(cat e/pyvenv.cfg)" "include-system-site-packages = true"
assert_eq "$(head -n 1 e/bin/one)" "#!/bin/sh" "the script of a relocatable environment"

# What the lock names is cas's again, and what stays with --inexact stays.
by_pip e three
pin "$three" | cat one.txt - >both.txt
exact e both.txt >/dev/null
assert_eq "$(cat e/lib/python3*/site-packages/three-1.0.dist-info/INSTALLER)" cas
by_pip e two
exact e both.txt --inexact >/dev/null
assert_eq "$(listed e)" "one three two "

# A list of files that leads out is not followed; without one the package stays, and that is said.
echo precious >precious
printf '../../../../precious,,\n/etc/hostname,,\n' >>e/lib/python3*/site-packages/two-1.0.dist-info/RECORD
exact e both.txt >/dev/null
assert_eq "$(cat precious)" precious
assert_eq "$(listed e)" "one three "
by_pip e two
rm e/lib/python3*/site-packages/two-1.0.dist-info/RECORD
exact e both.txt >out 2>err
assert_contains "$(cat err)" "two 1.0 was not installed by cas, and stays"

# --- seeds are spared, what a package needed is not ---
cas create s "$one" >/dev/null
by_pip s needy
assert_absent "$(echo s/lib/python3*/site-packages/setuptools-99.0.dist-info)/REQUESTED"
exact s >/dev/null
assert_eq "$(listed s)" "one "
by_pip s setuptools
rm s/lib/python3*/site-packages/setuptools-99.0.dist-info/REQUESTED
exact s >/dev/null
assert_eq "$(listed s)" "one setuptools "
if cas create p --seed "$one" >/dev/null 2>&1; then
  exact p >/dev/null
  assert_contains "$(listed p)" "pip "
fi

# --- the Python stays where none is named ---
default=$(cas python find --json | json python.version)
other=
for candidate in $(pythons 3.9); do
  [[ $("$candidate" -c 'import platform; print(platform.python_version())') == "$default" ]] || other=$candidate
done
[[ -n $other ]] || skip "only one Python here"
version() { "$1/bin/python" -c 'import platform; print(platform.python_version())'; }
cas create v -p "$other" >/dev/null
was=$(version v)
exact v >out
assert_not_contains "$(cat out)" "its Python was"
assert_eq "$(version v)" "$was" "after sync"
cas create v "$three" >/dev/null
assert_eq "$(version v)" "$was" "after create"
cas create v "$three" -p "$default" >/dev/null
assert_eq "$(version v)" "$default" "with -p"
cas verify >/dev/null
