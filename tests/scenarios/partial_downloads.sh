#!/usr/bin/env bash
# Of a wheel whose RECORD the lock vouches for, only what the store lacks is fetched; the environment is that of the whole wheel.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
. "$cas_root/tests/scenarios/lib_parts.sh"

make_big_wheels
first=wheels/big-1.0-py3-none-any.whl second=wheels/big-2.0-py3-none-any.whl
size=$(stat -c %s "$second")
unset PIP_NO_INDEX
start_index wheels

sent() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$INDEX/sent"; }
# Everything of an environment but what names its place or the store's package: path, mode, time and digest.
contents() {
  (cd "$1" && find lib -type f ! -name RECORD -printf '%P %m %s %T@\n' -exec sha256sum {} + | sort && stat -c %a bin/big && sed 1d bin/big)
  sed 's/sha256=[^,]*,[0-9]*$//' "$1"/lib/python3*/site-packages/big-*.dist-info/RECORD | grep -v 'bin/big'
}

# Whoever has the wheels writes what vouches for their members into the lock.
author_locks
assert_contains "$(cat pylock.v2.toml)" '[packages.tool.cas]'
assert_contains "$(cat pylock.v2.toml)" 'record-sha256 = {"big-2.0-py3-none-any.whl" = "'
python3 - <<'PYTHON'
import hashlib, re, zipfile
lock = open("pylock.v2.toml").read()
wheel = zipfile.ZipFile("wheels/big-2.0-py3-none-any.whl")
said = re.findall(r'-sha256 = \{"big-2.0-py3-none-any.whl" = "([0-9a-f]{64})"\}', lock)
whole = open("wheels/big-2.0-py3-none-any.whl", "rb").read()
assert said == [hashlib.sha256(wheel.read("big-2.0.dist-info/RECORD")).hexdigest(),
                hashlib.sha256(whole[wheel.start_dir:]).hexdigest()], lock
PYTHON

# What is needed, and no more; the report tells what the server saw.
export CAS_STORE=$CAS_TEST_TMP/parts
cas sync e pylock.v1.toml >/dev/null
before=$(sent)
report=$(cas sync e pylock.v2.toml --json)
fetched=$(($(sent) - before))
assert_eq "$(json wheels.0.assembled <<<"$report")" true "put together from parts"
assert_eq "$(json wheels.0.fetched_bytes <<<"$report")" "$fetched" "bytes, as the server counts them"
assert_eq "$(json wheels.0.spared_bytes <<<"$report")" "$((size - fetched))" "bytes that were not fetched"
[[ $fetched -lt $((size / 8)) ]] || fail "$fetched of $size bytes were fetched"
assert_eq "$(e/bin/big)" 2.0 "the script of the new version"
cas verify --contents >/dev/null

# The same as from the whole wheel, to the byte.
export CAS_STORE=$CAS_TEST_TMP/whole
cas sync e1 pylock.v1.toml >/dev/null
before=$(sent)
report=$(cas sync e1 pylock.v2.toml --partial-downloads never --json)
assert_eq "$(($(sent) - before))" "$size" "bytes with --partial-downloads never"
assert_eq "$(json wheels.0.assembled <<<"$report")" false "with --partial-downloads never"
diff <(contents e) <(contents e1) || fail "the environments differ"

# The store takes it for the lock's wheel only together with what vouches for its members.
export CAS_STORE=$CAS_TEST_TMP/parts
before=$(sent)
cas sync e2 pylock.v2.toml --offline >/dev/null
assert_eq "$(sent)" "$before" "bytes for a second environment"
sed '/packages.tool.cas/,$d' pylock.v2.toml >pylock.plain.toml
expect_failure cas sync e3 pylock.plain.toml --offline
cas sync e3 pylock.plain.toml >/dev/null
assert_eq "$(($(sent) - before))" "$size" "bytes for a lock that tells nothing of members"
diff <(contents e) <(contents e3) || fail "the environments differ"

# Author's bytes are not vouched for by those of the lock alone: nothing that came in parts is written into a lock.
export CAS_STORE=$CAS_TEST_TMP/parts2
cas sync e4 pylock.v1.toml >/dev/null
cas sync e4 pylock.v2.toml >/dev/null
[[ $(cas lock -r req2.0 -i "$INDEX/simple") != *packages.tool.cas* ]] || fail "the lock repeats what another lock said"

# A lock that names another RECORD, or another directory: the whole wheel is fetched, which has the digest it must have, and it is said.
for key in record directory; do
  export CAS_STORE=$CAS_TEST_TMP/wrong-$key
  cas sync "w$key" pylock.v1.toml >/dev/null
  sed "s/^\($key-sha256 = {\"[^\"]*\" = \"\)......../\100000000/" pylock.v2.toml >"pylock.$key.toml"
  ! cmp -s pylock.v2.toml "pylock.$key.toml" || fail "the lock was not changed"
  report=$(cas sync "w$key" "pylock.$key.toml" --json)
  assert_eq "$(json wheels.0.assembled <<<"$report")" false "with a wrong $key-sha256"
  assert_contains "$(json wheels.0.warnings <<<"$report")" "tool.cas names another RECORD"
  diff <(contents e) <(contents "w$key") || fail "the environments differ"
done

# Servers: each ends in the right environment, from parts where the server is to be trusted with them, else from the whole wheel.
number=0
for fault in cut no-validator no-ranges other-etag other-part short-part long-part flip renamed 500-twice; do
  export CAS_STORE=$CAS_TEST_TMP/store-$fault
  cas sync "f-$fault" pylock.v1.toml >/dev/null
  sed "s|\(http://[^/]*\)/files/|\1/fault/$fault/files/|" pylock.v2.toml >"pylock.$fault.toml"
  report=$(cas sync "f-$fault" "pylock.$fault.toml" --json)
  case $fault in cut | no-validator | 500-twice) parts=true ;; *) parts=false ;; esac
  assert_eq "$(json wheels.0.assembled <<<"$report")" "$parts" "put together from parts, server: $fault"
  diff <(contents e) <(contents "f-$fault") || fail "the environments differ, server: $fault"
  cas verify --contents >/dev/null
  number=$((number + 1))
done
assert_eq "$number" 10 "faults"

# always: also where the store has nothing of it, and it spares nothing.
export CAS_STORE=$CAS_TEST_TMP/always
report=$(cas sync a pylock.v2.toml --partial-downloads always --json)
assert_eq "$(json wheels.0.assembled <<<"$report")" true "with --partial-downloads always"
diff <(contents e) <(contents a) || fail "the environments differ"
export CAS_STORE=$CAS_TEST_TMP/auto
report=$(cas sync a2 pylock.v2.toml --json)
assert_eq "$(json wheels.0.assembled <<<"$report")" false "where the store has nothing of it"
expect_failure --status 2 cas sync a3 pylock.v2.toml --partial-downloads sometimes

# A collector that takes what was to be shared, between the look and the ingest: the whole wheel comes instead.
export CAS_STORE=$CAS_TEST_TMP/collected
cas add "$first" >/dev/null
sed "s|\(http://[^/]*\)/files/|\1/fault/slow-parts/files/|" pylock.v2.toml >pylock.slow.toml
cas sync g pylock.slow.toml --json >slow.json &
syncing=$!
for ((i = 0; i < 100; i++)); do
  [[ $(index_log | grep -c 'slow-parts.*Range') -lt 2 ]] || break
  sleep 0.1
done
cas gc >/dev/null
wait "$syncing"
assert_eq "$(json wheels.0.assembled <slow.json)" false "after the collector"
diff <(contents e) <(contents g) || fail "the environments differ, after the collector"
