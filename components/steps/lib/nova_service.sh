# shellcheck shell=bash
# Services of Nova that wait for others no longer than these take. It uses services.sh.
#
#   by_nova_service UNIT [LINES]   it runs as nova_service.py; LINES are more of its file in /etc/default

# shellcheck disable=SC2034  # for steps
NOVA_SERVICE=/usr/local/lib/iaas/nova_service.py

by_nova_service() {
  put "/etc/default/$1" root:root 0644 <<EOF
# Of nova_service.sh.
DAEMON="/usr/bin/python3 -P $NOVA_SERVICE $1"${2:+
$2}
EOF
}
