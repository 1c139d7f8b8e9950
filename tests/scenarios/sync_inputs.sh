#!/usr/bin/env bash
# What cas sync, create and install take when little or nothing is named, and requirements with hashes that are not all that they need.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
one=$(make_wheel wheels one 1.0 one.py='x = 1' '+base>=1; python_version>"3"' '+never; python_version<"3"' '+plus; extra=="more"')
base=$(make_wheel wheels base 1.0 base.py='x = 1')
plus=$(make_wheel wheels plus 1.0 plus.py='x = 1')
unset PIP_NO_INDEX
start_index wheels
here=(--no-index --find-links wheels)
pin() { printf '%s==1.0 --hash=sha256:%s\n' "$(basename "${1%%-*}")${2-}" "$(sha256sum "$1" | cut -d' ' -f1)"; }
listed() { cas freeze "$1" --all | sort | sed 's/ @.*//;s/==.*//' | tr '\n' ' '; }

# --- pins that lack something ---
pin "$one" >part.txt
for command in sync create; do
  expect_failure --status 1 cas $command e -r part.txt "${here[@]}"
  assert_contains "$OUTPUT" "base>=1"
  assert_contains "$OUTPUT" "one 1.0 requires"
  assert_contains "$OUTPUT" "--no-deps"
  assert_not_contains "$OUTPUT" never
  assert_not_contains "$OUTPUT" plus
  assert_absent e
  cas $command e -r part.txt "${here[@]}" --no-deps >/dev/null
  assert_eq "$(listed e)" "one "
  rm -rf e
done
pin "$one" '[more]' | cat - <(pin "$base") >extra.txt
expect_failure --status 1 cas sync e -r extra.txt "${here[@]}"
assert_contains "$OUTPUT" "plus"
pin "$base" | cat part.txt - >all.txt
cas sync e -r all.txt "${here[@]}" >/dev/null
assert_eq "$(listed e)" "base one "
# What stays in the environment counts.
cas create i "$base" >/dev/null
expect_failure --status 1 cas sync i -r part.txt "${here[@]}"
cas sync i -r part.txt "${here[@]}" --inexact >/dev/null
assert_eq "$(listed i)" "base one "
cas create j "$base" >/dev/null
cas install j -r part.txt "${here[@]}" >/dev/null
assert_eq "$(listed j)" "base one "
# A lock is complete by definition.
lock_of "$one" >pylock.part.toml
cas sync k pylock.part.toml >/dev/null
assert_eq "$(listed k)" "one "
echo 'one<1' >limits.txt
cas sync k pylock.part.toml -c limits.txt >/dev/null 2>err
assert_contains "$(cat err)" "constraints (-c) say nothing of what a lock has decided"

# --- nothing named: the active environment, else .venv; the nearest lock ---
mkdir folder && cd folder
expect_failure --status 2 cas sync
assert_contains "$OUTPUT" "there is no pylock.toml, uv.lock, poetry.lock or pyproject.toml here"
lock_of "../$base" >pylock.toml
printf '[project]\nname = "x"\nversion = "1"\ndependencies = ["nosuch"]\n' >pyproject.toml
cas sync >out 2>err
assert_contains "$(cat out)" "following $PWD/pylock.toml"
assert_eq "$(listed .venv)" "base "
# The project asks for something else: told, refused, or not looked at. What satisfies it is fresh, however old it is.
assert_contains "$(cat err)" "pylock.toml has not what $PWD/pyproject.toml asks for: nosuch, and it has none"
expect_failure --status 1 cas sync .venv pylock.toml --locked
assert_contains "$OUTPUT" "nosuch, and it has none"
cas sync --frozen >/dev/null 2>err
assert_eq "$(cat err)" ""
expect_failure --status 2 cas sync --locked --frozen
expect_failure --status 2 cas sync --locked pyproject.toml
assert_contains "$OUTPUT" "there is none"
sed -i 's/nosuch/base>=1,<2/' pyproject.toml
touch -d '2001-01-01' pylock.toml
cas sync --locked >/dev/null 2>err
assert_eq "$(cat err)" ""
sed -i 's/base>=1/base>=1.5/' pyproject.toml
touch -d '2001-01-01' pyproject.toml
cas sync >/dev/null 2>err
assert_contains "$(cat err)" "base<2,>=1.5, and it has base 1.0"
expect_failure --status 2 cas sync --only-group dev
assert_contains "$OUTPUT" "does not tell what a dependency group needs"
assert_contains "$OUTPUT" "--group"
# A lock that has a group for the project's own dependencies does, as others write it.
{
  printf 'dependency-groups = ["dev", "doc"]\ndefault-groups = ["default"]\n'
  lock_of "../$base" "../$plus" "../$one"
} | sed -e 's/^name = "base"/&\nmarker = "\x27default\x27 in dependency_groups or \x27doc\x27 in dependency_groups"/' \
  -e 's/^name = "plus"/&\nmarker = "\x27dev\x27 in dependency_groups"/' \
  -e 's/^name = "one"/&\nmarker = "\x27default\x27 in dependency_groups"/' >pylock.groups.toml
groups() { cas sync ../groups pylock.groups.toml --frozen "$@" >/dev/null && listed ../groups; }
assert_eq "$(groups)" "base one "
assert_eq "$(groups --only-group dev)" "plus "
assert_eq "$(groups --only-group dev --only-group Doc)" "base plus "
assert_eq "$(groups --only-group dev --no-dev)" ""
# What the project asks for itself is not asked of its group.
expect_failure --status 1 cas sync ../groups pylock.groups.toml --locked
cas sync ../groups pylock.groups.toml --locked --only-group dev >/dev/null
expect_failure --status 2 cas sync ../groups pylock.groups.toml --frozen --only-group nosuch
assert_contains "$OUTPUT" "it has: default, dev, doc"
sed -i 's/^dependency-groups = \["dev"/&, "default"/' pylock.groups.toml
expect_failure --status 2 cas sync ../groups pylock.groups.toml --frozen --only-group dev
cas create ../active >/dev/null
VIRTUAL_ENV=$CAS_TEST_TMP/active cas sync >/dev/null
assert_eq "$(listed ../active)" "base "
cas sync -n named pylock.toml >/dev/null
assert_eq "$(listed named)" "base "
mkdir other && cd other
cas create >/dev/null
[[ -e .venv/pyvenv.cfg ]] || fail "cas create makes .venv"
# A lock that is the first operand is no environment.
cas sync ../pylock.toml >/dev/null
assert_eq "$(listed .venv)" "base "
# uv.lock goes before pyproject.toml: without a uv it is that which fails.
rm ../pylock.toml && touch ../uv.lock && cd ..
expect_failure cas sync --offline --resolver /nowhere/uv
assert_contains "$OUTPUT" "uv"
assert_not_contains "$OUTPUT" nosuch
cd ..

# --- forgotten -r, and files that are not what is meant ---
expect_failure --status 2 cas create e2 all.txt
assert_contains "$OUTPUT" "did you mean -r all.txt?"
expect_failure --status 2 cas install e all.txt
assert_contains "$OUTPUT" "did you mean -r all.txt?"
expect_failure --status 2 cas create all.txt
assert_contains "$OUTPUT" "did you mean -r all.txt?"
expect_failure --status 2 cas create e -n named2 base
assert_contains "$OUTPUT" "e is an environment"
expect_failure --status 2 cas lock base -o requirements.txt
assert_contains "$OUTPUT" "pylock.toml or pylock.NAME.toml"
expect_failure --status 127 cas run nothere.py
assert_contains "$OUTPUT" "there is no script"
echo 'print(1)' >script.py
expect_failure --status 127 cas run e script.py
assert_contains "$OUTPUT" "put \`python\` in front of it"

# --- the Python that a lock is for, and what it asked for itself ---
newest=$(pythons 3.9 | tail -n 1)
minor=$("$newest" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
{ printf 'requires-python = "==%s.*"\n' "$minor"; lock_of "$one" "$base"; printf '\n[tool.cas]\nrequested = ["one"]\n'; } >pylock.asked.toml
cas sync q pylock.asked.toml >/dev/null
assert_eq "$(q/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" "$minor" "the Python that the lock is for"
[[ -e $(echo q/lib/python3*/site-packages/one-1.0.dist-info/REQUESTED) ]] || fail "one was asked for"
assert_absent "$(echo q/lib/python3*/site-packages/base-1.0.dist-info)/REQUESTED"
cas uninstall q one --recursive --yes >/dev/null
assert_eq "$(listed q)" ""

# Where several fit, the one that cas made it for; what the project beside it excludes is told.
mkdir made && cd made
oldest=$(pythons 3.8 | sed -n '1p;2p' | tail -n 1)
minor=$("$oldest" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
{ printf 'requires-python = ">=3.8"\n'; lock_of "../$one" "../$base"; printf '\n[tool.cas]\npython = "%s"\n' "$minor"; } >pylock.toml
cas sync >/dev/null 2>err
assert_eq "$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" "$minor" "the Python that the lock was made for"
assert_eq "$(cat err)" ""
cas create c pylock.toml >/dev/null
assert_eq "$(c/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" "$minor"
printf '[project]\nname = "x"\nversion = "1"\nrequires-python = "!=%s.*"\ndependencies = ["one"]\n' "$minor" >pyproject.toml
expect_failure --status 1 cas sync new pylock.toml --locked
assert_contains "$OUTPUT" "$PWD/pyproject.toml requires Python !=$minor.*"
assert_absent new
cas sync >/dev/null 2>err
assert_contains "$(cat err)" "requires Python !=$minor.*"
cd ..
