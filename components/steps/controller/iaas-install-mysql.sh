#!/usr/bin/env bash
# Controller: what the services build on: MariaDB with a database and an account
# for each, RabbitMQ with an account for each, memcached. All on the management
# address only.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh

# ACCOUNT, its password in openrc's naming, and its databases.
accounts() {
  cat <<EOF
keystone $KEYSTONE_DBPASS keystone
glance $GLANCE_DBPASS glance
placement $PLACEMENT_DBPASS placement
nova $NOVA_DBPASS nova nova_api nova_cell0
neutron $NEUTRON_DBPASS neutron
EOF
}

configure() {
  put /etc/mysql/mariadb.conf.d/99-iaas.cnf root:root 0644 <<EOF
# Of iaas-install-mysql.sh.
[mysqld]
bind-address = $HOST_IP
default-storage-engine = innodb
innodb_file_per_table = on
max_connections = 4096
collation-server = utf8mb3_general_ci
character-set-server = utf8mb3
skip-name-resolve
EOF
  # Definitions read at the first start keep RabbitMQ from making its guest.
  put /etc/rabbitmq/rabbitmq.conf rabbitmq:rabbitmq 0640 <<EOF
# Of iaas-install-mysql.sh.
listeners.tcp.1 = $HOST_IP:5672
load_definitions = /etc/rabbitmq/definitions.json
EOF
  put /etc/rabbitmq/rabbitmq-env.conf rabbitmq:rabbitmq 0640 <<EOF
# Of iaas-install-mysql.sh: Erlang's own port stays on this node.
export ERL_EPMD_ADDRESS=127.0.0.1
NODENAME=rabbit@localhost
SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
EOF
  rabbit definitions nova neutron | put /etc/rabbitmq/definitions.json rabbitmq:rabbitmq 0640
  put /etc/memcached.conf root:root 0644 <<EOF
# Of iaas-install-mysql.sh.
-d
logfile /var/log/memcached.log
-m 64
-p 11211
-u memcache
-l $HOST_IP
-P /var/run/memcached/memcached.pid
EOF
}

may_log_in() {
  MYSQL_PWD=$2 mariadb -h "$HOST_IP" -u "$1" -e "SELECT 1" "$3" >/dev/null 2>&1
}

set_accounts() {
  local account password databases database
  while read -r account password databases; do
    for database in $databases; do
      if may_log_in "$account" "$password" "$database"; then continue; fi
      mariadb <<EOF
CREATE DATABASE IF NOT EXISTS $database;
CREATE USER IF NOT EXISTS '$account'@'$HOST_IP' IDENTIFIED BY '$password';
ALTER USER '$account'@'$HOST_IP' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON $database.* TO '$account'@'$HOST_IP';
EOF
      may_log_in "$account" "$password" "$database" || die "$account cannot use $database"
      changed "database $database with the account $account"
    done
  done < <(accounts)
}

memory_answers() {
  python3 -c 'import memcache, sys
sys.exit(not memcache.Client([sys.argv[1]]).get_stats())' "$HOST_IP:11211"
}

step mysql
configure
outdated mariadb.service /etc/mysql/mariadb.conf.d/99-iaas.cnf
outdated rabbitmq-server.service /etc/rabbitmq/{rabbitmq.conf,rabbitmq-env.conf,definitions.json}
outdated memcached.service /etc/memcached.conf
refresh
set_accounts
await 60 "RabbitMQ to take its accounts and no guest" rabbit accounts "$HOST_IP" nova neutron
await 20 "memcached" memory_answers
