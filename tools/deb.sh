#!/bin/bash
# Build the Debian package from what is tracked in this tree.
#
#	tools/deb.sh FOLDER [VERSION]
#
# Leaves the .deb in FOLDER.  VERSION: another one than that of debian/changelog, for tests.

set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v dh >/dev/null || ! command -v dpkg-buildpackage >/dev/null; then
	echo "This needs debhelper and dpkg-dev: apt-get install debhelper dpkg-dev" >&2
	exit 1
fi
mkdir -p "$1"
folder=$(realpath "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/postern-deb-XXXXXX")
trap 'rm -rf "$work"' EXIT

mkdir "$work/postern"
git ls-files -z --cached --others --exclude-standard | xargs -0 tar c --ignore-failed-read 2>/dev/null |
	tar x -C "$work/postern"
cd "$work/postern"
if [ -n "${2:-}" ]; then
	sed -i "1s/(.*)/($2)/" debian/changelog
fi
DEB_BUILD_OPTIONS="parallel=${JOBS:-$(nproc)} ${DEB_BUILD_OPTIONS:-}" \
	dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary >"$work/log" 2>&1 || {
	tail -n 40 "$work/log" >&2
	exit 1
}
mv "$work"/postern_*.deb "$folder/"
cp "$work/log" "$folder/build.log"
echo "$folder: $(cd "$folder" && echo postern_*.deb)"
