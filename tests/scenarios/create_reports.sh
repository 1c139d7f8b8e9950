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

# What was nothing is created, also where its directory is there; the same again is unchanged, and nothing is written.
mkdir empty
assert_contains "$(cas create empty "$wheel")" "created $PWD/empty"
before=$(tree_sum empty)
said=$(cas create empty "$wheel")
assert_contains "$said" "unchanged $PWD/empty"
assert_not_contains "$said" "written"
assert_eq "$(tree_sum empty)" "$before"
assert_eq "$(cas create --json empty "$wheel" | json unchanged)" true
assert_contains "$(cas create empty "$wheel" --prompt other)" "changed $PWD/empty"

# One meaning of files and directories.
mkdir -p project/bin
echo mine | tee project/app.py project/bin/tool >/dev/null
for env in alone project; do
  made=$(cas create "$env" "$wheel" --json)
  promised=$(cas remove "$env" --json --dry-run)
  if [[ $env == alone ]]; then
    assert_eq "$(json files <<<"$made") $(json directories <<<"$made")" "$(find $env ! -type d | wc -l) $(find $env -type d | wc -l)"
  fi
  removed=$(cas remove "$env" --json)
  for field in files directories freed_bytes kept; do
    assert_eq "$(json "environments.0.$field" <<<"$promised")" "$(json "environments.0.$field" <<<"$removed")" "$env: $field"
  done
  assert_eq "$(json files <<<"$made")" "$(json environments.0.files <<<"$removed")" "$env: files"
done
assert_eq "$(find project | sort | tr '\n' ' ')" "project project/app.py project/bin project/bin/tool "
# Named twice, it is removed once.
cas create twice "$wheel" >/dev/null
assert_eq "$(cas remove twice ./twice --json | json environments | grep -o '"path"' | wc -l)" 1
assert_sound
