#!/usr/bin/env bash
# A node that leaves: what the steps have brought goes, and what they have changed is again as it was
# before the first one. What others have made stays. It gets the settings of openrc.sh as variables,
# and the text of before.sh.
#
# Cut off anywhere, the next run goes on. It begins nothing as long as servers are there.
set -eEu -o pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

STATE=/var/lib/iaas
LOG=/run/iaas-clean.log
DOING=starting
REFUSED=""
WANTED=""

# Accounts and groups of the packages: purging leaves them.
ACCOUNTS="_chrony dnsmasq epmd glance haproxy horizon keystone libvirt libvirt-qemu memcache mysql neutron nova
  placement polkitd rabbitmq rdma tss uuidd"
# What their scripts make and no package owns.
LEFT="/var/lib/libuuid /var/lib/mysql /var/lib/openvswitch /var/lib/swtpm-localca /var/log/fontconfig.log
  /etc/default/keystone /etc/default/neutron-server
  /etc/default/nova-api /etc/default/nova-api-metadata /etc/default/nova-compute
  /etc/default/nova-conductor /etc/default/nova-consoleproxy /etc/default/nova-novncproxy
  /etc/default/placement-api"
EMPTY="/etc/systemd/system/epmd.socket.d /etc/pki/qemu /etc/pki /etc/gnutls /etc/systemd/system/libvirtd.service.d
  /usr/local/share/fonts /usr/local/share/sgml /usr/local/share/xml /etc/nftables.d /etc/xml
  /etc/systemd/system/nftables.service.wants /var/lib/machines /var/lib/portables"
# Folders of many packages: what is in them then is somebody else's.
SHARED="X11|alternatives|apparmor.d|cron.d|cron.daily|default|fonts|init.d|logcheck|logrotate.d|modprobe.d|network|pam.d|perl|polkit-1|ppp|rc.*|rsyslog.d|sgml|ssl|sysctl.d|systemd|xml"
# What the steps themselves write where other packages have their folders.
OWN="/etc/apt/apt.conf.d/60iaas /etc/chrony/conf.d/iaas.conf /etc/logrotate.d/iaas
  /etc/libvirt/iaas-gnutls.conf /etc/systemd/system/libvirtd.service.d/iaas.conf
  /etc/mysql/mariadb.conf.d/99-iaas.cnf
  /etc/pki/qemu/ca-cert.pem /etc/pki/qemu/server-cert.pem /etc/pki/qemu/server-key.pem
  /etc/pki/qemu/client-cert.pem /etc/pki/qemu/client-key.pem
  /etc/pki/qemu/ca.crt /etc/pki/qemu/node.crt /etc/pki/qemu/node.key
  /etc/systemd/network/iaas-taps.network /etc/systemd/system/iaas-provider-nic.service
  /etc/systemd/system/epmd.socket.d/iaas.conf
  /etc/systemd/system/iaas-backup.service /etc/systemd/system/iaas-backup.timer
  /etc/systemd/system/iaas-dashboard.service
  /etc/systemd/system/iaas-keys.service /etc/systemd/system/iaas-keys.timer"

say() {
  printf '[%3d s] %s\n' "$SECONDS" "$*" >&3
  printf '[%3d s] %s\n' "$SECONDS" "$*"
}

doing() {
  DOING=$*
  printf '[%3d s] ... %s\n' "$SECONDS" "$*"
}

finish() {
  local status=$?
  trap - ERR EXIT
  if [[ $REFUSED ]]; then
    echo "$REFUSED" >&4
  elif ((status)); then
    {
      echo "$HOSTNAME is not clean; it failed after $SECONDS s, while: $DOING; the next run goes on"
      echo "the last lines of $LOG:"
      tail -n 12 "$LOG" | cut -c1-300 | sed 's/^/  | /'
    } >&4
  else
    rm -f "$LOG"
  fi
}

# NAME FILE: whether the list of what was before has a line.
was() {
  grep -qxF "$1" "$STATE/before/$2"
}

known() {
  [[ -e $STATE/before ]]
}

# Nova keeps each server in libvirt, also one that is off.
refuse_servers() {
  local there
  doing "looking for servers"
  there=$(find /etc/libvirt/qemu -maxdepth 1 -name '*.xml' -printf '%f ' 2>/dev/null || true)
  if [[ $there ]]; then
    REFUSED="$HOSTNAME has servers: ${there//.xml/}and is left as it is; move or delete them"
    exit 1
  fi
}

# First its unit, which would load it again with nftables.service.
remove_firewall() {
  local table
  doing "removing the firewall"
  if [[ -e /etc/systemd/system/iaas-firewall.service ]]; then
    systemctl disable --quiet iaas-firewall.service
    rm -f /etc/systemd/system/iaas-firewall.service
    systemctl daemon-reload
  fi
  rm -f /etc/nftables.d/iaas.nft
  for table in "inet iaas" "arp iaas"; do
    # shellcheck disable=SC2086  # two words
    if nft list table $table >/dev/null 2>&1; then nft delete table $table; fi
  done
}

# All that listens, before the firewall goes.
stop_services() {
  local name
  doing "stopping the cloud's services"
  systemctl stop 'iaas-dashboard*' 'nova-*' 'neutron-*' 'glance-*' 'placement-*' 'keystone*' 'ovn-*'
  # The steps have enabled these, so their packages leave it so.
  systemctl disable --quiet keystone.service placement-api.service || true
  systemctl disable --quiet iaas-dashboard.service || true
  for name in mariadb-server rabbitmq-server memcached; do
    if ours | grep -x "$name"; then systemctl stop "${name%-server}*"; fi
  done
}

# The bridges are OVN's and ours; others of an Open vSwitch stay.
remove_bridges() {
  local space
  doing "removing the bridges"
  if systemctl is-active --quiet openvswitch-switch.service || systemctl is-active --quiet ovs-vswitchd.service; then
    ovs-vsctl --timeout=30 --if-exists del-br br-provider -- --if-exists del-br br-int ||
      say "Open vSwitch does not remove its bridges; they go with it"
  fi
  # Each network's metadata has a namespace.
  for space in $(ip netns list | awk '/^ovnmeta-/ { print $1 }'); do
    ip netns pids "$space" | xargs -r kill -KILL
    ip netns delete "$space"
  done
}

# The packages that the steps have brought; on a node of an older version, those of their table.
ours() {
  if [[ -e $STATE/brought ]]; then
    comm -23 "$STATE/brought" "$STATE/before/packages" | comm -23 - <(echo "$WANTED")
  else
    packages
  fi
}

# STATUS: those of ours that dpkg knows so.
with_status() {
  comm -12 <(ours) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | awk -v s="$1" '$2 == s { print $1 }' | sort -u)
}

# ARGS: apt, as nobody answers.
apt() {
  apt-get -q -y -o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0 -o APT::AutoRemove::RecommendsImportant=false \
    -o APT::AutoRemove::SuggestsImportant=false --allow-remove-essential --allow-change-held-packages "$@"
}

# ARGS: what apt would remove.
would_remove() {
  apt -s "$@" | sed -nE 's/^(Remv|Purg) ([^ :]+).*/\2/p' | sort -u
}

# PACKAGES: whether others stay without them.
nobody_needs() {
  [[ -z $(would_remove purge "$@" | comm -23 - <(ours)) ]]
}

# Those of ours that no other package needs: mostly all.
unneeded() {
  local all go one
  mapfile -t all < <(with_status installed)
  if [[ -e $STATE/brought ]] && ! nobody_needs "${all[@]}"; then
    apt-mark auto "${all[@]}" >/dev/null
    mapfile -t go < <(would_remove autoremove | comm -12 - <(with_status installed))
    # Of two that others need the one or the other of, apt keeps both; and what it calls important.
    for one in $(comm -23 <(printf '%s\n' "${all[@]}") <(printf '%s\n' "${go[@]}")); do
      if nobody_needs "${go[@]}" "$one"; then go+=("$one"); fi
    done
    all=("${go[@]}")
  fi
  printf '%s\n' "${all[@]}"
}

# Folders of ours that were not there before: purging leaves what services wrote into them.
note_folders() {
  if ! known || [[ -e $STATE/folders ]]; then return; fi
  with_status installed | xargs -r dpkg-query -L |
    { grep -xE '/(etc|var/(lib|log|cache|spool))/[^/]+' || true; } | sort -u |
    comm -23 - "$STATE/before/paths" | { grep -vE "/($SHARED)\$" || true; } >"$STATE/folders.new"
  sync "$STATE/folders.new"
  mv "$STATE/folders.new" "$STATE/folders"
}

remove_packages() {
  local go stay back file
  doing "removing packages"
  # Of what came with ours, somebody has asked for these by name.
  WANTED=$(apt-mark showmanual | sort -u | comm -23 - <({ packages && packages_of_settings; } | sort))
  dpkg --configure -a --force-confdef --force-confold
  if [[ -e $STATE/installing ]]; then end_packages; fi
  note_folders
  go=$(unneeded)
  say "removing $(wc -w <<<"$go") packages"
  # shellcheck disable=SC2086  # lists of words
  if [[ $go ]]; then apt purge $go; fi
  with_status config-files | xargs -r dpkg --purge
  ours | sed 's|.*|/var/cache/apt/archives/&_|' | while read -r file; do rm -f "$file"*.deb; done
  stay=$(with_status installed)
  if [[ $stay ]]; then say "others need these packages, which stay: ${stay//$'\n'/ }"; fi
  [[ -e $STATE/replaced ]] || return 0
  doing "installing what other packages have replaced"
  back=$(comm -23 "$STATE/replaced" <(installed_packages))
  # shellcheck disable=SC2086  # lists of words
  if [[ $back ]] && ! apt --no-install-recommends install $back; then
    say "not installed again, as apt failed: ${back//$'\n'/ }"
  fi
}

remove_folders() {
  local path
  doing "removing what packages have left"
  known || return 0
  while read -r path; do
    rm -rf --one-file-system "$path"
  done < <(
    cat "$STATE/folders"
    for path in $LEFT; do was "$path" paths || echo "$path"; done
  )
}

remove_accounts() {
  local name
  doing "removing the packages' accounts"
  known || return 0
  for name in $ACCOUNTS; do
    if getent passwd "$name" >/dev/null && ! was "$name" users; then
      # What is killed still has its account for a moment.
      if pkill -KILL -u "$name"; then timeout 30 pidwait -u "$name" || true; fi
      userdel "$name"
    fi
    if getent group "$name" >/dev/null && ! was "$name" groups; then groupdel "$name"; fi
  done
}

remove_own_files() {
  local path policy=/usr/sbin/policy-rc.d
  doing "removing what the steps have written"
  systemctl disable --quiet iaas-provider-nic.service || true
  systemctl disable --quiet --now iaas-backup.timer iaas-keys.timer || true
  # shellcheck disable=SC2086  # a list of words
  rm -f $OWN /usr/local/bin/iaas-*.sh /run/lock/iaas-*
  if grep -qs 'of iaas-pre-host.sh' $policy; then rm $policy; fi
  rm -rf /usr/local/lib/iaas /etc/xiandian /etc/haproxy/iaas /var/log/iaas
  [[ -s /etc/gnutls/config ]] || rm -f /etc/gnutls/config
  # Of a package that was there before.
  if [[ -e /etc/libvirt/qemu.conf ]]; then
    sed -i '/^# TLS of the cloud/,/^# end of TLS/d' /etc/libvirt/qemu.conf
  fi
  if compgen -G "/usr/local/share/ca-certificates/iaas-*.crt"; then
    rm /usr/local/share/ca-certificates/iaas-*.crt
    if type -P update-ca-certificates; then update-ca-certificates; fi
  fi
  # Its package may have gone with the others, and leaves its links.
  if [[ -d /etc/ssl/certs ]]; then
    find /etc/ssl/certs -lname '/usr/local/share/ca-certificates/iaas-*' -delete -o -lname 'iaas-*.pem' -delete
  fi
  systemctl daemon-reload
  systemctl reset-failed 'iaas-*' || true
  known || return 0
  for path in $EMPTY; do
    was "$path" paths || rmdir --ignore-fail-on-non-empty "$path" 2>/dev/null || true
  done
}

# As it was, with what others have added since.
restore_hosts() {
  local old=$STATE/before/etc/hosts new
  new=$(mktemp /etc/hosts.XXXXXX)
  sed '/^# nodes of the cloud/,/^# end of nodes/d' /etc/hosts >"$new"
  if [[ -e $old ]]; then
    # Not twice: lines of which a node's name was taken.
    awk '
      NR == FNR { was[NR] = $0; lines = NR; print; next }
      {
        for (i = 1; i <= lines; i++) {
          rest = split(was[i], words); kept = 0
          for (w = 1; w <= rest; w++) if (kept < NF && words[w] == $(kept + 1)) kept++
          if (kept == NF) next
        }
        print
      }' "$old" "$new" >"$new.all"
    mv "$new.all" "$new"
  fi
  chmod 0644 "$new"
  mv "$new" /etc/hosts
}

restore_names_and_time() {
  local old=$STATE/before/etc
  doing "bringing back names and time"
  restore_hosts
  if [[ -e $old/hostname ]]; then
    cp -a "$old/hostname" /etc/hostname
    hostname "$(cat /etc/hostname)"
  fi
  # Of packages that were there before, and are still.
  if [[ -e $old/default/chrony ]]; then cp -a "$old/default/chrony" /etc/default/chrony; fi
  if [[ -e $old/default/haproxy ]]; then cp -a "$old/default/haproxy" /etc/default/haproxy; fi
  if [[ -e $old/memcached.conf ]]; then cp -a "$old/memcached.conf" /etc/memcached.conf; fi
  systemctl try-restart 'chrony*' 'haproxy*' 'memcached*' 'libvirtd.service*'
}

# The provider NIC, and networkd, which a step may have enabled for the servers' NICs.
restore_network() {
  local up quiet
  doing "bringing back the provider NIC"
  networkctl reload 2>/dev/null || true
  known || return 0
  read -r _ up quiet < <(awk -v nic="$INTERFACE_NAME" '$1 == nic' "$STATE/before/nics") || return 0
  if [[ $quiet ]]; then echo "$quiet" >"/proc/sys/net/ipv6/conf/$INTERFACE_NAME/disable_ipv6"; fi
  if [[ $up == 0 ]]; then ip link set dev "$INTERFACE_NAME" down; fi
  # Somebody may have begun to use it: then it stays.
  if systemctl is-enabled --quiet systemd-networkd.service && ! was systemd-networkd.service units &&
    [[ -z $(find /etc/systemd/network -name '*.network' 2>/dev/null) ]]; then
    systemctl disable --quiet --now systemd-networkd.service
  fi
}

main() {
  exec 3>&1 4>&2 >>"$LOG" 2>&1
  trap finish EXIT
  rm -rf "$STATE.gone"
  if [[ ! -e $STATE && ! -e /etc/xiandian && ! -e /usr/local/lib/iaas ]]; then
    say "nothing of the cloud is on $HOSTNAME"
    return
  fi
  refuse_servers
  known || say "an older version has set up this node, and noted nothing before: only the packages of" \
    "its table and its own files go; their folders and accounts stay"
  stop_services
  remove_bridges
  remove_firewall
  remove_packages
  remove_folders
  remove_accounts
  remove_own_files
  restore_names_and_time
  restore_network
  # Without these notes nothing more is done: so they go last, and at once.
  if [[ -e $STATE ]]; then mv "$STATE" "$STATE.gone"; fi
  rm -rf "$STATE.gone"
  say "$(hostname) is clean"
}

# Read whole before it runs: it comes by stdin.
main </dev/null
