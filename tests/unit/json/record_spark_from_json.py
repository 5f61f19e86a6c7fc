"""Asks Spark what spark_from_json_more.jsonl holds: run it with the tests' Python after changing the cases, in the folder of the tree.

The cases named suite_* ask about every document of a JSON parser test suite: those in the folder that is the one argument, or else
the ones that the file has already. The others are documents of a schema, made up and then broken in one or two places."""
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "spark_from_json_more.jsonl")
sys.path.insert(0, os.path.join(HERE, "..", "..", "lib"))

# ---- a suite of documents -------------------------------------------------------------------------

SUITE_SCHEMAS = {
    "strings": "a STRING, b STRING", "corrupt": "a STRING, b STRING, _corrupt_record STRING", "ARRAY<STRING>": "ARRAY<STRING>",
    "ARRAY<DOUBLE>": "ARRAY<DOUBLE>", "ARRAY<ARRAY<STRING>>": "ARRAY<ARRAY<STRING>>", "ARRAY<STRUCT>": "ARRAY<STRUCT<a: INT, b: STRING>>",
    "MAP": "MAP<STRING, STRING>", "odd_names": "a INT, `: ` STRING, x STRING, _corrupt_record STRING",
    "nested": "a ARRAY<INT>, b STRUCT<a: STRING>, _corrupt_record STRING",
}
SUITE_OPTIONS = [{"allowUnquotedFieldNames": "true"}, {"allowSingleQuotes": "false"}, {"allowComments": "true"}, {"allowNumericLeadingZeros": "true"},
                 {"allowBackslashEscapingAnyCharacter": "true"}, {"allowUnquotedControlChars": "true"}, {"allowNonNumericNumbers": "false"}]


def as_text(data):
    """Bytes in the form of a row's text."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def suite(folder):
    if folder is None:
        with open(PATH, encoding="utf-8") as f:
            lines = f.read().split("]}\n")
        first = next(line for line in lines if line.startswith('{"case": "suite_strings"'))
        return [row[0] for row in json.loads(first + "]}")["rows"]]
    texts = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as f:
            texts.append(as_text(f.read()))
    return texts


def suite_cases(texts):
    for name, schema in SUITE_SCHEMAS.items():
        yield {"case": f"suite_{name}", "zone": "UTC", "schema": schema, "options": {}, "texts": texts}
    for options in SUITE_OPTIONS:
        for name in ("corrupt", "ARRAY<STRING>"):
            yield {"case": f"suite_{name}_{next(iter(options))}", "zone": "UTC", "schema": SUITE_SCHEMAS[name], "options": options, "texts": texts}


# ---- documents of a schema ------------------------------------------------------------------------

INTEGERS = ["0", "-0", "1", "-1", "127", "128", "-128", "-129", "255", "256", "32767", "32768", "2147483647", "2147483648", "-2147483648",
            "9223372036854775807", "9223372036854775808", "1e2", "1.0", "12345678901234567890123", "01", "-01", "+1", "1_0", "0x1F"]
FLOATS = ["0.0", "-0.0", "1.5", "-2.25", "1e3", "1E+3", "1e-3", "0.1", "123.455", "123.445", "99999999.99", "99999999.995", "1e400", "1e-400",
          "12345678901234567890.123456789", "3.4028235e38", "NaN", "-Infinity", "Infinity", "+INF", "-INF", ".5", "5.", "1e", "1e+", "--1", '"1.5"', '"NaN"',
          '"Infinity"', '"1,234.5"', '"-INF"', "1.7976931348623157e308", "4.9e-324", "0.000000000000000001"]
STRINGS = ['""', '"x"', '"null"', '"a b"', '"\\u00e9"', '"é"', '"\\ud83d\\ude00"', '"😀"', '"\\ud83d"', '"\\"q\\""', '"\\\\"', '"\\/"', '"\\n\\t"', '"\t"',
           '"\\x41"', '"\\u12"', "'s'", '"it\'s"', '"日本"', '"\\u0000"', '"{\\"a\\":1}"', '"QUJD"', '"QUI="', '"QQ=="', '"a"b"', '"\x7f"', '"\u2028"']
DATES = ['"2024-02-29"', '"2024-02-30"', '"2024-2-9"', '"2024"', '"2024-06"', '"0001-01-01"', '"9999-12-31"', '"10000-01-01"', '"1969-12-31"', '"2024-01-01T10:00:00"',
         '""', '" 2024-01-01"', '"01/02/2024"', "19723", '"19723"', "-1", '"1582-10-10"', '"abc"', "1.5"]
TIMESTAMPS = ['"2024-02-29T12:34:56.789Z"', '"2024-02-29 12:34:56"', '"2024-03-31T02:30:00"', '"2024-10-27T02:30:00"', '"2024-01-01"', '"2024-01-01T10:00:00+02:00"',
              '"2024-01-01T10:00:00.123456789Z"', '"1969-12-31T23:59:59.999999Z"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999Z"', '"2024-01-01T24:00:00Z"',
              '"2024-01-01T10:00"', '"2024-01-01 10:00:00 Europe/Berlin"', '""', "1704067200", "1704067200.5", "-1", '"1704067200"', '"2024-13-01T00:00:00Z"', '"x"']
BOOLEANS = ["true", "false", "True", "TRUE", '"true"', "1", "0", "t", "tru", "truex", '""']
SHAPES = ["null", "{}", "[]", '{"a":1}', "[1]", "[null]", '[{"a":1}]', '[[1]]', '{"a":null}', '{"":1}', "{]", "[}", "[1,]", "{,}", "", "nul", "NULL", "undefined"]
NAMES = ["k", "a", "x y", "é", "", "k", "\\u006b", "😀"]

INTEGER_LIMITS = {"TINYINT": 7, "SMALLINT": 15, "INT": 31, "BIGINT": 63}
TEXTS_OF = {"STRING": STRINGS, "BINARY": STRINGS, "FLOAT": FLOATS, "DOUBLE": FLOATS, "DATE": DATES, "TIMESTAMP": TIMESTAMPS, "TIMESTAMP_NTZ": TIMESTAMPS,
            "BOOLEAN": BOOLEANS} | {kind: INTEGERS for kind in INTEGER_LIMITS}


def good(r, kind):
    """A value of the kind: the name of a type, a tuple ("array", kind) or ("map", kind), or a dict of fields."""
    if isinstance(kind, dict):
        return "{" + ",".join(f'"{name}":{good(r, k)}' for name, k in kind.items() if r.random() < 0.93) + "}"
    if kind[0] == "array":
        return "[" + ",".join(good(r, kind[1]) for _ in range(r.randint(0, 3))) + "]"
    if kind[0] == "map":
        return "{" + ",".join(f'"{r.choice(NAMES)}":{good(r, kind[1])}' for _ in range(r.randint(0, 3))) + "}"
    if kind in INTEGER_LIMITS:
        return str(r.randint(-2 ** INTEGER_LIMITS[kind], 2 ** INTEGER_LIMITS[kind] - 1) >> r.choice((0, 0, INTEGER_LIMITS[kind] // 2)))
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        return repr(round(r.uniform(-10, 10) * 10 ** r.randint(-3, 6), r.randint(0, 6)))
    if kind == "BOOLEAN":
        return r.choice(("true", "false"))
    return r.choice(TEXTS_OF[kind][:3])


def values_of(kind):
    """The odd values that fit a kind or nearly do."""
    if isinstance(kind, (dict, tuple)):
        return SHAPES
    return TEXTS_OF.get(kind, FLOATS)


def odd(r, kind):
    """As good(), with one odd value somewhere."""
    choice = r.random()
    if isinstance(kind, dict) and choice < 0.85:
        victim = r.choice(list(kind))
        return "{" + ",".join(f'"{n}":{odd(r, k) if n == victim else good(r, k)}' for n, k in kind.items()) + "}"
    if isinstance(kind, tuple) and choice < 0.75:
        items = [good(r, kind[1]) for _ in range(r.randint(0, 2))] + [odd(r, kind[1])]
        r.shuffle(items)
        return "[" + ",".join(items) + "]" if kind[0] == "array" else "{" + ",".join(f'"{r.choice(NAMES)}":{i}' for i in items) + "}"
    everything = SHAPES + INTEGERS + FLOATS + STRINGS + BOOLEANS
    return r.choice(values_of(kind) if r.random() < 0.7 else everything)


def drop(r, text, at):
    return text[:at] + text[at + 1:]


def double(r, text, at):
    return text[:at + 1] + text[at:]


def insert(r, text, at):
    return text[:at] + r.choice([",", ":", "{", "}", "[", "]", '"', "'", "\\", " ", "\n", "\t", "\r", "\x0b", "\x00", "\u00a0", "\ufeff", "/*c*/", "//c\n", "#", "0", "-", "e", "n",
                                 "é", "\\u0041", "null", '"a":1,', ',"a":2']) + text[at:]


def end(r, text, at):
    return text[:at]


def follow(r, text, at):
    return text + r.choice([" ", "\n", "x", "{}", text, ",", "]", "}", " null", " 1", '"', " //c", "/*c*/"])


def lead(r, text, at):
    return r.choice([" ", "\n\t", "\ufeff", "x", "[", "{", ",", "null ", "/*c*/"]) + text


def repeat(r, text, at):
    """The document's first entry once more at its end."""
    return text[:-1] + "," + text[1:-1].split(",")[0] + text[-1:]


def requote(r, text, at):
    return text.replace('"', "'") if r.random() < 0.5 else text.replace('"', "", 2)


def escape(r, text, at):
    return text[:at] + f"\\u{ord(text[at]) & 0xFFFF:04x}" + text[at + 1:]


def space(r, text, at):
    return text.replace(",", r.choice([" ,", ", ", "\n,\t", ",\r\n"])).replace(":", r.choice([" :", ": ", ":\n"]))


CHANGES = [drop, drop, double, insert, insert, insert, end, follow, lead, repeat, requote, escape, space]


def document(r, kind):
    text = good(r, kind) if r.random() < 0.4 else odd(r, kind)
    for _ in range(r.choice((0, 0, 1, 1, 1, 2))):
        if text:
            text = r.choice(CHANGES)(r, text, r.randrange(len(text)))
    data = text.encode("utf-8", "replace")
    if r.random() < 0.03 and data: # bytes that are no UTF-8
        at = r.randrange(len(data))
        data = data[:at] + r.choice([b"\xff", b"\xc3", b"\xe6\x97", b"\xed\xa0\x80", b"\x80"]) + data[at:]
    return as_text(data)


def sql(kind):
    if isinstance(kind, dict):
        return "STRUCT<" + ", ".join(f"{n}: {sql(k)}" for n, k in kind.items()) + ">"
    return f"ARRAY<{sql(kind[1])}>" if kind[0] == "array" else f"MAP<STRING, {sql(kind[1])}>" if kind[0] == "map" else kind


KINDS = {
    "integers": {"a": "TINYINT", "b": "SMALLINT", "c": "INT", "d": "BIGINT"},
    "numbers": {"a": "FLOAT", "b": "DOUBLE", "c": "DECIMAL(10,2)", "d": "DECIMAL(38,18)", "e": "DECIMAL(4,0)"},
    "texts": {"a": "STRING", "b": "BINARY", "c": "STRING", "d": "BOOLEAN"},
    "times": {"a": "DATE", "b": "TIMESTAMP", "c": "TIMESTAMP_NTZ"},
    "person": {"id": "BIGINT", "a": {"name": "STRING", "a": "INT", "tags": ("array", "STRING")}, "m": ("map", "INT")},
    "order": {"a": ("array", {"a": "STRING", "n": "INT", "price": "DECIMAL(10,2)"}), "at": {"d": "DATE", "t": "TIMESTAMP"}, "ok": "BOOLEAN"},
    "maps": {"a": ("map", {"a": "BOOLEAN", "b": ("array", "DOUBLE")}), "b": ("map", ("map", "BIGINT")), "c": ("array", ("array", "SMALLINT"))},
    "flat_lists": {"a": ("array", "TINYINT"), "b": ("array", "BOOLEAN"), "c": ("map", "STRING"), "d": ("array", "TIMESTAMP_NTZ"), "e": "STRING"},
    "top_structs": ("array", {"a": "INT", "b": "STRING", "c": {"a": "DOUBLE"}}),
    "top_map": ("map", ("array", "INT")),
    "top_maps": ("array", ("map", "STRING")),
    "top_numbers": ("array", "DECIMAL(10,2)"),
    "top_map_of_structs": ("map", {"a": "TIMESTAMP", "b": "BINARY"}),
}
LENIENT = {"allowUnquotedFieldNames": "true", "allowComments": "true", "allowNumericLeadingZeros": "true", "allowBackslashEscapingAnyCharacter": "true",
           "allowUnquotedControlChars": "true"}
STRICT = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}


def made_cases():
    for i, (name, kind) in enumerate(KINDS.items()):
        r = random.Random(i)
        for way, options in (("", {}), ("_lenient", LENIENT), ("_strict", STRICT)):
            schema = sql(kind)
            if isinstance(kind, dict) and way != "_strict":
                schema = schema[:-1] + ", _corrupt_record: STRING>"
            texts = [document(r, kind) for _ in range(120 if way == "" else 60)]
            yield {"case": f"made_{name}{way}", "zone": "Europe/Berlin" if way == "_lenient" else "UTC", "schema": schema, "options": options, "texts": texts}


if __name__ == "__main__":
    import parts
    import spark_answers
    from pyspark.sql import functions
    cases = [*suite_cases(suite(sys.argv[1] if len(sys.argv) > 1 else None)), *made_cases()]
    spark_answers.record(parts.spark(), functions.from_json, cases, PATH)
