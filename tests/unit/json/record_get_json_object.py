"""Asks Spark what spark_get_json_object.jsonl holds, [text, path, answer] a line: run it with the tests' Python after changing the lists."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lib"))

TEXTS = [
    r'{"a":1,"b":{"c":[1,2,{"d":"x"}],"e f":"q"},"arr":[{"n":1,"m":[1,2]},{"n":"two","m":[3]},{"x":null}],"s":"str","nul":null,"f":1.10,"t":true,"big":1E+2}',
    r'[[1,2],[3,[4]],{"a":[5]},"x"]', r'"x"', "1", "null", "", "{", '{"a":1', '{"a":{"b":1', '{"a":1,"a":2}', r'{"a":"x\"y","b":"é\u00e9\n"}',
    ' {"a" : [ 1 , 2 ] } trailing', "{'a':1}", "[]", "{}", '[1,null,"s",{"k":[]}]', '{"a":[{"b":1},{"b":2},{"b":null},{"c":3}]}',
    '{"a":[[{"b":1}],[{"b":2}]]}', '{"a.b":1,"*":2,"a":{"b":3}}', '{"a":[null]}', '{"a":[null,null]}', '{"a":["x"]}', '{"a":NaN}', '{"a":"x\ty"}',
    '{"a":[{"b":["x"]},{"b":["y","z"]}]}', '{"a":[{"b":{"c":[1,2]}},{"b":{"c":[3]}}]}', '[[["a","b"],["c"]],[["d"]]]', '{"a":1,"b":}',
    r'{"a":"\ud83d\ude00\u0001/"}', '{"a":1E400,"b":-0,"c":-0.0,"d":1e-7}', '{"a ":1," a":2}', '{"a]b":1,"a\'b":2,"a?":3,"a]":4,"":5}',
    '{"a":null,"a":3}', '{"a":{"c":1},"a":{"b":3}}', '{"a":{"b😀":"😀é"},"c":"😀"}', '{"a":[{"b":"😀é"},{"b":"x"}]}', '[["😀é"]]',
]
PATHS = [
    "$", "$.a", "$.b.c", "$.b.c[0]", "$.b.c[2].d", "$.b.c[*]", "$.arr[*].n", "$.arr[*].m", "$.arr[*].m[*]", "$.arr[*].m[0]", "$[*]", "$[*][*]", "$[0]",
    "$[0][1]", "$[1][1][0]", "$.*", "$.b.*", "$['a']", "$['b']['c']", "$['e f']", "$.b['e f']", "$.b.e f", "$.s", "$.nul", "$.f", "$.t", "$.big", "$.zz",
    "$.a[0]", "$.a[*]", "$.a[*].b", "$.a[0].b", "$.a.b", "$.a[*][*].b", "$['a.b']", "$.arr.n", "$.arr[0]", "$.arr[2].x", "$[*].a", "$[3]", "$[-1]",
    "$[ 0 ]", "$.", "$..a", "a", "", "$ .a", "$. a", "$[a]", '$["a"]', "$['a", "$[*", "$.a.", "$.b.c[1", "$[99999999999]", "$['*']", "$.arr[*]",
    "$.arr[*].x", "$[*]['a']", "$.a b", r"$.a\.b", "$.arr[*].*", "$.A", "$ ", "$.arr[*][0]", "$[*].k", "$[*].k[*]", "$[3].k", "$.a[1].b", "$.a[1]",
    "$.a[*].b[*]", "$.a[0].b[*]", "$.a[*].b.c[*]", "$[*][*][*]", "$[*][0][*]", "$[0][*][0]", "$[*][*][0]", "$[0][*]", "$[*].a.b[*].c", "$.a ", "$.a[ 0]",
    "$.a [0]", "$ ['a']", "$[ 'a']", "$['a' ]", "$['a]b']", "$.a'b", "$['a?']", "$.a?", "$.a[007]", "$['']", "$.a]",
]

if __name__ == "__main__":
    import parts
    spark = parts.spark()
    pairs = [(i, t, p) for i, (t, p) in enumerate((t, p) for t in TEXTS for p in PATHS)]
    spark.createDataFrame(pairs, "i INT, t STRING, p STRING").createOrReplaceTempView("pairs")
    with open(os.path.join(HERE, "spark_get_json_object.jsonl"), "w", encoding="utf-8") as f:
        for row in spark.sql("SELECT t, p, get_json_object(t, p) AS r FROM pairs ORDER BY i").collect():
            f.write(json.dumps([row.t, row.p, row.r], ensure_ascii=True) + "\n")
