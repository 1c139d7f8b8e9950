#!/usr/bin/env bash
# Console scripts run wherever the environment lies, and, made with --relocatable, wherever it is moved.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 @demo-run=demo:main demo.py='
import sys
def main():
    print(sys.prefix, *sys.argv[1:], sep="|")
    return 7
' demo-1.0.data/scripts/raw='#!python
import sys
print(sys.prefix, *sys.argv[1:], sep="|")
')
long=$(printf 'directory-%03d/' {1..15})

# run ENV: the scripts say where they live, and hand their arguments and status through.
run() {
  local status=0 output
  output=$("$1/bin/demo-run" 'a b' "c'\$d") || status=$?
  assert_eq "$output" "$1|a b|c'\$d" "demo-run in $1"
  assert_eq "$status" 7 "status of demo-run in $1"
  assert_eq "$("$1/bin/raw" 'x  y')" "$1|x  y" "raw in $1"
}

for name in plain 'with space' "single'quote" 'double"quote' 'dollar $HOME' 'back\slash' 'tick`id`' 'ümläut-日本' '-dash' \
  'semi;colon & more' "${long}env"; do
  env=$CAS_TEST_TMP/at/$name
  cas create "$env" "$wheel" >/dev/null || fail "create at $env"
  run "$env"
  assert_contains "$(cas list --json)" "$(python3 -c 'import json, sys
print(json.dumps(sys.argv[1], ensure_ascii=False))' "$env")"
  cas create "$env" --relocatable "$wheel" >/dev/null
  run "$env"
  mkdir -p "$CAS_TEST_TMP/moved/${name%/*}"
  mv -T -- "$env" "$CAS_TEST_TMP/moved/$name"
  run "$CAS_TEST_TMP/moved/$name"
done
# Called through a link elsewhere, and through PATH.
ln -s "$CAS_TEST_TMP/moved/with space/bin/demo-run" link
assert_contains "$(./link || true)" "moved/with space"
assert_contains "$(PATH="$CAS_TEST_TMP/moved/with space/bin:$PATH" demo-run || true)" "moved/with space"
