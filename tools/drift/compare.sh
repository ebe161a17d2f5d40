# shellcheck shell=bash
# Compares a node with what the last `up` has put there, and changes nothing. It gets two tables as
# variables: FILES, lines of `SHA256 MODE PATH`, and STEPS, lines of `NAME SECONDS PATH`.
#
# It prints a line `== NAME` before what a step says, and `!! REASON` after one that ended as failed.
set -eu -o pipefail
: "$FILES" "$STEPS"

compare_files() {
  local sum mode path
  while read -r sum mode path; do
    if [[ ! -e $path ]]; then
      echo "$path is not there"
    elif [[ $(sha256sum <"$path") != "$sum"* ]]; then
      echo "$path is not as 'up' has written it"
    elif [[ $(stat -c '%U:%G %a' "$path") != "root:root $mode" ]]; then
      echo "$path is of $(stat -c '%U:%G %a' "$path"), not of root:root $mode"
    fi
  done <<<"$FILES"
}

compare_steps() {
  local name seconds path problems
  problems=$(mktemp /run/iaas.XXXXXX)
  while read -r name seconds path; do
    echo "== $name"
    timeout "$seconds" "$path" compare 2>"$problems" </dev/null || {
      echo "!! it ended with status $?"
      sed 's/^/!! /' "$problems"
    }
  done <<<"$STEPS"
  rm "$problems"
}

# Read whole before it runs: it comes by stdin.
main() {
  local files
  echo "== files"
  files=$(compare_files)
  if [[ $files ]]; then
    printf '%s\n' "$files" "!! its steps are not compared, as what they are made of differs"
  else
    compare_steps
  fi
}

main </dev/null
