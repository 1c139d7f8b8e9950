#!/usr/bin/env bash
# What is installed and satisfies the rest stays as it is, also where nobody has that version any more; what does not is replaced.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

have_resolver
unset PIP_NO_INDEX
mkdir index old
for version in 1.0 2.0 3.0; do make_wheel "$([[ $version == 1.0 ]] && echo old || echo index)" base "$version" base.py="x = $version" >/dev/null; done
local=$(make_wheel old local_version 1.0+cu121 local_version.py='x = 1')
young=$(make_wheel old young 2.0.dev3 young.py='x = 1')
gone=$(make_wheel old gone 1.0 gone.py='x = 1')
make_wheel index local_version 1.0 local_version.py='x = 2' >/dev/null
make_wheel index young 1.0 young.py='x = 2' >/dev/null
make_wheel index other 1.0 other.py='x = 1' +base +local-version==1.0 +young +gone +'more[extra]' >/dev/null
make_wheel index more 1.0 more.py='x = 1' >/dev/null
make_wheel index needs_more 1.0 needs_more.py='x = 1' '+base>=2,<3' >/dev/null
make_wheel index unmeetable 1.0 unmeetable.py='x = 1' '+gone>=2' >/dev/null
start_index index
export PIP_INDEX_URL=$INDEX/simple
versions() { (cd "$1"/lib/python3*/site-packages && echo *.dist-info | sed 's/\.dist-info//g'); }

cas create env old/base-1.0-py3-none-any.whl "$local" "$young" "$gone" >/dev/null
rm -r old
mkdir old
would=$(cas install env other --dry-run 2>&1) || fail "$would"
assert_not_contains "$would" base
cas install env other >out 2>&1 || fail "$(cat out)"
assert_eq "$(versions env)" "base-1.0 gone-1.0 local_version-1.0+cu121 more-1.0 other-1.0 young-2.0.dev3"
for name in base local_version young gone; do
  ! index_log | grep -q "/files/$name[^ ]*whl$" || fail "$name was fetched: $(index_log)"
done
# Nothing that only described them is anywhere.
assert_eq "$(cas store info --json | json packages)" 6
assert_eq "$(ls -A "$CAS_STORE/staging")" ""
assert_contains "$(cas doctor env)" sound
# The answer is remembered without them, too.
cas uninstall env other more >/dev/null
cas install env other --offline >out 2>&1 || fail "$(cat out)"
assert_eq "$(versions env)" "base-1.0 gone-1.0 local_version-1.0+cu121 more-1.0 other-1.0 young-2.0.dev3"

# What a new requirement demands is done, and where that is not to be had it is said.
cas install env needs-more >out 2>&1 || fail "$(cat out)"
assert_contains "$(cat out)" "base 1.0 -> 2.0"
assert_eq "$(versions env)" "base-2.0 gone-1.0 local_version-1.0+cu121 more-1.0 needs_more-1.0 other-1.0 young-2.0.dev3"
expect_failure cas install env unmeetable
assert_contains "$OUTPUT" "gone"
cas uninstall env needs-more >/dev/null 2>&1
cas install env -U base >out 2>&1 || fail "$(cat out)"
assert_contains "$(versions env)" "base-3.0"
# What is to be put there again has to be had.
expect_failure cas install env --reinstall gone

# What stays counts with its own requirements, not with those that an index has under its version.
make_wheel old own 1.0 own.py='x = 1' '+base<3' >/dev/null
make_wheel index own 1.0 own.py='x = 2' +base >/dev/null
make_wheel index wants 1.0 wants.py='x = 1' +own +base >/dev/null
make_wheel old lacks 1.0 lacks.py='x = 1' +more >/dev/null
make_wheel index lacks 1.0 lacks.py='x = 2' >/dev/null
make_wheel index asks_lacks 1.0 asks_lacks.py='x = 1' +lacks >/dev/null
cas create strict old/own-*.whl old/lacks-*.whl --no-deps >/dev/null
cas install strict wants asks_lacks >out 2>&1 || fail "$(cat out)"
assert_eq "$(versions strict)" "asks_lacks-1.0 base-2.0 lacks-1.0 more-1.0 own-1.0 wants-1.0"
assert_contains "$(cas check strict)" "fit together"
rm -r old

# Descriptions are for whoever finds versions; what is built needs the packages themselves.
make_wheel old gone 1.0 gone.py='x = 1' >/dev/null
for version in 1.0 1.1; do make_wheel index build_help "$version" build_help.py='x = 1' >/dev/null; done
make_wheel index asks_built 1.0 asks_built.py='x = 1' +built +gone >/dev/null
mkdir -p built-1.0
cat >built-1.0/pyproject.toml <<'TOML'
[build-system]
requires = ["build-help"]
build-backend = "backend"
backend-path = ["."]
TOML
cat >built-1.0/backend.py <<'PYTHON'
import base64, build_help, hashlib, os, zipfile
assert build_help.x == 1
FILES = {"METADATA": "Metadata-Version: 2.1\nName: built\nVersion: 1.0\nRequires-Dist: more\n",
         "WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
def build_wheel(directory, config_settings=None, metadata_directory=None):
    info, rows = "built-1.0.dist-info/", ""
    with zipfile.ZipFile(os.path.join(directory, "built-1.0-py3-none-any.whl"), "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(info + name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows += f"{info}{name},sha256={digest},{len(text)}\n"
        wheel.writestr(info + "RECORD", rows + f"{info}RECORD,,\n")
    return "built-1.0-py3-none-any.whl"
PYTHON
printf 'Metadata-Version: 1.0\nName: built\nVersion: 1.0\n' >built-1.0/PKG-INFO
tar czf index/built-1.0.tar.gz built-1.0
cas create builds old/gone-*.whl build-help==1.1 >/dev/null
cas install builds asks_built >out 2>&1 || fail "$(cat out)"
assert_eq "$(versions builds)" "asks_built-1.0 build_help-1.1 built-1.0 gone-1.0 more-1.0"

# A folder of wheels, and nobody who finds versions.
mkdir folder
make_wheel folder user 1.0 user.py='x = 1' +gone +base >/dev/null
make_wheel folder base 9.0 base.py='x = 9' >/dev/null
cas install env user --no-index --find-links folder >out 2>&1 || fail "$(cat out)"
assert_contains "$(versions env)" "base-3.0 gone-1.0"
# Pinned by its hash.
cas uninstall env other more >/dev/null 2>&1
printf 'other==1.0 --hash=sha256:%s\nmore==1.0 --hash=sha256:%s\n' "$(sha256sum index/other-1.0-*.whl | cut -d' ' -f1)" \
  "$(sha256sum index/more-1.0-*.whl | cut -d' ' -f1)" >pinned.txt
cas install env -r pinned.txt --require-hashes >out 2>&1 || fail "$(cat out)"
assert_contains "$(versions env)" "gone-1.0"

# An editable project that no index has.
if python_for cp311 2>/dev/null && [[ -f $CAS_WHEELS/$(wheels_of backends | grep flit_core) ]]; then
  project mine gone 1.5 flit_core
  cas create edit -p "$REPLY" -e mine --no-index --find-links "$CAS_WHEELS" >out 2>&1 || fail "$(cat out)"
  make_wheel index asks 1.0 asks.py='x = 1' '+gone>=1.2' >/dev/null
  cas install edit asks >out 2>&1 || fail "$(cat out)"
  assert_eq "$(versions edit)" "asks-1.0 gone-1.5"
  assert_contains "$(direct_url edit gone)" '"editable": true'
else
  echo "not tested: an editable project (no flit_core, or no Python 3.11)"
fi
assert_no_scratch .
assert_sound
