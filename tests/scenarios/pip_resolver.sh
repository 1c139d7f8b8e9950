#!/usr/bin/env bash
# --resolver pip: what pip would install is the lock; several places need a word, passwords are on no command line.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
mkdir wheels other bin
for name in base web; do make_wheel wheels "$name" 1.0 "$name.py=x = 1" >/dev/null; done
make_wheel wheels base 2.0 base.py='x = 2' >/dev/null
start_index wheels
export PIP_INDEX_URL=$INDEX/simple
installed() { (cd "$1"/lib/python3*/site-packages && echo *.dist-info | sed 's/.dist-info//g'); }

# A pip that says what it is told, and one that fails.
cat >bin/pip <<'SH'
#!/bin/sh
echo "$@" >"$PIP_SAYS/words"
env >"$PIP_SAYS/environment"
while [ $# -gt 0 ]; do
  if [ "$1" = --report ]; then cp "$PIP_SAYS/report" "$2"; fi
  shift
done
SH
chmod +x bin/pip
export PIP_SAYS=$CAS_TEST_TMP
cat >report <<JSON
{"version": "1", "install": [{"download_info": {"url": "$INDEX/files/base-1.0-py3-none-any.whl",
 "archive_info": {"hashes": {"sha256": "$(sha256sum wheels/base-1.0-*.whl | cut -d' ' -f1)"}}},
 "is_direct": false, "metadata": {"name": "base", "version": "1.0"}}]}
JSON
PIP_TARGET=/x PIP_CONFIG_FILE=/y cas create e base --pre --resolver "$CAS_TEST_TMP/bin/pip" \
  -i "http://somebody:verysecret@127.0.0.1:${INDEX##*:}/simple" >/dev/null
assert_eq "$(installed e)" "base-1.0"
assert_contains "$(cat words)" "--only-binary :all:"
assert_contains "$(cat words)" "--pre"
assert_contains "$(cat environment)" "PIP_INDEX_URL=http://somebody:verysecret@"
assert_contains "$(cat environment)" "PIP_CONFIG_FILE=/dev/null"
if grep -q "verysecret" words; then fail "a password on the command line: $(cat words)"; fi
if grep -q "PIP_TARGET" environment; then fail "the user's settings for pip count"; fi
if grep -rqs verysecret "$CAS_STORE" e; then fail "a password is kept"; fi

# Remembered: pip is not asked again. Several places: who is asked decides, and it must be said.
rm words
cas create e2 base --pre --resolver "$CAS_TEST_TMP/bin/pip" -i "http://somebody:verysecret@127.0.0.1:${INDEX##*:}/simple" --offline >/dev/null
assert_absent words
expect_failure --status 2 cas create f base --resolver "$CAS_TEST_TMP/bin/pip" --extra-index-url "$INDEX/simple"
assert_contains "$OUTPUT" "--index-strategy unsafe-best-match"
cas create f base --resolver "$CAS_TEST_TMP/bin/pip" --extra-index-url "$INDEX/simple" --index-strategy unsafe-best-match >/dev/null
expect_failure --status 1 cas create g web --resolver "$CAS_TEST_TMP/bin/pip" --offline
assert_contains "$OUTPUT" "without --offline"
echo nonsense >report
expect_failure --status 1 cas create g web --resolver "$CAS_TEST_TMP/bin/pip"
assert_contains "$OUTPUT" "pip's report is not JSON"
printf '#!/bin/sh\necho "no such thing" >&2\nexit 1\n' >bin/pip
expect_failure --status 1 cas create g web --resolver "$CAS_TEST_TMP/bin/pip"
assert_contains "$OUTPUT" "no such thing"
assert_absent g

# A real one.
python=
for each in $(pythons 3.8); do
  if "$each" -I -m pip install --help 2>/dev/null | grep -q -- --report; then python=$each; fi
done
if [[ -z $python ]]; then
  echo "not tested: a real pip (no Python here has one of 22.2 or later)"
  exit 0
fi
echo 'import sys; sys.exit("the pip.py of the current directory")' >pip.py
cas create h -p "$python" base web --resolver pip >/dev/null
assert_eq "$(installed h)" "base-2.0 web-1.0"
assert_eq "$(cd h/lib/python3*/site-packages && ls -d ./*/REQUESTED | wc -l)" 2 "asked for"
echo 'base<2' >constraints.txt
cas lock -p "$python" base -c constraints.txt --resolver pip -o pylock.toml >/dev/null
cas sync h >/dev/null
assert_eq "$(installed h)" "base-1.0"
cas create i -p "$python" base --resolver pip --no-index --find-links wheels >/dev/null
assert_eq "$(installed i)" "base-2.0"
expect_failure --status 1 cas create j -p "$python" "base>2" --resolver pip
assert_contains "$OUTPUT" "base>2"
assert_absent j
