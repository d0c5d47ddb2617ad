#!/bin/bash
# Install the Debian packages that are missing, and nothing when all are there.
#
#	tools/packages.sh build		what building and running needs
#	tools/packages.sh test		also what tests, lint and benchmarks need
#
# As root, or as a user with sudo.

set -euo pipefail

build="gcc make pkg-config gettext libmicrohttpd-dev libgnutls28-dev libssl-dev libsodium-dev libpq-dev
	libcurl4-openssl-dev libgmime-3.0-dev libconfig-dev libicu-dev libjansson-dev libgumbo-dev libzxcvbn-dev
	liboath-dev libqrencode-dev libfido2-dev libcbor-dev
	libhpdf-dev libqpdf-dev libpng-dev libjpeg62-turbo-dev libfribidi-dev fonts-dejavu-core fonts-droid-fallback
	libarchive-dev libgpgme-dev gnupg libunbound-dev libldap-dev dns-root-data libsystemd-dev libseccomp-dev libc6-dev postgresql-15 openssl curl util-linux procps"
tests="libcmocka-dev clang-14 libclang-rt-14-dev clang-tidy-14 clang-format-14 cppcheck python3
	zbar-tools oathtool libnss3-tools gpgsm gpg-agent rnp nsd ldnsutils slapd ldap-utils
	python3-nacl python3-prometheus-client python3-dkim python3-seccomp systemd mandoc postfix postfix-pcre
	swaks qpdf poppler-utils strace unzip libarchive-tools lynx w3m links elinks mutt tmux chromium nodejs npm"

case ${1:-} in
build) wanted=$build ;;
test) wanted="$build $tests" ;;
*)
	sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac

missing=
for package in $wanted; do
	case $package in
	# A newer PostgreSQL serves as well; Node from elsewhere brings npm along.
	postgresql-15) compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && continue ;;
	nodejs | npm) command -v "${package%js}" >/dev/null && continue ;;
	esac
	if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
		missing="$missing $package"
	fi
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "These packages are missing, and there is no sudo to install them:$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "Installing what is missing:$missing"

# Debian's PostgreSQL package would make and start a cluster of its own.
restore=
conf=/etc/postgresql-common/createcluster.conf
if [ ! -e $conf ]; then
	$as_root mkdir -p "$(dirname $conf)"
	echo "create_main_cluster = false" | $as_root tee $conf >/dev/null
	restore=$conf
fi
# Postfix would ask what to be; without a main.cf of the system there is no instance of the system's, and
# tests bring configurations of their own.  While packages are installed nothing is started.
case " $missing " in
*" postfix "*)
	echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections
	;;
esac
# slapd would make a directory of its own.
case " $missing " in
*" slapd "*) echo "slapd slapd/no_configuration boolean true" | $as_root debconf-set-selections ;;
esac
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
	trap '$as_root rm -f $policy' EXIT
fi
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
	-o Dpkg::Options::=--force-confold $missing
# Tests start servers of their own; the system's need not come up with the machine.
for daemon in nsd slapd; do
	case " $missing " in
	*" $daemon "*) $as_root systemctl disable "$daemon" >/dev/null 2>&1 || true ;;
	esac
done
if [ -n "$restore" ]; then
	echo "PostgreSQL will not make a cluster of its own because of $restore; remove it if you want one."
fi
