# shellcheck shell=bash
# Backups, of step backup: the program's settings, its timer. It uses services.sh and sshkey.sh.

# ARGS: the program (backup.py).
backup() {
  env -C /usr/local/lib python3 -B -m iaas.backup "$@"
}

configure_backups() {
  # shellcheck disable=SC2153  # openrc.sh
  put /etc/xiandian/backup.json root:root 0600 <<END
{"every": ${BACKUP_EVERY:-0},
 "keep": $BACKUP_KEEP,
 "folder": "$BACKUP_FOLDER",
 "host": "$BACKUP_HOST",
 "user": "$BACKUP_USER",
 "port": $BACKUP_PORT,
 "recipient": "$BACKUP_RECIPIENT",
 "seal": "$BACKUP_SEAL"}
END
  if [[ $BACKUP_HOST ]]; then
    ssh_key private "$BACKUP_SSH_KEY" | put /etc/xiandian/backup_key root:root 0600
    echo "$(ssh_key public "$BACKUP_SSH_KEY") backup" | put /etc/xiandian/backup_key.pub root:root 0644
    echo "backup $BACKUP_HOST_KEY" | put /etc/xiandian/backup_known_hosts root:root 0644
  fi
}

backup_units() {
  local timer=/etc/systemd/system/iaas-backup.timer
  put /etc/systemd/system/iaas-backup.service root:root 0644 <<END
# Of iaas-install-backup.sh.
[Unit]
Description=A backup of the controller
After=network-online.target mariadb.service ovn-ovsdb-server-nb.service

[Service]
Type=oneshot
WorkingDirectory=/usr/local/lib
ExecStart=/usr/bin/python3 -B -m iaas.backup make
# The services come first.
Nice=10
IOSchedulingClass=idle
$(sandbox)
# It reads all of the controller, and the folder of backups may be anywhere but here.
ProtectSystem=full
END
  if [[ $BACKUP_EVERY ]]; then
    put $timer root:root 0644 <<END
# Of iaas-install-backup.sh.
[Unit]
Description=A backup of the controller every $BACKUP_EVERY hours

[Timer]
OnActiveSec=15min
OnUnitActiveSec=${BACKUP_EVERY}h

[Install]
WantedBy=timers.target
END
    comparing || systemctl daemon-reload
    outdated iaas-backup.timer $timer
  elif [[ -e $timer ]] && differs "there is a timer for backups, and none in the settings"; then
    systemctl disable --quiet --now iaas-backup.timer
    rm $timer
    systemctl daemon-reload
    changed "backups are made by hand alone"
  fi
}
