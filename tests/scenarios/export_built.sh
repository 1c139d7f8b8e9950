#!/usr/bin/env bash
# What cas built is exported as the sources that it was built from, so that others, and cas in another store, can install from it.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

have_resolver
have_backends flit_core
python_for cp311
python=$REPLY
export UV_PYTHON_DOWNLOADS=never
value() { "$1/bin/python" -c "import built; print(built.VALUE)"; }
project work/built-1.0 built 1.0 flit_core
pack work/built-1.0 links/built-1.0.tar.gz
make_wheel links pure 2.0 pure.py='x = 1' >/dev/null
sum=$(sha256sum links/built-1.0.tar.gz | cut -d' ' -f1)
start_index links
unset PIP_NO_INDEX
export PIP_INDEX_URL=http://somebody:secret@${INDEX#http://}/simple
cas create e built pure -p "$python" >/dev/null
assert_eq "$(cas freeze e)" "built==1.0
pure==2.0"

# Requirements: cas, pip and uv install from them.
cas export e -o requirements.txt >/dev/null
assert_contains "$(<requirements.txt)" "built==1.0 \\
    --hash=sha256:$sum"
for folder in "$CAS_STORE" "$PWD/other-store"; do
  CAS_STORE=$folder cas create again -r requirements.txt -p "$python" --require-hashes --clear >/dev/null
  assert_eq "$(value again)" "made by flit_core"
  CAS_STORE=$folder cas remove again >/dev/null
done
unset PIP_INDEX_URL
CAS_STORE=$PWD/third-store cas create again -r requirements.txt -p "$python" --no-index --find-links links >/dev/null
assert_eq "$(value again)" "made by flit_core" "from a folder"
"$python" -m venv --without-pip plain
"$CAS_RESOLVER" pip sync -q --no-config --cache-dir uv-cache --python plain/bin/python --require-hashes --index-url "$INDEX/simple" requirements.txt
assert_eq "$(value plain)" "made by flit_core" "by uv, requirements"
if "$python" -c 'import ensurepip' 2>/dev/null; then
  "$python" -m venv with-pip
  with-pip/bin/python -m pip install -q --require-hashes --index-url "$INDEX/simple" -r requirements.txt
  assert_eq "$(value with-pip)" "made by flit_core" "by pip"
else
  echo "not tested: pip (no ensurepip)"
fi

# A lock: the sources have their own entry, without anybody's password.
export PIP_INDEX_URL=http://somebody:secret@${INDEX#http://}/simple
cas export e -o pylock.toml >/dev/null
assert_contains "$(<pylock.toml)" sdist
assert_contains "$(<pylock.toml)" "$INDEX/files/built-1.0.tar.gz"
assert_contains "$(<pylock.toml)" "$sum"
assert_not_contains "$(<pylock.toml)" secret
unset PIP_INDEX_URL
CAS_STORE=$PWD/fourth-store cas sync locked pylock.toml -p "$python" --index-url "$INDEX/simple" >/dev/null
assert_eq "$(value locked)" "made by flit_core"
assert_eq "$(CAS_STORE=$PWD/fourth-store cas export locked --format pylock.toml --index-url "$INDEX/simple")" "$(<pylock.toml)"
assert_eq "$(cas diff e pylock.toml --exit-code)" "no difference"
if "$CAS_RESOLVER" pip sync --help 2>&1 | grep -q pylock.toml; then
  "$CAS_RESOLVER" pip sync -q --no-config --cache-dir uv-cache --preview --python plain/bin/python --index-url "$INDEX/simple" pylock.toml
  assert_eq "$(value plain)" "made by flit_core" "by uv, a lock"
else
  echo "not tested: uv pip sync pylock.toml (this uv reads none)"
fi

# What was named as an archive has the archive's digest.
cp links/built-1.0.tar.gz .
cas create direct ./built-1.0.tar.gz -p "$python" --no-index --find-links links >/dev/null
assert_eq "$(cas export direct)" "built @ file://$PWD/built-1.0.tar.gz#sha256=$sum \\
    --hash=sha256:$sum"
# It survives changes of the environment, and a way back.
cas uninstall e pure >/dev/null
assert_contains "$(cas export e)" "$sum"
cas rollback e >/dev/null
assert_contains "$(cas export e)" "$sum"
assert_eq "$(grep -c secret "$CAS_STORE"/roots/* | grep -vc ':0$' || true)" 0 "passwords in anchors"
assert_sound
