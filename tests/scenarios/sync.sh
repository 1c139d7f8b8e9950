#!/usr/bin/env bash
# An environment is exactly what a lock says: fetched, verified, shared, and the same again without a network.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

mkdir wheels
for name in six packaging click itsdangerous; do
  cp "$CAS_WHEELS/$name"-[0-9]*.whl wheels/ 2>/dev/null || skip "no wheel of $name: run tools/fetch-wheels --group untidy"
done
unset PIP_NO_INDEX
start_index wheels
installed() { python3 - "$1" <<'PYTHON'
import glob, sys
print(" ".join(sorted(d.rsplit("/", 1)[1].split("-")[0] for d in glob.glob(sys.argv[1] + "/lib/python3*/site-packages/*.dist-info"))))
PYTHON
}

lock_of wheels/six-*.whl wheels/packaging-*.whl >pylock.toml
cas sync e >/dev/null
assert_eq "$(installed e)" "packaging six" "what the lock says"
e/bin/python -c 'import six, packaging'
asked=$(index_log | wc -l)
[[ $asked -eq 2 ]] || fail "each wheel is fetched once, and nothing else: $(index_log)"

# Everything is in the store: nobody is asked, and files are shared.
cas sync e2 pylock.toml --offline >/dev/null
assert_eq "$(index_log | wc -l)" "$asked" "requests for a second environment"
assert_eq "$(stat -c %i e/lib/python3*/site-packages/six.py)" "$(stat -c %i e2/lib/python3*/site-packages/six.py)" "inode of six.py"

# Exactly: what the next lock does not name goes; --inexact leaves it.
lock_of wheels/six-*.whl wheels/click-*.whl >pylock.dev.toml
cas sync e pylock.dev.toml >/dev/null
assert_eq "$(installed e)" "click six" "after the next lock"
cas sync e2 pylock.dev.toml --inexact >/dev/null
assert_eq "$(installed e2)" "click packaging six" "with --inexact"

# Two locks are one environment; offline it is said what is missing.
lock_of wheels/itsdangerous-*.whl >pylock.more.toml
if cas sync e3 pylock.toml pylock.more.toml --offline 2>err; then fail "a missing wheel offline"; fi
assert_contains "$(cat err)" "itsdangerous-"
assert_absent e3
cas sync e3 pylock.toml pylock.more.toml >/dev/null
assert_eq "$(installed e3)" "itsdangerous packaging six" "of two locks"

# A wheel with another digest, a body that is cut, a server that is away for a moment.
sed 's/sha256 = "[0-9a-f]\{8\}/sha256 = "00000000/' pylock.dev.toml >pylock.wrong.toml
before=$(installed e2)
if cas sync e2 pylock.wrong.toml 2>err; then fail "a wrong digest"; fi
assert_contains "$(cat err)" "00000000"
assert_eq "$(installed e2)" "$before" "after a failure the environment is as it was"
export CAS_STORE=$CAS_TEST_TMP/store2
LOCK_INDEX=$INDEX/fault/cut lock_of wheels/packaging-*.whl >pylock.cut.toml
LOCK_INDEX=$INDEX/fault/500-twice lock_of wheels/click-*.whl >pylock.twice.toml
cas sync e4 pylock.cut.toml pylock.twice.toml >/dev/null
assert_eq "$(installed e4)" "click packaging" "in spite of faults"
LOCK_INDEX=$INDEX/fault/404 lock_of wheels/six-*.whl >pylock.gone.toml
if cas sync e5 pylock.gone.toml 2>err; then fail "404"; fi
assert_contains "$(cat err)" 404
assert_absent e5

# What needs building and may not be built is said; a lock for another Python; a file that is none.
printf '\n[[packages]]\nname = "src"\nversion = "1"\nsdist = {url = "%s/files/src-1.tar.gz", hashes = {sha256 = "%064d"}}\n' \
  "$INDEX" 1 | cat pylock.toml - >pylock.sdist.toml
if cas sync e5 pylock.sdist.toml --no-build 2>err; then fail "an sdist"; fi
assert_contains "$(cat err)" "building is not allowed"
printf 'requires-python = ">=4"\n' | cat - pylock.toml >pylock.four.toml
if cas sync e5 pylock.four.toml 2>err; then fail "another Python"; fi
assert_contains "$(cat err)" ">=4"
cas create e5 -p 3 --base system >/dev/null 2>&1
if cas sync e5 pylock.four.toml 2>err; then fail "another Python than the environment has"; fi
assert_contains "$(cat err)" "needs Python >=4"
rm -rf e5
printf 'nonsense' >pylock.bad.toml
if cas sync e5 pylock.bad.toml 2>err; then fail "no lock"; fi
assert_contains "$(cat err)" "pylock.bad.toml:1"
if cas sync e5 requirements.txt 2>err; then fail "a name that is none of a lock"; fi
assert_contains "$(cat err)" "-r FILE"
assert_absent e5

# The report as JSON; credentials are nowhere.
cas sync e6 pylock.toml --json >json
python3 -c 'import json; d = json.load(open("json")); assert d["command"] == "sync" and len(d["packages"]) == 2, d' ||
  fail "$(cat json)"
assert_eq "$(find "$CAS_STORE/staging" -mindepth 1 | wc -l)" 0 "left in staging"
cas verify >/dev/null
