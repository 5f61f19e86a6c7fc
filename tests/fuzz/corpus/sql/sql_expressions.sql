SELECT 1, -1, - 1, a -1, a - -1, 10L, 1S, 2Y, 1.5, .5, 1., 1e3, 1.5e-3, 1.5F, 1D, 2BD, 1a, t.1b, -1::string, -a::int;
SELECT 'it''s', "dq", 'a' 'b' "c", r'\d\n', 'tab\tnl\nu\u00e9x\x41\101', 'a\%b', DATE'2024-01-01', TIMESTAMP '2024-01-01 00:00:00', X'1F', x'';
SELECT a OR b AND NOT c = d, !a, NOT a IS NULL, a = b = c, a < b IS NOT NULL;
SELECT a + b * c - d / e % f DIV g, a || b || c, a << 1 >> 2 >>> 3, a & b | c ^ ~d;
SELECT a > b, a >= b, a <> b, a != b, a <=> b, a !> b, a !< b, a == b;
SELECT a BETWEEN 1 AND 2 AND b, a NOT BETWEEN x + 1 AND y, a IN (1, 2), a NOT IN (SELECT b FROM c), a IN ((SELECT 1), 2);
SELECT a LIKE 'x%' ESCAPE '/', a NOT RLIKE b, a ILIKE ANY ('a', 'b'), a NOT LIKE ALL ('a'), a REGEXP 'b';
SELECT a IS TRUE, a IS NOT FALSE, a IS UNKNOWN, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b;
SELECT CAST(a AS DECIMAL(10, 2)), TRY_CAST(a AS ARRAY<ARRAY<INT>>), a::MAP<STRING, STRUCT<x INT, y: STRING>>, a::timestamp_ntz AS b, a::int::string;
SELECT a.b.c, a[0], a['k'].b, f(x).y, (a).b, m['a'][1].c, value:a.b[0]::int, value:['k'], a:b:c;
SELECT CASE WHEN a THEN 1 ELSE 2 END, CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END + 1;
SELECT f(), f(*), f(t.*), f(DISTINCT a, b), f(ALL a), f(k => 1, `a.b` => 2), transform(xs, x -> x + 1), reduce(xs, 0, (acc, x) -> acc + x, acc -> acc * 2);
SELECT sum(a) FILTER (WHERE b > 1), row_number() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST), lag(a) IGNORE NULLS OVER w FROM t WINDOW w AS (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
SELECT extract(DAY FROM ts), substring(s FROM 2 FOR 3), trim(BOTH 'x' FROM s), trim(LEADING FROM s), percentile_cont(0.5) WITHIN GROUP (ORDER BY v DESC);
SELECT INTERVAL 10 MINUTES, INTERVAL '10' MINUTE, INTERVAL '1 day 2 hours', INTERVAL 1 DAY 2 HOURS, INTERVAL '1:30' HOUR TO MINUTE, INTERVAL -1 MINUTE, ts + INTERVAL 1 SECOND;
SELECT (1, 2), (a), ((a)), (SELECT 1), ((SELECT 1)), EXISTS (SELECT 1), s COLLATE utf8_lcase, ?, :p;
SELECT a -- comment
  /* nested /* comment */ */ , b /*+ hint */ FROM t
