#!/bin/bash
# What `make install` and `make uninstall` do; the Makefile says where.
#
#	tools/install.sh install|uninstall
#
# Files that are installed name the places that they are installed in.  The configuration is put
# there once and belongs to the administrator from then on; keys are never touched.

set -euo pipefail
shopt -s nullglob
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
: "${BUILD:?}" "${SBINDIR:?}" "${DATADIR:?}" "${MANDIR:?}" "${LIBDIR:?}" "${UNITDIR:?}" "${SYSCONFDIR:?}"
root=${DESTDIR:-}
units=$UNITDIR

# Copy a text, with the places of this installation in it.
put() {
	local from=$1 to=$root$2
	mkdir -p "$(dirname "$to")"
	sed -e "s|/usr/sbin/postern|$SBINDIR/postern|g" \
		-e "s|/usr/share/postern|$DATADIR/postern|g" \
		-e "s|/etc/postern|$SYSCONFDIR/postern|g" "$from" >"$to.new"
	chmod 644 "$to.new"
	mv "$to.new" "$to"
}

install_all() {
	install -D -m 755 "$BUILD/postern" "$root$SBINDIR/postern"
	local file
	for file in $(find templates static -type f ! -name README.md); do
		install -D -m 644 "$file" "$root$DATADIR/postern/$file"
	done
	for file in "$BUILD"/languages/*.mo; do
		install -D -m 644 "$file" "$root$DATADIR/postern/languages/${file##*/}"
	done
	for file in etc/systemd/*.service etc/systemd/*.socket etc/systemd/*.target; do
		put "$file" "$units/${file##*/}"
	done
	put etc/systemd/sysusers.conf "$LIBDIR/sysusers.d/postern.conf"
	put etc/systemd/tmpfiles.conf "$LIBDIR/tmpfiles.d/postern.conf"
	for file in docs/man/*.[1-8] "$BUILD"/man/*.[1-8]; do
		put "$file" "$MANDIR/man${file##*.}/${file##*/}"
	done
	put etc/postern.conf "$DATADIR/doc/postern/examples/postern.conf"
	if [ ! -e "$root$SYSCONFDIR/postern/postern.conf" ]; then
		put etc/postern.conf "$SYSCONFDIR/postern/postern.conf"
	fi
}

uninstall_all() {
	local file
	rm -f "$root$SBINDIR/postern"
	rm -rf "$root$DATADIR/postern"
	rm -f "$root$DATADIR/doc/postern/examples/postern.conf"
	for file in etc/systemd/*.service etc/systemd/*.socket etc/systemd/*.target; do
		rm -f "$root$units/${file##*/}"
	done
	rm -f "$root$LIBDIR/sysusers.d/postern.conf" "$root$LIBDIR/tmpfiles.d/postern.conf"
	for file in docs/man/*.[1-8] docs/man/*.in; do
		file=${file%.in}
		rm -f "$root$MANDIR/man${file##*.}/${file##*/}"
	done
	if [ -e "$root$SYSCONFDIR/postern" ]; then
		echo "The configuration and the keys in $SYSCONFDIR/postern stay."
	fi
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*)
	sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
