# A package index on 127.0.0.1 for scenarios: source it behind lib.sh.
# shellcheck shell=bash

# start_index FOLDER [OPTION...]: serves the wheels there; sets $INDEX to its address. It ends with the script. There may be several.
start_index() {
  local pipe port
  cas_test_indexes=$((${cas_test_indexes-0} + 1))
  pipe=$CAS_TEST_TMP/.index$cas_test_indexes
  mkfifo "$pipe.in" "$pipe.out"
  # Held open by this script alone: it ends when nobody does any more.
  exec {cas_test_index}<>"$pipe.in"
  python3 "$cas_root/tests/support/index_server.py" "$@" <"$pipe.in" >"$pipe.out" {cas_test_index}<&- &
  disown
  read -r port <"$pipe.out" || fail "the index does not start"
  rm "$pipe.in" "$pipe.out"
  INDEX=http://127.0.0.1:$port
}

# start_index_of_base: base 1.0 is on an index, other 1.0 only in the folder other; base.txt and other.txt pin them.
start_index_of_base() {
  local name wheel
  mkdir -p wheels other
  make_wheel wheels base 1.0 base.py='x = 1' >/dev/null
  make_wheel other other 1.0 other.py='x = 1' >/dev/null
  start_index wheels
  for wheel in wheels/base-*.whl other/other-*.whl; do
    name=${wheel#*/}
    name=${name%%-*}
    printf '%s==1.0 --hash=sha256:%s\n' "$name" "$(sha256sum "$wheel" | cut -d' ' -f1)" >"$name.txt"
  done
}

# installed ENV: the names of what is in it.
installed() { (cd "$1"/lib/python3*/site-packages && echo *.dist-info | sed 's/-[^ ]*//g'); }

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
