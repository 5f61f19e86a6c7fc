#!/usr/bin/env bash
# Sets up what is needed and missing; quick when nothing is.
#   deps.sh build   Debian packages to build the program
#   deps.sh test    those and the real parts the tests talk to: Kafka, Spark, other Delta readers
# Packages are installed as root or through sudo; otherwise this says which to install and exits 2.
set -euo pipefail
. "$(dirname "$0")/env.sh"
purpose=${1:-build}
[ "$purpose" = build ] || [ "$purpose" = test ] || { echo "usage: deps.sh build|test" >&2; exit 2; }

install_packages() {
    local wanted missing=() p as_root=()
    wanted=$(awk -v all="$purpose" '!/^#/ && NF && ($2 == "build" || all == "test") {print $1}' "$root/scripts/packages.txt")
    for p in $wanted; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            printf 'Please install these packages first:\n  apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
            exit 2
        fi
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    mkdir -p "$LEVADA_CACHE"
    {
        "${as_root[@]}" apt-get update -qq &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}"
    } > "$LEVADA_CACHE/apt.log" 2>&1 || { tail -30 "$LEVADA_CACHE/apt.log" >&2; exit 1; }
}

# part DIR COMMAND...: runs the command to fill DIR unless an earlier run did so completely.
part() {
    local dir=$1
    shift
    [ -e "$dir/.complete" ] && return
    echo "setting up $dir"
    rm -rf "$dir"
    mkdir -p "$dir"
    "$@" "$dir"
    touch "$dir/.complete"
}

jars() { mvn -q -B -f "$root/scripts/parts/$1" dependency:copy-dependencies -DoutputDirectory="$2"; }

venv() {
    local python=/usr/bin/python3
    [ -x $python ] || python=python3
    $python -m venv "$1"
    "$1/bin/pip" install -q --disable-pip-version-check wheel
    "$1/bin/pip" install -q --disable-pip-version-check -r "$root/scripts/parts/python.txt"
}

command -v dpkg-query >/dev/null || { echo "deps.sh knows only Debian; see scripts/packages.txt" >&2; exit 2; }
install_packages
if [ "$purpose" = test ]; then
    mkdir -p "$LEVADA_CACHE"
    exec 9>"$LEVADA_CACHE/.lock"
    flock 9
    part "$KAFKA_LIBS" jars kafka.pom.xml
    part "$SPARK_JARS_DIR" jars spark.pom.xml
    part "$LEVADA_VENV" venv
fi
