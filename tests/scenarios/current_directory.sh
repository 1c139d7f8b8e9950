#!/usr/bin/env bash
# A current directory that was removed is an error for relative paths, and nothing else.
. "$(dirname "$0")/lib.sh"
mkdir gone
cd gone
rmdir ../gone
for arguments in 'create x' 'clone x y' 'run x true' 'move x' 'store info'; do
  status=1
  [[ $arguments != run* ]] || status=125
  # shellcheck disable=SC2086
  expect_failure --status $status timeout 20 "$CAS_BIN" $arguments
done
expect_failure --status 1 timeout 20 "$CAS_BIN" create x
assert_contains "$OUTPUT" "the current directory was removed"
cas create "$CAS_TEST_TMP/env" >/dev/null
cas list >/dev/null
