"""How the benchmark measures: processes, commits, and whether two tables hold the same."""
import glob
import json
import os
import re
import subprocess
import tempfile
import time


def own_peak_mb(pid):
    """Peak memory of a process, without its children. Not ru_maxrss: that begins with what the parent had at the fork."""
    try:
        with open(f"/proc/{pid}/status") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) >> 10
    except (OSError, AttributeError):
        return 0


def measure(*args, **kwargs):
    """Runs a program to its end: seconds of CPU and of wall, peak memory, output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.time()
        p = subprocess.Popen([str(a) for a in args], stdin=subprocess.DEVNULL, stdout=out, stderr=err, **kwargs)
        peak, pid = 0, 0
        while pid == 0:
            peak = max(peak, own_peak_mb(p.pid))
            time.sleep(0.005)
            pid, status, usage = os.wait4(p.pid, os.WNOHANG)
        wall = time.time() - began
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        texts = [f.read().decode(errors="replace") for f in (out, err)]
    if p.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, args))[:200]}: exit {p.returncode}\n{texts[0][-1000:]}\n{texts[1][-3000:]}")
    return {"began": began, "wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "rss_mb": peak, "out": texts[0], "err": texts[1]}


# ---- running processes --------------------------------------------------------------------------------

def family(pid):
    """A process and all that it started."""
    children = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as f:
                name, fields = f.read().rsplit(")", 1)
        except OSError:
            continue
        children.setdefault(int(fields.split()[1]), []).append(int(name.split(" ", 1)[0]))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu_s(pid):
    """CPU seconds so far of the threads that live, of a process and its children."""
    total = 0.0
    for p in family(pid):
        try:
            tasks = glob.glob(f"/proc/{p}/task/*/schedstat")
            total += sum(int(open(t).read().split()[0]) for t in tasks) / 1e9
        except (OSError, IndexError, ValueError):
            pass
    return total


def peak_mb(pid):
    return sum(own_peak_mb(p) for p in family(pid))


# ---- tables -------------------------------------------------------------------------------------------

def commits(table):
    """[(version, seconds when it became visible, [data file…])] of commits with data."""
    found = []
    for path in sorted(glob.glob(f"{table}/_delta_log/" + "[0-9]" * 20 + ".json")):
        with open(path) as f:
            adds = [json.loads(line)["add"]["path"] for line in f if line.startswith('{"add"')]
        if adds:
            found.append((int(os.path.basename(path)[:20]), os.stat(path).st_ctime, adds))
    return found


def wait_for_commit(table, since=0.0, timeout=120):
    """When the first commit with data after the time `since` became visible."""
    deadline = time.time() + timeout
    while time.time() < deadline:
        for _, at, _ in commits(table):
            if at > since:
                return at
        time.sleep(0.02)
    raise RuntimeError(f"no commit in {table} within {timeout} s")


def fingerprint(table, columns):
    """Rows, devices, and sums over rows of hashes of their columns: equal for equal bags of rows, whatever their order."""
    import deltalake
    import duckdb
    files = deltalake.DeltaTable(table).file_uris()
    typed = [f"epoch_us({c})" if "imestamp" in c else c for c in columns]
    db = duckdb.connect()
    db.execute("SET TimeZone='UTC'")
    return db.execute(f"""
        WITH t AS (SELECT deviceId, temperature, hash({', '.join(typed)}) AS h FROM read_parquet({files!r})),
             d AS (SELECT deviceId, count(*) AS n, min(temperature) AS lo, max(temperature) AS hi, sum(h::HUGEINT) AS s FROM t GROUP BY ALL)
        SELECT sum(n)::BIGINT AS rows, count(*) AS devices, sum(s)::VARCHAR AS hash, sum(hash(deviceId, n, lo, hi)::HUGEINT)::VARCHAR AS per_device FROM d
        """).fetchone()


def latencies(table, since):
    """Milliseconds from each row's timestamp to its commit, sorted; rows from `since` (seconds) on."""
    import numpy
    import pyarrow as pa
    import pyarrow.parquet as pq
    found = []
    for _, at, files in commits(table):
        for name in files:
            us = pq.read_table(f"{table}/{name}", columns=["timestamp"]).column(0).cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
            found.append(at * 1e3 - us[us >= since * 1e6] / 1e3)
    return numpy.sort(numpy.concatenate(found)) if found else numpy.zeros(0)


def percentile(sorted_values, share):
    return float(sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))])


def median(values):
    values = sorted(values)
    return values[len(values) // 2]
