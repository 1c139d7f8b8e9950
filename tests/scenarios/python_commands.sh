#!/usr/bin/env bash
# cas python add, list, info, remove; an original that changes is captured anew for new environments, and the old ones keep theirs.
. "$(dirname "$0")/lib.sh"
unset CAS_BASE

while read -r python; do newest=$python; done < <(pythons 3.8)
[[ -n ${newest-} ]] || skip "no Python here"
added=$(cas python add "$newest" --json)
name=$(json python.name <<< "$added")
assert_eq "$(json already <<< "$added")" false
assert_eq "$(cas python add "$newest" --json | json already)" true
assert_eq "$(cas python list --json | json captured.0.name)" "$name"
assert_contains "$(cas python info "$name")" "libc.so.6"
assert_eq "$(cas python info "$name" --json | json pythons.0.environments)" "[]"
expect_failure cas python info 2.99
expect_failure cas python remove no-such-python

# A captured tree is an installation as good as any: a copy of it serves as the original that changes.
cp -a "$(json python.tree <<< "$added")" original
rm -r original/.cas original/lib/python3*/EXTERNALLY-MANAGED
original=$(echo "$PWD"/original/bin/python3.*[0-9])
cas create before -p "$original" >/dev/null
first=$(before/bin/python -c 'import sys; print(sys.base_prefix)')
assert_eq "$(cas create again -p "$original" --json | json python.captured)" "" "the second environment captures nothing"
printf 'value = "new in this build"\n' > "$(echo original/lib/python3*/)/brand_new_module.py"
assert_contains "$(cas python list)" outdated
cas create after -p "$original" >/dev/null
assert_eq "$(after/bin/python -c 'import brand_new_module; print(brand_new_module.value)')" "new in this build"
assert_eq "$(before/bin/python -c 'import sys; print(sys.base_prefix)')" "$first" "the old environment keeps its Python"
if before/bin/python -c 'import brand_new_module' 2>/dev/null; then fail "the old capture has changed"; fi

# Two builds share what is equal.
assert_contains "$(cas python info "$(basename "$first")")" "shared"
expect_failure cas python remove "$(basename "$first")"
assert_contains "$OUTPUT" " is the Python of
  $PWD/again
  $PWD/before
"
cas remove before >/dev/null
cas remove again >/dev/null
assert_contains "$(cas python remove "$(basename "$first")" --dry-run)" "would remove"
assert_exists "$first"
cas python remove "$(basename "$first")" >/dev/null
assert_absent "$first"

# Archives, as python-build-standalone has them.
mkdir -p packed/python && cp -a original/. packed/python && rm -rf packed/python/.cas
tar -C packed -czf python.tar.gz python
from_archive=$(cas python add python.tar.gz --json)
tree=$(json python.tree <<< "$from_archive")
assert_eq "$("$(echo "$tree"/bin/python3.*[0-9])" -c 'import brand_new_module, sys; print(sys.prefix)')" "$tree"
assert_eq "$(json python.origin <<< "$from_archive")" "$PWD/python.tar.gz"
ln -s ../../../../etc/passwd packed/python/lib/escape
tar -C packed -czf hostile.tar.gz python
expect_failure cas python add hostile.tar.gz
assert_contains "$OUTPUT" "lib/escape"
mkdir -p empty/nothing && tar -C empty -czf empty.tar.gz nothing
expect_failure cas python add empty.tar.gz
assert_contains "$OUTPUT" "$PWD/empty.tar.gz holds no bin/python3"
head -c 100000 python.tar.gz > cut.tar.gz
expect_failure cas python add cut.tar.gz
assert_contains "${OUTPUT,,}" "unexpected e" # tar or gzip may say it last
assert_not_contains "$OUTPUT" "install"
mkdir -p broken/python/bin && printf '#!/bin/sh\nexit 7\n' > broken/python/bin/python3 && chmod +x broken/python/bin/python3
tar -C broken -czf broken.tar.gz python
expect_failure cas python add broken.tar.gz
assert_contains "$OUTPUT" "$PWD/broken.tar.gz/python/bin/python3 does not work"
assert_not_contains "$OUTPUT" "$CAS_STORE"
# More than the limit is noticed while tar is at it: this one would never end, and takes no disk for its nine terabytes.
mkdir endless && printf '#!/bin/bash\nfor ((i = 0; i < 9; i++)); do truncate -s 1T "$5/$i"; done\necho $$ > pid; exec sleep 500\n' > endless/tar
chmod +x endless/tar
expect_failure --status 1 env PATH="$PWD/endless:$PATH" timeout 100 "$CAS_BIN" python add python.tar.gz
assert_contains "$OUTPUT" "unpacks to more than 8.0 GB"
if kill -0 "$(cat pid)" 2>/dev/null; then fail "tar goes on"; fi
assert_eq "$(ls -A "$CAS_STORE/staging")" "" "nothing unpacked is left"

# The index can be lost: trees and packages are there.
cas index rebuild >/dev/null
assert_eq "$(after/bin/python -c 'import brand_new_module; print(brand_new_module.value)')" "new in this build"
cas gc >/dev/null
cas create third -p "$original" >/dev/null
assert_eq "$(third/bin/python -c 'import brand_new_module as m; print(m.value)')" "new in this build"
assert_sound
assert_eq "$(ls -A "$CAS_STORE/python" | grep -c '^\.' || true)" 0 "nothing half-made"
