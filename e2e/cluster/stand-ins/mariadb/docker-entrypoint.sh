#!/bin/bash
# Starts MariaDB, and on an empty data folder first makes the users and the database that the variables ask for:
# MARIADB_ROOT_PASSWORD, MARIADB_DATABASE, MARIADB_USER, MARIADB_PASSWORD, each also by its MYSQL_ name.
set -euo pipefail

setting() {
  local own="MARIADB_$1" other="MYSQL_$1"
  printf %s "${!own:-${!other:-}}"
}
quoted() { printf "'%s'" "$(sed "s/[\\\\']/\\\\&/g" <<<"$1")"; }

if [ "${1:-mariadbd}" != mariadbd ]; then exec "$@"; fi
[ $# -eq 0 ] || shift
data=/var/lib/mysql
start=$data/.first-start.sql

if [ ! -d "$data/mysql" ]; then
  root=$(setting ROOT_PASSWORD)
  if [ -z "$root" ] && [ -z "$(setting ALLOW_EMPTY_ROOT_PASSWORD)" ]; then
    echo 'MARIADB_ROOT_PASSWORD is not set' >&2
    exit 1
  fi
  mkdir -p "$data" /run/mysqld
  chown -R mysql:mysql "$data" /run/mysqld
  mariadb-install-db --user=mysql --datadir="$data" --skip-test-db --auth-root-authentication-method=normal >/dev/null
  database=$(setting DATABASE) user=$(setting USER) password=$(setting PASSWORD)
  {
    # the installation leaves root without a password on 127.0.0.1 and ::1
    echo "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';"
    echo 'FLUSH PRIVILEGES;'
    echo "CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY $(quoted "$root");"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$root");"
    [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
    if [ -n "$user" ]; then
      echo "CREATE USER IF NOT EXISTS $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
      [ -z "$database" ] || echo "GRANT ALL ON \`$database\`.* TO $(quoted "$user")@'%';"
    fi
  } | install -o mysql -g mysql -m 600 /dev/stdin "$start"
fi

chown mysql:mysql "$data" /run/mysqld
options=(--user=mysql --datadir="$data" --bind-address=0.0.0.0 --skip-name-resolve)
# at every start, so that one which was cut short is made good: each statement may run twice
[ ! -e "$start" ] || options+=(--init-file="$start")
exec mariadbd "${options[@]}" "$@"
