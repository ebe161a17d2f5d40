# shellcheck shell=bash
# Updates packages of a node, with the frame and the library of its steps. It gets as variables:
# WHAT, `lists` or `packages`, and PACKAGES, the names of those to update.
#
# It prints a line `NAME OLD -> NEW` for each that changed, beside what people wait for (`[  3 s] …`),
# and `== done` at the end. What apt says is in /var/log/iaas/update.log there. One that was cut off
# is finished by the next one.

versions() {
  dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' | awk '$1 ~ /^.i/ { print $2, $3 }' | sort -u
}

unfinished() {
  [[ $(dpkg --audit) ]]
}

update_packages() {
  local before name old new
  # Gone when the node is proven (prove.sh).
  touch "$STATE/updating"
  before=$(versions)
  if unfinished; then
    doing "ending an installation that was cut off"
    dpkg --configure -a --force-confdef --force-confold || true
    with_progress apt_get --fix-broken install
  fi
  doing "updating packages"
  # shellcheck disable=SC2153,SC2086  # PACKAGES: a list of words, of the caller
  if [[ $PACKAGES ]]; then with_progress apt_get --only-upgrade --no-remove install $PACKAGES; fi
  sync
  join -a 1 -a 2 -e none -o 0,1.2,2.2 <(echo "$before") <(versions) | while read -r name old new; do
    if [[ $old != "$new" ]]; then echo "$name $old -> $new" >&3; fi
  done
}

# Read whole before it runs: it comes by stdin.
main() {
  local library=/usr/local/lib/iaas
  if ! grep -qs '^await_apt()' $library/services.sh; then
    echo "the cloud is not installed on it, or by another version: run \`pulumi up\` first"
    return 1
  fi
  # shellcheck source=../../components/steps/lib/step.sh
  . $library/step.sh
  # shellcheck source=../../components/steps/lib/services.sh
  . $library/services.sh
  # What restarts after an update is chosen afterwards, from what runs old files.
  export NEEDRESTART_SUSPEND=1
  step update
  await_apt
  # shellcheck disable=SC2153  # of the caller
  case $WHAT in
    lists) get_lists ;;
    packages) update_packages ;;
  esac
  echo "== done" >&3
}

main
