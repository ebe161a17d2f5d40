#!/usr/bin/env bash
# Controller: what the services build on, under the manual's name: MariaDB, RabbitMQ, memcached.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh
# shellcheck source=sizes.sh
. /usr/local/lib/iaas/sizes.sh
# shellcheck source=mariadb.sh
. /usr/local/lib/iaas/mariadb.sh
# shellcheck source=rabbitmq.sh
. /usr/local/lib/iaas/rabbitmq.sh
# shellcheck source=memcached.sh
. /usr/local/lib/iaas/memcached.sh

step mysql
configure_mariadb
configure_rabbitmq
configure_memcached
refresh
set_database_accounts
drop_other_accounts
prove_rabbitmq
keep_accounts_apart
prove_memcached
