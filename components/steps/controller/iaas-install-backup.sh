#!/usr/bin/env bash
# Controller: backups of it, by a timer and by hand.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=sshkey.sh
. /usr/local/lib/iaas/sshkey.sh
# shellcheck source=backup.sh
. /usr/local/lib/iaas/backup.sh

step backup
configure_backups
backup_units
refresh
doing "proving that backups can be written to ${BACKUP_HOST:+$BACKUP_HOST:}$BACKUP_FOLDER"
comparing || backup ready
