# Wheels of which one has most files of the other, and locks that vouch for their members: source it behind lib_index.sh.
# shellcheck shell=bash

# make_big_wheels: big 1.0 and 2.0 in wheels/: 60 files of 64 kB that do not compress, three of which differ, some empty ones, and a script.
make_big_wheels() {
python3 - <<'PYTHON'
import base64, hashlib, os, random, zipfile
os.mkdir("wheels")
for version in "1.0", "2.0":
    info, rows = f"big-{version}.dist-info", []
    files = {f"big/data{i}.bin": random.Random(i if i % 20 or version == "1.0" else i + 1000).randbytes(1 << 16) for i in range(60)}
    files |= {f"big/part{i}/__init__.py": b"" for i in range(5)}
    files["big/__init__.py"] = f"version = {version!r}\n".encode()
    files[f"big-{version}.data/scripts/big"] = b"#!python\nimport big\nprint(big.version)\n"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: big\nVersion: {version}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(f"wheels/big-{version}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"a comment behind the central directory"
        for name, data in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(data)}\n")
            member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            member.external_attr = (0o100755 if name == "big/data3.bin" else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)), "".join(rows) + f"{info}/RECORD,,\n")
PYTHON
}

# author_locks: pylock.v1.toml and pylock.v2.toml, as whoever has the wheels writes them, with what vouches for their members. Leaves
# req1.0 and req2.0, requirements of the same.
author_locks() {
  local version
  CAS_STORE=$CAS_TEST_TMP/author cas add wheels/big-1.0-py3-none-any.whl wheels/big-2.0-py3-none-any.whl >/dev/null
  for version in 1.0 2.0; do
    printf 'big==%s --hash=sha256:%s\n' "$version" "$(sha256sum "wheels/big-$version-py3-none-any.whl" | cut -d' ' -f1)" >"req$version"
    CAS_STORE=$CAS_TEST_TMP/author cas lock -r "req$version" -i "$INDEX/simple" -o "pylock.v${version%.0}.toml" >/dev/null
  done
}

# make_certificate DIRECTORY: cert.pem and key.pem of 127.0.0.1.
make_certificate() {
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null
}
