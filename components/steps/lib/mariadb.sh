# shellcheck shell=bash
# MariaDB on the controller, of step mysql: a database and an account for each service. Only
# services of the controller use it, so it is on this node alone. It uses services.sh and sizes.sh.

# ACCOUNT, its password in openrc's naming, and its databases.
database_accounts() {
  cat <<EOF
keystone $KEYSTONE_DBPASS keystone
glance $GLANCE_DBPASS glance
placement $PLACEMENT_DBPASS placement
nova $NOVA_DBPASS nova nova_api nova_cell0
neutron $NEUTRON_DBPASS neutron
EOF
}

# OpenStack expects isolation as MariaDB had it before 11.6. With today's default a service gets error
# 1020 where another one has changed a record meanwhile, does not try again, and a server ends in
# ERROR: https://bugs.launchpad.net/nova/+bug/2116186.
configure_mariadb() {
  put /etc/mysql/mariadb.conf.d/99-iaas.cnf root:root 0644 <<EOF
# Of iaas-install-mysql.sh.
[mysqld]
bind-address = 127.0.0.1
default-storage-engine = innodb
innodb_file_per_table = on
innodb_snapshot_isolation = off
innodb_buffer_pool_size = $(size databaseMemory)M
max_connections = $(size databaseConnections)
collation-server = utf8mb3_general_ci
character-set-server = utf8mb3
skip-name-resolve
EOF
  outdated mariadb.service /etc/mysql/mariadb.conf.d/99-iaas.cnf
}

may_log_in() {
  MYSQL_PWD=$2 mariadb -h 127.0.0.1 -u "$1" -e "SELECT 1" "$3" >/dev/null 2>&1
}

# An older version has made them for another address.
drop_other_accounts() {
  local account
  for account in $(mariadb -N -e "SELECT concat(quote(user), '@', quote(host)) FROM mysql.user
    WHERE host != '127.0.0.1' AND FIND_IN_SET(user, '$(database_accounts | awk '{print $1}' | paste -sd,)')"); do
    differs "MariaDB has the account $account" || continue
    mariadb -e "DROP USER $account"
    changed "removed the account $account"
  done
}

set_database_accounts() {
  local account password databases database
  while read -r account password databases; do
    for database in $databases; do
      if may_log_in "$account" "$password" "$database" ||
        ! differs "the account $account cannot use the database $database"; then
        continue
      fi
      mariadb <<EOF
CREATE DATABASE IF NOT EXISTS $database;
CREATE USER IF NOT EXISTS '$account'@'127.0.0.1' IDENTIFIED BY '$password';
ALTER USER '$account'@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON $database.* TO '$account'@'127.0.0.1';
EOF
      may_log_in "$account" "$password" "$database" || die "$account cannot use $database"
      changed "database $database with the account $account"
    done
  done < <(database_accounts)
}
