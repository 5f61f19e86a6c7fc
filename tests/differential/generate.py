"""Statements whose answers Spark and Levada must agree on, by suite: {name: [statement…]}.

A statement that begins with `!` prepares the ground for those behind it (SET, CREATE VIEW) and has no answer. Everything is seeded: the
same statements come out each time, so that recorded answers stay theirs.
"""
import itertools
import random

import queries

# One column of every type; the second row is null.
TYPES = {
    "bo": ("BOOLEAN", "true"), "ti": ("TINYINT", "1Y"), "si": ("SMALLINT", "2S"), "i": ("INT", "3"), "bi": ("BIGINT", "4L"),
    "f": ("FLOAT", "1.5F"), "d": ("DOUBLE", "2.5D"), "e": ("DECIMAL(5,2)", "1.25"), "g": ("DECIMAL(38,10)", "3.5"), "h": ("DECIMAL(20,0)", "7"),
    "s": ("STRING", "'1'"), "x": ("BINARY", "X'31'"), "da": ("DATE", "DATE'2024-02-29'"), "ts": ("TIMESTAMP", "TIMESTAMP'2024-02-29 12:30:45.5'"),
    "tn": ("TIMESTAMP_NTZ", "TIMESTAMP_NTZ'2024-02-29 12:30:45.5'"), "ar": ("ARRAY<INT>", "array(1, 2)"), "aa": ("ARRAY<STRING>", "array('1', NULL)"),
    "mp": ("MAP<STRING, INT>", "map('k', 1)"), "st": ("STRUCT<a: INT, b: STRING>", "named_struct('a', 1, 'b', 'x')"),
    "su": ("STRUCT<a: BIGINT, b: STRING>", "named_struct('a', 1L, 'b', 'x')"), "n": ("VOID", "NULL"),
}
COLUMNS = [n for n in TYPES if n != "n"] + ["NULL"]  # a column of VOID is printed by chance of the rules' order
LITERALS = ["1", "1.5", "'1'", "'1.5'", "'abc'", "NULL", "1e1", "true", "DATE'2024-01-01'", "TIMESTAMP'2024-01-01 00:00:00'", "1L", "0", "''", "123456789012345678901234567890", "'2024-02-29'"]


def view(rows=1):
    """`t`, whose columns are TYPES."""
    first = ", ".join(f"CAST({v} AS {t}) AS {n}" if t != "VOID" else f"NULL AS {n}" for n, (t, v) in TYPES.items())
    nulls = ", ".join("NULL" for _ in TYPES)
    return f"!CREATE OR REPLACE TEMPORARY VIEW t AS SELECT {first}" + (f" UNION ALL SELECT {nulls}" if rows > 1 else "")


def ansi(on):
    return f"!SET spark.sql.ansi.enabled = {'true' if on else 'false'}"


def select(expression, source="t"):
    return f"SELECT {expression} FROM {source}" if source else f"SELECT {expression}"


# ---- coercion ---------------------------------------------------------------------------------------

ALL_PAIRS = ["{a} + {b}", "{a} / {b}", "{a} = {b}", "CASE WHEN bo THEN {a} ELSE {b} END", "{a} || {b}"]
SOME_PAIRS = ["{a} - {b}", "{a} * {b}", "{a} % {b}", "{a} DIV {b}", "{a} <=> {b}", "{a} < {b}", "{a} <> {b}", "{a} IN ({b})", "{a} IN ({a}, {b}, NULL)",
              "coalesce({a}, {b})", "{a} BETWEEN {b} AND {b}", "{a} BETWEEN i AND {b}", "if(bo, {a}, {b})", "{a} & {b}", "{a} | {b}", "nullif({a}, {b})", "array({a}, {b})",
              "greatest({a}, {b})", "least({a}, {b}, NULL)", "{a} AND {b}", "{a} << {b}", "{a} LIKE {b}", "nvl2(bo, {a}, {b})", "map({a}, {b})", "ifnull({a}, {b})",
              "CASE {a} WHEN {b} THEN 1 ELSE 2 END", "{a} IS DISTINCT FROM {b}", "pmod({a}, {b})", "try_add({a}, {b})", "try_divide({a}, {b})", "array({a}) || array({b})",
              "concat({a}, {b})", "named_struct('p', {a}) = named_struct('p', {b})", "if(bo, array({a}), array({b}))"]
UNARY = ["-{a}", "+{a}", "~{a}", "NOT {a}", "{a} IS NULL", "{a} IS NOT NULL", "{a} IS TRUE", "{a} IS NOT FALSE", "{a} IS UNKNOWN", "isnan({a})", "abs({a})", "typeof({a})",
         "if({a}, 1, 2)", "CASE WHEN {a} THEN 1 END", "{a} OR false", "coalesce({a})", "{a}[0]", "{a}.a", "{a}['k']", "array({a})", "struct({a})", "{a} IN (1)",
         "CAST({a} AS STRING)", "{a}::string", "(({a}))", "isnull({a})", "positive({a})", "negative({a})", "{a} <=> NULL", "{a} = NULL", "map('k', {a})", "count({a})", "min({a})",
         "sum({a})", "avg({a})"]


def coercion(rng):
    out = []
    for on in (True, False):
        out += [ansi(on), view()]
        for a, b in itertools.product(COLUMNS, COLUMNS):
            out += [select(op.format(a=a, b=b)) for op in ALL_PAIRS]
            out += [select(op.format(a=a, b=b)) for op in rng.sample(SOME_PAIRS, 3)]
            if rng.random() < 0.4:
                out.append(f"SELECT {a} FROM t UNION ALL SELECT {b} FROM t")
        for a in COLUMNS:
            out += [select(op.format(a=a)) for op in UNARY]
            for literal in LITERALS:
                for op in rng.sample(ALL_PAIRS + SOME_PAIRS, 2):
                    pair = (a, literal) if rng.random() < 0.7 else (literal, a)
                    out.append(select(op.format(a=pair[0], b=pair[1])))
    return out


# ---- edge values ------------------------------------------------------------------------------------

EDGES = {
    "TINYINT": ["-128Y", "-1Y", "0Y", "1Y", "7Y", "127Y"], "SMALLINT": ["-32768S", "-1S", "0S", "1S", "32767S"],
    "INT": ["-2147483648", "-7", "-1", "0", "1", "3", "2147483647"], "BIGINT": ["-9223372036854775808L", "-1L", "0L", "1L", "9223372036854775807L"],
    "FLOAT": ["float('NaN')", "float('-Infinity')", "-1.5F", "float('-0.0')", "0F", "1.1F", "float('3.4028235E38')", "float('Infinity')"],
    "DOUBLE": ["double('NaN')", "double('-Infinity')", "-1.5D", "double('-0.0')", "0D", "0.1D", "4.9E-324D", "1.7976931348623157E308D", "double('Infinity')"],
    "DECIMAL(5,2)": ["-999.99BD", "-0.01BD", "0.00BD", "1.50BD", "999.99BD"], "DECIMAL(10,0)": ["-9999999999BD", "0BD", "3BD", "9999999999BD"],
    "DECIMAL(38,0)": ["99999999999999999999999999999999999999BD", "-99999999999999999999999999999999999999BD", "1BD", "0BD"],
    "DECIMAL(38,18)": ["99999999999999999999.999999999999999999BD", "0.000000000000000001BD", "-1.5BD", "0BD"],
    "DECIMAL(38,38)": ["0.99999999999999999999999999999999999999BD", "0.00000000000000000000000000000000000001BD", "0BD"],
    "STRING": ["''", "' '", "'a'", "'A'", "'ä'", "'𝄞'", "'1'", "' 12 '", "'-0'", "'1.5'", "'1e3'", "'NaN'"],
    "DATE": ["DATE'0001-01-01'", "DATE'1582-10-15'", "DATE'1970-01-01'", "DATE'2024-02-29'", "DATE'9999-12-31'"],
    "TIMESTAMP": ["TIMESTAMP'0001-01-01 00:00:00'", "TIMESTAMP'1969-12-31 23:59:59.999999'", "TIMESTAMP'2024-03-10 02:30:00'", "TIMESTAMP'2024-11-03 01:30:00'", "TIMESTAMP'9999-12-31 23:59:59.999999'"],
    "TIMESTAMP_NTZ": ["TIMESTAMP_NTZ'0001-01-01 00:00:00'", "TIMESTAMP_NTZ'2024-03-10 02:30:00'", "TIMESTAMP_NTZ'9999-12-31 23:59:59.999999'"],
    "BOOLEAN": ["true", "false"], "BINARY": ["X''", "X'00'", "X'FF'", "X'61'"],
}
NUMBERS = [t for t in EDGES if t.startswith(("TINY", "SMALL", "INT", "BIG", "FLOAT", "DOUBLE", "DEC"))]
ARITHMETIC = ["{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / {b}", "{a} % {b}", "{a} DIV {b}", "pmod({a}, {b})"]
TRIES = ["try_add({a}, {b})", "try_subtract({a}, {b})", "try_multiply({a}, {b})", "try_divide({a}, {b})", "try_mod({a}, {b})"]
COMPARISONS = ["{a} = {b}", "{a} <> {b}", "{a} < {b}", "{a} <= {b}", "{a} > {b}", "{a} >= {b}", "{a} <=> {b}"]


def pairs_table(type_a, type_b):
    """All pairs of edge values, and null, as rows of two columns."""
    rows = itertools.product([f"CAST({v} AS {type_a})" for v in EDGES[type_a]] + ["NULL"], [f"CAST({v} AS {type_b})" for v in EDGES[type_b]] + ["NULL"])
    return "(VALUES " + ", ".join(f"({a}, {b})" for a, b in rows) + ") AS v(a, b)"


def values(rng):
    out = []
    for on in (False, True):
        out.append(ansi(on))
        mixed = [tuple(rng.sample(NUMBERS, 2)) for _ in range(8)]
        for n, (a, b) in enumerate([(t, t) for t in EDGES] + mixed):
            number = a in NUMBERS
            operations = COMPARISONS + (TRIES + (ARITHMETIC if not on else [])) * number
            out.append(f"!CREATE OR REPLACE TEMPORARY VIEW v{int(on)}{n} AS SELECT * FROM {pairs_table(a, b)}")
            out += [f"SELECT {op.format(a='a', b='b')} AS r FROM v{int(on)}{n}" for op in operations]
    for t in NUMBERS:  # under ANSI each alone, as most fail
        for op in ARITHMETIC:
            pairs = list(itertools.product(EDGES[t], EDGES[t]))
            out += [f"SELECT {op.format(a=f'CAST({a} AS {t})', b=f'CAST({b} AS {t})')} AS r" for a, b in rng.sample(pairs, min(8, len(pairs)))]
        out += [f"SELECT {op.format(a=v)}" for op in ("-{a}", "- ({a})", "abs({a})", "-(-{a})") for v in EDGES[t]]
    for t in EDGES:
        listed = ", ".join(EDGES[t])
        out += [f"SELECT greatest({listed}), least({listed}), array({listed})", f"SELECT {EDGES[t][0]} IN ({listed}, NULL), NULL IN ({listed}), {EDGES[t][-1]} NOT IN ({listed})"]
        out += [f"SELECT {v}" for v in EDGES[t]]
        source = "(VALUES " + ", ".join(f"({v})" for v in EDGES[t] + ["NULL"]) + ") AS v(a)"
        out += [f"SELECT a FROM {source} ORDER BY a", f"SELECT a FROM {source} ORDER BY a DESC NULLS FIRST", f"SELECT DISTINCT a IS NULL FROM {source} ORDER BY 1",
                f"SELECT max(a), min(a), count(a), count(*) FROM {source}"]
    return out


# ---- casts ------------------------------------------------------------------------------------------

TARGETS = ["BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(5,2)", "DECIMAL(38,0)", "DECIMAL(38,18)", "DECIMAL(10,10)", "STRING", "BINARY", "DATE",
           "TIMESTAMP", "TIMESTAMP_NTZ", "ARRAY<INT>", "MAP<STRING, STRING>", "STRUCT<a: INT>"]
TEXTS = ["", " ", "1", " 1 ", "+1", "-1", "--1", "1.", ".5", ".", "-", "1.5", "-1.5", "1.9999", "1e2", "1E+2", "1e", "e1", "0x1F", "1L", "1d", "1f", "1D", "1 2", "127", "128", "-128", "-129", "32767",
         "32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e400", "-1e400", "1e-400",
         "4.9e-324", "1.7976931348623157e308", "3.4028235e38", "3.4028236e38", "1e39", "NaN", "nan", "Infinity", "-Infinity", "inf", "+inf", "-inf", "infinity", "true", "TRUE", "t", "F", "yes", "no", "y", "n",
         "0", "00", "007", "on", "off", " true ", "tru", "99999999999999999999999999999999999999", "100000000000000000000000000000000000000", "0.123456789012345678901234567890123456789", "123.456", "999.995",
         "999.994", "-999.99", "1e-10", "0.00000000001", "1_000", "1,000", "1", "\t1\n", " 1", "abc", "ä", "null", "2024-01-01", "2024-1-1", "2024-1", "2024", "24-01-01", "2024-13-01", "2024-02-30",
         "2023-02-29", "2024-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "10000-01-01", "+10000-01-01", "-0001-01-01", "2024-01-01T00:00:00", "2024-01-01 12:34:56", "2024-01-01 12:34", "2024-01-01 12", "2024-01-01 1:2:3",
         "2024-01-01T", "2024-01-01 12:34:56.123456", "2024-01-01 12:34:56.1", "2024-01-01 12:34:56.", "2024-01-01 12:34:56.123456789", "2024-01-01 24:00:00", "2024-01-01 23:59:60", "2024-01-01 12:60:00",
         "2024-01-01T12:34:56Z", "2024-01-01T12:34:56+01:00", "2024-01-01T12:34:56-08", "2024-01-01 12:34:56 UTC", "2024-01-01 12:34:56 GMT+1", "2024-01-01 12:34:56 Europe/Berlin", "2024-01-01 12:34:56 Nowhere/City",
         "2024-01-01 12:34:56+18:00", "2024-01-01 12:34:56+19:00", "epoch", "2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-03-31 02:30:00", "2024-10-27 02:30:00", "1883-11-18 12:00:00",
         "1900-01-01 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "294247-01-10 04:00:54.775807", "294247-01-10 04:00:54.775808", "-290308-12-21 19:59:05.224192", "2024-01-01 abc", "  2024-01-01  ",
         "2024-01-01 ", "20240101", "2024/01/01", "1970-01-01 00:00:00.0000001", "2024-12-31 23:59:59.9999999"]
MORE_VALUES = {
    "TINYINT": ["65Y"], "INT": ["65", "32768", "128", "300", "-129"], "BIGINT": ["2147483648L", "253402300800L", "-62135596800L", "9223372036855L", "-9223372036855L"],
    "FLOAT": ["0.1F", "16777217F", "1e10F", "127.9F", "128F", "-128.9F", "1.0E-5F", "0.001F", "1.0E7F", "9999999F", "2.14748365E9F"],
    "DOUBLE": ["0.1D + 0.2D", "1e7D", "9999999.999D", "1e-3D", "0.00099D", "127.99D", "128D", "2147483647.5D", "2147483648D", "9.223372036854775E18D", "9.223372036854776E18D", "-9.223372036854776E18D", "1.005D", "2.675D", "123.455D",
               "1e21D", "1e22D", "1e23D", "2e-3D", "5e-324D", "1e16D", "1.5e300D", "100D", "0.5D", "1.5D", "-2.5D", "253402300800D", "1.5e9D"],
    "DECIMAL(38,18)": ["127.9BD", "128.0BD", "0.5BD", "-0.5BD", "9223372036854775807.9BD", "2147483647.99BD", "1234567.89BD"], "DECIMAL(5,2)": ["127.99BD", "128.00BD", "0.10BD", "-0.00BD"],
    "TIMESTAMP": ["TIMESTAMP'1970-01-01 00:00:00'", "TIMESTAMP'1969-12-31 23:59:59'", "TIMESTAMP'2024-03-10 10:00:00Z'", "TIMESTAMP'2024-11-03 09:30:00Z'", "TIMESTAMP'1970-01-01 00:02:07.5'", "TIMESTAMP'2038-01-19 03:14:08'", "TIMESTAMP'1582-10-04 00:00:00'",
                  "TIMESTAMP'2024-01-01 00:00:00.1'", "TIMESTAMP'2024-01-01 00:00:00.12'", "TIMESTAMP'2024-01-01 00:00:00.000001'", "TIMESTAMP'1883-11-18 12:00:00'", "TIMESTAMP'1900-01-01 00:00:00'"],
    "TIMESTAMP_NTZ": ["TIMESTAMP_NTZ'2024-11-03 01:30:00'", "TIMESTAMP_NTZ'2024-03-31 02:30:00'", "TIMESTAMP_NTZ'2024-01-01 00:00:00.1'"],
    "STRING": ["'true'", "'1970-01-01'"],
}
NESTED = ["array(1, 2, NULL)", "array('1', 'x')", "array('1', '2')", "array()", "map('a', 1)", "map('a', '1', 'b', NULL)", "map(1, 2)", "map()", "named_struct('a', 1)", "named_struct('a', '1')", "named_struct('a', '1', 'b', 2)",
          "named_struct('x', NULL)", "array(array(1), NULL)", "array(named_struct('a', 1.5, 'b', 'q'))", "map('k', array(1.5D, NULL))", "array(DATE'2024-01-01')", "array(TIMESTAMP'2024-01-01 00:00:00.5')", "array(X'41', NULL)",
          "array(1.5F, 1e10D)", "array(true, NULL)", "array('', 'null', NULL)", "struct()", "named_struct('a', array(map('k', named_struct('z', NULL))))"]
NESTED_TARGETS = ["STRING", "ARRAY<INT>", "ARRAY<STRING>", "ARRAY<DOUBLE>", "MAP<STRING, STRING>", "MAP<STRING, INT>", "MAP<INT, STRING>", "STRUCT<a: INT>", "STRUCT<b: STRING>", "STRUCT<a: INT, b: INT>", "ARRAY<ARRAY<STRING>>",
                  "ARRAY<STRUCT<a: INT, b: STRING>>", "INT", "BINARY", "DATE", "BOOLEAN"]


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def casts(rng):
    out = []
    listed = ", ".join(f"({quoted(t)})" for t in TEXTS)
    out.append(f"!CREATE OR REPLACE TEMPORARY VIEW texts AS SELECT * FROM VALUES {listed} AS v(a)")
    plain = {t: EDGES[t] + MORE_VALUES.get(t, []) for t in EDGES}
    for n, t in enumerate(plain):
        rows = ", ".join(f"(CAST({v} AS {t}))" for v in plain[t] + ["NULL"])
        out.append(f"!CREATE OR REPLACE TEMPORARY VIEW c{n} AS SELECT * FROM VALUES {rows} AS v(a)")
    out.append("!CREATE OR REPLACE TEMPORARY VIEW few AS SELECT * FROM texts WHERE length(a) < 26 AND a NOT LIKE '%0000-%' AND a NOT LIKE '+%'")
    for on in (False, True):
        out.append(ansi(on))
        for to in TARGETS:
            if on:
                out.append(f"SELECT TRY_CAST(a AS {to}) FROM texts")
                out += [f"SELECT CAST({quoted(text)} AS {to})" for text in rng.sample(TEXTS, 12)]
            else:
                out.append(f"SELECT CAST(a AS {to}) FROM texts")
            for n, t in enumerate(plain):
                out.append(f"SELECT {'TRY_CAST' if on else 'CAST'}(a AS {to}) FROM c{n}")
                if on:
                    out += [f"SELECT CAST(CAST({v} AS {t}) AS {to})" for v in rng.sample(plain[t], min(3, len(plain[t])))]
        for value in NESTED:
            out += [f"SELECT CAST({value} AS {to})" for to in rng.sample(NESTED_TARGETS, 6)]
            out.append(f"SELECT TRY_CAST({value} AS {rng.choice(NESTED_TARGETS)})")
            out.append(f"SELECT {value}")
    out.append(ansi(True))
    for zone in ("America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "+05:30"):
        out.append(f"!SET spark.sql.session.timeZone = {zone}")
        for to in ("TIMESTAMP", "TIMESTAMP_NTZ", "DATE"):
            out.append(f"SELECT TRY_CAST(a AS {to}) FROM texts")
            out += [f"SELECT CAST(TRY_CAST(a AS {by}) AS {to}) FROM few" for by in ("TIMESTAMP_NTZ", "TIMESTAMP", "DATE")]
        out += [f"SELECT {v}, CAST({v} AS STRING), CAST({v} AS TIMESTAMP), CAST({v} AS DATE), CAST({v} AS TIMESTAMP_NTZ)" for t in ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ") for v in plain[t]]
        out += ["SELECT CAST(TIMESTAMP'2024-07-01 12:00:00.25' AS DOUBLE), CAST(TIMESTAMP'2024-07-01 12:00:00.25' AS BIGINT), CAST(1.5D AS TIMESTAMP), CAST(0 AS TIMESTAMP)",
                "SELECT TIMESTAMP'2024-07-01 12:00:00' = TIMESTAMP_NTZ'2024-07-01 12:00:00', DATE'2024-07-01' = TIMESTAMP'2024-07-01 00:00:00', DATE'2024-07-01' < '2024-07-02'"]
    return out


# ---- decimals ---------------------------------------------------------------------------------------

PRECISIONS = [(1, 0), (1, 1), (3, 2), (5, 2), (5, 0), (9, 4), (10, 0), (18, 6), (18, 0), (19, 10), (20, 0), (28, 14), (30, 20), (38, 0), (38, 6), (38, 10), (38, 18), (38, 37), (38, 38)]


def decimals(rng):
    out = []
    for on in (True, False):
        out.append(ansi(on))
        for (p1, s1), (p2, s2) in rng.sample(list(itertools.product(PRECISIONS, PRECISIONS)), 150):
            a, b = f"CAST({'0' if p1 == s1 else rng.choice('13579')}.{rng.choice(['0', '5', '37'])[:max(s1, 1)]} AS DECIMAL({p1},{s1}))", f"CAST({'0' if p2 == s2 else rng.choice('2468')}.{rng.choice(['3', '25', '9'])[:max(s2, 1)]} AS DECIMAL({p2},{s2}))"
            for op in ARITHMETIC[:6] + ["coalesce({a}, {b})", "{a} = {b}", "greatest({a}, {b})"]:
                if rng.random() < 0.6:
                    out.append(f"SELECT {op.format(a=a, b=b)} AS r")
        for p, s in PRECISIONS:
            value = f"CAST({'0' if p == s else '1'} AS DECIMAL({p},{s}))"
            for other in ("1", "1Y", "10S", "100L", "i", "bi", "1.5", "1.5F", "d", "'1.5'", "s", "NULL", "0.000001", "12345678901234567890"):
                op = rng.choice(ARITHMETIC + ["{a} = {b}", "coalesce({a}, {b})"])
                out.append(f"SELECT {op.format(a=value, b=other)} AS r FROM (VALUES (2, 3L, 4D, '5')) AS v(i, bi, d, s)")
            out += [f"SELECT -{value} AS r, abs({value}) AS q, {value} + {value} + {value} AS s, {value} * {value} * {value} AS t, {value} / 3 AS u",
                    f"SELECT round({value}, 1) AS r, bround({value}) AS q, floor({value}) AS s, ceil({value}) AS t, sum({value}) AS u, avg({value}) AS v"]
    out.append(ansi(True))
    digits = "99999999999999999999999999999999999999"
    out += [f"SELECT {digits} {op} {x}" for op in "+-*/%" for x in ("1", "1.5", "0.1", digits, f"-{digits}", "0")]
    out += [f"SELECT {a} {op} {b}" for op in ("+", "-", "*", "/", "%", "DIV") for a, b in [("1.1", "2.22"), ("10", "4.0"), ("1", "3.0"), ("0.1", "0.3"), ("100000", "0.003"), ("7.5", "2"), ("-7.5", "2"), ("7.5", "-2"), ("1e2", "3.0"), ("1.0", "3L"), ("5Y", "2.5"), ("1BD", "3BD")]]
    return out


# ---- trees ------------------------------------------------------------------------------------------

BINARY = ["+", "-", "*", "/", "%", "DIV", "=", "<", ">=", "<>", "<=>", "AND", "OR", "&", "|", "^", "||", "<<", ">>"]


def flat(rng, depth=4):
    """Operators without parentheses: how they are printed shows how they bind."""
    atoms = ["a", "b", "c", "1", "2", "true", "'3'", "NULL"]
    text = rng.choice(atoms)
    for _ in range(rng.randint(1, depth)):
        if rng.random() < 0.15:
            text = rng.choice(["NOT ", "-", "~", "+", "!"]) + text
        kind = rng.random()
        if kind < 0.75:
            text += f" {rng.choice(BINARY)} {rng.choice(['', '', '', '-', '~'])}{rng.choice(atoms)}"
        elif kind < 0.82:
            text += rng.choice([" IS NULL", " IS NOT NULL", " IS TRUE", " IS NOT DISTINCT FROM b"])
        elif kind < 0.9:
            text += f" {rng.choice(['', 'NOT '])}BETWEEN {rng.choice(atoms)} AND {rng.choice(atoms)}"
        elif kind < 0.96:
            text += f" {rng.choice(['', 'NOT '])}IN ({rng.choice(atoms)}, {rng.choice(atoms)})"
        else:
            text += f" {rng.choice(['', 'NOT '])}LIKE '{rng.choice(['%', '3', '_'])}'"
    return text


def precedence(rng):
    out = ["!CREATE OR REPLACE TEMPORARY VIEW p AS SELECT * FROM VALUES (5, 2, 3) AS v(a, b, c)"]
    for on in (True, False):
        out.append(ansi(on))
        out += [select(flat(rng), "p") for _ in range(450)]
    return out


NUMERIC_COLUMNS = ["ti", "si", "i", "bi", "f", "d", "e", "g"]


def tree(rng, want, depth):
    """A random expression that is probably of the kind `want`: n number, b boolean, s text, t time."""
    if depth == 0 or rng.random() < 0.15:
        leaf = {"n": NUMERIC_COLUMNS + ["1", "-2", "2.5", "1e2", "0", "3L"], "b": ["bo", "true", "false", "NULL"], "s": ["s", "'a'", "''", "'12'", "'x y'"], "t": ["da", "ts", "tn", "DATE'2024-05-01'", "TIMESTAMP'2024-05-01 10:00:00'"]}
        return rng.choice(leaf[want])
    sub = lambda kind: tree(rng, kind, depth - 1)
    any_kind = rng.choice("nbst")
    forms = {
        "n": ["({n} + {n})", "({n} - {n})", "{n} * {n}", "{n} / {n}", "({n} % {n})", "-{n}", "abs({n})", "CASE WHEN {b} THEN {n} ELSE {n} END", "if({b}, {n}, {n})", "coalesce({n}, {n})", "length({s})", "round({n}, 1)",
              "CAST({n} AS INT)", "CAST({s} AS INT)", "year({t})", "nullif({n}, {n})", "greatest({n}, {n})", "try_divide({n}, {n})", "CAST({b} AS INT)", "({n} DIV {n})", "instr({s}, {s})", "least({n}, {n}, {n})", "TRY_CAST({s} AS DOUBLE)", "CAST({n} AS DECIMAL(20,4))"],
        "b": ["{n} < {n}", "{s} = {s}", "({b} AND {b})", "({b} OR {b})", "NOT {b}", "{n} IS NULL", "{n} IN ({n}, {n})", "{s} LIKE {s}", "{n} BETWEEN {n} AND {n}", "{t} < {t}", "{n} <=> {n}", "{x} IS NOT NULL", "isnan({n})", "{t} = {s}", "{n} = {s}"],
        "s": ["({s} || {s})", "upper({s})", "concat({s}, {n})", "CAST({x} AS STRING)", "substring({s}, 1, 2)", "CASE {n} WHEN {n} THEN {s} ELSE {s} END", "coalesce({s}, {s})", "trim({s})", "if({b}, {s}, {n})", "typeof({x})", "CAST({n} AS STRING)", "nvl2({x}, {s}, {s})"],
        "t": ["CAST({t} AS DATE)", "CAST({t} AS TIMESTAMP)", "if({b}, {t}, {t})", "coalesce({t}, {t})", "greatest({t}, {t})", "CAST({t} AS TIMESTAMP_NTZ)"],
    }
    form = rng.choice(forms[want])
    out, at = "", 0
    while at < len(form):
        if form[at] == "{":
            out += sub(any_kind if form[at + 1] == "x" else form[at + 1])
            at += 3
        else:
            out += form[at]
            at += 1
    return out


def trees(rng):
    out = []
    for on in (True, False):
        out += [ansi(on), view(1 if on else 2)]
        out += [select(tree(rng, rng.choice("nnbst"), rng.randint(1, 3))) for _ in range(500)]
    return out


def suites():
    made = {f.__name__: f(random.Random(f.__name__)) for f in (coercion, values, casts, decimals, precedence, trees)}
    made.update(queries.suites(view()))
    return made


if __name__ == "__main__":
    for name, statements in suites().items():
        print(f"{name:12} {sum(not s.startswith('!') for s in statements):6} statements {sum(map(len, statements)) // 1024:6} KB")
