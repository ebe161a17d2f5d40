# shellcheck shell=bash
# memcached on the controller, of step mysql: on the management address only. It uses services.sh
# and sizes.sh.

configure_memcached() {
  put /etc/memcached.conf root:root 0644 <<EOF
# Of iaas-install-mysql.sh.
-d
logfile /var/log/memcached.log
-m $(size cacheMemory)
-c $(size cacheConnections)
-p 11211
-u memcache
-l $HOST_IP
-P /var/run/memcached/memcached.pid
EOF
  outdated memcached.service /etc/memcached.conf
}

memcached_answers() {
  python3 -c 'import memcache, sys
sys.exit(not memcache.Client([sys.argv[1]]).get_stats())' "$HOST_IP:11211"
}

prove_memcached() {
  await 20 "memcached" memcached_answers
}
