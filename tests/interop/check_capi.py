#!/usr/bin/env python3
"""The library through its public header, from another language, with pyarrow at the other end.

    check_capi.py LIBRARY

Checks that rows of every type come out as pyarrow expects them, that tables of every Arrow type can be queried as views, that errors carry
class, place and SQLSTATE, and that arrays, streams and sessions may be let go of in any order.
"""
import ctypes
import datetime
import decimal
import gc
import sys

import pyarrow as pa

P = ctypes.c_void_p
UTC = datetime.timezone.utc
failures = 0


class Failed(Exception):
    def __init__(self, lib, error):
        self.error_class, self.sqlstate, self.message = (f(error).decode() for f in (
            lib.levada_error_class, lib.levada_error_sqlstate, lib.levada_error_message))
        self.place = lib.levada_error_offset(error), lib.levada_error_length(error)
        lib.levada_error_free(error)
        super().__init__(f"[{self.error_class}] {self.message}")


class Struct:
    """Room for one of Arrow's structs, by its number of 8-byte fields."""

    def __init__(self, fields, release):
        self.room, self.release = (ctypes.c_uint64 * fields)(), release
        self.address = ctypes.addressof(self.room)

    def released(self):
        return self.room[self.release] == 0


def c_schema():
    return Struct(9, 7)


def c_array():
    return Struct(10, 8)


def c_stream():
    return Struct(5, 3)


class Setting(ctypes.Structure):
    _fields_ = [("key", ctypes.c_char_p), ("value", ctypes.c_char_p)]


def load(path):
    lib = ctypes.CDLL(path)
    text, place = ctypes.c_char_p, ctypes.c_int64
    for name, result, arguments in (
            ("version", text, []), ("error_class", text, [P]), ("error_sqlstate", text, [P]), ("error_message", text, [P]),
            ("error_hint", text, [P]), ("error_offset", place, [P]), ("error_length", place, [P]), ("error_free", None, [P]),
            ("open", ctypes.c_int, [text, P, ctypes.c_size_t, P, P]), ("close", None, [P]), ("set", ctypes.c_int, [P, text, text, P]),
            ("query", ctypes.c_int, [P, text, P, P]), ("result_free", None, [P]), ("result_schema", ctypes.c_int, [P, P, P]),
            ("result_next", ctypes.c_int, [P, P, P]), ("result_stream", None, [P, P]), ("register", ctypes.c_int, [P, text, P, P])):
        function = getattr(lib, f"levada_{name}")
        function.restype, function.argtypes = result, arguments
    return lib


class Session:
    def __init__(self, lib, storage=".", **settings):
        self.lib, self.handle = lib, P()
        pairs = (Setting * max(len(settings), 1))(*[(k.replace("__", ".").encode(), v.encode()) for k, v in settings.items()])
        self.call(lib.levada_open, storage.encode(), pairs, len(settings), ctypes.byref(self.handle))

    def call(self, function, *arguments):
        error = P()
        if function(*arguments, ctypes.byref(error)) != 0:
            raise Failed(self.lib, error)

    def result(self, text):
        result = P()
        self.call(self.lib.levada_query, self.handle, text.encode(), ctypes.byref(result))
        return result

    def stream(self, text):
        """A RecordBatchReader, which owns the result."""
        stream = c_stream()
        self.lib.levada_result_stream(self.result(text), stream.address)
        return pa.RecordBatchReader._import_from_c(stream.address)

    def sql(self, text):
        table = self.stream(text).read_all()
        table.validate(full=True)
        return table

    def register(self, name, table):
        reader = table if isinstance(table, pa.RecordBatchReader) else table.to_reader()
        stream = c_stream()
        reader._export_to_c(stream.address)
        self.call(self.lib.levada_register, self.handle, name.encode(), stream.address)

    def close(self):
        self.lib.levada_close(self.handle)


def check(what, found, expected):
    global failures
    if found != expected:
        failures += 1
        print(f"FAIL {what}: {found!r}\n  expected {expected!r}")


def fails(what, error_class, action):
    try:
        action()
    except Failed as error:
        check(what, error.error_class, error_class)
        return error
    check(what, "no error", error_class)
    return None


# ---- out ----------------------------------------------------------------------------------------------

LITERALS = [
    ("true", pa.bool_(), True), ("CAST(-1 AS TINYINT)", pa.int8(), -1), ("CAST(300 AS SMALLINT)", pa.int16(), 300), ("7", pa.int32(), 7),
    ("-9223372036854775807L", pa.int64(), -9223372036854775807), ("CAST(1.5 AS FLOAT)", pa.float32(), 1.5), ("2.5D", pa.float64(), 2.5),
    ("-1.25", pa.decimal128(3, 2), decimal.Decimal("-1.25")),
    ("CAST('12345678901234567890123456789012345678' AS DECIMAL(38,0))", pa.decimal128(38, 0), decimal.Decimal("12345678901234567890123456789012345678")),
    ("'\u00fcber'", pa.string(), "\u00fcber"), ("X'00ff'", pa.binary(), b"\x00\xff"), ("DATE'2024-02-29'", pa.date32(), datetime.date(2024, 2, 29)),
    ("TIMESTAMP'2024-02-29 12:00:00.000001 UTC'", pa.timestamp("us", "Europe/Lisbon"), datetime.datetime(2024, 2, 29, 12, 0, 0, 1, UTC)),
    ("TIMESTAMP_NTZ'1960-01-01 00:00:00.5'", pa.timestamp("us"), datetime.datetime(1960, 1, 1, 0, 0, 0, 500000)), ("NULL", pa.null(), None),
]


def check_out(lib):
    session = Session(lib, spark__sql__session__timeZone="Europe/Lisbon")
    table = session.sql("SELECT " + ", ".join(f"{sql} AS c{i}" for i, (sql, _, _) in enumerate(LITERALS)))
    for i, (sql, kind, value) in enumerate(LITERALS):
        check(sql, (table.schema.field(i).type, table.column(i).to_pylist()), (kind, [value]))
    table = session.sql("SELECT id, s, id IS NULL AS n FROM VALUES (1, 'a'), (NULL, NULL), (3, '') AS t(id, s)")
    check("nulls", table.to_pydict(), {"id": [1, None, 3], "s": ["a", None, ""], "n": [False, True, False]})
    check("nullability", [f.nullable for f in table.schema], [True, True, False])
    check("no rows", session.sql("SELECT 1 AS x WHERE false").num_rows, 0)
    check("no result", (session.sql("CREATE TEMPORARY VIEW v AS SELECT 1 AS x").num_columns, session.sql("SELECT x FROM v; SELECT x + 1 AS y FROM v").to_pydict()),
          (0, {"y": [2]}))
    session.call(lib.levada_set, session.handle, b"spark.sql.session.timeZone", b"UTC")
    check("zone", session.sql("SELECT now() AS t").schema.field(0).type, pa.timestamp("us", "UTC"))
    check_handles(session)
    session.close()


def check_handles(session):
    """The calls below the stream: schema, arrays one by one, then one that is released."""
    result = session.result("SELECT 'x' AS s UNION ALL SELECT 'y'")
    schema, array, rows = c_schema(), c_array(), []
    while True:
        session.call(session.lib.levada_result_next, result, array.address)
        if array.released():
            break
        session.call(session.lib.levada_result_schema, result, schema.address)
        rows += pa.RecordBatch._import_from_c(array.address, schema.address).to_pylist()
    session.lib.levada_result_free(result)
    check("handles", rows, [{"s": "x"}, {"s": "y"}])


# ---- in -----------------------------------------------------------------------------------------------

def table_of_all_types(rows):
    """Each column with the type that comes out again."""
    def some(make):
        return [None if i % 7 == 3 else make(i) for i in range(rows)]
    text = some(lambda i: ["", "a", "\u00fc\u20ac", "x" * 40, str(i)][i % 5])
    money = some(lambda i: decimal.Decimal(i * 7 - 50).scaleb(-2))
    times = some(lambda i: datetime.datetime(1960 + i % 100, 1, 2, 3, 4, 5))
    nested = pa.struct([("a", pa.int32()), ("l", pa.list_(pa.struct([("s", pa.string())])))])
    struct = some(lambda i: {"a": None if i % 2 else i, "l": None if i % 3 == 0 else [None, {"s": str(i)}][: i % 3]})
    kinds = pa.map_(pa.string(), pa.list_(pa.struct([("v", pa.float64())])))
    maps = some(lambda i: [(f"k{j}", None if j == 1 else [{"v": j / 2}, None]) for j in range(i % 4)])
    columns = {
        "b": (pa.array(some(lambda i: i % 2 == 0)), pa.bool_()),
        "i8": (pa.array(some(lambda i: i % 256 - 128), pa.int8()), pa.int8()), "u8": (pa.array(some(lambda i: i % 256), pa.uint8()), pa.int16()),
        "i16": (pa.array(some(lambda i: -i), pa.int16()), pa.int16()), "u16": (pa.array(some(lambda i: i + 60000), pa.uint16()), pa.int32()),
        "i32": (pa.array(some(lambda i: -i), pa.int32()), pa.int32()), "u32": (pa.array(some(lambda i: i + 2 ** 31), pa.uint32()), pa.int64()),
        "i64": (pa.array(range(rows), pa.int64()), pa.int64()), "u64": (pa.array(some(lambda i: i + 2 ** 63), pa.uint64()), pa.decimal128(20, 0)),
        "f16": (pa.array(some(lambda i: i / 4), pa.float32()).cast(pa.float16()), pa.float32()),
        "f32": (pa.array(some(lambda i: i / 4), pa.float32()), pa.float32()), "f64": (pa.array(some(float)), pa.float64()),
        "d": (pa.array(money, pa.decimal128(12, 2)), pa.decimal128(12, 2)), "d256": (pa.array(money, pa.decimal256(30, 2)), pa.decimal128(30, 2)),
        "s": (pa.array(text), pa.string()), "ls": (pa.array(text, pa.large_string()), pa.string()), "vs": (pa.array(text, pa.string_view()), pa.string()),
        "bin": (pa.array([t and t.encode() for t in text], pa.binary()), pa.binary()),
        "vbin": (pa.array([t and t.encode() for t in text], pa.binary_view()), pa.binary()),
        "fix": (pa.array(some(lambda i: f"{i:03}"[:3].encode()), pa.binary(3)), pa.binary()),
        "day": (pa.array(some(lambda i: i - 50), pa.int32()).cast(pa.date32()), pa.date32()),
        "day64": (pa.array([t and t.date() for t in times], pa.date64()), pa.date32()),
        "ts": (pa.array(times, pa.timestamp("us")), pa.timestamp("us")), "tz": (pa.array(times, pa.timestamp("us", "Asia/Tokyo")), pa.timestamp("us", "UTC")),
        "tss": (pa.array(times, pa.timestamp("s")), pa.timestamp("us")), "tsm": (pa.array(times, pa.timestamp("ms", "UTC")), pa.timestamp("us", "UTC")),
        "tsn": (pa.array(times, pa.timestamp("ns")), pa.timestamp("us")),
        "dict": (pa.array(text).dictionary_encode(), pa.string()),
        "dicti": (pa.DictionaryArray.from_arrays(pa.array([None if i % 5 == 1 else i % 3 for i in range(rows)], pa.uint8()), pa.array([10, None, 30])), pa.int64()),
        "list": (pa.array(some(lambda i: [None, "x", str(i)][: i % 4]), pa.list_(pa.string())), pa.list_(pa.string())),
        "llist": (pa.array(some(lambda i: [i] * (i % 3)), pa.large_list(pa.int32())), pa.list_(pa.int32())),
        "flist": (pa.array(some(lambda i: [i, None]), pa.list_(pa.int32(), 2)), pa.list_(pa.int32())),
        "st": (pa.array(struct, nested), nested), "map": (pa.array(maps, kinds), kinds), "null": (pa.nulls(rows), pa.null()),
        "empty": (pa.array(some(lambda i: {}), pa.struct([])), pa.struct([])),
    }
    return pa.table({name: column for name, (column, _) in columns.items()}), {name: kind for name, (_, kind) in columns.items()}


def shape(kind):
    """A type without the names that Arrow's lists and maps give their parts."""
    if pa.types.is_map(kind):
        return "map", shape(kind.key_type), shape(kind.item_type)
    if pa.types.is_list(kind):
        return "list", shape(kind.value_type)
    if pa.types.is_struct(kind):
        return "struct", [(f.name, shape(f.type)) for f in kind]
    return kind


def same_rows(what, found, given, kinds):
    for name, kind in kinds.items():
        check(f"{what}: type of {name}", shape(found.schema.field(name).type), shape(kind))
        expected = given.column(name).to_pylist()
        if pa.types.is_decimal(kind):
            expected = [v if v is None else decimal.Decimal(v) for v in expected]
        if name == "tsn":
            expected = [v and v.to_pydatetime() if hasattr(v, "to_pydatetime") else v for v in expected]
        check(f"{what}: {name}", found.column(name).to_pylist(), expected)


def check_in(lib):
    session = Session(lib)
    table, kinds = table_of_all_types(200)
    cuts = pa.concat_tables([table.slice(3, 60), table.slice(63, 1), table.slice(64, 0), table.slice(64, 130)])
    for what, given in (("whole", table), ("empty", table.slice(0, 0)), ("sliced", table.slice(13, 101)), ("chunked", cuts)):
        session.register("t", given)
        same_rows(what, session.sql("SELECT * FROM t"), given, kinds)
    session.register("t", table)
    check("filter", session.sql("SELECT i64, st.a AS a FROM t WHERE i64 BETWEEN 100 AND 102").to_pydict(), {"i64": [100, 101, 102], "a": [100, None, 102]})
    check("twice", session.sql("SELECT count(*) AS n FROM (SELECT i64 FROM t UNION ALL SELECT i64 FROM T)").to_pydict(), {"n": [400]})
    large = pa.table({"x": pa.array(range(1_000_000))})
    session.register("large", large)
    check("many rows", session.sql("SELECT sum(x) AS s, count(*) AS n FROM large").to_pydict(), {"s": [499999500000], "n": [1000000]})
    check("passed through", session.sql("SELECT x FROM large").equals(large), True)
    session.close()


# ---- errors and lifetimes -------------------------------------------------------------------------------

def check_errors(lib):
    session = Session(lib)
    failing = session.result("SELECT  CAST('x' AS INT)")
    error = fails("cast", "CAST_INVALID_INPUT", lambda: session.call(lib.levada_result_next, failing, c_array().address))
    lib.levada_result_free(failing)
    check("sqlstate and place", (error.sqlstate, error.place), ("22018", (8, 16)))
    fails("syntax", "PARSE_SYNTAX_ERROR", lambda: session.result("SELECT 1 +"))
    fails("name", "TABLE_OR_VIEW_NOT_FOUND", lambda: session.result("SELECT 1; SELECT * FROM nowhere"))
    fails("first of two", "DIVIDE_BY_ZERO", lambda: session.result("SELECT 1 / x FROM VALUES (0) AS t(x); SELECT 1"))
    fails("setting", "INVALID_CONF_VALUE.TYPE_MISMATCH", lambda: session.call(lib.levada_set, session.handle, b"spark.sql.ansi.enabled", b"maybe"))
    fails("open", "INVALID_CONF_VALUE.TYPE_MISMATCH", lambda: Session(lib, spark__sql__ansi__enabled="maybe"))
    try:
        session.sql("SELECT CAST(s AS INT) FROM VALUES ('1'), ('x') AS t(s)")
        check("stream", "no error", "an error")
    except OSError as failure:
        check("stream", "[CAST_INVALID_INPUT]" in str(failure), True)
    fails("union type", "UNSUPPORTED_ARROWTYPE", lambda: session.register("u", pa.table({"x": pa.UnionArray.from_dense(
        pa.array([0], pa.int8()), pa.array([0], pa.int32()), [pa.array([1])])})))

    def broken():
        yield pa.record_batch({"x": [1]})
        raise ValueError("the well is dry")
    fails("broken stream", "LEVADA_IO_ERROR", lambda: session.register("u", pa.RecordBatchReader.from_batches(pa.schema([("x", pa.int64())]), broken())))
    fails("no view of it", "TABLE_OR_VIEW_NOT_FOUND", lambda: session.result("SELECT * FROM u"))
    session.close()


def check_lifetimes(lib):
    session = Session(lib)
    session.register("t", pa.table({"s": pa.array(["a", "b"]), "x": [1, 2]}))
    stream = session.stream("SELECT * FROM t")
    session.register("t", pa.table({"y": [3]}))
    check("the view was replaced", session.sql("SELECT * FROM t").to_pydict(), {"y": [3]})
    session.close()
    batch = stream.read_next_batch()
    del stream
    gc.collect()
    check("rows outlive all", batch.to_pydict(), {"s": ["a", "b"], "x": [1, 2]})
    Session(lib).close()
    lib.levada_close(None)
    lib.levada_result_free(None)
    lib.levada_error_free(None)


def main():
    lib = load(sys.argv[1])
    print("levada", lib.levada_version().decode())
    for part in (check_out, check_in, check_errors, check_lifetimes):
        part(lib)
    print("failures:", failures)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
