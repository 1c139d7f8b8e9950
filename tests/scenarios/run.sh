#!/usr/bin/env bash
# `cas run` gives a program what activation would, and is gone: status, signals, input and output are the program's own.
. "$(dirname "$0")/lib.sh"
cas create env >/dev/null
cas create 'an "odd" $one' --prompt "it's \\ mine" >/dev/null
# No store is needed, or made.
store=$CAS_STORE
export CAS_STORE=$CAS_TEST_TMP/none

assert_eq "$(PYTHONHOME=/nowhere cas run env python -c 'import os, sys
print(sys.prefix, os.environ["VIRTUAL_ENV"], os.environ["VIRTUAL_ENV_PROMPT"], "PYTHONHOME" in os.environ, sys.executable)')" \
  "$CAS_TEST_TMP/env $CAS_TEST_TMP/env env False $CAS_TEST_TMP/env/bin/python"
assert_eq "$(cas run 'an "odd" $one' -- sh -c 'echo "$VIRTUAL_ENV|$VIRTUAL_ENV_PROMPT|${PATH%%:*}"')" \
  "$CAS_TEST_TMP/an \"odd\" \$one|it's \\ mine|$CAS_TEST_TMP/an \"odd\" \$one/bin"
assert_eq "$(unset PATH; "$CAS_BIN" run env sh -c 'echo "$PATH"')" "$CAS_TEST_TMP/env/bin:/usr/local/bin:/usr/bin:/bin"
assert_absent "$CAS_STORE"

# Words from the command on are the command's, whatever they look like.
assert_eq "$(cas run env printf '%s|' --help -q -- --store x)" '--help|-q|--|--store|x|'
assert_eq "$(cas run -q env -- printf '%s|' -- a)" '--|a|'
assert_eq "$(cas run env --quiet printf '%s|' --json)" '--json|'
assert_contains "$(cas run --help)" "Runs a program in an environment"
assert_contains "$(cas run env --help)" "Runs a program in an environment"
assert_eq "$(echo input | cas run env cat)" input

# It is the same process, with signals as they were found.
assert_eq "$(sh -c 'echo $$; exec "$CAS_BIN" run env sh -c "echo \$\$"' | uniq | wc -l)" 1
expect_failure --status 7 cas run env sh -c 'exit 7'
expect_failure --status 143 cas run env sh -c 'kill -TERM $$; sleep 60'
ignored() {
  sed -n 's/^SigIgn:\t//p'
}
assert_eq "$(sh -c 'trap "" HUP INT XFSZ; "$CAS_BIN" run env cat /proc/self/status' | ignored)" \
  "$(sh -c 'trap "" HUP INT XFSZ; cat /proc/self/status' | ignored)" "ignored signals"
assert_eq "$(cas run env cat /proc/self/status | ignored)" "$(cat /proc/self/status | ignored)"
assert_eq "$(cas run env sh -c 'ls /proc/self/fd' | wc -l)" "$(sh -c 'ls /proc/self/fd' | wc -l)" "open files"

# What cannot be run, and why.
expect_failure --status 127 cas run env no-such-command
assert_contains "$OUTPUT" "no-such-command: command not found"
expect_failure --status 127 cas run env ./missing
expect_failure --status 127 cas run env ''
echo 'exit 9' >env/bin/plain
expect_failure --status 126 cas run env plain
assert_contains "$OUTPUT" "not executable"
chmod +x env/bin/plain
expect_failure --status 9 cas run env plain
expect_failure --status 126 cas run env ./env
printf '#!/no/such/python\n' >env/bin/orphan
chmod +x env/bin/orphan
expect_failure --status 127 cas run env orphan
assert_contains "$OUTPUT" "is gone"
# Never the system's Python for the environment's.
ln -sf /no/such/python env/bin/python
expect_failure --status 127 cas run env python -c 'print("the system", "s own")'
assert_not_contains "$OUTPUT" "the system s own"
expect_failure --status 125 cas run missing true
assert_contains "$OUTPUT" "neither an environment"
mkdir plain with:colon
expect_failure --status 125 cas run plain true
assert_contains "$OUTPUT" "is no environment: it has no pyvenv.cfg"
touch with:colon/pyvenv.cfg && mkdir with:colon/bin
expect_failure --status 125 cas run with:colon true
assert_contains "$OUTPUT" "colon"
expect_failure --status 2 cas run
expect_failure --status 2 cas run env
expect_failure --status 2 cas run env --
expect_failure --status 2 cas run --no-such-option env true

# Its own failures are told from a program's 1.
echo 'broken = [' >cas.toml
expect_failure --status 125 cas run env true
assert_contains "$OUTPUT" "cas.toml"
expect_failure --status 125 cas shell env
expect_failure --status 1 cas list
rm cas.toml
expect_failure --status 126 cas run env ./plain
expect_failure --status 137 cas run env sh -c 'kill -KILL $$'
expect_failure --status 1 cas run env false

# Environments of others, whatever way they write their prompt.
/usr/bin/python3 -m venv --without-pip --prompt 'the "venv"' venv 2>/dev/null || skip "no working python3 -m venv"
assert_eq "$(cas run venv python -c 'import os, sys; print(sys.prefix, os.environ["VIRTUAL_ENV_PROMPT"])')" \
  "$CAS_TEST_TMP/venv the \"venv\""
sed -i 's/^prompt.*/prompt = plain words/' venv/pyvenv.cfg
assert_eq "$(cas run venv sh -c 'echo $VIRTUAL_ENV_PROMPT')" "plain words"
CAS_STORE=$store
