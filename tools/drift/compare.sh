# shellcheck shell=bash
# Compares a node with what the last `up` has put there, and changes nothing. It gets two tables as
# variables: FILES, lines of `SHA256 MODE PATH`, and STEPS, lines of `NAME SECONDS PATH`.
#
# It prints a line `== NAME` before what a step says, and `!! REASON` after one that ended as failed.
set -eu -o pipefail

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

# All at once, as they only read; each says in a file of its own what differs, in another one what
# it failed of.
compare_steps() {
  local folder name seconds path
  folder=$(mktemp -d)
  while read -r name seconds path; do
    {
      timeout "$seconds" "$path" compare >"$folder/$name" 2>"$folder/$name.failed" </dev/null ||
        echo "status $?" >>"$folder/$name.failed"
    } &
  done <<<"$STEPS"
  wait
  while read -r name seconds path; do
    echo "== $name"
    cat "$folder/$name"
    sed 's/^/!! /' "$folder/$name.failed"
  done <<<"$STEPS"
  rm -r "$folder"
}

# Read whole before it runs: it comes by stdin.
main() {
  local differ
  echo "== files"
  differ=$(compare_files)
  if [[ $differ ]]; then
    printf '%s\n' "$differ" "!! the steps are not compared, as what they are made of differs"
  else
    compare_steps
  fi
}

main </dev/null
