#!/usr/bin/env bash
# The command lines of venv and virtualenv: every option is accepted or answered, and does here what it does there; what is
# there already stays, is made again, replaced or refused.
. "$(dirname "$0")/lib.sh"
unset "${!VIRTUALENV_@}"
demo=$(make_wheel wheels demo 1.0 demo.py='x = 1' @demo=demo:main)

# accepted WORD...: the command succeeds and says nothing but what it made.
accepted() {
  local errors
  rm -rf env
  errors=$(cas venv "$@" env 2>&1 >/dev/null) || fail "cas venv $*: $errors"
  assert_eq "$errors" '' "cas venv $*"
  [[ -x env/bin/python ]] || fail "no environment by cas venv $*"
}

# noted PART WORD...: it succeeds, with a warning that holds PART.
noted() {
  local part=$1
  shift
  rm -rf env
  OUTPUT=$(cas venv "$@" env 2>&1 >/dev/null) || fail "cas venv $*: $OUTPUT"
  assert_contains "$OUTPUT" "$part" "cas venv $*"
}

# --- options of venv --------------------------------------------------------------------------------------------------

accepted --without-pip --prompt 'my prompt'
assert_contains "$(cat env/pyvenv.cfg)" "prompt = 'my prompt'"
assert_exists env/.gitignore
accepted --without-pip --without-scm-ignore-files
assert_absent env/.gitignore
accepted --without-pip --system-site-packages
assert_contains "$(cat env/pyvenv.cfg)" "include-system-site-packages = true"
accepted --without-pip --symlinks
[[ -L env/bin/python ]] || fail "--symlinks"
accepted --without-pip --copies --base system -p /usr/bin/python3
for name in python python3; do
  [[ -f env/bin/$name && ! -L env/bin/$name ]] || fail "--copies: $name"
done
assert_eq "$(env/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)')" True "a copied interpreter"
# What is changed keeps it, until it is told otherwise.
cas create env -p /usr/bin/python3 "$demo" >/dev/null
[[ -f env/bin/python && ! -L env/bin/python ]] || fail "no longer a copy"
cas clone env copied >/dev/null
[[ -f copied/bin/python && ! -L copied/bin/python ]] || fail "the clone of a copy"
cas venv --without-pip env --symlinks -p /usr/bin/python3 >/dev/null
[[ -L env/bin/python ]] || fail "links again"
rm -rf copied
rm -rf env
assert_contains "$(cas venv --without-pip --copies --base standalone env 2>&1)" "inside anyway"
expect_failure --status 2 cas venv --clear --upgrade other
expect_failure --status 2 cas venv --symlinks --copies other
expect_failure --status 2 cas venv --upgrade-deps --without-pip other
expect_failure --status 2 cas venv
expect_failure --status 2 cas venv --no-such-option other
assert_absent other
# Several at once.
cas venv --without-pip several/a several/b >/dev/null
assert_eq "$(cas venv --without-pip --json several/a several/b | json environments.1.path)" "$CAS_TEST_TMP/several/b"

# --- options of virtualenv --------------------------------------------------------------------------------------------

accepted -p no-such-python -p /usr/bin/python3 --no-seed
accepted --try-first-with /usr/bin/python3 --no-seed
accepted --no-pip --no-setuptools --no-wheel --no-vcs-ignore --always-copy --base system -p /usr/bin/python3
assert_absent env/.gitignore
assert_absent env/bin/pip
accepted --no-seed --no-download --no-periodic-update --activators bash,fish --creator builtin --seeder app-data \
  --discovery builtin --with-traceback --read-only-app-data --symlink-app-data --never-download -q
accepted --no-seed -v
noted "store" --no-seed --app-data somewhere
noted "cas gc" --no-seed --reset-app-data
noted "does not download" --no-seed --download
noted "--base" --no-seed --creator venv
noted "links pip" --no-seed --seeder pip
noted "-p PATH" --no-seed --discovery pyenv
expect_failure --status 2 cas venv --upgrade-embed-wheels
assert_contains "$OUTPUT" "ensurepip"
expect_failure --status 2 cas venv --reset-app-data
assert_contains "$OUTPUT" "cas gc"
expect_failure --status 2 cas venv --pip 1 --no-pip other
assert_eq "$(cas venv --version)" "$(cas version)"

# --- settings ---------------------------------------------------------------------------------------------------------

rm -rf env
VIRTUALENV_NO_SEED=1 VIRTUALENV_PROMPT=set VIRTUALENV_SYSTEM_SITE_PACKAGES=yes cas venv env >/dev/null
assert_contains "$(cat env/pyvenv.cfg)" "prompt = 'set'"
assert_contains "$(cat env/pyvenv.cfg)" "include-system-site-packages = true"
mkdir -p "$HOME/.config/virtualenv"
printf '# mine\n[virtualenv]\nno_seed = true\nprompt = from the file\nno-vcs-ignore = on\n' > "$HOME/.config/virtualenv/virtualenv.ini"
accepted
assert_contains "$(cat env/pyvenv.cfg)" "prompt = 'from the file'"
assert_absent env/.gitignore
assert_absent env/bin/pip
printf '[virtualenv]\nno-seed = true\nprompt: another\n' > named.ini
rm -rf env
VIRTUALENV_CONFIG_FILE=named.ini cas venv env >/dev/null
assert_contains "$(cat env/pyvenv.cfg)" "prompt = 'another'"
accepted --prompt mine
assert_contains "$(cat env/pyvenv.cfg)" "prompt = 'mine'"
VIRTUALENV_CLEAR=perhaps expect_failure --status 2 cas venv other
printf 'nonsense\n' > named.ini
VIRTUALENV_CONFIG_FILE=named.ini expect_failure --status 2 cas venv other
assert_contains "$OUTPUT" "named.ini:1"
assert_absent other
rm -r "$HOME/.config" env

# --- what is there already --------------------------------------------------------------------------------------------

# Somebody's directory: used, and his files stay.
mkdir -p project/src
echo mine | tee project/note project/src/note >/dev/null
cas venv --without-pip project >/dev/null
assert_eq "$(cat project/note project/src/note | sort -u)" mine
# One of our own: made again in place; packages, prompt and foreign files stay.
cas create env --prompt kept "$demo" >/dev/null
echo mine > env/lib/mine
cas venv --without-pip env >/dev/null
assert_eq "$(env/bin/python -B -c 'import demo; print(demo.x)')" 1
assert_eq "$(cat env/lib/mine)" mine
assert_contains "$(cat env/pyvenv.cfg)" "prompt = 'kept'"
# The same by cas create: kept, or exactly what is named.
other=$(make_wheel wheels other 1.0 other.py='y = 1')
cas create env --allow-existing "$other" >/dev/null
assert_eq "$(env/bin/python -B -c 'import demo, other; print(demo.x, other.y)')" "1 1"
cas create env "$other" >/dev/null
expect_failure env/bin/python -B -c 'import demo'
# The environment's Python is now this one; with --allow-existing it stays.
mapfile -t found < <(pythons 3.8)
if ((${#found[@]} > 1)); then
  first=$("${found[0]}" -c 'import sys; print(sys.version.split()[0])')
  second=$("${found[1]}" -c 'import sys; print(sys.version.split()[0])')
  cas create moved -p "${found[0]}" "$demo" >/dev/null
  assert_contains "$(cas create moved --upgrade -p "${found[1]}")" "its Python was $first, is $second"
  assert_eq "$(moved/bin/python -B -c 'import demo, sys; print(demo.x, sys.version.split()[0])')" "1 $second"
  cas venv --without-pip --upgrade -p "${found[0]}" moved >/dev/null
  cas create moved --allow-existing >/dev/null
  assert_eq "$(moved/bin/python -B -c 'import demo, sys; print(demo.x, sys.version.split()[0])')" "1 $first"
fi

# --clear: everything goes, what pip put there, too; a failure leaves it as it was.
cas create cleared "$demo" >/dev/null
site=$(cleared/bin/python -c 'import site; print(site.getsitepackages()[0])')
echo 'z = 1' > "$site/foreign.py"
before=$(tree_sum cleared)
expect_failure --status 1 cas create cleared --clear "$CAS_TEST_TMP/absent.whl"
expect_failure --status 1 env CAS_FAILPOINT=staged:enospc "$CAS_BIN" create cleared --clear
assert_eq "$(tree_sum cleared)" "$before" "after a failed --clear"
made=$(cas venv cleared --clear --without-pip --json)
assert_eq "$(json environments.0.cleared <<<"$made") $(json environments.0.changed <<<"$made")" "true false"
assert_absent "$site/foreign.py"
expect_failure cleared/bin/python -B -c 'import demo'
assert_eq "$(cas list --json | python3 -c 'import json, sys
print([e["state"] for e in json.load(sys.stdin)["environments"] if e["path"].endswith("/cleared")])')" "['live']"
# Among other files the environment is changed, and they stay.
noted_output=$(cas venv project --clear --without-pip 2>&1)
assert_contains "$noted_output" "note, src"
assert_eq "$(cat project/note project/src/note | sort -u)" mine
# Another tool's is refused, and replaced by --clear; with more in it, never. No environment: never.
python3 -m venv --without-pip theirs
before=$(tree_sum theirs)
expect_failure --status 2 cas venv --without-pip theirs
expect_failure --status 2 cas create theirs
assert_eq "$(tree_sum theirs)" "$before" "another tool's environment"
cas venv --without-pip --clear theirs >/dev/null
assert_contains "$(cat theirs/pyvenv.cfg)" "cas = "
python3 -m venv --without-pip mixed
echo mine > mixed/work.txt
expect_failure --status 2 cas venv --without-pip --clear mixed
assert_contains "$OUTPUT" "work.txt"
mkdir plain
echo mine > plain/work.txt
expect_failure --status 2 cas venv --without-pip --clear plain
assert_contains "$OUTPUT" "not an environment"
assert_eq "$(cat mixed/work.txt plain/work.txt | sort -u)" mine
mkdir empty
cas venv --without-pip --clear empty >/dev/null
assert_exists empty/pyvenv.cfg
# A mount point cannot be exchanged.
mkdir mounted
if own_mounts && mount -t tmpfs none mounted 2>/dev/null; then
  cas_test_mounts+=("$CAS_TEST_TMP/mounted")
  cas create mounted "$demo" >/dev/null
  echo mine > mounted/lib/mine
  cas create mounted --clear >/dev/null
  assert_absent mounted/lib/mine
  [[ -x mounted/bin/python ]] || fail "an environment at a mount point"
fi
assert_no_scratch . project several
assert_sound
