# shellcheck shell=bash
# What a node was before the first step changed it, in $STATE/before, and the packages that came
# since: so that iaas-clean.sh, which gets this file, too, can take away all of it and no more.
#
#   packages              prints the services' packages of this node
#   packages_of_settings  prints those that only some settings bring, by steps of their own
#   installed_packages    prints all that are installed
#   paths                 prints what is in the folders where packages leave something
#   keep_before           notes what there is, once
#   begin_packages        notes what is installed before a transaction of apt, once until its end
#   end_packages          notes what it brought, and what it took away
#   install_packages NAMES   one such transaction, whatever happens meanwhile; it uses services.sh

# Not in /run, where nothing may be executed.
ASIDE=$STATE/aside

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

packages_of_settings() {
  echo openstack-dashboard
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

# NAMES: those of them that are not installed.
missing() {
  # shellcheck disable=SC2086  # a list of words
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' $1 2>/dev/null || true; } |
    awk '$2 == "installed" {print $1}' | sort -u |
    comm -13 - <(xargs -n 1 <<<"$1" | sort -u)
}

# What packages do as they are set up, each for itself, and is done for all of them at the end of the
# transaction. Each of Python compiles its modules in two processes of its own, which takes half of all
# the time of dpkg; here all cores do it at once. Each with a service has systemd read all units again.
stand_aside() {
  install -d -m 0700 "$ASIDE"
  cat >"$ASIDE/py3compile" <<'EOF'
#!/bin/sh
# Of install_packages: what a package has of its own in another folder is compiled as ever.
[ "$#" = 2 ] && [ "$1" = -p ] || exec /usr/bin/py3compile "$@"
EOF
  cat >"$ASIDE/systemctl" <<'EOF'
#!/bin/sh
# Of install_packages.
for word; do [ "$word" != daemon-reload ] || exit 0; done
exec /usr/bin/systemctl "$@"
EOF
  chmod 0700 "$ASIDE"/*
}

# What no service imports is left out: the packages' own tests, a third of all modules, and tools of those who
# make packages.
compile_modules() {
  say "compiling the modules of Python"
  # Files that are no Python of this version are for none of the services: their packages say so.
  python3 -m compileall -q -j 0 \
    -x '/(tests|pip|setuptools|docutils|sphinx|snowballstemmer)/' /usr/lib/python3/dist-packages ||
    say "not all modules of Python could be compiled: the log has which"
}

# Nothing is started during it: services that cannot start yet would wait for minutes.
install_packages() {
  local policy=/usr/sbin/policy-rc.d absent torn unsafe=()
  absent=$(missing "$1")
  # Without leftovers of a transaction that was cut off there is nothing to repair.
  if [[ -z $absent && ! -e $STATE/installing ]]; then return; fi
  differs "packages are missing, or were not installed to the end: ${absent//$'\n'/ }" || return 0
  await_apt
  begin_packages
  [[ -e $policy ]] || printf '#!/bin/sh\n# of iaas-pre-host.sh\nexit 101\n' >"$policy"
  chmod 0755 "$policy"
  # What dpkg was unpacking when it was cut off can't be configured, and hinders all others.
  torn=$(dpkg-query -W -f '${db:Status-Eflag} ${binary:Package}\n' | awk '$1 == "reinstreq" { print $2 }')
  # shellcheck disable=SC2086  # a list of words
  if [[ $torn ]]; then dpkg --remove --force-remove-reinstreq --force-depends $torn; fi
  dpkg --configure -a --force-confdef --force-confold
  say "installing $(wc -w <<<"$absent") packages and what they need"
  get_lists
  doing "installing packages"
  # A container, as on the lab, is made anew where a real node comes back from a power cut.
  if systemd-detect-virt --quiet --container; then unsafe=(-o Dpkg::Options::=--force-unsafe-io); fi
  stand_aside
  # shellcheck disable=SC2086  # a list of words
  with_progress apt_get "${unsafe[@]}" -o "DPkg::Path=$ASIDE:/usr/sbin:/usr/bin:/sbin:/bin" install $1
  compile_modules
  rm -r "$ASIDE"
  sync
  if grep -q 'of iaas-pre-host.sh' "$policy"; then rm "$policy"; fi
  # The reload that polkit needs for its name on the bus was refused with the starts.
  systemctl daemon-reload
  systemctl reload dbus
  end_packages
  changed "installed the packages of the node"
}
