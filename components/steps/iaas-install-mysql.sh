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
  definitions | put /etc/rabbitmq/definitions.json rabbitmq:rabbitmq 0640
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

# RabbitMQ's accounts with hashed passwords. The salt comes from the password,
# so the same password gives the same file.
definitions() {
  export NOVA_RABBIT_PASS NEUTRON_RABBIT_PASS
  python3 - <<'EOF'
import base64, hashlib, json, os

def user(name: str) -> dict[str, object]:
    password = os.environ[f"{name.upper()}_RABBIT_PASS"].encode()
    salt = hashlib.sha256(b"salt" + password).digest()[:4]
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password).digest()).decode()
    return {"name": name, "password_hash": hashed, "tags": [],
            "hashing_algorithm": "rabbit_password_hashing_sha256"}

names = ["nova", "neutron"]
everything = {"vhost": "/", "configure": ".*", "read": ".*", "write": ".*"}
print(json.dumps({"vhosts": [{"name": "/"}], "users": [user(n) for n in names],
                  "permissions": [{"user": n, **everything} for n in names]}, indent=1))
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

# Exits 0 if RabbitMQ takes both accounts and does not take guest.
queue_answers() {
  NOVA=$NOVA_RABBIT_PASS NEUTRON=$NEUTRON_RABBIT_PASS python3 - "$HOST_IP" <<'EOF'
import os, sys
from amqp import Connection
from amqp.exceptions import AccessRefused

def answers(user: str, password: str) -> bool:
    try:
        with Connection(f"{sys.argv[1]}:5672", user, password, connect_timeout=5):
            return True
    except (AccessRefused, OSError):
        return False

good = answers("nova", os.environ["NOVA"]) and answers("neutron", os.environ["NEUTRON"])
sys.exit(0 if good and not answers("guest", "guest") else 1)
EOF
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
await 60 "RabbitMQ to take its accounts and no guest" queue_answers
await 20 "memcached" memory_answers
