#!/usr/bin/env bash
# Runs the streaming scenarios of tests/scenarios on Levada against a real broker.
#   scenarios.sh [--all|--add]   those of passing.txt must pass; --all also tries the others and names those that newly do,
#                                --add puts these into the list
set -euo pipefail
. "$(dirname "$0")/env.sh"
cases=$root/tests/scenarios
KAFKA=$("$root/scripts/kafka.sh" start)
trap '"$root/scripts/kafka.sh" stop' EXIT
export KAFKA LEVADA_TIMEOUT=${LEVADA_TIMEOUT:-30} PYTHONDONTWRITEBYTECODE=1
run() { "$LEVADA_VENV/bin/python" "$cases/scenarios.py" --engine levada "$@"; }

LC_ALL=C sort -cu "$cases/passing.txt"
# The list only grows: what history ever added is in it as long as the scenario exists.
for gone in $(git -C "$root" log --format= -p -- tests/scenarios/passing.txt 2>/dev/null | sed -n 's/^+\([a-z0-9_]*\)$/\1/p' |
    LC_ALL=C sort -u | LC_ALL=C comm -23 - "$cases/passing.txt"); do
    [ ! -e "$cases/cases/$gone.yaml" ] || { echo "$gone was taken out of tests/scenarios/passing.txt" >&2; exit 1; }
done
mapfile -t passing < "$cases/passing.txt"
status=0
if [ ${#passing[@]} -gt 0 ]; then
    run --quiet "${passing[@]}" || status=$?
    [ $status -le 1 ] || exit $status
else
    echo "passing.txt is empty"
    status=1
fi
if [ "${1:-}" = --all ] || [ "${1:-}" = --add ]; then
    mapfile -t others < <("$LEVADA_VENV/bin/python" "$cases/scenarios.py" --engine levada --list | awk '{print $2}' | LC_ALL=C sort |
        LC_ALL=C comm -23 - "$cases/passing.txt")
    if [ ${#others[@]} -gt 0 ]; then
        fresh=$(run "${others[@]}" | sed -n 's/^ok  \([^ ]*\) .*/\1/p' || true)
        [ -z "$fresh" ] || printf 'These pass and are not in tests/scenarios/passing.txt:\n%s\n' "$fresh"
        if [ -n "$fresh" ] && [ "$1" = --add ]; then
            printf '%s\n' "$fresh" | LC_ALL=C sort -o "$cases/passing.txt" - "$cases/passing.txt"
            echo "Added. Leave out what only fails as expected because something is not there yet."
        fi
    fi
fi
exit $status
