#!/usr/bin/env python3
"""Measures Levada and its peers on one topic of a real Kafka; see README.md here. `make bench` calls it.

    run.py [PART…]      default: all parts
Environment: BENCH_EVENTS (20000000), BENCH_SPARK_EVENTS and BENCH_PYTHON_EVENTS (how many the peers get), BENCH_SECONDS (of a latency run, 40),
BENCH_RUNS (of Levada, 3), BENCH_SQL_ROWS (20000000).
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", "lib"), HERE]

import meter
import parquet_sql
import parts
import report

EVENTS = int(os.environ.get("BENCH_EVENTS", 20_000_000))
SPARK_EVENTS = min(EVENTS, int(os.environ.get("BENCH_SPARK_EVENTS", EVENTS)))
PYTHON_EVENTS = min(EVENTS, int(os.environ.get("BENCH_PYTHON_EVENTS", 5_000_000)))
SECONDS = int(os.environ.get("BENCH_SECONDS", 40))
RUNS = int(os.environ.get("BENCH_RUNS", 3))
SQL_ROWS = int(os.environ.get("BENCH_SQL_ROWS", 20_000_000))
RATE, WARM = 2000, 10
JSON_SHAPES = {"flat": 200_000, "nested": 200_000, "escaped": 200_000, "items": 50_000, "long": 10_000}
COLUMNS = ["deviceId", "temperature", "humidity", "pressure", "timestamp"]
EXAMPLE = f"{parts.ROOT}/examples/sensors/sensors.sql"
WORK = os.path.join(parts.setting("LEVADA_CACHE"), "bench")
TUNED = ["--conf", "spark.databricks.delta.snapshotPartitions=2"]


class Bench:
    def __init__(self, address):
        self.address = address
        self.filled = {}
        self.fingerprints = {}

    # ---- topics and commands --------------------------------------------------------------------------

    def topic(self, events):
        """The topic with the first `events` events; made once."""
        if events not in self.filled:
            name = self.filled[events] = f"sensors-{events}"
            parts.create_topic(self.address, name, 8)
            began = time.time()
            parts.levada("generate", "sensors", "--to", f"{self.address}/{name}", "--rate", 0, "--count", events, "--codec", "lz4", timeout=1800)
            say(f"topic of {events:,} events in {time.time() - began:.1f} s")
        return self.filled[events]

    def fresh_topic(self, what):
        name = f"{what}-{time.time_ns()}"
        parts.create_topic(self.address, name, 8)
        return name

    def run(self, storage, topic, *flags, cpus=None, address=None):
        prefix = ["taskset", "-c", cpus] if cpus else []
        return [*prefix, parts.binary(), "run", "--storage", storage, "--param", f"bootstrapServers={address or self.address}",
                "--param", f"topic={topic}", *flags, EXAMPLE]

    def check(self, who, table, events, columns):
        """A table must hold what Levada's of the same topic holds; Levada's must hold every event."""
        key = (events, tuple(columns))
        found = meter.fingerprint(table, columns)
        if found[0] != events:
            raise SystemExit(f"{who}: {found[0]} rows for {events} events")
        if key not in self.fingerprints:
            if who != "levada":
                self.reference(events)
            else:
                for columns in (COLUMNS, [*COLUMNS, "eventHubTimestamp"]):
                    self.fingerprints[events, tuple(columns)] = meter.fingerprint(table, columns)
        if self.fingerprints[key] != found:
            raise SystemExit(f"{who}: another table than Levada's: {found}, {self.fingerprints[key]}")
        say(f"{who}: {events:,} rows" + ("" if who == "levada" else ", the same as Levada's"))

    def reference(self, events):
        storage = fresh("reference")
        meter.measure(*self.run(storage, self.topic(events), "--available-now"))
        self.check("levada", table_of(storage), events, [*COLUMNS, "eventHubTimestamp"])

    # ---- parts ----------------------------------------------------------------------------------------

    def ingest(self):
        found = {"events": EVENTS}
        topic = self.topic(EVENTS)
        for label, workers, cpus in (("one core", 1, "1"), ("two cores", 2, "0,1")):
            if workers > os.cpu_count():
                continue
            runs = []
            for i in range(RUNS):
                storage = fresh("ingest")
                runs.append(meter.measure(*self.run(storage, topic, "--available-now", "--workers", workers, cpus=cpus)))
                if i == 0:
                    self.check("levada", table_of(storage), EVENTS, [*COLUMNS, "eventHubTimestamp"])
            cpu, wall = (meter.median([r[k] for r in runs]) for k in ("cpu_s", "wall_s"))
            found[label] = {"cpu_ns": cpu / EVENTS * 1e9, "events_s": EVENTS / wall, "wall_s": wall, "rss_mb": max(r["rss_mb"] for r in runs),
                            "cpu_ns_min": min(r["cpu_s"] for r in runs) / EVENTS * 1e9,
                            "bytes_per_event": size_of(table_of(storage)) / EVENTS}
        return found

    def spark(self):
        found = {"events": SPARK_EVENTS}
        for label, conf in (("default", []), ("tuned", TUNED)):
            table = fresh(f"spark-{label}")
            out = meter.measure(*spark_peer(self.address, self.topic(SPARK_EVENTS), table, *conf))["out"]
            r = json.loads(out.strip().splitlines()[-1])
            self.check(f"spark {label}", table, SPARK_EVENTS, [*COLUMNS, "eventHubTimestamp"])
            cpu = r["jvm_cpu_s"] + r["python_cpu_s"]
            found[label] = {"cpu_ns": cpu / SPARK_EVENTS * 1e9, "events_s": SPARK_EVENTS / r["done_s"], "wall_s": r["done_s"],
                            "rss_mb": r["jvm_peak_rss_mb"], "bytes_per_event": size_of(table) / SPARK_EVENTS}
        return found

    def python(self):
        table = fresh("python")
        out = meter.measure(*python_peer(self.address, self.topic(PYTHON_EVENTS), table, "--rows", PYTHON_EVENTS))["out"]
        r = json.loads(out.strip().splitlines()[-1])
        self.check("python", table, PYTHON_EVENTS, COLUMNS)
        return {"events": PYTHON_EVENTS, "default": {"cpu_ns": r["cpu_us_per_row"] * 1e3, "events_s": PYTHON_EVENTS / r["loop_s"], "wall_s": r["loop_s"],
                                                     "rss_mb": r["peak_rss_mb"], "first_commit_s": r["first_commit_s"],
                                                     "bytes_per_event": size_of(table) / PYTHON_EVENTS}}

    def start(self):
        """Topic of 1,000 events: process start to first commit. Then events at a rate: kill -9 to the next commit."""
        found, topic = {}, self.topic(1000)
        firsts = []
        for _ in range(5):
            storage = fresh("start")
            began = meter.measure(*self.run(storage, topic, "--available-now"))["began"]
            firsts.append(meter.commits(table_of(storage))[0][1] - began)
        found["levada first commit"] = [round(s * 1e3, 1) for s in sorted(firsts)]
        topic, storage, resumes = self.fresh_topic("resume"), fresh("resume"), []
        generator = parts.spawn(parts.binary(), "generate", "sensors", "--to", f"{self.address}/{topic}", "--rate", RATE, stderr=subprocess.DEVNULL)
        p = quiet(self.run(storage, topic, "--trigger", "50ms"))
        for _ in range(7):
            meter.wait_for_commit(table_of(storage))
            time.sleep(0.7)
            killed = time.time()
            parts.end(p, signal.SIGKILL)
            p = quiet(self.run(storage, topic, "--trigger", "50ms"))
            resumes.append(meter.wait_for_commit(table_of(storage), killed) - killed)
        parts.end(p)
        parts.end(generator)
        found["levada resume"] = [round(s * 1e3, 1) for s in sorted(resumes)]
        table = fresh("spark-start")
        for label in ("spark first commit", "spark resume"):
            before = meter.commits(table)[-1][0] if label != "spark first commit" else -1
            parts.levada("generate", "sensors", "--to", f"{self.address}/{self.spark_start_topic()}", "--rate", 0, "--count", 1000)
            began = meter.measure(*spark_peer(self.address, self.spark_start_topic(), table, *TUNED))["began"]
            found[label] = [round((next(at for v, at, _ in meter.commits(table) if v > before) - began) * 1e3)]
        return found

    def spark_start_topic(self):
        if "spark-start" not in self.filled:
            self.filled["spark-start"] = self.fresh_topic("spark-start")
        return self.filled["spark-start"]

    def steady(self, command, table, topic, settle):
        """Events at RATE for SECONDS into a running pipeline: latencies, CPU, memory."""
        p = quiet(command)
        time.sleep(settle)
        if p.poll() is not None:
            raise SystemExit(f"{command[:3]} ended by itself with {p.returncode}")
        began = time.time()
        generator = parts.spawn(parts.binary(), "generate", "sensors", "--to", f"{self.address}/{topic}", "--rate", RATE, "--count", RATE * SECONDS,
                                stderr=subprocess.DEVNULL)
        time.sleep(WARM)
        cpu, at = meter.cpu_s(p.pid), time.time()
        generator.wait(SECONDS + 30)
        busy = (meter.cpu_s(p.pid) - cpu) / (time.time() - at)
        time.sleep(min(settle, 15))
        rss = meter.peak_mb(p.pid)
        parts.end(p, timeout=60)
        ms = meter.latencies(table, began + WARM)
        if len(ms) < RATE * (SECONDS - WARM) * 0.9:
            raise SystemExit(f"{command[:3]}: only {len(ms)} events were committed in time")
        return {"p50_ms": meter.percentile(ms, 0.5), "p95_ms": meter.percentile(ms, 0.95), "p99_ms": meter.percentile(ms, 0.99),
                "max_ms": float(ms[-1]), "cpu_percent": busy * 100, "rss_mb": rss, "commits": len(meter.commits(table)), "events": len(ms)}

    def latency(self):
        topic, storage = self.fresh_topic("latency"), fresh("latency")
        return self.steady(self.run(storage, topic, "--trigger", "100ms"), table_of(storage), topic, 2)

    def latency_python(self):
        topic, table = self.fresh_topic("latency"), fresh("latency-python")
        command = python_peer(self.address, topic, table, "--interval", 0.1, "--seconds", SECONDS + 30)
        return self.steady(command, table, topic, 3)

    def latency_spark(self):
        topic, table = self.fresh_topic("latency"), fresh("latency-spark")
        return self.steady(spark_peer(self.address, topic, table, "--trigger", "asap", "--seconds", "600", *TUNED), table, topic, 25)

    def idle(self):
        topic, storage = self.fresh_topic("idle"), fresh("idle")
        parts.generate(f"{self.address}/{topic}", rate=0, count=1000)
        p = quiet(self.run(storage, topic, "--trigger", "100ms"))
        meter.wait_for_commit(table_of(storage))
        time.sleep(2)
        cpu, at = meter.cpu_s(p.pid), time.time()
        time.sleep(20)
        percent = (meter.cpu_s(p.pid) - cpu) / (time.time() - at) * 100
        rss = meter.peak_mb(p.pid)
        parts.end(p)
        return {"cpu_percent": percent, "rss_mb": rss}

    def hub(self):
        events, found = min(EVENTS, 10_000_000), {}
        data = fresh("hub")
        with parts.Hub(data) as hub:
            parts.create_topic(hub.address, "sensors", 8)
            pid = hub.process.pid

            def phase(command):
                cpu = meter.cpu_s(pid)
                r = meter.measure(*command)
                return {"events_s": events / r["wall_s"], "hub_cpu_ns": (meter.cpu_s(pid) - cpu) / events * 1e9,
                        "client_cpu_ns": r["cpu_s"] / events * 1e9}

            found["take"] = phase([parts.binary(), "generate", "sensors", "--to", f"{hub.address}/sensors", "--rate", 0, "--count", events])
            found["serve"] = phase(self.run(fresh("from-hub"), "sensors", "--available-now", address=hub.address))
            found["rss_mb"] = meter.peak_mb(pid)
        shutil.rmtree(data)
        return {"events": events, **found}

    def json(self):
        """Documents to columns, by Levada's decoder and by simdjson; the columns are compared by sums over all values."""
        found = {}
        for shape, count in JSON_SHAPES.items():
            path = f"{fresh('json')}/{shape}"
            subprocess.run([sys.executable, f"{HERE}/json/documents.py", shape, str(count), path], check=True)
            ours, theirs = (json.loads(subprocess.run([f"{parts.ROOT}/build/release/bench_json_{who}", shape, path, "15"], capture_output=True,
                                                      text=True, check=True).stdout) for who in ("levada", "simdjson"))
            if ours["sums"] != theirs["sums"]:
                raise SystemExit(f"{shape}: other values than simdjson's: {ours['sums']}, {theirs['sums']}")
            found[shape] = {"bytes": os.path.getsize(path) / count, "levada_ns": ours["ns"], "simdjson_ns": theirs["ns"]}
        return {"shapes": found}

    def profile(self):
        topic = self.topic(EVENTS)
        r = meter.measure(*self.run(fresh("profile"), topic, "--available-now", "--workers", 1, "--profile", cpus="1"))
        line = next(x for x in r["err"].splitlines() if x.startswith('{"profile"'))
        found = {**json.loads(line)["profile"], "process_ns": r["cpu_s"] / EVENTS * 1e9}
        if shutil.which("perf"):
            data = f"{WORK}/perf.data"
            record = ["perf", "record", "-q", "-F", "499", "-o", data, "--", *self.run(fresh("profile"), topic, "--available-now", "--workers", "1")]
            subprocess.run(record, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            text = subprocess.run(["perf", "report", "-i", data, "--stdio", "--no-children", "--sort", "symbol", "--percent-limit", "1"],
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
            rows = [line.split() for line in text.splitlines() if "%" in line and not line.startswith("#")]
            found["hot"] = [[share, "kernel" if kind == "[k]" else "", symbol] for share, kind, symbol, *_ in rows[:15]]
        return found

    def sql(self):
        return parquet_sql.measure(fresh("sql"), SQL_ROWS, RUNS)


PARTS = ["ingest", "spark", "python", "start", "latency", "latency-python", "latency-spark", "idle", "hub", "profile", "json", "sql"]
NO_KAFKA = ["json", "sql"]


def spark_peer(address, topic, table, *more):
    return [sys.executable, f"{HERE}/peers/spark_pipeline.py", "ingest", "--brokers", address, "--topic", topic, "--table", table,
            "--jars", parts.setting("SPARK_JARS_DIR"), *more]


def python_peer(address, topic, table, *more):
    return [sys.executable, f"{HERE}/peers/python_pipeline.py", "--brokers", address, "--topic", topic, "--table", table, *more]


def quiet(command):
    return parts.spawn(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def say(text):
    print(f"  {text}", flush=True)


def fresh(name):
    """An empty folder; what an earlier run left there goes."""
    path = f"{WORK}/{name}"
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def table_of(storage):
    return f"{storage}/tables/sensor_data"


def size_of(table):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(table) for f in fs if f.endswith(".parquet"))


def main():
    chosen = sys.argv[1:] or PARTS
    for part in chosen:
        if part not in PARTS:
            raise SystemExit(f"there is no part {part}; there are {', '.join(PARTS)}")
    os.makedirs(WORK, exist_ok=True)
    results = report.load(f"{WORK}/results.json")
    with contextlib.ExitStack() as stack:
        needs_kafka = any(part not in NO_KAFKA for part in chosen)
        bench = Bench(stack.enter_context(parts.KafkaBroker(KAFKA_HEAP="1g")).address if needs_kafka else None)
        for part in chosen:
            print(f"== {part}", flush=True)
            load = os.getloadavg()[0]
            found = getattr(bench, part.replace("-", "_"))()
            results[part] = {**found, "at": time.strftime("%Y-%m-%d %H:%M"), "load": load}
            report.save(f"{WORK}/results.json", results)
            text = report.render(results)
            with open(f"{HERE}/RESULTS.md", "w", encoding="utf-8") as f:
                f.write(text)
    for d in os.listdir(WORK):
        if os.path.isdir(f"{WORK}/{d}"):
            shutil.rmtree(f"{WORK}/{d}")
    print(text)


if __name__ == "__main__":
    main()
