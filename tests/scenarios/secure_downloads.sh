#!/usr/bin/env bash
# Parts of wheels over TLS, with a password, by way of redirects: each ends in the environment of the whole wheel, and nobody gets what is not his.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
. "$cas_root/tests/scenarios/lib_parts.sh"

unset PIP_NO_INDEX
command -v openssl >/dev/null || skip "no openssl to make certificates with"
make_big_wheels
make_certificate keys
export SSL_CERT_FILE=$PWD/keys/cert.pem
start_index wheels
author_locks
log_of() { curl_like "$1/log" | grep -v ' /log' || true; }
curl_like() {
  python3 -c 'import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
sys.stdout.write(urllib.request.urlopen(sys.argv[1], context=context).read().decode())' "$1" "$SSL_CERT_FILE"
}
# updated ENV FAULT [OPTION...]: an environment of big 1.0 becomes one of 2.0; prints whether that came in parts.
updated() {
  local env=$1
  sed "s|http://[^/]*/files/|$SERVER$2/files/|" pylock.v1.toml >"pylock.$env-1.toml"
  sed "s|http://[^/]*/files/|$SERVER$2/files/|" pylock.v2.toml >"pylock.$env-2.toml"
  export CAS_STORE=$CAS_TEST_TMP/store-$env
  cas sync "$env" "pylock.$env-1.toml" "${@:3}" >/dev/null
  cas sync "$env" "pylock.$env-2.toml" "${@:3}" --json >"$env.json"
  json wheels.0.assembled <"$env.json"
  assert_eq "$("$env/bin/big")" 2.0 >&2
}

start_index wheels --tls keys/cert.pem keys/key.pem
OTHER=https://${INDEX#http://}
start_index wheels --tls keys/cert.pem keys/key.pem --user me:verysecret --other "$OTHER"
SERVER=https://${INDEX#http://}
with_password=https://me:verysecret@${INDEX#http://}/simple

# A requirements file is asked for as packages are: with the certificates that are named, and the password of the index.
printf '# nothing yet\n' >wheels/requirements.txt
expect_failure env -u SSL_CERT_FILE "$CAS_BIN" create file -r "$SERVER/files/requirements.txt" -i "$with_password"
assert_contains "$OUTPUT" "certificate"
expect_failure env -u SSL_CERT_FILE "$CAS_BIN" create file -r "$SERVER/files/requirements.txt" --cert keys/cert.pem
assert_contains "$OUTPUT" "401"
env -u SSL_CERT_FILE "$CAS_BIN" create file -r "$SERVER/files/requirements.txt" --cert keys/cert.pem -i "$with_password" >/dev/null
assert_exists file/pyvenv.cfg
rm -r file wheels/requirements.txt

# With the password of the index, from netrc, and not without.
assert_eq "$(updated tls "" -i "$with_password")" true "parts over TLS, with a password"
expect_failure cas sync nothing pylock.tls-1.toml --refresh --store "$CAS_TEST_TMP/store-nothing"
assert_contains "$OUTPUT" "401"
printf 'machine 127.0.0.1 login me password verysecret\n' >"$HOME/.netrc"
assert_eq "$(updated netrc "")" true "parts over TLS, by .netrc"
assert_eq "$(log_of "$OTHER")" "" "nobody was asked yet"

# A redirect for each part: who it leads to is told neither password, and the parts are asked of him.
for how in index netrc; do
  [[ $how == netrc ]] || rm "$HOME/.netrc"
  option=(-i "$with_password")
  if [[ $how == netrc ]]; then
    option=()
    printf 'machine 127.0.0.1 login me password verysecret\n' >"$HOME/.netrc"
  fi
  assert_eq "$(updated "elsewhere-$how" /fault/elsewhere "${option[@]}")" true "parts by way of redirects, password of $how"
done
assert_contains "$(log_of "$OTHER")" "Range=bytes="
assert_not_contains "$(log_of "$OTHER")" "Authorization"
assert_not_contains "$(cat ./*.json)" verysecret

# Bodies that are cut go on where they were cut.
assert_eq "$(updated cut /fault/cut)" true "parts over TLS that are cut"
