"""Asks Spark what spark_from_csv.jsonl holds: run it with the tests' Python after changing the cases, in the folder of the tree."""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lib"))

THREE = "a STRING, b STRING, c STRING, _corrupt_record STRING"
TOKEN_OPTIONS = [
    {}, {"escape": '"'}, {"quote": "'"}, {"quote": ""}, {"sep": "||"}, {"sep": "\\t"}, {"sep": ";"}, {"nullValue": "NULL"},
    {"emptyValue": "EMPTY"}, {"nullValue": "-", "emptyValue": "-"}, {"comment": "#"}, {"ignoreLeadingWhiteSpace": "true"},
    {"ignoreTrailingWhiteSpace": "true"}, {"ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"},
    {"charToEscapeQuoteEscaping": "^"}, {"charToEscapeQuoteEscaping": "\\"}, {"lineSep": "\r\n"}, {"lineSep": ";"},
]


def random_lines(seed, alphabet, count, most=14):
    r = random.Random(seed)
    return sorted({"".join(r.choice(alphabet) for _ in range(r.randint(0, most))) for _ in range(count)})


# More of the last kind of is_odd.
ODD = {'\r,"ax"\n\u00e9"\n#" #', ',"\u00e9,, b\n"\r\nx"', '"#ab\\##" b"a'}


def is_odd(text, options):
    """What Spark's parser reads in ways that nobody wants: an escape behind a closing quote, which eats separators; a quote at the end of
    a value that was not quoted after all or whose separator is longer than a character, which it doubles;
    an escape of an escape at the very end; a comment of nothing."""
    quote = options.get("quote", '"') or "none"
    return quote + "\\" in text or quote + "^" in text or (len(options.get("sep", "")) > 1 and quote in text) or text.endswith(quote * 2) or text == "#" or text.endswith('^"') or \
        ("ignoreTrailingWhiteSpace" in options and text[-1:].isspace()) or text in ODD


def tokens():
    for i, options in enumerate(TOKEN_OPTIONS):
        sep = {"\\t": "\t"}.get(options.get("sep"), options.get("sep", ","))
        alphabet = ["a", "b", sep, sep, options.get("quote", '"') or '"', '"', "\\", " ", "\n"]
        if i > 5:
            alphabet += [options.get("nullValue", "x"), options.get("comment", "#"), "^" if "char" in "".join(options) else "é",
                         options.get("lineSep", "\r")]
        yield {"case": f"tokens_{i}", "zone": "UTC", "schema": THREE, "options": options,
               "texts": ["", " ", ",", ",,", "a,b,c", '"a","b","c"', "a", "a,b", "a,b,c,d", "a,b,c,", '""', '"",,""'] +
               [t for t in random_lines(i, alphabet, 500) if not is_odd(t, options)]}


NUMBERS = ["0", "1", "-1", "+1", "-0", "007", "127", "128", "-128", "-129", "32767", "32768", "2147483646", "2147483649",
           "9223372036854775807", "9223372036854775808", "1.5", "1.", ".5", ".", "-", "+", "1e3", "1E3", "1e+3", "1e-3", "1e", "e1", "1f", "1d",
           "1F", "1D", "1L", "1_0", "1 ", " 1", "\t1", "0x10", "NaN", "nan", "Inf", "-Inf", "inf", "Infinity", "-Infinity", "+Infinity",
           "+Inf", "+NaN", "-NaN", "1e400", "1e-400", "4.9e-324", "1.7976931348623157e308", "3.4028235e38", "3.5e38", "1e-46", "12345678901234567890",
           "0.1", "123.455", "123.445", "99999999.99", "999999999.99", "1,5", "1;5", "1%", "$1", "true", "(1)", "1.0E+2", "--1", "+-1", "1..2", "1.2.3",
           "16777217", "0.30000001192092896", "123456789012345678901234567890.1", "null", "a"]
TIMES = ["2024-01-01", "2024-1-1", "2024-01-01 10:00:00", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00.123456", "2024-01-01T10:00:00+02:00",
         "2024-01-01 10:00:00 Europe/Berlin", "2024-02-30", "2024", "2024-06", "24-01-01", "20240101", "10:00", "01/02/2024", "2024-01-01GMT",
         "2024-01-01 10:00:00GMT+2", "19723", "0", "-1", "+2024-01-01", "12024-01-01", "0001-01-01", "-0001-01-01", "2024-01-01 ", " 2024-01-01",
         "2024-01-01T", "2024-01-01x", "1704067200", "2024-06-01 12:30:00.5", "2024-13-01", "now", "2024-01-01 25:00:00", "1582-10-10",
         "01.02.2024", "01.02.2024 03:04", "2024-01-01T10:00", "2024-01-01T10", "2024-01-01T10:00:00.1234567"]


def types():
    for kind in ("TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(10,2)", "DECIMAL(38,10)", "BOOLEAN", "BINARY"):
        texts = NUMBERS + ["TRUE", "False", "t", "yes", "", '"1"', '" 1"', "fALSE", "0 "]
        yield {"case": f"{kind}", "zone": "UTC", "schema": f"a {kind}, z INT, _corrupt_record STRING", "options": {"sep": "|"},
               "texts": [t + "|1" for t in texts if kind != "FLOAT" or not t.startswith("21474836")]} # JDK-4511638
    yield {"case": "names_of_numbers", "zone": "UTC", "schema": "a DOUBLE, z FLOAT, _corrupt_record STRING",
           "options": {"sep": "|", "nanValue": "nix", "positiveInf": "viel", "negativeInf": "-viel"},
           "texts": [f"{t}|{t}" for t in ("nix", "viel", "-viel", "NaN", "Inf", "-Inf", "Infinity", "1")]}
    patterns = [{}, {"dateFormat": "dd.MM.yyyy", "timestampFormat": "dd.MM.yyyy HH:mm", "timestampNTZFormat": "dd.MM.yyyy HH:mm"},
                {"enableDateTimeParsingFallback": "false"}, {"dateFormat": "dd.MM.yyyy", "timestampFormat": "dd.MM.yyyy HH:mm",
                                                             "enableDateTimeParsingFallback": "true"}, {"timeZone": "America/New_York"},
                {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"}]
    for zone in ("UTC", "Europe/Berlin"):
        for i, options in enumerate(patterns):
            yield {"case": f"times_{zone}_{i}", "zone": zone, "schema": "a DATE, b TIMESTAMP, c TIMESTAMP_NTZ, _corrupt_record STRING",
                   "options": {"sep": "|"} | options, "texts": [f"{t}|{t}|{t}" for t in TIMES if t != "10:00"]}


def cases():
    yield from tokens()
    yield from types()


if __name__ == "__main__":
    import parts
    import spark_answers
    from pyspark.sql import functions
    spark_answers.record(parts.spark(), functions.from_csv, cases(), os.path.join(HERE, "spark_from_csv.jsonl"))
