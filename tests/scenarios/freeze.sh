#!/usr/bin/env bash
# cas freeze prints what pip freeze prints, whoever installed what, and refuses to be led astray.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_metadata.sh"
unset PIP_NO_CACHE_DIR
make_wheel wheels Demo_App 1.0 demo_app.py='x = 1' >/dev/null
make_wheel wheels demo_app 2.0 demo_app.py='x = 2' >/dev/null
make_wheel wheels zebra 2020.04.01 zebra.py='x = 1' >/dev/null
make_wheel wheels animal 1.0rc1 animal.py='x = 1' >/dev/null
file=$(make_wheel files "from_file" 0.1 from_file.py='x = 1')
lock_of_files wheels/{Demo_App-1.0,animal-1.0rc1,zebra-2020.04.01}-*.whl > pylock.toml
sha256=$(sha256sum "$file" | cut -d' ' -f1)
printf '\n[[packages]]\nname = "from-file"\narchive = {path = "%s", hashes = {sha256 = "%s"}}\n' "$file" "$sha256" >> pylock.toml
late=$(make_wheel files "late" 0.2 late.py='x = 1')

# same ENV: with all that changes what is printed.
same() {
  local -a pip=("$1/bin/python" -B -m pip --no-cache-dir freeze)
  assert_eq "$(cas freeze "$1")" "$("${pip[@]}" 2>/dev/null)" "freeze of $1"
  assert_eq "$(cas freeze "$1" --all)" "$("${pip[@]}" --all 2>/dev/null)" "freeze --all of $1"
  assert_eq "$(cas freeze "$1" --exclude Demo.App)" "$("${pip[@]}" --exclude demo-app 2>/dev/null)" "--exclude of $1"
}

tested=0
one_python() {
  local env=$1 python=$2
  cas create "$env" -p "$python" --seed pylock.toml >/dev/null
  same "$env"
  "$env/bin/python" -m pip install -q --no-index --find-links wheels --upgrade demo_app
  "$env/bin/python" -m pip install -q "$CAS_TEST_TMP/$late"
  "$env/bin/python" -m pip uninstall -q -y zebra
  assert_contains "$(cas freeze "$env")" "demo_app==2.0"
  assert_not_contains "$(cas freeze "$env")" zebra
  describe "$env" Editable 1 'direct_url.json={"url": "file:///src/a%20b", "dir_info": {"editable": true}}'
  describe "$env" vcs 2 'direct_url.json={"url": "https://example.org/vcs.git", "subdirectory": "py",
    "vcs_info": {"vcs": "git", "commit_id": "0123456789012345678901234567890123456789"}}'
  describe "$env" folder 3 'direct_url.json={"url": "file:///src/folder", "dir_info": {}}'
  same "$env"
  if "$python" -m venv "$env-plain" 2>/dev/null; then
    "$env-plain/bin/python" -m pip install -q --no-index --find-links wheels animal==1.0rc1
    same "$env-plain"
  fi
  tested=$((tested + 1))
}
# Older pips know nothing of direct_url.json.
while read -r python; do
  "$python" -c 'import ensurepip' 2>/dev/null || continue
  one_python "env$tested" "$python"
done < <(few_pythons 3.8)
[[ $tested -gt 0 ]] || skip "no Python with ensurepip"

# The details.
document=$(cas freeze env0 --json)
assert_eq "$(json command <<<"$document")" freeze
assert_eq "$(json packages.1.requirement <<<"$document")" demo_app==2.0
assert_eq "$(json packages.1.installer <<<"$document")" pip
assert_eq "$(json packages.0.installer <<<"$document")" cas
assert_eq "$(json packages.2.direct_url.kind <<<"$document")" directory

# What is hostile is left out and said.
site=$(echo "$CAS_TEST_TMP"/env0/lib/*/site-packages)
before=$(cas freeze env0)
ln -s /etc "$site/evil-1.0.dist-info"
mkdir "$site/fifo-1.0.dist-info"
mkfifo "$site/fifo-1.0.dist-info/METADATA"
describe env0 lines 1 'direct_url.json={"url": "https://example.org\nevil==1", "archive_info": {}}'
assert_eq "$(cas freeze env0 --exclude lines 2>said)" "$before"
assert_eq "$(cas freeze env0 2>/dev/null | grep lines)" lines==1
for name in evil fifo lines; do assert_contains "$(<said)" "$name-1"; done

expect_failure --status 2 cas freeze
expect_failure --status 1 cas freeze absent
assert_contains "$OUTPUT" "neither an environment"
mkdir nothing
expect_failure --status 1 cas freeze ./nothing
assert_contains "$OUTPUT" "no pyvenv.cfg"
