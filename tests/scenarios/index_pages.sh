#!/usr/bin/env bash
# What indexes say of a file besides its name, and what they leave out: hashes, Pythons, that it was taken back, and which index was asked at all.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
mkdir wheels other
base=$(make_wheel wheels base 1.0 base.py='x = 1')
make_wheel wheels plus 1.0 plus.py='x = 1' >/dev/null
make_wheel other base 2.0 base.py='x = 2' >/dev/null
# sdist DIR NAME: source archive of a version 1.0 whose code leaves a word in `ran`.
sdist() {
  python3 - "$1" "$2" "$CAS_TEST_TMP/ran" <<'PYTHON'
import io, sys, tarfile
directory, name, ran = sys.argv[1:]
backend = f'''
import base64, hashlib, os, zipfile
open({ran!r}, "a").write("ran ")
def build_wheel(directory, config_settings=None, metadata_directory=None):
    info = "{name}-1.0.dist-info/"
    files = {{"{name}.py": "x = 1", info + "METADATA": "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n",
             info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}}
    record = ""
    with zipfile.ZipFile(os.path.join(directory, "{name}-1.0-py3-none-any.whl"), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            record += f"{{path}},sha256={{digest}},{{len(text)}}\\n"
        wheel.writestr(info + "RECORD", record + info + "RECORD,,\\n")
    return "{name}-1.0-py3-none-any.whl"
'''
files = {"pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n", "backend.py": backend,
         "PKG-INFO": f"Metadata-Version: 1.0\nName: {name}\nVersion: 1.0\n"}
with tarfile.open(f"{directory}/{name}-1.0.tar.gz", "w:gz") as archive:
    for path, text in files.items():
        entry = tarfile.TarInfo(f"{name}-1.0/{path}")
        entry.size = len(text.encode())
        archive.addfile(entry, io.BytesIO(text.encode()))
PYTHON
}
sdist wheels source
start_index wheels
hash_of() { "$1"sum "$2" | cut -d' ' -f1; }
wrong() { tr 0-9a-e 1-9a-f <<<"$1"; }
sha256=$(hash_of sha256 "$base")
none=$(wrong "$sha256")
printf 'base==1.0 --hash=sha256:%s\n' "$sha256" >one.txt
printf 'base==1.0 --hash=sha256:%s --hash=sha256:%s\n' "$none" "$sha256" >two.txt
printf 'base==1.0 --hash=sha256:%s\n' "$none" >wrong.txt
printf 'base==1.0 --hash=sha256:%s --hash=sha256:%s\n' "$none" "$(wrong "$none")" >wrong2.txt
fresh() { rm -rf "$CAS_STORE" e f g ran; }

# --- pins: what the page does not tell is looked at when it comes, and is known from then on ---
for page in simple fault/no-hash/simple fault/no-hash/html fault/md5/simple fault/md5/html fault/wrong-md5/simple; do
  for pins in one.txt two.txt; do
    fresh
    cas create e -r "$pins" -i "$INDEX/$page" --resolver false >/dev/null
    assert_eq "$(cas freeze e)" "base==1.0" "$page $pins"
    asked=$(index_log | grep -c /files/)
    rm -rf e
    cas create e -r "$pins" -i "$INDEX/$page" --resolver false --offline >/dev/null
    assert_eq "$(index_log | grep -c /files/)" "$asked" "files that are fetched again"
  done
  for pins in wrong.txt wrong2.txt; do
    fresh
    expect_failure --status 1 cas create e -r "$pins" -i "$INDEX/$page" --resolver false
    assert_contains "$OUTPUT" "ha" "$page $pins"
    assert_absent e
    cas list --packages >listed 2>&1 || true
    assert_not_contains "$(cat listed)" base
  done
done

# --- a hash of another kind: what the store has under the page's SHA-256 may be anything ---
fresh
cas create e "$base" >/dev/null
sha512=$(hash_of sha512 "$base")
printf -- '--require-hashes\nbase==1.0 --hash=sha512:%s\n' "$(wrong "$sha512")" >other.txt
expect_failure --status 1 cas create f -r other.txt -i "$INDEX/simple" --resolver false
assert_contains "$OUTPUT" "has none of the hashes given"
assert_absent f
printf -- '--require-hashes\nbase==1.0 --hash=sha512:%s --hash=sha384:%s\n' "$sha512" "$(hash_of sha384 wheels/source-1.0.tar.gz)" >other.txt
cas create f -r other.txt -i "$INDEX/simple" --resolver false >/dev/null
assert_eq "$(cas freeze f)" "base==1.0"
asked=$(index_log | grep -c /files/)
cas create g -r other.txt -i "$INDEX/simple" --resolver false >/dev/null
assert_eq "$(index_log | grep -c /files/)" "$asked" "a file that is known by its SHA-512"
# By address, among others.
printf 'plus==1.0 --hash=sha256:%s\nbase @ %s --hash=sha256:%s\n' "$(hash_of sha256 wheels/plus-1.0-*.whl)" "$INDEX/files/${base##*/}" "$sha256" >address.txt
fresh
cas create e -r address.txt -i "$INDEX/simple" --resolver false >/dev/null
assert_eq "$(cas freeze e | sed 's/ @ .*//' | xargs)" "base plus==1.0"
# Nothing is run of sources that are not what they must be.
printf -- '--require-hashes\nsource==1.0 --hash=sha512:%s\n' "$(wrong "$(hash_of sha512 wheels/source-1.0.tar.gz)")" >source.txt
expect_failure --status 1 cas create s -r source.txt -i "$INDEX/simple"
assert_absent ran

# --- Pythons that a file is not for, and what was taken back ---
fresh
expect_failure --status 1 cas create e -r one.txt -i "$INDEX/fault/newest-python/simple"
assert_contains "$OUTPUT" "one.txt:1: base 1.0 needs Python >=99"
for page in simple html; do
  fresh
  cas create e -r one.txt -i "$INDEX/fault/yanked/$page" >/dev/null 2>err
  assert_contains "$(cat err)" "warning: one.txt:1: base 1.0 is yanked"
  assert_contains "$(cat err)" ": broken"
done

# --- several indexes: the first that has the name is the only one, and that is said where it is why ---
first=$INDEX
start_index other
second=$INDEX
INDEX=$first
printf 'base==2.0 --hash=sha256:%s\n' "$(hash_of sha256 other/base-2.0-py3-none-any.whl)" >newer.txt
fresh
expect_failure --status 1 cas create e -r newer.txt --extra-index-url "$first/simple" -i "$second/simple"
assert_contains "$OUTPUT" "no index has a wheel of base 2.0"
assert_contains "$OUTPUT" "only $first/simple/ was asked, as the first that has base; --index-strategy unsafe-best-match asks $second/simple/, too"
cas create e -r newer.txt --extra-index-url "$first/simple" -i "$second/simple" --index-strategy unsafe-best-match >/dev/null
assert_eq "$(cas freeze e)" "base==2.0"
fresh
expect_failure --status 1 cas create e -r newer.txt -i "$first/simple"
assert_not_contains "$OUTPUT" "--index-strategy"

# --- locks with other strong hashes ---
lock() { # HASHES: a lock of base with them
  printf 'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "base"\nversion = "1.0"\nwheels = [{url = "%s", hashes = {%s}}]\n' \
    "$INDEX/files/${base##*/}" "$1" >pylock.toml
}
for algorithm in sha384 sha512 b2; do
  name=${algorithm/b2/blake2b}
  fresh
  lock "$name = '$(hash_of "$algorithm" "$base")', md5 = '00'"
  cas sync e pylock.toml >/dev/null
  assert_eq "$(cas freeze e)" "base==1.0" "$name"
  rm -rf e
  cas sync e pylock.toml --offline >/dev/null
  fresh
  lock "$name = '$(wrong "$(hash_of "$algorithm" "$base")")'"
  expect_failure --status 1 cas sync e pylock.toml
  assert_contains "$OUTPUT" "has $name $(hash_of "$algorithm" "$base")"
  assert_absent e
done
lock "md5 = '$(hash_of md5 "$base")', sha1 = '$(hash_of sha1 "$base")'"
expect_failure --status 1 cas sync e pylock.toml
assert_contains "$OUTPUT" "has no hash but md5, sha1, which vouches for nothing"
expect_failure --status 1 cas sync e pylock.toml --offline
# Sources, too: they are not fetched a second time to be built.
fresh
printf 'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "source"\nversion = "1.0"\nsdist = {url = "%s", hashes = {sha512 = "%s"}}\n' \
  "$INDEX/files/source-1.0.tar.gz" "$(hash_of sha512 wheels/source-1.0.tar.gz)" >pylock.toml
asked=$(index_log | grep -c /files/ || true)
cas sync e pylock.toml >/dev/null
assert_eq "$(cas freeze e)" "source==1.0"
assert_eq "$(index_log | grep -c /files/)" "$((asked + 1))"

uv=$(a_uv)
if [[ -z $uv ]] || ! "$uv" pip compile --help 2>&1 | grep -q pylock.toml; then
  echo "not tested: resolving (no uv in PATH that writes pylock.toml)"
  exit 0
fi
export CAS_RESOLVER=$uv

# --- a resolver is sent to nobody whom our own client would not ask ---
fresh
for where in "-i http://index.example/simple" "--extra-index-url http://index.example/simple" "--find-links http://index.example/links"; do
  # shellcheck disable=SC2086
  expect_failure --status 1 cas create e 'plus>=1' $where
  assert_contains "$OUTPUT" "http is neither encrypted nor authenticated" "$where"
done
expect_failure --status 1 cas create e 'plus @ http://files.example/plus-1.0.tar.gz' -i "$INDEX/simple"
assert_contains "$OUTPUT" "--trusted-host"

# --- nothing that has to have a hash is run before it is known to have it ---
printf 'source>=1 --hash=sha256:%s\nplus\n' "$none" >open.txt
fresh
expect_failure cas create s -r open.txt -i "$INDEX/simple"
assert_absent ran

# --- files of this machine on a page of the network ---
mkdir -p wheels/page secret
make_wheel secret hidden 1.0 hidden.py='x = 1' >/dev/null
printf '<a href="file://%s">x</a>' "$PWD"/secret/hidden-1.0-*.whl >wheels/page/links.html
fresh
expect_failure --status 1 cas create e hidden --find-links "$INDEX/tree/page/links.html" -i "$INDEX/simple"
assert_contains "$OUTPUT" "names a file of this machine for hidden"
cas create e hidden --find-links "$INDEX/tree/page/links.html" --find-links secret -i "$INDEX/simple" >/dev/null

# --- what a resolver finds on such pages ---
for page in fault/no-hash/simple fault/md5/simple; do
  fresh
  cas create e 'base>=1' -i "$INDEX/$page" >/dev/null
  assert_eq "$(cas freeze e)" "base==1.0" "$page"
  rm -rf e
  cas create e 'base>=1' -i "$INDEX/$page" --offline >/dev/null
  cas lock 'base>=1' -i "$INDEX/$page" -o pylock.md5.toml >/dev/null
  assert_contains "$(cat pylock.md5.toml)" "$sha256"
  printf 'base>=1 --hash=sha256:%s --hash=sha256:%s\nplus\n' "$none" "$sha256" >range.txt
  cas create f -r range.txt -i "$INDEX/$page" >/dev/null
  rm -rf f
  printf 'base>=1 --hash=sha256:%s --hash=sha256:%s\nplus\n' "$none" "$(wrong "$none")" >range.txt
  expect_failure --status 1 cas create f -r range.txt -i "$INDEX/$page"
  assert_contains "$OUTPUT" "of the hashes given"
done
fresh
expect_failure --status 1 cas create e 'base>=1' -i "$INDEX/fault/wrong-md5/simple"
assert_contains "$OUTPUT" "has md5 $(hash_of md5 "$base"), not the"
fresh
expect_failure --status 1 cas create e 'base>=2' --extra-index-url "$first/simple" -i "$second/simple"
assert_contains "$OUTPUT" "--index-strategy unsafe-best-match asks all"
expect_failure --status 1 cas create e 'base>=3' -i "$second/simple"
assert_not_contains "$OUTPUT" "--index-strategy"

# --- addresses with hashes; no code of an archive runs that has another ---
for file in "$base" wheels/source-1.0.tar.gz; do
  for algorithm in sha256 sha512; do
    right=$(hash_of "$algorithm" "$file")
    for hash in "#$algorithm=@" " --hash=$algorithm:@" " --hash=$algorithm:@ --hash=$algorithm:$(wrong "$(wrong "$right")")" "#egg=source --hash=$algorithm:@"; do
      [[ $file == *.gz || $hash != *egg* ]] || continue
      name=${file##*/}
      fresh
      printf '%s @ %s%s\n' "${name%%-*}" "$INDEX/files/$name" "${hash/@/$right}" >address.txt
      cas create e -r address.txt -i "$INDEX/simple" >/dev/null
      fresh
      printf '%s @ %s%s\n' "${name%%-*}" "$INDEX/files/$name" "${hash/@/$(wrong "$right")}" >address.txt
      expect_failure --status 1 cas create e -r address.txt -i "$INDEX/simple"
      assert_absent e
      assert_absent ran
    done
  done
done
# What vouches for nothing shows whether the transfer went well.
for algorithm in md5 sha1; do
  fresh
  cas create e "base @ $INDEX/files/${base##*/}#$algorithm=$(hash_of "$algorithm" "$base")" -i "$INDEX/simple" >/dev/null
  fresh
  expect_failure --status 1 cas create e "base @ $INDEX/files/${base##*/}#$algorithm=$(wrong "$(hash_of "$algorithm" "$base")")" -i "$INDEX/simple"
  assert_contains "$OUTPUT" "has none of the hashes given"
done
