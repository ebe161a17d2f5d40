# shellcheck shell=bash
# memcached on the controller, of step mysql: for this node only, as it asks nobody who he is. It uses
# services.sh and sizes.sh.

configure_memcached() {
  put /etc/memcached.conf root:root 0644 <<EOF
# Of iaas-install-mysql.sh.
-d
logfile /var/log/memcached.log
-m $(size cacheMemory)
-c $(size cacheConnections)
-p 11211
-u memcache
-l 127.0.0.1
-P /var/run/memcached/memcached.pid
EOF
  outdated memcached.service /etc/memcached.conf
}

memcached_answers() {
  python3 -c 'import memcache, sys
sys.exit(not memcache.Client(["127.0.0.1:11211"]).get_stats())'
}

prove_memcached() {
  await 20 "memcached" memcached_answers
}
