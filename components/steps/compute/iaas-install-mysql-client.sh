#!/usr/bin/env bash
# Compute: the MySQL client for Python (the manual's MySQL-python). The manual has this step. Its
# package comes with the one apt transaction of pre-host, so here it is proven, and installed
# again if somebody removed it.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh

step mysql-client
if ! dpkg-query -W -f '${db:Status-Status}' python3-pymysql 2>/dev/null | grep -qx installed &&
  differs "python3-pymysql is not installed"; then
  doing "installing python3-pymysql"
  apt-get -q -y -o DPkg::Lock::Timeout=900 install --no-install-recommends python3-pymysql
  changed "installed python3-pymysql"
fi
say "PyMySQL $(python3 -c 'import pymysql; print(pymysql.__version__)') is there"
