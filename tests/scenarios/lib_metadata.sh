# Wheels with requirements, and descriptions of packages by hand: source it behind lib.sh.
# shellcheck shell=bash

# make_described_wheel DIR NAME VERSION HEADER...: a wheel of one module whose METADATA has these lines, too; prints its path.
make_described_wheel() {
  local directory=$1 name=$2 version=$3 path
  shift 3
  path=$(make_wheel "$directory" "$name" "$version" "$name.py=VERSION = '$version'")
  python3 - "$path" "$@" <<'PYTHON'
import base64, hashlib, os, sys, zipfile
path, *headers = sys.argv[1:]
with zipfile.ZipFile(path) as archive:
    files = {name: archive.read(name) for name in archive.namelist()}
metadata = next(name for name in files if name.endswith("/METADATA"))
record = next(name for name in files if name.endswith("/RECORD"))
files[metadata] += "".join(f"{header}\n" for header in headers).encode()
del files[record]
rows = []
for name, data in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    rows.append(f"{name},sha256={digest},{len(data)}\n")
files[record] = ("".join(rows) + f"{record},,\n").encode()
os.remove(path)
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    for name, data in files.items():
        archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
PYTHON
  printf '%s\n' "$path"
}

# lock_of_files FILE...: a pylock.toml of wheels that lie here, on standard output.
lock_of_files() {
  local file name
  printf 'lock-version = "1.0"\ncreated-by = "a test"\n'
  for file in "$@"; do
    name=${file##*/}
    printf '\n[[packages]]\nname = "%s"\nversion = "%s"\nwheels = [{path = "%s", hashes = {sha256 = "%s"}}]\n' \
      "$(cut -d- -f1 <<<"${name,,}" | tr _ -)" "$(cut -d- -f2 <<<"$name")" "$(realpath "$file")" \
      "$(sha256sum "$file" | cut -d' ' -f1)"
  done
}

# describe ENV NAME VERSION [FILE=CONTENT]...: a package that has nothing but its description, as a tool may leave one.
describe() {
  local folder item
  folder=$(echo "$1"/lib/*/site-packages)/$2-$3.dist-info
  mkdir "$folder"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" > "$folder/METADATA"
  for item in "${@:4}"; do printf '%s' "${item#*=}" > "$folder/${item%%=*}"; done
}
