#!/usr/bin/env bash
# Controller, where the settings have a dashboard: Horizon. With `remove` all of it goes again.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=before.sh
. /usr/local/lib/iaas/before.sh
# shellcheck source=sizes.sh
. /usr/local/lib/iaas/sizes.sh
# shellcheck source=dashboard.sh
. /usr/local/lib/iaas/dashboard.sh
# shellcheck source=cloud.sh
. /usr/local/lib/iaas/cloud.sh
# shellcheck source=proxy.sh
. /usr/local/lib/iaas/proxy.sh

# What it has brought, and nothing else needs. A package that somebody has asked apt for by its name stays.
remove_packages() {
  local gone
  doing "removing the dashboard's packages"
  await_apt
  dpkg --configure -a --force-confdef --force-confold
  if [[ -e $STATE/installing ]]; then end_packages; fi
  if dpkg-query -W openstack-dashboard; then apt_get purge openstack-dashboard; fi
  touch "$STATE/brought"
  # By itself apt keeps what another package only suggests.
  gone=$(apt_get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
    autoremove | sed -nE 's/^(Remv|Purg) ([^ :]+).*/\2/p' | sort -u |
    comm -12 - "$STATE/brought")
  # shellcheck disable=SC2086  # a list of words
  if [[ $gone ]]; then apt_get purge $gone; fi
}

# Its port is closed by pre-host, in the same run of `up`. The script and its log go last.
remove() {
  doing "removing the dashboard"
  if [[ -e $HORIZON_UNIT ]]; then systemctl disable --quiet --now iaas-dashboard.service; fi
  rm -f $HORIZON_UNIT $PROXY/dashboard.cfg
  systemctl daemon-reload
  systemctl reload haproxy.service
  remove_packages
  if getent passwd horizon; then userdel horizon; fi
  if getent group horizon; then groupdel horizon; fi
  rm -rf $HORIZON_FILES $HORIZON_SESSIONS /usr/local/lib/iaas/dashboard.sh /usr/local/lib/iaas/dashboard.py
  # Of its package empty folders are left.
  dpkg-query -W python3-django-horizon || rm -rf /usr/lib/python3/dist-packages/openstack_dashboard
  changed "removed the dashboard with its packages"
  rm -f /usr/local/bin/iaas-install-dashboard.sh "$LOG"
}

step dashboard remove
if [[ $MODE == remove ]]; then
  remove
  exit
fi
install_packages "$(packages_of_settings)"
configure_dashboard
refresh
# Each login, also a wrong one, is a file until it has ended; and Keystone sees them all from this node.
expose dashboard "$(dashboard_port)" http "$(login_limit "path_beg /auth/" 60)"
await 60 "the dashboard's page" dashboard_answers
comparing || dashboard_answers --refuses
