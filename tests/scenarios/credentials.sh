#!/usr/bin/env bash
# Passwords from keyring and netrc, certificates of clients: who is asked, who gets them, and where they never appear.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
command -v openssl >/dev/null || skip "no openssl to make certificates with"
mkdir wheels bin keys
base=$(make_wheel wheels base 1.0 base.py='x = 1')
printf 'base==1.0 --hash=sha256:%s\n' "$(sha256sum "$base" | cut -d' ' -f1)" >base.txt
start_index wheels --user me:verysecret
place=${INDEX#http://}
with_user=http://me@$place/simple
# make ENV [OPTION...]: what was printed is in `out`.
make() { cas create "$1" -r base.txt --refresh "${@:2}" >out 2>&1; }

# A keyring is not asked unless that is wanted.
cat >bin/keyring <<SCRIPT
#!/bin/sh
echo "\$@" >>"$CAS_TEST_TMP/asked"
echo "a warning with verysecret in it" >&2
[ "\$2 \$3" = "$place me" ] && echo verysecret || exit 1
SCRIPT
chmod +x bin/keyring
export PATH=$CAS_TEST_TMP/bin:$PATH
! make a -i "$with_user" || fail "the index wants a password"
assert_contains "$(cat out)" "401"
assert_absent asked
make b -i "$with_user" --keyring-provider subprocess || fail "$(cat out)"
assert_eq "$(cat asked)" "get ${INDEX}/simple me"$'\n'"get $place me" "the address, then the host"
assert_not_contains "$(cat out)" verysecret
rm asked
! grep -rqa verysecret "$CAS_STORE" b || fail "the password is kept"
# By pip's and uv's settings, too. What is in the store asks nobody.
PIP_KEYRING_PROVIDER=subprocess make c -i "$with_user" || fail "$(cat out)"
UV_KEYRING_PROVIDER=subprocess make d -i "$with_user" || fail "$(cat out)"
rm asked
cas create e -r base.txt -i "$with_user" --keyring-provider subprocess >/dev/null
assert_absent asked
cas create f -r base.txt -i "$with_user" --keyring-provider subprocess --offline >/dev/null
assert_absent asked
! make g -i "http://other@$place/simple" --keyring-provider subprocess || fail "another user's password does"
assert_not_contains "$(cat out)" verysecret
expect_failure --status 2 cas create h -r base.txt --keyring-provider perhaps
printf '#!/bin/sh\nexit 1\n' >bin/keyring
printf 'machine 127.0.0.1 login somebody password else\nmachine 127.0.0.1 login me password verysecret\n' >"$HOME/.netrc"
make i -i "$with_user" || fail "the user's entry in .netrc: $(cat out)"
rm "$HOME/.netrc" bin/keyring
# Somebody else's keyring may be anywhere in PATH.
if [[ -z $(type -P keyring) ]]; then
  ! make j -i "$with_user" --keyring-provider subprocess || fail "made without the password"
  assert_contains "$(cat out)" "no program keyring in PATH"
fi

# The resolver gets the password by its environment, never by its command line.
cat >bin/uv <<SCRIPT
#!/bin/sh
echo "\$@" >"$CAS_TEST_TMP/words"
env >"$CAS_TEST_TMP/environment"
exit 1
SCRIPT
printf '#!/bin/sh\necho verysecret\n' >bin/keyring
chmod +x bin/uv bin/keyring
expect_failure cas create k base -i "$with_user" --find-links "http://me@$place/links/" --keyring-provider subprocess \
  --resolver "$PWD/bin/uv" --client-cert both.pem
assert_contains "$(cat environment)" "UV_DEFAULT_INDEX=http://me:verysecret@$place/simple"
assert_contains "$(cat environment)" "UV_FIND_LINKS=http://me:verysecret@$place/links/"
assert_contains "$(cat environment)" "SSL_CLIENT_CERT=$PWD/both.pem"
assert_not_contains "$(cat words)" verysecret
assert_not_contains "$OUTPUT" verysecret

# A server that wants to see a certificate.
for who in server client; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=$who" \
    -addext subjectAltName=IP:127.0.0.1 -keyout "keys/$who.key" -out "keys/$who.pem" 2>/dev/null
done
cat keys/client.pem keys/client.key >keys/both.pem
start_index wheels --tls keys/server.pem keys/server.key --client-ca keys/client.pem
INDEX=https://${INDEX#http://}
! make l -i "$INDEX/simple" || fail "nobody knows this server"
assert_contains "$(cat out)" "--cert"
! make l -i "$INDEX/simple" --cert keys/server.pem || fail "made without a certificate of one's own"
assert_contains "$(cat out)" "--client-cert"
make l -i "$INDEX/simple" --cert keys/server.pem --client-cert keys/both.pem || fail "$(cat out)"
PIP_CERT=keys/server.pem PIP_CLIENT_CERT=keys/both.pem make m -i "$INDEX/simple" || fail "$(cat out)"
SSL_CERT_FILE=keys/server.pem SSL_CLIENT_CERT=keys/both.pem make n -i "$INDEX/simple" || fail "$(cat out)"
