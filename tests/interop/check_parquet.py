#!/usr/bin/env python3
"""Parquet against other people's readers and files.

    check_parquet.py TOOL [TESTDATA]

TOOL is the program of tests/unit/parquet/test_parquet_tool.c, TESTDATA the folder with parquet/data
and parquet/bad_data (default: testdata of this tree). Needs pyarrow and duckdb. Checks that
  - pyarrow (verifying page checksums) and DuckDB read the random files that TOOL writes as it says;
  - TOOL reads the data files as pyarrow does, and files that pyarrow writes in many ways;
  - TOOL refuses the bad files without crashing.
"""
import datetime
import decimal
import json
import math
import os
import random
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

EPOCH_DAY = datetime.date(1970, 1, 1)
failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAIL", text)


def plain(value, kind):
    """A value of pyarrow in the terms of the tool's JSON."""
    if value is None:
        return None
    if pa.types.is_dictionary(kind):
        return plain(value, kind.value_type)
    if pa.types.is_struct(kind):
        return {f.name: plain(value[f.name], f.type) for f in kind}
    if pa.types.is_map(kind):
        return [[plain(k, kind.key_type), plain(v, kind.item_type)] for k, v in value]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [plain(v, kind.value_type) for v in value]
    if pa.types.is_floating(kind):
        return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if pa.types.is_decimal(kind):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if pa.types.is_uint64(kind):
        return str(value)
    return value


def columns(table):
    """Columns of a table as lists in the terms of the tool's JSON."""
    out = []
    for column in table.columns:
        kind = column.type
        if pa.types.is_timestamp(kind):
            divisor, factor = {"s": (1, 1000000), "ms": (1, 1000), "us": (1, 1), "ns": (1000, 1)}[kind.unit]
            ints = column.cast(pa.int64()).to_pylist()
            out.append([v if v is None else v // divisor * factor for v in ints])
        elif pa.types.is_date32(kind):
            out.append(column.cast(pa.int32()).to_pylist())
        else:
            out.append([plain(v, kind) for v in column.to_pylist()])
    return out


def same(ours, theirs):
    if isinstance(ours, float) or isinstance(theirs, float):
        if isinstance(ours, str) or isinstance(theirs, str):
            return str(ours).lstrip("-") == "nan" and str(theirs).lstrip("-") == "nan" or ours == theirs
        return ours is not None and theirs is not None and float(ours) == float(theirs)
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or (ours.lstrip("-") == "nan" and theirs.lstrip("-") == "nan")
    if isinstance(theirs, datetime.datetime):
        utc = theirs if theirs.tzinfo else theirs.replace(tzinfo=datetime.timezone.utc)
        delta = utc - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return ours == (delta.days * 86400 + delta.seconds) * 1000000 + delta.microseconds
    if isinstance(theirs, datetime.date):
        return ours == (theirs - EPOCH_DAY).days
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    return ours == theirs


def compare(name, rows, table):
    if len(rows) != table.num_rows:
        return fail(f"{name}: {len(rows)} rows, pyarrow has {table.num_rows}")
    for field, column in zip(table.column_names, columns(table)):
        for i, theirs in enumerate(column):
            if not same(rows[i][field], theirs):
                return fail(f"{name}: row {i} of {field}: {rows[i][field]!r}, pyarrow has {theirs!r}")


def dump(tool, path):
    run = subprocess.run([tool, "dump", path], capture_output=True)
    if run.returncode != 0:
        return run.returncode, run.stderr.decode(errors="replace").strip()
    return 0, [json.loads(line) for line in run.stdout.decode(errors="surrogateescape").splitlines()]


def check_with_duckdb(name, path, rows):
    """Number of rows, nulls of each column, and that min and max do not mislead a filter."""
    duck = duckdb.connect()
    table = f"read_parquet('{path}')"
    found = duck.execute(f"select count(*), {', '.join(f'count({c})' for c in columns_of(duck, table))} from {table}").fetchall()[0]
    expected = [len(rows)] + [sum(row[c] is not None for row in rows) for c in columns_of(duck, table)]
    if list(found) != expected:
        fail(f"{name}: DuckDB counts {found}, expected {expected}")
    duck.execute(f"create table copy as select * from {table}")
    scalars = duck.execute(f"select column_name from (describe copy) where not regexp_matches(column_type, '[(\\[]|BLOB') "
                           "or column_type like 'DECIMAL%'").fetchall()
    for column, in scalars:
        for low in duck.execute(f"select distinct {column} from copy where {column} is not null limit 3").fetchall():
            query = f"select count(*) from {{}} where {column} = ?"
            if duck.execute(query.format(table), low).fetchall() != duck.execute(query.format("copy"), low).fetchall():
                fail(f"{name}: DuckDB loses rows where {column} = {low[0]!r}: statistics mislead it")


def columns_of(duck, table):
    return [row[0] for row in duck.execute(f"describe select * from {table}").fetchall()]


def check_ours(tool, count):
    """Files of the tool, read by pyarrow and DuckDB."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tool, "make", folder, str(count)], check=True)
        for i in range(count):
            path = f"{folder}/{i}.parquet"
            with open(f"{folder}/{i}.json", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            try:
                compare(f"made {i}", rows, pq.ParquetFile(path, page_checksum_verification=True).read())
            except Exception as error:  # whatever another reader objects to is our failure
                fail(f"made {i}: pyarrow: {error}")
            try:
                check_with_duckdb(f"made {i}", path, rows)
            except Exception as error:
                fail(f"made {i}: DuckDB: {error}")
    print(f"{count} files of ours: read by pyarrow and DuckDB")


def check_data(tool, data):
    """The files of apache/parquet-testing."""
    for name in sorted(os.listdir(f"{data}/data")):
        if not name.endswith(".parquet"):
            continue
        status, rows = dump(tool, f"{data}/data/{name}")
        corrupt = "corrupt-checksum" in name
        if status != 0 or corrupt:
            if status < 0 or not corrupt:
                fail(f"{name}: {status} {rows}")
            elif status == 0:
                fail(f"{name}: a wrong checksum was accepted")
            continue
        try:
            table = pq.read_table(f"{data}/data/{name}")
        except Exception as error:
            print(f"{name}: pyarrow cannot read it ({error}); we have {len(rows)} rows")
            continue
        compare(name, rows, table)
    for name in sorted(os.listdir(f"{data}/bad_data")):
        status, text = dump(tool, f"{data}/bad_data/{name}")
        accepted = status == 0
        if status < 0 or status > 1 or accepted != ("43605" in name):
            fail(f"{name}: status {status} {text}")
        elif not accepted:
            print(f"refused {name}: {text}")


def random_table(rng, rows):
    """A table of pyarrow with one column for each kind of column."""
    def nulls(make):
        return [None if rng.random() < 0.2 else make() for _ in range(rows)]
    words = ["", "a", "sensor-1", "\u00fc\u20ac", "x" * 300]
    text = lambda: rng.choice(words) if rng.random() < 0.7 else str(rng.random())
    micros = lambda: rng.randrange(10 ** 15, 2 * 10 ** 15)
    return pa.table({
        "i8": pa.array(nulls(lambda: rng.randrange(-128, 128)), pa.int8()),
        "u8": pa.array(nulls(lambda: rng.randrange(256)), pa.uint8()),
        "i16": pa.array(nulls(lambda: rng.randrange(-1000, 1000)), pa.int16()),
        "u16": pa.array(nulls(lambda: rng.randrange(65536)), pa.uint16()),
        "i32": pa.array([rng.randrange(-2 ** 31, 2 ** 31) for _ in range(rows)], pa.int32()),
        "u32": pa.array(nulls(lambda: rng.randrange(2 ** 32)), pa.uint32()),
        "i64": pa.array(range(rows), pa.int64()),
        "u64": pa.array(nulls(lambda: rng.randrange(2 ** 64)), pa.uint64()),
        "f16": pa.array(nulls(lambda: rng.random() * 100), pa.float64()).cast(pa.float16()),
        "f32": pa.array(nulls(rng.random), pa.float32()),
        "f64": pa.array(nulls(lambda: rng.choice([0.5, 1.5, rng.random()])), pa.float64()),
        "b": pa.array(nulls(lambda: rng.random() < 0.5), pa.bool_()),
        "s": pa.array(nulls(text), pa.string()),
        "bin": pa.array(nulls(lambda: rng.randbytes(rng.randrange(9))), pa.binary()),
        "fixed": pa.array(nulls(lambda: rng.randbytes(5)), pa.binary(5)),
        "d9": pa.array(nulls(lambda: decimal.Decimal(rng.randrange(-10 ** 9 + 1, 10 ** 9)).scaleb(-2)), pa.decimal128(9, 2)),
        "d38": pa.array(nulls(lambda: decimal.Decimal(rng.randrange(-10 ** 30, 10 ** 30)).scaleb(-5, decimal.Context(prec=60))), pa.decimal128(38, 5)),
        "date": pa.array(nulls(lambda: rng.randrange(20000)), pa.int32()).cast(pa.date32()),
        "ms": pa.array(nulls(lambda: micros() // 1000), pa.int64()).cast(pa.timestamp("ms", "UTC")),
        "us": pa.array(nulls(micros), pa.int64()).cast(pa.timestamp("us")),
        "ns": pa.array(nulls(lambda: micros() * 1000 + 999), pa.int64()).cast(pa.timestamp("ns", "UTC")),
        "list": pa.array(nulls(lambda: nulls_of(rng, text)), pa.list_(pa.string())),
        "deep": pa.array(nulls(lambda: [nulls_of(rng, lambda: rng.randrange(5)) for _ in range(rng.randrange(3))]),
                         pa.list_(pa.list_(pa.int32()))),
        "struct": pa.array(nulls(lambda: {"a": rng.choice([None, 1]), "l": nulls_of(rng, text)}),
                           pa.struct([("a", pa.int64()), ("l", pa.list_(pa.string()))])),
        "map": pa.array(nulls(lambda: [(str(k), rng.choice([None, {"v": k}])) for k in range(rng.randrange(4))]),
                        pa.map_(pa.string(), pa.struct([("v", pa.int32())]))),
    })


def nulls_of(rng, make):
    return [None if rng.random() < 0.2 else make() for _ in range(rng.randrange(5))]


def check_theirs(tool):
    """Files of pyarrow: versions, encodings, codecs, page sizes."""
    rng = random.Random(7)
    ways = [{}]
    ways += [{"compression": c} for c in ("none", "snappy", "gzip", "lz4", "zstd", "brotli")]
    ways += [{"data_page_version": "2.0", "compression": c} for c in ("none", "snappy", "zstd")]
    ways += [{"use_dictionary": False, "data_page_version": v} for v in ("1.0", "2.0")]
    ways += [{"data_page_size": 200, "dictionary_pagesize_limit": 300}, {"use_deprecated_int96_timestamps": True}]
    ways += [{"use_dictionary": False, "column_encoding": e} for e in (
        {"i64": "DELTA_BINARY_PACKED", "i32": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY", "bin": "DELTA_LENGTH_BYTE_ARRAY",
         "fixed": "DELTA_BYTE_ARRAY", "d38": "DELTA_BYTE_ARRAY", "b": "RLE", "us": "DELTA_BINARY_PACKED"},
        {c: "BYTE_STREAM_SPLIT" for c in ("f32", "f64", "i32", "i64", "fixed", "d38", "us")})]
    ways += [{"write_page_checksum": True, "write_page_index": True, "row_group_size": 77, "store_decimal_as_integer": True}]
    with tempfile.TemporaryDirectory() as folder:
        for i, way in enumerate(ways):
            for rows in (0, 1, 300):
                path = f"{folder}/{i}-{rows}.parquet"
                table = random_table(rng, rows)
                pq.write_table(table, path, **way)
                status, got = dump(tool, path)
                if status != 0:
                    fail(f"pyarrow {way}: {got}")
                else:
                    compare(f"pyarrow {way}", got, table)
    print(f"{len(ways)} ways of pyarrow to write: read")


def main():
    tool = sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    data = (sys.argv[2] if len(sys.argv) > 2 else f"{here}/../../testdata") + "/parquet"
    check_ours(tool, 60)
    check_theirs(tool)
    if os.path.isdir(data):
        check_data(tool, data)
    else:
        print(f"{data} is absent: files of others were not checked")
    print("failures:", failures)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
