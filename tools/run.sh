#!/bin/bash
# The first five minutes: everything on loopback, data below VAR, mail into a Maildir.
#
#	tools/run.sh PROGRAM VAR SMTP_PORT HTTPS_PORT
#
# Makes what is missing (PostgreSQL, keys, certificate, configuration), starts
# all daemons in the foreground, and stops them all at Ctrl-C.  The data stays.

set -euo pipefail
program=$(realpath "$1")
# The folder itself can be entered, so that PostgreSQL's account reaches its data;
# what is made in it from here on cannot.
mkdir -p -m 755 "$2"
umask 077
var=$(realpath "$2")
smtp_port=$3
https_port=$4
here=$(cd "$(dirname "$0")/.." && pwd)

if [ -t 1 ]; then
	bold=$'\e[1m' green=$'\e[32m' plain=$'\e[0m'
else
	bold='' green='' plain=''
fi

say() {
	printf '%s\n' "$*"
}

cluster=$("$here/tools/cluster.sh" start "$var/database")

[ -e "$var/keys/courier.keys" ] || "$program" ctl keys init "$var/keys" >/dev/null

if [ ! -e "$var/tls/portal.pem" ]; then
	mkdir -p "$var/tls"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 \
		-subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
		-keyout "$var/tls/portal.key" -out "$var/tls/portal.pem" 2>/dev/null
fi

cat >"$var/postern.conf" <<CONF
# Written by \`make run\` at every start; for an installation of your own
# begin with etc/postern.conf.
organisation: {
	name = "Example Organisation";
	domains = ( "example.org" );
	system_address = "postern@example.org";
	host_name = "localhost";
};
portal: {
	url = "https://localhost:$https_port";
	listen = "127.0.0.1:$https_port";
	certificate = "tls/portal.pem";
	private_key = "tls/portal.key";
	database = "$cluster dbname=postern user=postern_portal";
	keys = "keys/portal.keys";
	templates = "$here/templates";
	languages = "$(dirname "$program")/languages";
	static = "$here/static";
	demo_maildir = "mail";
};
smtp: {
	listen = ( "127.0.0.1:$smtp_port" );
	certificate = "tls/portal.pem";
	private_key = "tls/portal.key";
};
ingest: {
	database = "$cluster dbname=postern user=postern_ingest";
	keys = "keys/ingest.keys";
};
courier: {
	database = "$cluster dbname=postern user=postern_courier";
	keys = "keys/courier.keys";
	templates = "$here/templates";
	languages = "$(dirname "$program")/languages";
};
relay: { maildir = "mail"; };
# Nothing of a demonstration leaves this machine, no question for keys either; imported ones are used.
keys: { sources = ( ); };
ctl: { database = "$cluster dbname=postern user=postern"; };
${POSTERN_EXTRA_CONF:-}
CONF

mkdir -p "$var/mail"
"$program" ctl schema migrate --config "$var/postern.conf" >/dev/null 2>>"$var/postern.log" || {
	tail -n 5 "$var/postern.log" >&2
	"$here/tools/cluster.sh" stop "$var/database" >/dev/null || true
	exit 1
}

"$program" run --config "$var/postern.conf" 2>>"$var/postern.log" &
supervisor=$!

stop() {
	trap - INT TERM EXIT
	kill -TERM "$supervisor" 2>/dev/null || true
	wait "$supervisor" 2>/dev/null || true
	"$here/tools/cluster.sh" stop "$var/database" >/dev/null || true
	say "Stopped. The data stays in $var; \`make run\` goes on with it."
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

ready=
for _ in $(seq 1 150); do
	if curl -ksf -o /dev/null --max-time 2 "https://127.0.0.1:$https_port/readyz" &&
		(exec 3<>"/dev/tcp/127.0.0.1/$smtp_port") 2>/dev/null; then
		ready=yes
		break
	fi
	kill -0 "$supervisor" 2>/dev/null || break
	sleep 0.1
done
if [ -z "$ready" ]; then
	say "Postern did not come up. The last lines of $var/postern.log:" >&2
	tail -n 15 "$var/postern.log" >&2
	exit 1
fi

cat <<TEXT

${green}${bold}Postern is ready.${plain}

  ${bold}SMTP${plain}    127.0.0.1:$smtp_port
  ${bold}Portal${plain}  https://localhost:$https_port/      (certificate made here: your browser will ask)
  ${bold}Mail${plain}    $var/mail, shown at ${bold}https://localhost:$https_port/demo${plain}

Send a first message:

  printf 'From: Alice <alice@example.org>\r\nTo: secure-fred@example.net\r\nSubject: Hello\r\n\r\nJust between us.\r\n' |
    curl -sS smtp://127.0.0.1:$smtp_port --mail-from alice@example.org \\
      --mail-rcpt secure-fred@example.net --upload-file -

then open https://localhost:$https_port/demo and follow the link in the mail to Alice.
The log is $var/postern.log; Ctrl-C stops everything.
TEXT

wait "$supervisor"
