#!/usr/bin/env bash
# Runs fuzz targets under ASan and UBSan, two at a time.
#   fuzz.sh [TARGET…]   default: all of build/fuzz; FUZZ_SECONDS (60) each
# Starts from tests/fuzz/corpus/<subject>; what it finds to be interesting is kept in .cache/fuzz. A finding is left in build/fuzz/findings.
set -euo pipefail
. "$(dirname "$0")/env.sh"
export root LEVADA_CACHE FUZZ_SECONDS=${FUZZ_SECONDS:-60}
cd "$root/build/fuzz"
if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(find . -maxdepth 1 -type f -executable -name 'fuzz_*' -printf '%f\n' | sort); fi
[ ${#targets[@]} -gt 0 ] || { echo "there are no fuzz targets in build/fuzz" >&2; exit 1; }

one() {
    local target=$1 kept=$LEVADA_CACHE/fuzz/$1 seeds=$root/tests/fuzz/corpus/${1#fuzz_} log=$root/build/fuzz/$1.log
    mkdir -p "$kept" findings
    [ -d "$seeds" ] || { echo "FAIL $target: no seeds in tests/fuzz/corpus/${1#fuzz_}"; return; }
    if "./$target" -max_total_time="$FUZZ_SECONDS" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="findings/$target-" \
        "$kept" "$seeds" > "$log" 2>&1 < /dev/null; then
        echo "ok   $target  $(sed -n 's/^stat::number_of_executed_units: */runs /p' "$log")"
    else
        echo "FAIL $target: $(grep -m1 -E 'ERROR: |runtime error: ' "$log" || tail -1 "$log")  ($log)"
    fi
}
export -f one
report=$(printf '%s\n' "${targets[@]}" | xargs -P "${JOBS:-2}" -I{} bash -c 'one {}' | tee /dev/stderr)
passed=$(grep -c '^ok ' <<< "$report" || true)
echo "fuzz: $passed of ${#targets[@]}"
[ "$passed" -eq ${#targets[@]} ]
