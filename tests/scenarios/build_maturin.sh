#!/usr/bin/env bash
# maturin builds a program of Rust into a wheel; without Rust it is said what is missing, and nothing is made.
rust=${RUSTUP_HOME:-$HOME/.rustup}
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

have_resolver
have_backends maturin
python_for cp311
python=$REPLY
export UV_PYTHON_DOWNLOADS=never
mkdir -p work/rusty-0.3/src work/rusty-0.3/rusty empty
cat >work/rusty-0.3/pyproject.toml <<'TOML'
[build-system]
requires = ["maturin>=1.5"]
build-backend = "maturin"
[project]
name = "rusty"
version = "0.3"
[tool.maturin]
bindings = "bin"
TOML
cat >work/rusty-0.3/Cargo.toml <<'TOML'
[package]
name = "rusty"
version = "0.3.0"
edition = "2021"
[[bin]]
name = "rusty-says"
path = "src/main.rs"
[profile.release]
strip = true
TOML
echo 'fn main() { println!("made by maturin"); }' >work/rusty-0.3/src/main.rs
echo 'VALUE = 3' >work/rusty-0.3/rusty/__init__.py
printf 'Metadata-Version: 2.1\nName: rusty\nVersion: 0.3\n' >work/rusty-0.3/PKG-INFO
pack work/rusty-0.3 rusty-0.3.tar.gz

# Without Rust: maturin would have it from the index, which has none of it; told not to, it says what it misses.
without_rust() { env PATH="$PWD/empty" "$@" "$CAS_BIN" create e ./rusty-0.3.tar.gz -p "$python" --no-index --find-links links; }
expect_failure --status 1 without_rust
assert_contains "$OUTPUT" "building rusty"
assert_contains "$OUTPUT" "the back-end asks for puccinialin"
assert_contains "$OUTPUT" "was not found"
expect_failure --status 1 without_rust MATURIN_NO_INSTALL_RUST=1
assert_contains "$OUTPUT" "building rusty"
assert_contains "$OUTPUT" "Do you have cargo"
assert_contains "$OUTPUT" "missing on this machine"
assert_absent e
assert_no_scratch .

export CARGO_HOME=$CAS_TEST_TMP/cargo CARGO_NET_OFFLINE=true RUSTUP_HOME=$rust
{ cargo --version && rustc --version; } >/dev/null 2>&1 || skip "no cargo and rustc (how it fails without them was tested)"
type -P cc >/dev/null || skip "no linker for Rust (how it fails without Rust was tested)"
cas create e ./rusty-0.3.tar.gz -p "$python" --no-index --find-links links >/dev/null
assert_eq "$(e/bin/rusty-says)" "made by maturin"
assert_contains "$(cas show e --json)" '"rusty"'
env PATH="$PWD/empty" "$CAS_BIN" create e2 ./rusty-0.3.tar.gz -p "$python" --no-index >/dev/null
assert_eq "$(e2/bin/rusty-says)" "made by maturin" "the second time, without Rust"
assert_no_scratch .
assert_sound
