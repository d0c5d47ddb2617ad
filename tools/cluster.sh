#!/bin/bash
# A private PostgreSQL cluster: for `make run`, for tests and for benchmarks.
#
#	tools/cluster.sh start DIR              make it if missing, start it, print "host=..."
#	tools/cluster.sh stop DIR [MODE]        MODE as of pg_ctl: fast (default), immediate
#	tools/cluster.sh status DIR             print "host=..." and succeed while it runs
#	tools/cluster.sh destroy DIR            stop it and remove it with all data
#	tools/cluster.sh replica DIR OF         make DIR a streaming replica of the running OF, start it
#	tools/cluster.sh promote DIR            let a replica take writes from now on
#
# What it prints is the beginning of a libpq connection string; database and
# owner are both called postern: add " dbname=postern user=postern".
#
# POSTERN_PG_OPTIONS: more settings, name=value separated by blanks ("fsync=off").
#
# It listens on a Unix socket only, in a folder that nobody but this user (as
# root: root and the cluster's account) can enter.  Whoever can enter it may be
# any role without a password: that is as safe as the folder is.
#
# PostgreSQL refuses to run as root, so as root it gets an unprivileged account:
# postgres where it exists, else nobody.  Where that account cannot reach DIR
# (a checkout under /root), the data goes to /var/lib/postern-dev-HASH instead.

set -euo pipefail
unset PGDATA PGHOST PGPORT PGUSER PGDATABASE PGOPTIONS PGSERVICE
umask 077

usage() {
	sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

say() {
	echo "cluster: $*" >&2
}

[ $# -ge 2 ] || usage
verb=$1
wanted=$(realpath -m -- "$2")
mode=${3:-fast}

newest_bin() {
	local bin
	bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
	if [ ! -x "$bin/postgres" ]; then
		say "no PostgreSQL server below /usr/lib/postgresql: apt-get install postgresql"
		exit 1
	fi
	echo "$bin"
}

if [ "$(id -u)" = 0 ]; then
	account=nobody
	if id -u postgres >/dev/null 2>&1; then
		account=postgres
	fi
	group=$(id -g "$account")
else
	account=
fi

# Run as the account that owns the cluster, from a folder it can be in.
as_owner() {
	if [ -n "$account" ]; then
		(cd / && exec setpriv --reuid="$account" --regid="$group" --clear-groups -- "$@")
	else
		(cd / && exec "$@")
	fi
}

substitute() {
	echo "/var/lib/postern-dev-$(printf '%s' "$wanted" | sha256sum | cut -c1-12)"
}

# Where an existing cluster is; fails when there is none.
find_place() {
	local place
	for place in "$wanted" "$(substitute)"; do
		if [ -e "$place/postern-cluster" ]; then
			echo "$place"
			return
		fi
	done
	return 1
}

# A folder for a new cluster that its account can reach.
make_place() {
	(umask 022 && mkdir -p -- "$wanted")
	if [ -z "$account" ]; then
		chmod 700 -- "$wanted"
		echo "$wanted"
		return
	fi
	chown "$account:$group" -- "$wanted"
	chmod 700 -- "$wanted"
	if as_owner test -w "$wanted"; then
		echo "$wanted"
		return
	fi
	rmdir -- "$wanted" 2>/dev/null || true
	wanted=$(substitute)
	say "the account $account cannot reach that folder: the data is in $wanted"
	install -d -o "$account" -g "$group" -m 700 -- "$wanted"
	echo "$wanted"
}

make_cluster() {
	local durable=()
	if [[ " ${POSTERN_PG_OPTIONS:-} " == *" fsync=off "* ]]; then
		durable=(--no-sync)
	fi
	if [ -e "$place/data" ]; then
		# An earlier attempt was interrupted before the cluster was whole.
		rm -rf -- "$place/data"
	fi
	if ! as_owner "$bin/initdb" "${durable[@]}" --pgdata="$place/data" --username=postern \
		--auth-local=trust --auth-host=reject --encoding=UTF8 --locale=C.UTF-8 \
		>"$place/initdb.log" 2>&1; then
		cat "$place/initdb.log" >&2
		exit 1
	fi
	touch "$place/postern-cluster"
}

# The other cluster is found before a place for this one is made: both may be substitutes.
make_replica() {
	local from=$1
	if [ -e "$place/data" ]; then
		rm -rf -- "$place/data"
	fi
	as_owner "$bin/pg_basebackup" --pgdata="$place/data" --checkpoint=fast --wal-method=stream \
		--write-recovery-conf \
		--dbname="host=$(cat "$from/socket") port=5432 user=postern application_name=replica" >&2
	touch "$place/postern-cluster"
}

# The socket's path must fit 107 bytes, so it is not below DIR.
socket_folder() {
	local socket=
	if [ -f "$place/socket" ]; then
		socket=$(cat "$place/socket")
	fi
	if [ ! -d "$socket" ] || [ -L "$socket" ] ||
		[ "$(stat -c '%U %a' "$socket")" != "${account:-$(id -un)} 700" ]; then
		socket=$(mktemp -d /tmp/postern-XXXXXX)
		if [ -n "$account" ]; then
			chown "$account:$group" "$socket"
		fi
		printf '%s\n' "$socket" >"$place/socket"
	fi
	echo "$socket"
}

# A cluster goes on under the account that made it.
use_place() {
	if [ -n "$account" ]; then
		account=$(stat -c '%U' -- "$1/data")
		group=$(id -g "$account")
	fi
}

running() {
	[ -e "$place/data/postmaster.pid" ] && as_owner "$bin/pg_ctl" status -D "$place/data" >/dev/null 2>&1
}

start() {
	local socket options setting
	socket=$(socket_folder)
	if running; then
		if [ -S "$socket/.s.PGSQL.5432" ]; then
			echo "host=$socket"
			return
		fi
		# Its socket was cleaned away: nobody can reach it any more.
		as_owner "$bin/pg_ctl" stop -D "$place/data" -m fast -w >/dev/null
	fi
	options="-c listen_addresses='' -c unix_socket_directories=$socket -c unix_socket_permissions=0700"
	options+=" -c port=5432 -c max_connections=100"
	# Later settings win.
	for setting in ${POSTERN_PG_OPTIONS:-}; do
		options+=" -c $setting"
	done
	# The lock of this script must not live on in the server.
	if ! as_owner "$bin/pg_ctl" start -D "$place/data" -w -t 30 -l "$place/data/server.log" \
		-o "$options" 9>&- >/dev/null; then
		tail -5 "$place/data/server.log" >&2
		exit 1
	fi
	if [ -z "$("$bin/psql" -h "$socket" -U postern -d postgres -Atqc \
		"select 1 from pg_database where datname = 'postern'")" ]; then
		"$bin/createdb" -h "$socket" -U postern postern
	fi
	echo "host=$socket"
}

bin=$(newest_bin)
case $verb in
start)
	place=$(find_place) || place=$(make_place)
	exec 9>"$place/lock"
	flock 9
	[ -e "$place/postern-cluster" ] || make_cluster
	use_place "$place"
	start
	;;
stop)
	place=$(find_place) || exit 0
	use_place "$place"
	if running; then
		as_owner "$bin/pg_ctl" stop -D "$place/data" -m "$mode" -w -t 60 >/dev/null
	fi
	;;
status)
	place=$(find_place) || exit 3
	use_place "$place"
	running || exit 3
	echo "host=$(cat "$place/socket")"
	;;
replica)
	[ $# -eq 3 ] || usage
	from=$(wanted=$(realpath -m -- "$3") && find_place) || usage
	place=$(find_place) || place=$(make_place)
	[ -e "$place/postern-cluster" ] || make_replica "$from"
	use_place "$place"
	start
	;;
promote)
	place=$(find_place) || exit 3
	use_place "$place"
	as_owner "$bin/pg_ctl" promote -D "$place/data" -w >/dev/null
	;;
destroy)
	place=$(find_place) || exit 0
	use_place "$place"
	if running; then
		as_owner "$bin/pg_ctl" stop -D "$place/data" -m immediate -w -t 60 >/dev/null
	fi
	# The file belongs to the cluster's account, so root believes only its form.
	if [[ -f "$place/socket" && "$(cat "$place/socket")" =~ ^/tmp/postern-[A-Za-z0-9]{6}$ ]]; then
		rm -rf -- "$(cat "$place/socket")"
	fi
	rm -rf -- "$place"
	;;
*)
	usage
	;;
esac
