#!/usr/bin/env bash
# Parts of wheels over HTTP/2, by way of nghttpx: many ranges at once over one connection end in the environment of the whole wheel.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
. "$cas_root/tests/scenarios/lib_parts.sh"

unset PIP_NO_INDEX
command -v nghttpx >/dev/null || skip "no nghttpx, which speaks HTTP/2 for a test (Debian's package nghttp2-proxy)"
command -v openssl >/dev/null || skip "no openssl to make certificates with"
make_big_wheels
make_certificate keys
export SSL_CERT_FILE=$PWD/keys/cert.pem
start_index wheels --user me:verysecret
printf 'machine 127.0.0.1 login me password verysecret\n' >"$HOME/.netrc"
author_locks

# It takes no port of its own choice.
port=$(python3 -c 'import socket
with socket.socket() as one:
    one.bind(("127.0.0.1", 0))
    print(one.getsockname()[1])')
nghttpx --conf=/dev/null --frontend="127.0.0.1,$port" --backend="127.0.0.1,${INDEX##*:}" --workers=1 \
  --accesslog-file="$PWD/access" --errorlog-file="$PWD/errors" keys/key.pem keys/cert.pem &
for ((i = 0; i < 100; i++)); do
  ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  sleep 0.1
done
sed -i "s|http://[^/]*/files/|https://127.0.0.1:$port/files/|" pylock.v?.toml
cas sync e pylock.v1.toml >/dev/null
report=$(cas sync e pylock.v2.toml --json)
assert_eq "$(json wheels.0.assembled <<<"$report")" true "put together from parts"
assert_eq "$(e/bin/big)" 2.0
cas verify --contents >/dev/null
ranges=$(grep -c 'GET /files/big-2.0.*HTTP/2" 206' access)
[[ $ranges -ge 3 ]] || fail "few parts came by HTTP/2: $(cat access)"
# Connections of version 1 were not used.
if grep 'HTTP/1' access; then fail "some of it did not come by HTTP/2"; fi
