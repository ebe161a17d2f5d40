# shellcheck shell=bash
# What a node was before the first step changed it, in $STATE/before, and the packages that came
# since: so that iaas-clean.sh, which gets this file, too, can take away all of it and no more.
#
#   packages              prints the services' packages of this node
#   installed_packages    prints all that are installed
#   paths                 prints what is in the folders where packages leave something
#   keep_before           notes what there is, once
#   begin_packages        notes what is installed before a transaction of apt, once until its end
#   end_packages          notes what it brought, and what it took away

packages() {
  local both="ca-certificates chrony crudini haproxy logrotate nftables openvswitch-switch ovn-host python3-keystoneauth1
    python3-pymysql"
  local controller="mariadb-server rabbitmq-server memcached python3-memcache python3-amqp
    python3-openstackclient keystone glance-api placement-api
    nova-api nova-conductor nova-scheduler nova-consoleproxy
    neutron-server neutron-api neutron-rpc-server neutron-ovn-maintenance-worker
    neutron-periodic-workers ovn-central uwsgi-plugin-python3 age"
  local compute="nova-compute nova-compute-kvm libvirt-daemon-system libvirt-clients
    qemu-system-x86 qemu-utils neutron-ovn-metadata-agent"
  if [[ $INTERFACE_IP != "$HOST_IP" ]]; then controller=""; fi
  if [[ $RUNS_SERVERS != true ]]; then compute=""; fi
  xargs -n 1 <<<"$both $controller $compute" | sort -u
}

installed_packages() {
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' | awk '$2 == "installed" { print $1 }' | sort -u
}

paths() {
  find /etc /var/lib /var/log /var/cache /var/spool /usr/local/share -mindepth 1 -maxdepth 1 | sort
}

# On a node that an older version has set up nobody knows any more what was before.
keep_before() {
  local new=$STATE/before.new nic file
  if [[ -e $STATE/before ]] || grep -q '^# nodes of the cloud' /etc/hosts; then return; fi
  doing "noting what is on this node before it is changed"
  rm -rf "$new"
  install -d -m 0700 "$new"
  installed_packages >"$new/packages"
  paths >"$new/paths"
  cut -d: -f1 /etc/passwd | sort >"$new/users"
  cut -d: -f1 /etc/group | sort >"$new/groups"
  { systemctl list-unit-files --state=enabled --no-legend || true; } | awk '{ print $1 }' | sort >"$new/units"
  for nic in /sys/class/net/*; do
    nic=${nic##*/}
    echo "$nic $(ip -o link show up dev "$nic" | wc -l)" \
      "$(cat "/proc/sys/net/ipv6/conf/$nic/disable_ipv6" || true)"
  done >"$new/nics" 2>/dev/null
  for file in /etc/hostname /etc/hosts /etc/default/chrony /etc/default/haproxy \
    /etc/memcached.conf; do
    if [[ -e $file ]]; then
      install -d "$new${file%/*}"
      cp -a "$file" "$new$file"
    fi
  done
  sync
  mv "$new" "$STATE/before"
}

begin_packages() {
  if [[ -e $STATE/installing ]]; then return; fi
  installed_packages >"$STATE/installing.new"
  sync "$STATE/installing.new"
  mv "$STATE/installing.new" "$STATE/installing"
}

# An older version's mark is empty.
end_packages() {
  local name
  if [[ -e $STATE/before && -s $STATE/installing ]]; then
    touch "$STATE/brought" "$STATE/replaced"
    comm -13 "$STATE/installing" <(installed_packages) | sort -u - "$STATE/brought" >"$STATE/brought.new"
    comm -23 "$STATE/installing" <(installed_packages) | sort -u - "$STATE/replaced" >"$STATE/replaced.new"
    sync
    for name in brought replaced; do mv "$STATE/$name.new" "$STATE/$name"; done
  fi
  rm "$STATE/installing"
}
