#!/usr/bin/env bash
# cas install and cas uninstall change an environment package by package: what satisfies stays, what breaks is said, other tools'
# packages follow their RECORDs, and nobody's other files are touched.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
cd "$CAS_TEST_TMP"
one=$(make_wheel wheels one 1.0 one.py='x = 1' '+base>=1')
one2=$(make_wheel wheels one 2.0 one.py='x = 2' '+base>=2')
base=$(make_wheel wheels base 1.0 base.py='x = 1')
base2=$(make_wheel wheels base 2.0 base.py='x = 2')
strict=$(make_wheel wheels strict 1.0 strict.py='x = 1' '+base<2')
other=$(make_wheel wheels other 1.0 other.py='x = 1' @other=other:x)
alone=$(make_wheel wheels alone 1.0 alone.py='x = 1')

# listed ENV: what pip sees.
listed() { python3 -m pip --python "$1/bin/python" list --format=freeze 2>/dev/null | sort | tr '\n' ' '; }

expect_failure cas install nowhere "$one"
assert_contains "$OUTPUT" "cas create"
python3 -m venv --without-pip foreign
expect_failure --status 2 cas install foreign "$one"
mkdir plain
expect_failure cas install plain "$one"
assert_contains "$OUTPUT" "cas create"

# --- wheels, whose needs are there: no resolver, no network ---
cas create env "$alone" >/dev/null
cas install env "$one" "$base" > out 2>&1 || fail "$(cat out)"
assert_contains "$(cat out)" "+ one 1.0"
assert_contains "$(cat out)" "+ base 1.0"
assert_eq "$(listed env)" "alone==1.0 base==1.0 one==1.0 "
requested() { [[ -e $(echo env/lib/python3*/site-packages/"$1".dist-info)/REQUESTED ]]; }
requested one-1.0 || fail "one is not marked as asked for"

# Nothing to do is nothing done.
before=$(stat -c %i env/.cas/anchor)
cas install env "$one" 'base>=1' alone --offline > out
assert_contains "$(cat out)" "already there: alone 1.0, base 1.0, one 1.0"
assert_eq "$(stat -c %i env/.cas/anchor)" "$before"
assert_eq "$(cas install env one --offline --json | json changed)" false

# A need that is not there, and nobody to ask.
expect_failure cas install env "$one2" --offline --no-index --resolver /nowhere/uv
assert_eq "$(listed env)" "alone==1.0 base==1.0 one==1.0 "
# ... unless it shall not matter.
cas install env "$one2" --no-deps --dry-run > out
assert_contains "$(cat out)" "~ one 1.0 -> 2.0"
assert_eq "$(listed env)" "alone==1.0 base==1.0 one==1.0 "
cas install env "$one2" "$base2" --quiet
assert_eq "$(listed env)" "alone==1.0 base==2.0 one==2.0 "

# --- what breaks is said, and stays ---
cas install env "$one" "$base" "$strict" --quiet
cas install env "$base2" > out 2> err
assert_contains "$(cat err)" "strict 1.0 requires base<2, and base 2.0 is installed now"
assert_not_contains "$(cat err)" "one 1.0 requires"
assert_eq "$(env/bin/python -c 'import base; print(base.x)')" 2
cas uninstall env strict > out 2>&1
assert_contains "$(cat out)" "- strict 1.0"
assert_eq "$(listed env)" "alone==1.0 base==2.0 one==1.0 "

# --- uninstall ---
cas uninstall env base --dry-run > out 2> err
assert_contains "$(cat err)" "one 1.0 requires base>=1, and that is not installed any more"
assert_eq "$(listed env)" "alone==1.0 base==2.0 one==1.0 "
printf 'Nothing\nALONE==7\n' > names
cas uninstall env -r names > out 2> err
assert_contains "$(cat err)" "Nothing is not installed"
assert_contains "$(cat out)" "- alone 1.0"
assert_absent "$(echo env/lib/python3*/site-packages)/alone.py"
assert_eq "$(cas uninstall env nothing --json 2>/dev/null | json not_installed.0)" nothing
expect_failure --status 2 cas uninstall env
expect_failure --status 2 cas uninstall env pylock.toml
# What an extra of what stays may need stays: nothing tells whether it was asked for.
with_extra=$(make_wheel extras withextra 1.0 withextra.py= '+shared; extra=="more"')
user=$(make_wheel extras user 1.0 user.py= +shared)
shared=$(make_wheel extras shared 1.0 shared.py=)
cas add "$with_extra" "$user" "$shared" >/dev/null  # nothing is fetched
INDEX=http://127.0.0.1:9 lock_of "$with_extra" "$user" "$shared" > pylock.extra.toml
printf '\n[tool.cas]\nrequested = ["withextra", "user"]\n' >> pylock.extra.toml
cas sync x pylock.extra.toml >/dev/null
cas uninstall x user --recursive > out
assert_contains "$(cat out)" "- user"
assert_not_contains "$(cat out)" "- shared"
cas sync x pylock.extra.toml >/dev/null
cas uninstall x user withextra --recursive > out
assert_contains "$(cat out)" "- shared"
# Asked for itself, base stays; else it would go with one.
cas uninstall env one --recursive --dry-run > out
assert_not_contains "$(cat out)" "- base"
rm -r env
cas create env "$alone" >/dev/null
cas install env "$one" "$base" --quiet
site=$(echo env/lib/python3*/site-packages)

# Files that were edited stay, and are named.
rm "$site/one.py" && printf 'mine = 1\n' > "$site/one.py"
cas uninstall env one > out 2> err
assert_contains "$(cat err)" "one.py"
assert_eq "$(cat "$site/one.py")" "mine = 1"
rm "$site/one.py"

# --- other tools' packages ---
pip_install() { python3 -m pip --python env/bin/python install -q --no-index --no-deps --find-links wheels "$@" 2>/dev/null; }
if pip_install other==1.0; then
  assert_eq "$(listed env)" "alone==1.0 base==1.0 other==1.0 "
  printf 'kept\n' > outside
  printf 'user\n' > env/user.txt
  mkdir env/way && ln -s ../.. env/way/out
  record=$site/other-1.0.dist-info/RECORD
  # Hostile: what leads out, what is cas's, what is the environment's own, what is somebody else's.
  printf '%s,,\n' ../../../../outside "$CAS_TEST_TMP/outside" ../../../way/out/outside base.py ../../../.cas/anchor \
    ../../../pyvenv.cfg ../../../bin/python .. >> "$record"
  cas uninstall env other > out 2>&1 || fail "$(cat out)"
  assert_contains "$(cat out)" "- other 1.0"
  assert_eq "$(listed env)" "alone==1.0 base==1.0 "
  assert_absent env/bin/other
  assert_absent "$site/other.py"
  assert_eq "$(cat outside env/user.txt)" $'kept\nuser'
  env/bin/python -c 'import base' || fail "base.py has gone"
  rm -r env/way

  # Replaced where its version has to change; left alone where it satisfies.
  pip_install one==1.0
  cas install env 'one>=1' --offline > out
  assert_contains "$(cat out)" "already there: one 1.0"
  cas install env "$one2" "$base2" > out
  assert_contains "$(cat out)" "~ one 1.0 -> 2.0"
  assert_eq "$(listed env)" "alone==1.0 base==2.0 one==2.0 "
  assert_eq "$(env/bin/python -c 'import one; print(one.x)')" 2

  # Without a list of files nothing is touched.
  pip_install other==1.0
  rm "$record"
  expect_failure cas uninstall env other alone
  assert_contains "$OUTPUT" "-m pip uninstall other"
  assert_contains "$(listed env)" "alone==1.0"
else
  echo "not tested: packages of another tool (this pip cannot install from outside)"
fi

# --- the resolver ---
uv=$(a_uv)
if [[ -z $uv ]] || ! "$uv" pip compile --help 2>&1 | grep -q pylock.toml; then
  echo "not tested: resolving (no uv in PATH that writes pylock.toml)"
  assert_sound
  exit 0
fi
export CAS_RESOLVER=$uv PIP_FIND_LINKS=$PWD/wheels
cas create r "$alone" >/dev/null
cas install r one strict > out 2>&1 || fail "$(cat out)"
assert_eq "$(listed r)" "alone==1.0 base==1.0 one==1.0 strict==1.0 "
cas uninstall r strict --recursive > out
assert_eq "$(listed r)" "alone==1.0 base==1.0 one==1.0 " "one still needs base"
# What is installed is preferred; -U is not content with it.
cas install r 'one<3' other > out
assert_eq "$(listed r)" "alone==1.0 base==1.0 one==1.0 other==1.0 "
cas install r --upgrade-package base one > out
assert_eq "$(listed r)" "alone==1.0 base==2.0 one==1.0 other==1.0 "
cas install r -U one --dry-run > out
assert_contains "$(cat out)" "~ one 1.0 -> 2.0"
cas install r -U one > out
assert_eq "$(listed r)" "alone==1.0 base==2.0 one==2.0 other==1.0 "
# A wheel's needs are found, constraints hold, and what came along goes with it.
cas create w "$alone" >/dev/null
printf 'base<2\n' > constraints
cas install w "$one" -c constraints > out 2>&1 || fail "$(cat out)"
assert_eq "$(listed w)" "alone==1.0 base==1.0 one==1.0 "
expect_failure cas install w 'base>=2' -c constraints
cas install w --reinstall one > out
assert_eq "$(listed w)" "alone==1.0 base==1.0 one==1.0 "
cas uninstall w one --recursive > out
assert_contains "$(cat out)" "- base 1.0"
assert_eq "$(listed w)" "alone==1.0 "
assert_eq "$("$uv" pip list -q --format freeze -p w/bin/python)" "alone==1.0"
assert_sound
