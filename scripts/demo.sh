#!/usr/bin/env bash
# The main job with nothing to configure: a hub, a generator and a pipeline for DEMO_SECONDS (20), then what the
# table holds and where to look next. No network; what it makes lies in a new folder under ${TMPDIR:-/tmp}, or in
# DEMO_DIR. On a terminal the pipeline's line is live; elsewhere every few seconds one line says how far it is.
set -euo pipefail
. "$(dirname "$0")/env.sh"
seconds=${DEMO_SECONDS:-20}
rate=${DEMO_RATE:-2000}
dir=${DEMO_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/levada-demo.XXXXXX")}
table=$dir/lake/tables/sensor_data
pids=()
say() { printf '\n%s\n' "$*"; }
finish() { # the running ones, last started first
    local i
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null && wait "${pids[i]}" 2>/dev/null || true
    done
    pids=()
}
trap finish EXIT
trap 'exit 130' INT TERM

# A port of the kernel's choice: the hub prints the address it got.
mkdir -p "$dir"
"$LEVADA" hub --listen 127.0.0.1:0 --data "$dir/hub" > "$dir/hub.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do
    address=$(sed -n 's/.*\(127\.0\.0\.1:[0-9][0-9]*\).*/\1/p' "$dir/hub.log" | head -1)
    [ -z "$address" ] || break
    sleep 0.05
done
[ -n "$address" ] || { cat "$dir/hub.log" >&2; exit 1; }
say "A hub is listening on $address; $rate sensor events a second go to its topic 'sensors',"
echo "some of them late, broken or sent twice. The pipeline examples/sensors/sensors.sql appends them to"
echo "$table, a batch every 500 ms:"
echo
"$LEVADA" generate sensors --to "$address/sensors" --rate "$rate" --late 1% --bad 0.1% --duplicate 0.1% > "$dir/generate.log" 2>&1 &
pids+=($!)

run=("$LEVADA" run "$root/examples/sensors/sensors.sql" --storage "$dir/lake" --trigger 500ms
    --param "bootstrapServers=$address" --param topic=sensors)
if [ -t 1 ] && [ -t 2 ]; then
    "${run[@]}" &
else
    "${run[@]}" > "$dir/progress.jsonl" &
fi
pipeline=$!
pids+=("$pipeline")
began=$(date +%s)
while [ $(($(date +%s) - began)) -lt "$seconds" ] && kill -0 "$pipeline" 2>/dev/null; do
    sleep 1
    [ ! -s "$dir/progress.jsonl" ] || [ $((($(date +%s) - began) % 5)) -ne 0 ] ||
        echo "  $(wc -l < "$dir/progress.jsonl") batches; the last: $(tail -1 "$dir/progress.jsonl" |
            sed -n 's/.*"numInputRows":\([0-9]*\),"inputRowsPerSecond":\([0-9.]*\),.*"triggerExecution":\([0-9]*\).*/\1 events in \3 ms/p')"
done
# As Ctrl-C does: the batch is finished and committed, and the exit code is 0.
kill -INT "$pipeline" 2>/dev/null || true
wait "$pipeline"
pids=("${pids[@]:0:2}")
finish

say "The table's last rows:"
"$LEVADA" sql "SELECT * FROM delta.\`$table\` ORDER BY eventHubTimestamp DESC LIMIT 5"
say "All of it:"
"$LEVADA" sql "SELECT count(*) AS events, count(*) - count(deviceId) AS broken, min(temperature) AS coldest, max(temperature) AS hottest,
                      max(eventHubTimestamp) AS newest FROM delta.\`$table\`"
events=$("$LEVADA" sql --output csv "SELECT count(*) FROM delta.\`$table\`" | tail -1)
[ "$events" -gt 0 ] || { echo "no event arrived" >&2; exit 1; }
commits=$(find "$table/_delta_log" -name '*.json' | wc -l)
bytes=$(find "$table" -name '*.parquet' -printf '%s\n' | awk '{s += $1} END {print s + 0}')
echo "$commits commits, $((bytes / 1024)) KiB of Parquet, $((bytes / events)) bytes an event."
cat <<NEXT

Where to look next:
  $LEVADA sql "SELECT deviceId, temperature FROM delta.\\\`$table\\\` WHERE temperature > 34 LIMIT 10"
  ls $table/_delta_log    one file a commit; Spark, delta-rs and DuckDB read this table as it is
  ls $dir/lake/checkpoints/sensor_data    offsets and commits, as Spark writes them
  less $root/examples/sensors/sensors.sql    the pipeline; sensors.py is the same in PySpark
NEXT
