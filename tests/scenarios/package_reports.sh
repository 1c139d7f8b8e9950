#!/usr/bin/env bash
# cas tree, why, check and diff tell the truth about what lies in an environment, whoever installed it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_metadata.sh"
unset PIP_NO_CACHE_DIR
make_described_wheel wheels app 1.0 'Requires-Dist: lib[fast]>=1' 'Requires-Dist: web' \
  "Requires-Dist: never; python_version < '3'" >/dev/null
make_described_wheel wheels lib 1.0 'Requires-Dist: core' "Requires-Dist: speed>=2; extra == 'fast'" \
  'Provides-Extra: fast' >/dev/null
make_described_wheel wheels lib 0.5 'Requires-Dist: core' >/dev/null
make_described_wheel wheels web 1.0 'Requires-Dist: core<3' 'Requires-Dist: circle' >/dev/null
make_described_wheel wheels circle 1.0 'Requires-Dist: web' >/dev/null
make_described_wheel wheels core 2.0 >/dev/null
make_described_wheel wheels speed 2.1 >/dev/null
make_described_wheel wheels core 3.0 >/dev/null
make_described_wheel wheels lonely 1.0 "Requires-Dist: odd; extra == 'more'" >/dev/null
w=$CAS_TEST_TMP/wheels

python3 -c 'import ensurepip' 2>/dev/null || skip "no Python with ensurepip"
python=$(python3 -c 'import sys; print(sys.executable)')
lock_of_files wheels/{app-1.0,lib-1.0,web-1.0,circle-1.0,core-2.0,speed-2.1}-*.whl > pylock.toml
cas sync env pylock.toml -p "$python" >/dev/null
# As a resolver would have it: only one was asked for.
rm env/lib/*/site-packages/{lib,web,circle,core,speed}-*.dist-info/REQUESTED

# --- tree -------------------------------------------------------------------------------------------------------------
assert_eq "$(cas tree env)" "app 1.0
├── lib[fast] 1.0 (>=1)
│   ├── core 2.0
│   └── speed 2.1 (>=2, extra: fast)
└── web 1.0
    ├── core 2.0 (<3)
    └── circle 1.0
        └── web 1.0 (circle)
(circle) stands above it on its own branch"
assert_eq "$(cas tree env --depth 1)" "app 1.0
├── lib[fast] 1.0 (>=1)
└── web 1.0"
assert_eq "$(cas tree env --invert --package Core)" "core 2.0
├── lib 1.0
│   └── app 1.0 (>=1)
└── web 1.0 (<3)
    ├── app 1.0
    └── circle 1.0
        └── web 1.0 (circle)
(circle) stands above it on its own branch"
document=$(cas tree env --json)
assert_eq "$(json roots <<<"$document")" '["app"]'
assert_eq "$(json packages.3.name <<<"$document")" lib
assert_eq "$(json packages.3.dependencies.1.extra <<<"$document")" fast
assert_eq "$(json packages.3.required_by <<<"$document")" '["app"]'
expect_failure --status 1 cas tree env --package none
expect_failure --status 2 cas tree env --depth much

# --- why --------------------------------------------------------------------------------------------------------------
assert_eq "$(cas why env CORE)" "app 1.0 (asked for)
└── lib 1.0, for lib[fast]>=1
    └── core 2.0, for core
app 1.0 (asked for)
└── web 1.0, for web
    └── core 2.0, for core<3"
assert_eq "$(cas why env app)" "app 1.0 (asked for)"
assert_eq "$(cas why env speed --json | json chains.0.2.requirement)" 'speed>=2; extra == "fast"'
expect_failure --status 1 cas why env none
assert_contains "$OUTPUT" "no package 'none'"

# --- what pip does counts -----------------------------------------------------------------------------------------------
cas check env >/dev/null
cas diff env pylock.toml --exit-code >/dev/null
cas clone env other >/dev/null
"$python" -m venv plain
pip=(plain/bin/python -m pip --no-cache-dir)
if ! "${pip[@]}" --python "$CAS_TEST_TMP/env" --version >/dev/null 2>&1; then skip "pip has no --python"; fi
"${pip[@]}" --python "$CAS_TEST_TMP/env" install -q --no-deps "$w/core-3.0-py3-none-any.whl" "$w/lonely-1.0-py3-none-any.whl"
"${pip[@]}" --python "$CAS_TEST_TMP/env" uninstall -q -y speed
expect_failure --status 1 cas check env
for part in "version     web 1.0 requires core<3, but core 3.0 is installed" \
  'missing     lib 1.0 [fast] requires speed>=2; extra == "fast", which is not installed' "6 packages, 2 problems"; do
  assert_contains "$OUTPUT" "$part"
done
# pip does not know that somebody asks for the extra.
assert_contains "$("${pip[@]}" --python "$CAS_TEST_TMP/env" check || true)" "web 1.0 has requirement core<3, but you have core 3.0"
assert_contains "$(cas tree env)" "speed (>=2, extra: fast): not installed"
assert_contains "$(cas tree env)" "core 3.0 (<3): conflict"
expect_failure --status 1 cas why env speed
assert_contains "$OUTPUT" "needed by: lib"
assert_eq "$(cas diff other env)" "~ core 2.0 -> 3.0
+ lonely 1.0
- speed 2.1"
assert_eq "$(cas diff env pylock.toml)" "~ core 3.0 -> 2.0
- lonely 1.0
+ speed 2.1"
expect_failure --status 1 cas diff other env --exit-code
assert_eq "$(cas diff other env --json | json differences.0.change)" version
assert_eq "$(cas diff other other)" "no difference"
cas check --all --json > all && fail "something is wrong with env"
assert_eq "$(json environments.0.sound <all)" false
assert_eq "$(json environments.1.sound <all)" true
cas check other >/dev/null

# One file for another of the same name and version.
other_core=$(make_wheel again core 2.0 core.py='x = 2')
cas create third -p "$python" "$other_core" >/dev/null
cas create fourth -p "$python" "$w/core-2.0-py3-none-any.whl" >/dev/null
assert_contains "$(cas diff third fourth)" "~ core 2.0: another file, sha256 "

# Nobody asked for it.
rm third/lib/*/site-packages/core-2.0.dist-info/REQUESTED
expect_failure --status 1 cas why third core
assert_contains "$OUTPUT" "nobody asked for core 2.0"
describe env odd 1
expect_failure --status 1 cas why env odd
assert_contains "$OUTPUT" "it would be needed by lonely[more]"

# Two versions, as a tool leaves them that was killed; a wheel and a Python that do not fit.
describe third core 1.0
describe third old 1.0 $'WHEEL=Wheel-Version: 1.0\nTag: cp27-cp27m-win32\n' \
  $'METADATA=Metadata-Version: 2.1\nName: old\nVersion: 1.0\nRequires-Python: <3\n'
expect_failure --status 1 cas check third
for part in "duplicate   core is described twice" "platform    old 1.0 is not for" "python      old 1.0 requires Python <3"; do
  assert_contains "$OUTPUT" "$part"
done

# Environments of others.
"${pip[@]}" install -q --no-index --find-links wheels 'core<3' circle
assert_contains "$(cas tree plain)" "circle 1.0"
cas check plain >/dev/null
assert_contains "$(cas diff plain env)" "~ core 2.0 -> 3.0"
assert_contains "$(cas why plain web)" "circle 1.0 (asked for)"
# Without any store.
CAS_STORE=$CAS_TEST_TMP/none cas check ./plain >/dev/null
assert_absent none

expect_failure --status 2 cas check
expect_failure --status 2 cas check env --all
expect_failure --status 2 cas diff env
expect_failure --status 2 cas diff pylock.toml pylock.toml
