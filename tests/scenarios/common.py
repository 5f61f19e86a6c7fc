"""What both engines share: scenario files, fresh topics, the SQL text, and what is read back.

A run of one scenario lives in one directory, laid out the way Levada does it, for both engines:
    DIR/tables/out        the output Delta table
    DIR/checkpoints/out   the checkpoint of the query that writes it
    DIR/static/<name>     Delta tables the query joins with
"""
import collections, glob, json, math, os, time, uuid

import deltalake
import pyarrow as pa
import yaml
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

HERE = os.path.dirname(os.path.abspath(__file__))
BROKERS = os.environ.get("KAFKA", "127.0.0.1:29092")
FIRST_RECORD_MS = 1717200000000  # Kafka timestamp of the first record; each later one is 1 s younger


# ---------------------------------------------------------------------------------------- scenarios

KEYS = {"group", "probes", "template", "schema", "json_options", "raw", "partitions", "options", "streams", "conf", "static", "select",
        "dataframe", "partition_by", "properties", "merge_schema", "later", "check", "tolerance", "steps"}
STEP_KEYS = {"note", "produce", "select", "options", "conf", "partitions", "static", "merge_schema", "delete_before"}


class Scenario:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-5]
        self.expected_path = path[:-5] + ".expected.json"
        with open(path) as f:
            d = yaml.safe_load(f)
        unknown = set(d) - KEYS | {k for s in d["steps"] for k in set(s) - STEP_KEYS}
        if unknown:
            raise SystemExit(f"{path}: unknown keys {sorted(unknown)}")
        self.d = d
        self.group = d["group"]
        self.later = d.get("later")
        self.steps = d["steps"]
        one = {k: d[k] for k in ("schema", "json_options", "raw", "partitions", "options") if k in d}
        self.streams = d.get("streams") or {"events": one}
        for s in self.streams.values():
            s.setdefault("partitions", 1)
            s.setdefault("options", {})

    def get(self, key, default=None):
        return self.d.get(key, default)


def load(names):
    found = [Scenario(p) for p in sorted(glob.glob(os.environ.get("CASES", f"{HERE}/cases") + "/*.yaml"))]
    if names:
        by_name = {s.name: s for s in found}
        groups = collections.defaultdict(list)
        for s in found:
            groups[s.group].append(s)
        picked = []
        for n in names:
            if n not in by_name and n not in groups:
                raise SystemExit(f"no scenario or group is called {n}")
            picked += [by_name[n]] if n in by_name else groups[n]
        found = picked
    return found


# ---------------------------------------------------------------------------------------- SQL text

def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def stream_sql(stream, relation):
    """The SELECT that makes a scenario's stream from `relation`, a Kafka source in either engine."""
    if stream.get("raw"):
        return f"SELECT value::string AS body, key::string AS key, offset, partition, timestamp AS enqueued FROM {relation}"
    options = stream.get("json_options")
    more = ", map(" + ", ".join(f"{quote(str(k))}, {quote(str(v))}" for k, v in options.items()) + ")" if options else ""
    return (f"SELECT e.*, offset, partition, timestamp AS enqueued FROM (SELECT from_json(value::string, {quote(stream['schema'])}{more}) AS e,"
            f" offset, partition, timestamp FROM {relation})")


def fill(text, run):
    """{name} of a static table becomes delta.`path`."""
    for name in run.scenario.get("static") or {}:
        text = text.replace("{" + name + "}", f"delta.`{run.dir}/static/{name}`")
    return text.strip().rstrip(";")


# ---------------------------------------------------------------------------------------- Kafka

class Topics:
    """The fresh topics of one run of one scenario, one for each stream."""

    def __init__(self, scenario):
        self.admin = AdminClient({"bootstrap.servers": BROKERS, "log_level": 0})
        tag = uuid.uuid4().hex[:8]
        self.of = {s: f"accept-{scenario.name}-{s}-{tag}" for s in scenario.streams}
        # The records carry timestamps of 2024, so nothing may expire.
        wait(self.admin.create_topics([NewTopic(self.of[s], num_partitions=d["partitions"], replication_factor=1,
                                                config={"retention.ms": "-1"}) for s, d in scenario.streams.items()]))
        self.sent, self.template = 0, scenario.get("template")

    def grow(self, partitions):
        wait(self.admin.create_partitions([NewPartitions(self.of[s], n) for s, n in partitions.items()]))
        deadline = time.time() + 10
        for s, n in partitions.items():
            while len(self.admin.list_topics(self.of[s], timeout=10).topics[self.of[s]].partitions) < n and time.time() < deadline:
                time.sleep(0.1)

    def produce(self, records):
        """A record is a value for partition 0 of the first stream, or {v|hex, p, k, t (ms), stream}; v: null is a tombstone.
        A value is text, or a list that fills the scenario's template."""
        producer = Producer({"bootstrap.servers": BROKERS, "linger.ms": 5, "enable.idempotence": True, "log_level": 0})
        failed = []
        first = next(iter(self.of))
        for r in records:
            if not isinstance(r, dict):
                r = {"v": r}
            if isinstance(r.get("v"), list):
                r = {**r, "v": self.template % tuple(r["v"])}
            value = bytes.fromhex(r["hex"]) if "hex" in r else None if r.get("v") is None else str(r["v"]).encode()
            if "v" not in r and "hex" not in r:
                raise SystemExit(f"record without v: {r}")
            key = None if r.get("k") is None else str(r["k"]).encode()
            producer.produce(self.of[r.get("stream", first)], value=value, key=key, partition=r.get("p", 0),
                             timestamp=r.get("t", FIRST_RECORD_MS + 1000 * self.sent),
                             on_delivery=lambda err, _: failed.append(err) if err else None)
            self.sent += 1
        if producer.flush(30) or failed:
            raise RuntimeError(f"produce failed: {failed}")

    def delete_before(self, offsets):
        """Loses records the way retention does: {stream: {partition: first offset left}}."""
        wait(self.admin.delete_records([TopicPartition(self.of[s], int(p), o) for s, ps in offsets.items() for p, o in ps.items()]))

    def delete(self):
        wait(self.admin.delete_topics(list(self.of.values()), operation_timeout=5))


def wait(futures):
    for f in futures.values():
        f.result(20)


# ---------------------------------------------------------------------------------------- what is read back

def civil(micros, zone):
    days, rest = divmod(micros, 86400 * 10**6)
    era, doe = divmod(days + 719468, 146097)
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day, month = doy - (153 * mp + 2) // 5 + 1, mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (month <= 2)
    secs, us = divmod(rest, 10**6)
    text = f"{year:04d}-{month:02d}-{day:02d}"
    if zone is None:
        return text
    return text + f"T{secs // 3600:02d}:{secs // 60 % 60:02d}:{secs % 60:02d}" + (f".{us:06d}" if us else "") + zone


def plain(x):
    """An Arrow scalar as JSON that says exactly what the value is."""
    if not x.is_valid:
        return None
    t = x.type
    if pa.types.is_dictionary(t):
        return plain(x.as_py() if not hasattr(x, "value") else x.value)
    if pa.types.is_timestamp(t):
        per = {"s": 10**6, "ms": 1000, "us": 1}.get(t.unit)
        return civil(x.value * per if per else x.value // 1000, "Z" if t.tz else "")
    if pa.types.is_date(t):
        return civil(x.value * 86400 * 10**6, None)
    if pa.types.is_struct(t):
        return {f.name: plain(x[f.name]) for f in t}
    if pa.types.is_map(t):
        pairs = [] if x.values is None else [[plain(kv["key"]), plain(kv["value"])] for kv in x.values]
        return {"map": sorted(pairs, key=json.dumps)}
    if pa.types.is_list(t) or pa.types.is_large_list(t) or "list" in str(t)[:12]:
        return [plain(v) for v in x.values]
    v = x.as_py()
    if isinstance(v, float):
        if math.isnan(v):
            return {"double": "NaN"}
        if math.isinf(v) or (v == 0 and math.copysign(1, v) < 0):
            return {"double": {math.inf: "Infinity", -math.inf: "-Infinity"}.get(v, "-0.0")}
        return v
    if isinstance(v, bytes):
        return {"hex": v.hex()}
    if isinstance(v, (bool, int, str)):
        return v
    return {"decimal": format(v, "f")} if hasattr(v, "as_tuple") else str(v)


def rows_of(table):
    names = table.column_names
    columns = [[plain(x) for x in table.column(i)] for i in range(len(names))]
    return [dict(zip(names, vs)) for vs in zip(*columns)] if table.num_rows else []


def type_text(t):
    if isinstance(t, str):
        return t
    if t["type"] == "struct":
        return "struct<" + ",".join(f"{f['name']}:{type_text(f['type'])}" for f in t["fields"]) + ">"
    if t["type"] == "array":
        return f"array<{type_text(t['elementType'])}>"
    return f"map<{type_text(t['keyType'])},{type_text(t['valueType'])}>"


def key_of(row):
    return json.dumps(row, sort_keys=True, ensure_ascii=False)


def without_nulls(x):
    """For telling a row again in a later version of the table, when structs may have grown a field."""
    return {k: without_nulls(v) for k, v in x.items() if v is not None} if isinstance(x, dict) else [without_nulls(v) for v in x] if isinstance(x, list) else x


def read_log(table):
    """Delta commits in order: (version, actions)."""
    for path in sorted(glob.glob(f"{table}/_delta_log/" + "[0-9]" * 20 + ".json")):
        with open(path) as f:
            yield int(os.path.basename(path)[:20]), [json.loads(line) for line in f if line.strip()]


def read_table(run):
    """Schema, rows (each with the batch that wrote it), partitioning and the commits of the output table."""
    path = f"{run.dir}/tables/out"
    if not os.path.isdir(f"{path}/_delta_log"):
        return {"table": None}, None
    log = list(read_log(path))
    commits, partitions, batch_of = [], None, {}
    for version, actions in log:
        txn = [a["txn"] for a in actions if "txn" in a]
        adds = [a["add"] for a in actions if "add" in a]
        for a in actions:
            if "metaData" in a:
                partitions = a["metaData"]["partitionColumns"]
        batch_of[version] = txn[-1]["version"] if txn else None
        if txn or adds:
            commits.append({"batch": batch_of[version], "rows": sum(json.loads(a["stats"])["numRecords"] for a in adds if a.get("stats")),
                            **({"partitions": [json.loads(k) for k in sorted({key_of(a["partitionValues"]) for a in adds})]} if partitions else {})})
    last = deltalake.DeltaTable(path)
    schema = json.loads(last.schema().to_json())
    before, batches = collections.Counter(), collections.defaultdict(list)
    for version, _ in log:
        dt = last if version == log[-1][0] else deltalake.DeltaTable(path, version=version)
        full = [{f["name"]: r.get(f["name"]) for f in schema["fields"]} for r in rows_of(to_arrow(dt))]
        now = collections.Counter(key_of(without_nulls(r)) for r in full)
        if before - now:
            raise RuntimeError(f"rows vanished from the output table in version {version}: {list(before - now)[:3]}")
        for k, n in (now - before).items():
            batches[k] += [batch_of[version]] * n
        before = now
    rows = [[batches[key_of(without_nulls(r))].pop(), key_of(r)] for r in full]
    out = {"table": {f["name"]: type_text(f["type"]) for f in schema["fields"]}}
    not_null = [f["name"] for f in schema["fields"] if not f["nullable"]]
    if not_null:
        out["not_null"] = not_null
    if partitions:
        out["partitioned_by"] = partitions
    out["commits"] = commits
    out["rows"] = [[b, json.loads(k)] for b, k in sorted(rows, key=lambda x: (-1 if x[0] is None else x[0], x[1]))]
    return out, to_arrow(last)


def to_arrow(dt):
    if dt.metadata().configuration.get("delta.columnMapping.mode", "none") == "none":
        return dt.to_pyarrow_dataset().to_table()
    # Only deltalake's own engine knows about renamed columns.
    return pa.table(deltalake.QueryBuilder().register("t", dt).execute("SELECT * FROM t").read_all())


def read_checkpoint(run):
    """offsets/N and commits/N, with the topics called by their streams' names."""
    path = f"{run.dir}/checkpoints/out"
    stream_of = {t: s for s, t in run.topics.of.items()}
    out = {"offsets": {}, "commits": {}}
    for which in out:
        for f in sorted((f for f in os.listdir(f"{path}/{which}") if f.isdigit()), key=int) if os.path.isdir(f"{path}/{which}") else []:
            with open(f"{path}/{which}/{f}") as h:
                lines = h.read().split("\n")
            if which == "commits":
                out[which][f] = {"nextBatchWatermarkMs": json.loads(lines[1]).get("nextBatchWatermarkMs"), "version": lines[0]}
                continue
            meta = json.loads(lines[1])
            sources = []
            for line in lines[2:]:
                if line == "-":
                    sources.append(None)
                else:
                    sources.append({stream_of.get(t, t): dict(sorted(p.items(), key=lambda kv: int(kv[0]))) for t, p in json.loads(line).items()})
            out[which][f] = {"batchWatermarkMs": meta["batchWatermarkMs"], "version": lines[0], "sources": sources}
            run.batch_ms[int(f)] = meta["batchTimestampMs"]
    return out


def observe(run, scenario):
    """Everything that is compared after one step."""
    out, table = read_table(run)
    out["checkpoint"] = read_checkpoint(run)
    if scenario.get("check"):
        out.pop("rows", None)
        out["check"] = []
        if table is not None:
            import duckdb
            db = duckdb.connect()
            db.execute("SET TimeZone='UTC'")
            db.register("out", table)
            db.register("batches", pa.table({"batch": list(run.batch_ms), "batch_ms": list(run.batch_ms.values())}))
            answer = db.execute(scenario.get("check"))
            names = [c[0] for c in answer.description]
            out["check"] = sorted((dict(zip(names, r)) for r in answer.fetchall()), key=key_of)
    return out


class Run:
    """One run of one scenario on one engine."""

    def __init__(self, scenario, directory):
        self.scenario, self.dir = scenario, directory
        self.batch_ms = {}
        os.makedirs(f"{directory}/tables")
        os.makedirs(f"{directory}/checkpoints")
        self.topics = Topics(scenario)

    def write_static(self, rows_by_table):
        for name, rows in (rows_by_table or {}).items():
            schema = pa.schema([(k, {"STRING": pa.string(), "INT": pa.int32(), "BIGINT": pa.int64(), "DOUBLE": pa.float64()}[t])
                                for k, t in self.scenario.get("static")[name]["schema"].items()])
            deltalake.write_deltalake(f"{self.dir}/static/{name}", pa.Table.from_pylist([dict(zip(schema.names, r)) for r in rows], schema=schema),
                                      mode="append")

    def options(self, stream, step):
        """Source options of one stream in one step; a step's options replace the scenario's."""
        o = dict(self.scenario.streams[stream]["options"])
        o.update(step.get("options") or {})
        o = {"startingOffsets": "earliest", **o}
        if "startingTimestamp" in o:
            del o["startingOffsets"]
        return {k: v.replace("{topic}", self.topics.of[stream]) if isinstance(v, str) else v for k, v in o.items()}
