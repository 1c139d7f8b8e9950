#!/usr/bin/env bash
# The session of the README on real wheels: add, create, run, list, show, du, remove, gc, verify; text and JSON.
. "$(dirname "$0")/lib.sh"
have_wheels demo
python_for cp311
python=$REPLY
mapfile -t flask < <(for name in flask werkzeug jinja2 markupsafe itsdangerous click blinker; do wheel "$name"; done)
numpy=$(pinned numpy)

added=$(cas add --json "$numpy" "$(wheel pygments)" "${flask[@]}")
assert_eq "$(json added <<<"$added") $(json already <<<"$added") $(json refused <<<"$added")" "9 0 0"
assert_eq "$(json new_bytes <<<"$added" | grep -c '^[1-9]')" 1
again=$(cas add "$numpy")
assert_contains "$again" "already there"

cas create one -p "$python" "$numpy" "$(wheel pygments)" >/dev/null
made=$(cas create --json two -p "$python" "$numpy" "${flask[@]}")
assert_eq "$(json links.copy <<<"$made")" 0 "same filesystem: nothing is copied"
cas create three -p "$python" --find-links "$CAS_WHEELS" pygments numpy >/dev/null

assert_eq "$(one/bin/python -c 'import numpy; print(int(numpy.arange(10).sum()))')" 45
assert_contains "$(one/bin/pygmentize -V)" "Pygments version"
assert_contains "$(two/bin/flask --version)" "Flask 3.1.3"
site=lib/python3.11/site-packages
assert_same_inode one/$site/numpy/__config__.py two/$site/numpy/__config__.py
assert_same_inode one/$site/numpy/__config__.py three/$site/numpy/__config__.py

listed=$(cas list --json)
for n in 0 1 2; do assert_eq "$(json "environments.$n.state" <<<"$listed")" live; done
assert_eq "$(json environments.0.path <<<"$listed")" "$CAS_TEST_TMP/one"
assert_contains "$(cas list)" "$CAS_TEST_TMP/three"

shown=$(cas show --json ./one)
assert_contains "$(json environment.packages <<<"$shown")" '"name": "Pygments"'
shown=$(cas show --json numpy)
assert_eq "$(json packages.0.environments <<<"$shown")" \
  "[\"$CAS_TEST_TMP/one\", \"$CAS_TEST_TMP/three\", \"$CAS_TEST_TMP/two\"]"
assert_contains "$(cas show flask)" two
expect_failure --status 1 cas show no-such-package

used=$(cas du --json one)
shared=$(json environments.0.shared_bytes <<<"$used")
apparent=$(json environments.0.apparent_bytes <<<"$used")
own=$(json environments.0.own_bytes <<<"$used")
((shared > apparent * 9 / 10 && own < apparent / 5)) || fail "shares $shared of $apparent bytes, has $own of its own"

cas remove --dry-run two >/dev/null
assert_exists two/bin/flask
assert_eq "$(cas remove --json two | json environments.0.error)" ""
assert_absent two
dry=$(cas gc --dry-run --json)
collected=$(cas gc --json)
assert_eq "$(json objects_removed <<<"$collected")" "$(json objects_removed <<<"$dry")" "dry run and run"
assert_eq "$(json packages <<<"$collected" | grep -o '"name"' | wc -l)" 7
assert_eq "$(json environments <<<"$collected")" 2
cas verify >/dev/null
assert_sound
assert_eq "$(three/bin/python -c 'import numpy, pygments; print("ok")')" ok
expect_failure --status 1 cas remove two
expect_failure --status 2 cas remove
