# A package index on 127.0.0.1 for scenarios: source it behind lib.sh.
# shellcheck shell=bash

# start_index FOLDER: serves the wheels there; sets $INDEX to its address. It ends with the script.
start_index() {
  coproc cas_test_index { exec python3 "$cas_root/tests/support/index_server.py" "$@"; }
  local port
  read -r port <&"${cas_test_index[0]}" || fail "the index does not start"
  INDEX=http://127.0.0.1:$port
}

# What it was asked for since the start, one line each.
index_log() {
  python3 -c 'import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())' "$INDEX/log" |
    grep -v ' /log' || true
}

# lock_of FILE...: a pylock.toml of these wheels, at $INDEX.
lock_of() {
  local file name rest
  printf 'lock-version = "1.0"\ncreated-by = "a test"\n'
  for file in "$@"; do
    rest=${file##*/}
    name=${rest%%-*}
    printf '\n[[packages]]\nname = "%s"\nversion = "%s"\nwheels = [{url = "%s", size = %d, hashes = {sha256 = "%s"}}]\n' \
      "${name//_/-}" "$(cut -d- -f2 <<<"$rest")" "${LOCK_INDEX:-$INDEX}/files/$rest" "$(stat -c %s "$file")" \
      "$(sha256sum "$file" | cut -d' ' -f1)"
  done
}
