# shellcheck shell=bash
# Runs the steps of a node again: what an update has changed they bring back, and each proves its part.
# It gets as a variable STEPS, lines of `NAME MINUTES PATH`, and stops at the first that fails.
#
# It prints a line `== NAME` before what a step says, and `== done` at the end.

main() {
  local name minutes path
  while read -r name minutes path; do
    echo "== $name"
    timeout "${minutes}m" "$path" </dev/null 2>&1
  done <<<"$STEPS"
  rm -f /var/lib/iaas/updating
  echo "== done"
}

set -eu -o pipefail
main </dev/null
