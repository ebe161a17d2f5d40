# shellcheck shell=bash
# Commands that run once for each version of a package, such as migrations of databases.
#
#   once_for PACKAGE NAME COMMAND...   COMMAND has succeeded for this version of PACKAGE
#   migrate NAME PACKAGE DATABASES COMMAND...   the same for the migration of NAME's databases
#   manage SERVICE COMMAND...   runs commands of nova-manage or keystone-manage (manage.py)

# Such commands take seconds even with nothing to do. So the version that they last succeeded
# for is kept.
once_for() {
  local package=$1 name=$2 mark version
  shift 2
  mark=$STATE/$name
  version=$(dpkg-query -W -f '${Version}' "$package")
  if [[ -e $mark && $(cat "$mark") == "$version" ]]; then return; fi
  differs "$name was not done for $package $version" || return 0
  "$@"
  echo "$version" >"$mark"
  sync "$mark"
  changed "$name: done for $package $version"
}

# MariaDB does not roll back a migration that was cut off, and the first one, from empty
# databases, can't continue ("Table already exists"). Nothing has used its tables yet, so it
# starts again. Only databases that were empty before it, and never migrated to the end, are
# emptied; ones that lost their tables are migrated, whatever version was kept.
#
# $STATE/NAME.migrated is newer than a service that started before the tables were there, as after
# a reboot: it belongs to the files that `outdated` compares such a service with.
migrate() {
  local name=$1 package=$2 databases=$3 begun=$STATE/$1.migrating done=$STATE/$1.migrated database
  shift 3
  doing "migrating the database of $name"
  if [[ -e $begun && ! -e $done ]] && differs "the first migration of $name was cut off"; then
    for database in $databases; do
      mariadb -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database"
    done
    changed "emptied the database of $name: its first migration was cut off"
  fi
  if [[ $(tables "$databases") == 0 ]]; then
    if differs "the databases of $name have no tables: $databases"; then
      rm -f "$done"
      touch "$begun"
      sync "$begun" "$STATE"
    fi
  elif [[ $(tables "$databases" alembic_version) != $(wc -w <<<"$databases") ]]; then
    if differs "a database of $name is not migrated: $databases"; then rm -f "$done"; fi
  fi
  once_for "$package" "$name.migrated" "$@"
  comparing || rm -f "$begun"
}

# DATABASES [NAME]: how many tables these have, or how many of that name.
tables() {
  mariadb -N -e "SELECT count(*) FROM information_schema.tables
    WHERE FIND_IN_SET(table_schema, '${1// /,}') AND table_name LIKE '${2-%}'"
}

# SERVICE COMMAND...: each COMMAND is one word.
manage() {
  as "$1" python3 -P /usr/local/lib/iaas/manage.py "$1-manage" "${@:2}"
}
