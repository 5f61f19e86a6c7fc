"""RESULTS.md out of what was measured."""
import json
import os
import platform
import re

# Stages of `levada run --profile`: name, its key, the budget in ns of CPU per event. Each is held to 1.5 times its budget.
STAGES = [("fetch, decompress, walk records", "source_ns", 50), ("JSON to columns, project", "compute_ns", 45),
          ("Parquet encode, compress, write", "write_ns", 28), ("commit", "commit_ns", 0)]


def load(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def save(path, results):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)


def machine():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    with open("/proc/meminfo") as f:
        memory = int(re.search(r"MemTotal:\s+(\d+)", f.read()).group(1)) / 2**20
    return f"{os.cpu_count()} × {model.group(1) if model else platform.machine()}, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def table(head, rows):
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *(f"| {' | '.join(map(str, r))} |" for r in rows), ""]


def rate(per_second):
    return f"{per_second / 1e6:.2f} M" if per_second >= 1e6 else f"{per_second / 1e3:.0f} k"


def ns(value):
    return f"{value:,.0f}"


def times(a, b):
    return f"{a / b:.1f} ×" if b else ""


def backfill(r):
    ours = r.get("ingest", {})
    base = ours.get("one core")
    rows = []
    for name, part, key in (("Levada, one core", "ingest", "one core"), ("Levada, two cores", "ingest", "two cores"), ("Spark, tuned", "spark", "tuned"),
                            ("Spark, as it comes", "spark", "default"), ("Python by hand", "python", "default")):
        x = r.get(part, {}).get(key)
        if x:
            rows.append([name, f"{r[part]['events']:,}", ns(x["cpu_ns"]), times(x["cpu_ns"], base and base["cpu_ns"]), rate(x["events_s"]),
                         f"{x['rss_mb']:,} MB", f"{x['bytes_per_event']:.1f}"])
    if not rows:
        return []
    return ["## Topic to committed table", ""] + table(["", "events", "CPU ns/event", "to Levada on one core", "events/s", "peak memory", "bytes/event on disk"], rows)


def starts(r):
    x = r.get("start")
    if not x:
        return []
    show = lambda values: f"{sorted(values)[len(values) // 2]:,.0f} ms" + (f" (worst of {len(values)}: {max(values):,.0f})" if len(values) > 1 else "")
    return ["## Start and restart", ""] + table(
        ["", "start to first commit, 1,000 events", "kill -9 (Spark: start again) to next commit"],
        [["Levada", show(x["levada first commit"]), show(x["levada resume"])], ["Spark, tuned", show(x["spark first commit"]), show(x["spark resume"])]])


def steady(r):
    rows = [[name, *(f"{x[k]:,.0f}" for k in ("p50_ms", "p95_ms", "p99_ms", "max_ms")), f"{x['cpu_percent']:.1f} %", f"{x['rss_mb']:,} MB", x["commits"]]
            for name, part in (("Levada, a batch every 100 ms", "latency"), ("Python by hand, every 100 ms", "latency-python"),
                               ("Spark, tuned, as fast as it can", "latency-spark")) if (x := r.get(part))]
    if not rows:
        return []
    return ["## 2,000 events/s: event to commit, ms", ""] + table(["", "p50", "p95", "p99", "worst", "CPU of one core", "peak memory", "commits"], rows)


def over_parquet(r):
    x = r.get("sql")
    if not x:
        return []
    rows = [[q["query"], q["table"], f"{q['cpu_ms']:,.0f}", f"{q['duck_cpu_ms']:,.0f}", f"{q['cpu_ms'] / max(q['duck_cpu_ms'], 0.1):.2f} ×",
             f"{q['wall_ms']:,.0f}", f"{q['duck_all_ms']:,.0f}"] for q in x["queries"]]
    return [f"## `levada sql` over Parquet, {x['rows']:,} sensor rows, beside DuckDB 1.4", ""] + table(
        ["query", "table", "CPU ms, one thread", "DuckDB", "", "wall ms, all cores", "DuckDB"], rows)


def others(r):
    out = []
    if x := r.get("idle"):
        out += ["## Idle", "", f"Waiting for events with `--trigger 100ms`: {x['cpu_percent']:.2f} % of a core, {x['rss_mb']} MB.", ""]
    if x := r.get("hub"):
        out += [f"## The hub, {x['events']:,} events, lz4", ""] + table(
            ["", "events/s", "hub's CPU ns/event", "client's CPU ns/event"],
            [["takes, from `levada generate`", rate(x["take"]["events_s"]), ns(x["take"]["hub_cpu_ns"]), ns(x["take"]["client_cpu_ns"])],
             ["serves, to `levada run`", rate(x["serve"]["events_s"]), ns(x["serve"]["hub_cpu_ns"]), ns(x["serve"]["client_cpu_ns"])]]) + [
                 f"Both ends on the same cores: the slower of the two sets the pace. Peak memory {x['rss_mb']} MB.", ""]
    if x := r.get("json"):
        rows = [[shape, f"{v['bytes']:,.0f}", ns(v["levada_ns"]), ns(v["simdjson_ns"]), f"{v['levada_ns'] / v['simdjson_ns']:.2f} ×"]
                for shape, v in x["shapes"].items()]
        out += ["## JSON documents to columns, CPU ns per document", ""] + table(["document", "bytes", "Levada", "simdjson On-Demand", ""], rows) + [
            "The same fields into columns of the same kinds. Levada checks the parts that nobody wants, too, as Spark does; simdjson steps over them.", ""]
    if x := r.get("profile"):
        rows = [[name, ns(x[key]), budget or "", times(x[key], budget) if budget else ""] for name, key, budget in STAGES if key in x]
        rows.append(["all stages", ns(x["total_ns"]), 123, times(x["total_ns"], 123)])
        rows.append(["the process, start included", ns(x["process_ns"]), "", ""])
        out += ["## Stages, CPU ns per event, one worker", ""] + table(["stage", "measured", "budget", ""], rows)
        if x.get("hot"):
            out += ["Where the time goes (perf):", ""] + table(["share", "", "function"], [[share, where, f"`{f}`"] for share, where, f in x["hot"]])
    return out


def render(results):
    lines = ["# Results", "", "Written by `make bench` (README.md here says what is measured and how); every table compared with Levada's before anything was timed.", "",
             f"- Machine: {machine()}; broker, generator and pipeline on it together.",
             "- Parts: Apache Kafka 4.1.0, 8 partitions, lz4, sensor events of about 122 bytes; Spark 4.2.0 with delta-spark 4.4.0; delta-rs 1.6.6.",
             "- Measured (load average before): " + "; ".join(f"{p} {x['at']} ({x['load']:.1f})" for p, x in results.items()) + ".", ""]
    return "\n".join(lines + backfill(results) + starts(results) + steady(results) + others(results) + over_parquet(results)).rstrip() + "\n"
