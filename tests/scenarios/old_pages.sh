#!/usr/bin/env bash
# Pages of indexes that nobody has looked at for long are removed by `cas gc`; all others stay.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
for name in one two; do
  wheel=$(make_wheel wheels "$name" 1.0 "$name.py=x = 1")
  printf '%s==1.0 --hash=sha256:%s\n' "$name" "$(sha256sum "$wheel" | cut -d' ' -f1)" >>req.txt
done
start_index wheels
cas create env -r req.txt -i "$INDEX/simple" >/dev/null
pages() { find "$CAS_STORE/cache/pages" -type f | wc -l; }
assert_eq "$(pages)" 2 "a page of each project"
assert_not_contains "$(cas gc)" "old page"
touch -d '40 days ago' "$(find "$CAS_STORE/cache/pages" -type f | head -1)"
assert_contains "$(cas gc --dry-run)" "would remove 1 old page of indexes"
assert_eq "$(cas gc --dry-run --json | json pages.removed)" 1
assert_eq "$(pages)" 2 "a dry run removes nothing"
cas gc --pages-max-age 50d >/dev/null
assert_eq "$(pages)" 2 "younger than that"
assert_contains "$(cas gc)" "removed 1 old page of indexes"
assert_eq "$(pages)" 1 "the other one is young"
assert_eq "$(cas gc --pages-max-age 0 --json | json pages.removed)" 1
assert_eq "$(pages)" 0 "none is young enough"
expect_failure --status 2 cas gc --pages-max-age long
# It is only a cache.
cas create again -r req.txt -i "$INDEX/simple" --refresh >/dev/null
