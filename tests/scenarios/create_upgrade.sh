#!/usr/bin/env bash
# --upgrade stays with the environment's minor version, and puts nothing back that was left out.
. "$(dirname "$0")/lib.sh"
mapfile -t found < <(pythons 3.8)
version() { "$1" -c 'import platform; print(platform.python_version())'; }
minor() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }
default=$(cas python find --json | json python.version)
other=''
for python in "${found[@]}"; do
  [[ $default == "$(minor "$python")".* ]] || other=$python
done
[[ -n $other ]] || skip "needs a Python of another minor version than the default's"

demo=$(make_wheel wheels demo 1.0 demo.py='x = 1')
cas create env -p "$other" "$demo" >/dev/null
cas create env --upgrade >/dev/null
assert_eq "$(minor env/bin/python)" "$(minor "$other")" "cas create --upgrade"
assert_eq "$(env/bin/python -B -c 'import demo; print(demo.x)')" 1
assert_absent env/bin/pip
cas venv env --upgrade --prompt kept >/dev/null
assert_eq "$(minor env/bin/python)" "$(minor "$other")" "cas venv --upgrade"
assert_absent env/bin/pip
# What was named wins.
assert_contains "$(cas create env --upgrade -p "$default")" "its Python was $(version "$other"), is $default"

# Seeds: what the environment has, and no more. What is asked for comes.
python=${found[0]}
for candidate in "${found[@]}"; do
  case $(minor "$candidate") in 3.8 | 3.9 | 3.10 | 3.11) python=$candidate ;; esac
done
cas venv seeded -p "$python" --no-setuptools >/dev/null
cas venv seeded --upgrade >/dev/null
[[ -x seeded/bin/pip ]] || fail "pip is gone"
[[ -z $(compgen -G 'seeded/lib/python*/site-packages/setuptools') ]] || fail "setuptools is back"
assert_sound
