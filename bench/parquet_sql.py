"""`levada sql` over Parquet beside DuckDB, on two tables that DuckDB makes; the part `sql` of run.py.

Each query's answers are compared first. CPU is user + system time of one thread: of Levada's whole process, start included, and of a DuckDB
that is already up; wall time is with all the cores that each of them uses. The better of some runs counts.
"""
import json
import math
import os
import resource
import subprocess
import time

import duckdb

import parts

SENSORS = """select 'sensor-' || lpad((hash(i) % 1000)::varchar, 4, '0') as device_id, i as id, (hash(i * 7) % 40)::int as site,
    15 + 20 * ((hash(i * 3) % 100000) / 100000.0)::double as temperature, ((hash(i * 5) % 1000) / 10.0)::double as humidity,
    if(hash(i * 11) % 20 = 0, null, 900 + (hash(i * 13) % 2000) / 10.0)::double as pressure,
    timestamp '2024-01-01' + to_microseconds(i * 1000) as ts, 'event ' || i || ' of kind ' || (hash(i * 17) % 97) as message
    from range({rows}) t(i)"""
LINEITEM = """select (i / 4)::bigint as l_orderkey, (hash(i) % 200000)::bigint as l_partkey, (hash(i * 3) % 50 + 1)::decimal(15,2) as l_quantity,
    ((hash(i * 5) % 9500000 + 90000) / 100.0)::decimal(15,2) as l_extendedprice, ((hash(i * 7) % 11) / 100.0)::decimal(15,2) as l_discount,
    ((hash(i * 11) % 9) / 100.0)::decimal(15,2) as l_tax, ['A', 'N', 'R'][(1 + hash(i * 13) % 3)::int] as l_returnflag,
    date '1992-01-01' + (hash(i * 19) % 2526)::int as l_shipdate, date '1992-01-01' + (hash(i * 23) % 2526)::int as l_commitdate,
    ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'][(1 + hash(i * 31) % 7)::int] as l_shipmode,
    'carefully ' || ['regular', 'final', 'special', 'pending'][(1 + hash(i * 37) % 4)::int] || ' deposits ' || (hash(i * 41) % 100000) as l_comment
    from range({rows}) t(i)"""
TABLES = {"sensors": (SENSORS, "zstd", 1_000_000), "lineitem": (LINEITEM, "snappy", 500_000)}
QUERIES = [
    ("count", "sensors", "select count(*) from {t}"),
    ("sum, avg, min, max", "sensors", "select sum(temperature), avg(humidity), min(pressure), max(pressure), count(pressure) from {t}"),
    ("integers, times", "sensors", "select sum(id), max(site), max(ts) from {t}"),
    ("min, max of text", "sensors", "select min(device_id), max(device_id) from {t}"),
    ("range of a sorted column", "sensors", "select count(*), sum(temperature) from {t} where id between 5000000 and 5000100"),
    ("range of times", "sensors", "select count(*), sum(temperature) from {t} where ts >= {ntz} '2024-01-01 01:00:00' and ts < {ntz} '2024-01-01 01:10:00'"),
    ("integer = , 1 in 40", "sensors", "select count(*), sum(temperature) from {t} where site = 7"),
    ("double > , 3 in 4", "sensors", "select count(*), sum(humidity) from {t} where temperature > 20"),
    ("text =", "sensors", "select count(*), sum(temperature) from {t} where device_id = 'sensor-0042'"),
    ("text IN", "sensors", "select count(*), sum(temperature) from {t} where device_id in ('sensor-0042', 'sensor-0043', 'sensor-0100')"),
    ("LIKE, few values", "sensors", "select count(*), avg(temperature) from {t} where device_id like '%42'"),
    ("LIKE, all different", "sensors", "select count(*) from {t} where message like '%kind 42%'"),
    ("arithmetic", "sensors", "select sum(temperature * 1.8 + 32), sum(humidity * pressure) from {t}"),
    ("functions of text", "sensors", "select max(length(message)), max(upper(device_id)), max(substring(message, 7, 5)) from {t}"),
    ("TPC-H 6", "lineitem", "select sum(l_extendedprice * l_discount) from {t} where l_shipdate >= date '1994-01-01' and l_shipdate < date '1995-01-01' "
                            "and l_discount between 0.05 and 0.07 and l_quantity < 24"),
    ("TPC-H 1, not grouped", "lineitem", "select sum(l_quantity), sum(l_extendedprice), sum(l_extendedprice * (1 - l_discount)), "
                                         "sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)), avg(l_quantity), avg(l_discount), count(*) from {t} "
                                         "where l_shipdate <= date '1998-09-02'"),
    ("TPC-H 12's filter", "lineitem", "select count(*) from {t} where l_shipmode in ('MAIL', 'SHIP') and l_commitdate < l_shipdate"),
    ("LIKE, two parts", "lineitem", "select count(*) from {t} where l_comment like '%special%5%'"),
]


def make_tables(folder, rows):
    duck = duckdb.connect()
    for name, (query, codec, group) in TABLES.items():
        path = f"{folder}/{name}.parquet"
        count = rows if name == "sensors" else rows * 3 // 10
        duck.execute(f"copy ({query.format(rows=count)}) to '{path}' (format parquet, compression {codec}, row_group_size {group})")


def cpu(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def timed(who, action, runs):
    """(answer, least CPU seconds, least wall seconds)"""
    best_cpu = best_wall = math.inf
    for _ in range(runs):
        began, used = time.perf_counter(), cpu(who)
        answer = action()
        best_wall, best_cpu = min(best_wall, time.perf_counter() - began), min(best_cpu, cpu(who) - used)
    return answer, best_cpu, best_wall


def plain(value):
    """Times as text without the zeros behind the seconds, numbers as they are worth."""
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    return float(value) if not isinstance(value, str) else value.rstrip("0") if "." in value else value


def same(ours, theirs):
    """Spark rounds the mean of DECIMALs to four digits more than they have; DuckDB gives a DOUBLE."""
    return all(a == b if isinstance(b, str) else math.isclose(a, b, rel_tol=1e-5) for a, b in zip(map(plain, ours), map(plain, theirs), strict=True))


def ask_levada(program, query):
    out = subprocess.run([program, "sql", "--output", "jsonl", query], capture_output=True, text=True, check=True).stdout
    return list(json.loads(out).values())


def measure(folder, rows, runs):
    make_tables(folder, rows)
    duck, program, found = duckdb.connect(), parts.binary(), []
    duck.execute("set timezone = 'UTC'")
    for name, table, query in QUERIES:
        theirs = query.format(t=f"read_parquet('{folder}/{table}.parquet')", ntz="timestamp")
        ours = query.format(t=f"parquet.`{folder}/{table}.parquet`", ntz="timestamp_ntz")
        duck.execute("set threads = 1")
        duck_row, duck_cpu, duck_wall = timed(resource.RUSAGE_SELF, lambda: duck.execute(theirs).fetchone(), runs)
        row, our_cpu, our_wall = timed(resource.RUSAGE_CHILDREN, lambda: ask_levada(program, ours), runs)
        if not same(row, duck_row):
            raise SystemExit(f"{name}: Levada says {row}, DuckDB {duck_row}")
        duck.execute(f"set threads = {os.cpu_count()}")
        _, _, duck_all = timed(resource.RUSAGE_SELF, lambda: duck.execute(theirs).fetchone(), runs)
        found.append({"query": name, "table": table, "cpu_ms": our_cpu * 1e3, "wall_ms": our_wall * 1e3,
                      "duck_cpu_ms": duck_cpu * 1e3, "duck_wall_ms": duck_wall * 1e3, "duck_all_ms": duck_all * 1e3})
        print(f"  {name}: {our_cpu * 1e3:.0f} ms, DuckDB {duck_cpu * 1e3:.0f} ms", flush=True)
    return {"rows": rows, "queries": found}
