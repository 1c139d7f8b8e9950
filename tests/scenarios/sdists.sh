#!/usr/bin/env bash
# Source distributions are built by their back-ends, in an environment of their own, once; hostile ones are refused, and nothing is left behind.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

have_resolver
have_backends setuptools wheel hatchling pluggy pathspec packaging tomlkit trove_classifiers flit_core poetry_core
python_for cp311
export UV_PYTHON_DOWNLOADS=never
create() { cas create "$@" -p "$REPLY" --no-index --find-links links; }
value() { "$1/bin/python" -c "import $2; print($2.VALUE)"; }

# A lock's sdists: four back-ends, four kinds of archive.
mkdir work
lock_head >pylock.toml
project work/by_setuptools-1.0 by_setuptools 1.0 setuptools
pack work/by_setuptools-1.0 by_setuptools-1.0.tar.gz
project work/by_hatchling-1.1 by_hatchling 1.1 hatchling
pack work/by_hatchling-1.1 by_hatchling-1.1.zip
project work/by_flit-1.2 by_flit 1.2 flit_core
pack work/by_flit-1.2 by_flit-1.2.tar.xz
project work/by_poetry-1.3 by_poetry 1.3 poetry_core
pack work/by_poetry-1.3 by_poetry-1.3.tar.bz2
for each in by_setuptools-1.0.tar.gz by_hatchling-1.1.zip by_flit-1.2.tar.xz by_poetry-1.3.tar.bz2; do
  version=${each#*-}
  version=${version:0:3}
  name=${each%%-*}
  lock_sdist "${name//_/-}" "$version" "$each" >>pylock.toml
done
cas sync e pylock.toml -p "$REPLY" --no-index --find-links links >/dev/null
assert_eq "$(value e by_setuptools)" "made by setuptools"
assert_eq "$(value e by_hatchling)" "made by hatchling"
assert_eq "$(value e by_flit)" "made by flit_core"
assert_eq "$(value e by_poetry)" "made by poetry_core"
assert_absent "$(echo e/lib/python3*/site-packages/by_flit-1.2.dist-info)/direct_url.json"
assert_absent "$(echo e/lib/python3*/site-packages/setuptools)"
assert_no_scratch .
assert_eq "$(cas list --json | json environments | grep -c '"path"')" 1 "environments that are listed"

# The second time nothing is built, and nothing that builds is needed.
mv links away
mkdir links
cas sync e2 pylock.toml -p "$REPLY" --no-index --find-links links --offline >/dev/null
assert_eq "$(value e2 by_poetry)" "made by poetry_core"
assert_same_inode "$(echo e/lib/python3*/site-packages/by_flit/__init__.py)" "$(echo e2/lib/python3*/site-packages/by_flit/__init__.py)"
rmdir links
mv away links

# Every hash that a lock has of a file counts, also of one that lies here; weak ones alone vouch for nothing.
for hash in "sha512 = \"$(printf 0%.0s {1..128})\"" "blake2b = \"$(printf 0%.0s {1..128})\""; do
  { lock_head; lock_sdist by-flit 1.2 by_flit-1.2.tar.xz | sed "s/hashes = {/&$hash, /"; } >pylock.wrong.toml
  expect_failure --status 1 cas sync e3 pylock.wrong.toml -p "$REPLY" --no-index --find-links links --refresh
  assert_contains "$OUTPUT" "not the 000"
done
{ lock_head; lock_sdist by-flit 1.2 by_flit-1.2.tar.xz | sed 's/hashes = {.*}}/hashes = {md5 = "00", sha1 = "00"}}/'; } >pylock.weak.toml
expect_failure --status 1 cas sync e3 pylock.weak.toml -p "$REPLY" --no-index --find-links links
assert_contains "$OUTPUT" "no hash but md5, sha1, which vouches for nothing"
assert_absent e3

# Building can be forbidden, for all and for one.
lock_head >pylock.one.toml
lock_sdist by-flit 1.2 by_flit-1.2.tar.xz >>pylock.one.toml
for option in --no-build --only-binary=:all: --only-binary=by-flit; do
  expect_failure cas sync e3 pylock.one.toml -p "$REPLY" "$option"
  assert_contains "$OUTPUT" "building is not allowed"
done
assert_absent e3

# Requirements: an archive's path and URL, a name of which there is an sdist alone, a src layout with a C extension, a back-end of
# the project's own, sources from before there was pyproject.toml; settings for the back-end.
create e3 ./by_setuptools-1.0.tar.gz >/dev/null
assert_eq "$(value e3 by_setuptools)" "made by setuptools"
direct_url e3 by_setuptools | json archive_info.hashes.sha256 >digest
assert_eq "$(cat digest)" "$(sha256sum by_setuptools-1.0.tar.gz | cut -d' ' -f1)" "digest in direct_url.json"
sum=$(cat digest)
create pinned "by_setuptools-1.0.tar.gz#sha256=$sum" >/dev/null
assert_eq "$(value pinned by_setuptools)" "made by setuptools" "by its path with its digest"
expect_failure --status 1 create wrong "./by_setuptools-1.0.tar.gz#sha256=$(printf '%064d' 7)"
assert_contains "$OUTPUT" "none of the hashes"
expect_failure --status 2 create wrong "./by_setuptools-1.0.tar.gz#sha256=7"
create e4 "by_hatchling @ file://$PWD/by_hatchling-1.1.zip" >/dev/null
assert_contains "$(direct_url e4 by_hatchling)" "by_hatchling-1.1.zip"

mkdir -p work/ext-2.0/src/ext
extension_source >work/ext-2.0/src/ext/native.c
echo 'from ext.native import VALUE' >work/ext-2.0/src/ext/__init__.py
cat >work/ext-2.0/setup.py <<'PYTHON'
from setuptools import Extension, setup
setup(name="ext", version="2.0", packages=["ext"], package_dir={"": "src"}, ext_modules=[Extension("ext.native", ["src/ext/native.c"])])
PYTHON
pack work/ext-2.0 links/ext-2.0.tar.gz
mkdir -p work/own-3.0/tools
cat >work/own-3.0/pyproject.toml <<'TOML'
[build-system]
requires = []
build-backend = "own_backend"
backend-path = ["tools"]
TOML
cat >work/own-3.0/tools/own_backend.py <<'PYTHON'
import base64, hashlib, os, sys, zipfile
assert "" not in sys.path and os.getcwd() not in sys.path, sys.path
assert "PYTHONPATH" not in os.environ and os.environ["TMPDIR"] != "/tmp"
def build_wheel(directory, config_settings=None, metadata_directory=None):
    info = "own-3.0.dist-info/"
    files = {"own.py": "VALUE = %r\n" % (config_settings,), info + "METADATA": "Metadata-Version: 2.1\nName: own\nVersion: 3.0\n",
             info + "WHEEL": "Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = info + "RECORD,,\n"
    with zipfile.ZipFile(os.path.join(directory, "own-3.0-py3-none-any.whl"), "w") as wheel:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\n" % (path, digest, len(text))
            wheel.writestr(path, text)
        wheel.writestr(info + "RECORD", record)
    return "own-3.0-py3-none-any.whl"
PYTHON
printf 'Metadata-Version: 2.1\nName: own\nVersion: 3.0\n' >work/own-3.0/PKG-INFO
pack work/own-3.0 own-3.0.tar.gz
{
  lock_head
  lock_sdist own 3.0 own-3.0.tar.gz
} >pylock.own.toml
PYTHONPATH=/nowhere cas sync e5 pylock.own.toml -p "$REPLY" --no-index -C color=red -C color=blue -C shape=round >/dev/null
assert_eq "$(value e5 own)" "{'color': ['red', 'blue'], 'shape': 'round'}" "settings"
cas sync e5 pylock.own.toml -p "$REPLY" --no-index >/dev/null
assert_eq "$(value e5 own)" "None" "other settings are another build"
printf 'own @ file://%s --config-settings=color=green\n' "$PWD/own-3.0.tar.gz" >settings.txt
create e5 -r settings.txt >/dev/null
assert_eq "$(value e5 own)" "{'color': 'green'}" "settings of one requirement"
# Versions of what builds.
echo 'flit_core<4' >build.txt
expect_failure cas sync e6 pylock.one.toml -p "$REPLY" --no-index --find-links links --build-constraint build.txt
assert_contains "$OUTPUT" "flit-core<4"
echo 'flit_core==4.2.0' >build.txt
cas sync e6 pylock.one.toml -p "$REPLY" --no-index --find-links links --build-constraint build.txt >/dev/null
if [[ -f $("$REPLY" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h ]] && type -P cc >/dev/null; then
  create e6 --no-binary ext ext >/dev/null
  assert_eq "$(value e6 ext)" compiled
else
  echo "no C compiler or no Python.h: C extensions are not tested"
fi

# The oldest Python that cas knows, and the newest, run hooks.
while read -r python; do
  cas sync "old-${python//\//_}" pylock.own.toml -p "$python" --no-index >/dev/null
  assert_eq "$(value "old-${python//\//_}" own)" None "$python"
done < <(few_pythons 3.6)

# An index: a name of which it has sources alone, also with its hash, for which nothing is resolved but what builds.
. "$cas_root/tests/scenarios/lib_index.sh"
unset PIP_NO_INDEX
pack work/own-3.0 links/own-3.0.tar.gz
start_index links
cas create i -p "$REPLY" --index-url "$INDEX/simple" own >/dev/null
assert_eq "$(value i own)" None
assert_absent "$(echo i/lib/python3*/site-packages/own-3.0.dist-info)/direct_url.json"
before=$(index_log | wc -l)
cas create i2 -p "$REPLY" --index-url "$INDEX/simple" own >/dev/null
assert_eq "$(index_log | wc -l)" "$before" "requests for the second environment"
printf 'by_flit==1.2 --hash=sha256:%s\n' "$(sha256sum by_flit-1.2.tar.xz | cut -d' ' -f1)" >pinned.txt
cp by_flit-1.2.tar.xz links/
cas create i3 -p "$REPLY" --index-url "$INDEX/simple" -r pinned.txt --refresh >/dev/null
assert_eq "$(value i3 by_flit)" "made by flit_core"
expect_failure cas create i4 -p "$REPLY" --index-url "$INDEX/simple" --no-build own
assert_absent i4
export PIP_NO_INDEX=1

# What fails is said with the back-end's own words; nothing is made and nothing stays.
cp -r work/by_flit-1.2 work/broken
sed -i 's/^name.*/name = "by_flit"\ndynamic = 5/' work/broken/pyproject.toml
mv work/broken work/broken-1.2
pack work/broken-1.2 broken-1.2.tar.gz
{
  lock_head
  lock_sdist by-flit 1.2 broken-1.2.tar.gz
} >pylock.broken.toml
expect_failure cas sync e7 pylock.broken.toml -p "$REPLY" --no-index --find-links links
assert_contains "$OUTPUT" "building by-flit 1.2"
assert_contains "$OUTPUT" "Error: dynamic"
assert_absent e7
# Another package than the lock says; a digest that is wrong: not even unpacked.
{
  lock_head
  lock_sdist other 1.2 by_flit-1.2.tar.xz
} >pylock.other.toml
expect_failure cas sync e7 pylock.other.toml -p "$REPLY" --no-index --find-links links
assert_contains "$OUTPUT" "of by-flit, not of other"
{
  lock_head
  lock_sdist own 3.0 own-3.0.tar.gz "$(printf '%064d' 7)"
} >pylock.wrong.toml
expect_failure cas sync e7 pylock.wrong.toml -p "$REPLY" --no-index
assert_contains "$OUTPUT" "is expected"
assert_no_scratch .

# Hostile archives.
python3 - <<'PYTHON'
import io, tarfile
def archive(name, *members):
    with tarfile.open(name, "w:gz") as tar:
        for path, kind, target in members:
            member = tarfile.TarInfo(path)
            member.type, member.linkname = kind, target
            data = b"x = 1\n" if kind == tarfile.REGTYPE else b""
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
archive("up-1.tar.gz", ("up-1/../../escaped", tarfile.REGTYPE, ""))
archive("root-1.tar.gz", ("/tmp/escaped", tarfile.REGTYPE, ""))
archive("link-1.tar.gz", ("link-1/out", tarfile.SYMTYPE, "../../.."), ("link-1/out/escaped", tarfile.REGTYPE, ""))
archive("chain-1.tar.gz", ("chain-1/here", tarfile.SYMTYPE, "."), ("chain-1/out", tarfile.SYMTYPE, "here/../../up"))
archive("hard-1.tar.gz", ("hard-1/password", tarfile.LNKTYPE, "/etc/passwd"))
archive("pipe-1.tar.gz", ("pipe-1/fifo", tarfile.FIFOTYPE, ""))
PYTHON
head -c 2000 /dev/urandom >noise-1.tar.gz
for each in up root link chain hard pipe noise; do
  {
    lock_head
    lock_sdist "$each" 1 "$each-1.tar.gz"
  } >pylock.hostile.toml
  expect_failure cas sync e7 pylock.hostile.toml -p "$REPLY" --no-index
  assert_contains "$OUTPUT" "broken or hostile" "$each"
done
assert_absent e7
assert_eq "$(find . -name 'escaped*' | wc -l)" 0 "what an archive wrote outside"
assert_no_scratch .

# Too slow; killed in the middle: the collector removes what is left.
cp -r work/own-3.0 work/slow-3.0
sed -i 's/^def build_wheel.*/&\n    open(os.environ["STARTED"], "w").close(); import time; time.sleep(100)/' work/slow-3.0/tools/own_backend.py
pack work/slow-3.0 slow-3.0.tar.gz
{
  lock_head
  lock_sdist own 3.0 slow-3.0.tar.gz
} >pylock.slow.toml
export STARTED=$PWD/started
expect_failure cas sync e8 pylock.slow.toml -p "$REPLY" --no-index --build-timeout 1s
assert_contains "$OUTPUT" "--build-timeout"
assert_no_scratch .
rm started
"$CAS_BIN" sync e8 pylock.slow.toml -p "$REPLY" --no-index &
for ((i = 0; i < 300; i++)); do
  [[ ! -e started ]] || break
  sleep 0.1
done
assert_exists started
assert_eq "$(cas list --json | json environments | grep -c staging || true)" 0 "the environment of the build is nobody's"
kill -KILL $!
wait $! 2>/dev/null || true
sleep 0.2
cas gc >/dev/null
assert_absent e8
assert_no_scratch .
assert_eq "$(cat "$CAS_STORE"/roots/* | grep -c staging || true)" 0 "anchors of builds"
assert_sound
