#!/usr/bin/env bash
# Requirements become environments: those with hashes by the index alone, others by a resolver, whose answer is remembered.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

mkdir wheels other
for name in six packaging click flask werkzeug jinja2 markupsafe itsdangerous blinker; do
  cp "$CAS_WHEELS/$name"-[0-9]*.whl wheels/ 2>/dev/null || skip "no wheel of $name: run tools/fetch-wheels --group untidy"
done
unset PIP_NO_INDEX
start_index wheels
python=
for each in $(pythons 3.11); do
  if "$each" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then python=$each; fi
done
[[ -n $python ]] || skip "no Python 3.11: the wheels are for it"
export PIP_INDEX_URL=$INDEX/simple
pin() { printf '%s==%s --hash=sha256:%s\n' "$(basename "$1" | cut -d- -f1)" "$(basename "$1" | cut -d- -f2)" "$(sha256sum "$1" | cut -d' ' -f1)"; }

# Nothing is open: no resolver, only the pages of what is named; the second time nothing at all.
{
  pin wheels/six-*.whl
  pin wheels/packaging-*.whl
  echo 'nowhere==1; python_version < "3" --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000'
} >pinned.txt
cas create e -p "$python" -r pinned.txt >/dev/null
e/bin/python -c 'import six, packaging'
assert_absent "$CAS_STORE/tools"
asked=$(index_log | wc -l)
cas create e2 -p "$python" -r pinned.txt >/dev/null
assert_eq "$(index_log | wc -l)" "$asked" "requests for the second environment"
python3 - <<'PYTHON' || fail "who asked for it"
import glob
assert len(glob.glob("e2/lib/python3*/site-packages/*/REQUESTED")) == 2
PYTHON

# --require-hashes: what is pinned passes, and the first that is not is named, whoever named it.
cas create e2 -p "$python" -r pinned.txt --require-hashes >/dev/null
if cas create e3 -p "$python" -r pinned.txt six --require-hashes 2>err; then fail "a requirement without a hash"; fi
assert_contains "$(cat err)" "command line:1: six has not one version and a hash"
printf 'packaging==24.0\n' >version.txt
if cas create e3 -p "$python" -r version.txt --require-hashes 2>err; then fail "a version without a hash"; fi
assert_contains "$(cat err)" "version.txt:1"
assert_absent e3

printf -- '--require-hashes\nsix==1.17.0\n' >asks.txt
expect_failure --status 2 cas create e3 -p "$python" -r asks.txt
assert_contains "$OUTPUT" "asks.txt:2: six==1.17.0 has not one version and a hash"
{
  echo --require-hashes
  cat pinned.txt
} >asks.txt
cas create e2 -p "$python" -r asks.txt >/dev/null

# From standard input, a pipe, a FIFO, and an address.
cas create i1 -p "$python" -r - <pinned.txt >/dev/null
cas create i2 -p "$python" -r <(cat pinned.txt) >/dev/null
cas create i3 -p "$python" -r /dev/stdin < <(cat pinned.txt) >/dev/null
cp pinned.txt wheels/reqs.txt
cas create i4 -p "$python" -r "$INDEX/files/reqs.txt" >/dev/null
printf -- '-r %s\n' "$INDEX/files/reqs.txt" >nested.txt
cas create i5 -p "$python" -r nested.txt -c "$INDEX/files/reqs.txt" >/dev/null
rm wheels/reqs.txt
for each in i1 i2 i3 i4 i5; do assert_eq "$(cas freeze "$each")" "$(cas freeze e)" "$each"; done
expect_failure --status 1 cas create i6 -p "$python" -r "$INDEX/files/none.txt"
assert_contains "$OUTPUT" "404"
expect_failure cas create i6 -p "$python" -r "${INDEX/\/\//\/\/me:s3cret@}/files/none.txt" --offline
assert_contains "$OUTPUT" "--offline"
assert_not_contains "$OUTPUT" "s3cret"
expect_failure --status 1 cas create i6 -p "$python" -r .
assert_contains "$OUTPUT" "directory"
expect_failure --status 1 cas create i6 -p "$python" -r /dev/zero
assert_contains "$OUTPUT" "larger than"
assert_absent i6

# Nor is a password told of what is no address: it was meant to be one.
for place in ftp://me:s3cret@127.0.0.1/x me:s3cret@127.0.0.1/x http//me:s3cret@127.0.0.1/x http:/me:s3/cret@127.0.0.1/x http://me:s3@cret@127.0.0.1:x/x; do
  for option in "-i $place" "--find-links $place" "-r $place" "six@$place" "-e $place" "--trusted-host $place"; do
    # shellcheck disable=SC2086
    expect_failure cas create i6 -p "$python" -r version.txt $option --resolver false
    assert_not_contains "$OUTPUT" s3 "$option"
    # shellcheck disable=SC2086
    expect_failure cas create i6 -p "$python" -r version.txt $option --resolver false --json
    assert_not_contains "$OUTPUT" s3 "$option --json"
  done
done

# A hash that no file has.
sed 's/sha256:[0-9a-f]\{8\}/sha256:00000000/' pinned.txt >wrong.txt
if cas create e3 -p "$python" -r wrong.txt 2>err; then fail "a hash that no file has"; fi
assert_contains "$(cat err)" "wrong.txt:1"
assert_absent e3

# A project that is not there is said, with its place.
printf 'six\n-e ./here\n' >editable.txt
if cas create e3 -p "$python" -r editable.txt --resolver sh 2>err; then fail "-e"; fi
assert_contains "$(cat err)" "editable.txt:2"
printf 'six >> 1\n' >bad.txt
if cas create e3 -p "$python" -r bad.txt 2>err; then fail "a bad requirement"; fi
assert_contains "$(cat err)" "bad.txt:1"

# No resolver and no network: said, nothing made.
if PATH=/usr/bin:/bin cas create e3 -p "$python" flask --offline 2>err; then fail "offline without an answer"; fi
assert_contains "$(cat err)" "--resolver"
assert_absent e3

# A resolver that fails, and one that answers nonsense.
printf '#!/bin/sh\necho "no such thing" >&2\nexit 1\n' >bad-resolver
printf '#!/bin/sh\nexit 0\n' >mute-resolver
chmod +x bad-resolver mute-resolver
if cas create e3 -p "$python" flask --resolver ./bad-resolver 2>err; then fail "a failing resolver"; fi
assert_contains "$(cat err)" "no such thing"
if cas create e3 -p "$python" flask --resolver ./mute-resolver 2>err; then fail "a mute resolver"; fi
assert_contains "$(cat err)" "wrote no answer"
assert_absent e3

uv=$(a_uv)
if [[ -z $uv ]] || ! "$uv" pip compile --help 2>&1 | grep -q pylock.toml; then
  echo "not tested: resolving (no uv in PATH that writes pylock.toml)"
  exit 0
fi
export CAS_RESOLVER=$uv
cas create f -p "$python" 'flask>=3' six >/dev/null 2>err
assert_eq "$(cat err)" "" "said while all is well"
f/bin/flask --version | grep -q Flask || fail "flask does not run"
assert_eq "$(cd f/lib/python3*/site-packages && ls -d *.dist-info | wc -l)" 8 "flask, what it needs, and six"
assert_eq "$(cd f/lib/python3*/site-packages && ls -d ./*/REQUESTED | wc -l)" 2 "asked for"

# Hashes count whatever else stands in the file, and whoever finds the versions; the first time, and remembered.
right=$(sha256sum wheels/six-*.whl | cut -d' ' -f1)
for line in "six>=1 --hash=sha256:${right//[0-9]/0}" "./wheels/$(basename wheels/six-*.whl) --hash=sha256:${right//[0-9]/0}" \
  "six @ file://$PWD/$(ls wheels/six-*.whl)#sha256=${right//[0-9]/0}" "six @ $INDEX/files/$(basename wheels/six-*.whl) --hash=sha256:${right//[0-9]/0}"; do
  printf '%s\npackaging\n' "$line" >hashed.txt
  for _ in once again; do
    expect_failure --status 1 cas create w -p "$python" -r hashed.txt
    assert_contains "$OUTPUT" "of the hashes given" "$line"
    assert_absent w
  done
done
printf 'six>=1 --hash=sha256:%s\npackaging\n' "$right" >hashed.txt
cas create w -p "$python" -r hashed.txt >/dev/null

# The answer is remembered: neither index nor resolver is asked, also offline; --refresh asks.
asked=$(index_log | wc -l)
cas create f2 -p "$python" 'flask>=3' six >/dev/null
cas create f3 -p "$python" 'flask>=3' six --offline >/dev/null
assert_eq "$(index_log | wc -l)" "$asked" "requests for the next environments"
cas create f4 -p "$python" 'flask>=3' six --refresh >/dev/null
[[ $(index_log | wc -l) -gt $asked ]] || fail "--refresh asks nobody"

# A lock that cas wrote is read by cas and by uv, and leads to the same.
cas lock -p "$python" 'flask>=3' six -o pylock.toml >/dev/null
cas sync g -p "$python" >/dev/null
assert_eq "$(ls g/lib/python3*/site-packages)" "$(ls f/lib/python3*/site-packages)" "by way of a lock"
"$python" -m venv --without-pip theirs
"$uv" pip sync -q --no-config --cache-dir uv-cache -p theirs/bin/python pylock.toml --preview 2>err || fail "uv pip sync: $(cat err)"
assert_eq "$("$uv" pip freeze -q -p theirs/bin/python)" "$("$uv" pip freeze -q -p g/bin/python)" "freeze of theirs and ours"

# Contradictions are told in the resolver's words.
if cas create h -p "$python" 'flask<1' 2>err; then fail "what is not there"; fi
assert_contains "$(cat err)" "flask"
assert_absent h

# A password in the address is in nothing that is kept or said.
cas create i -p "$python" six -i "http://somebody:verysecret@127.0.0.1:${INDEX##*:}/simple" --refresh -v >out 2>&1
assert_not_kept() { if grep -rqs "$1" "${@:2}"; then fail "$1 is in ${*:2}"; fi; }
assert_not_kept verysecret out "$CAS_STORE" i
