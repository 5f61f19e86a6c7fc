"""Statements written by hand: literals, names of columns, errors, and whole queries."""

LITERALS = r'''
1 | -1 | 2147483647 | 2147483648 | -2147483648 | -2147483649 | 9223372036854775807 | 9223372036854775808 | -9223372036854775808 | -9223372036854775809
99999999999999999999999999999999999999 | 100000000000000000000000000000000000000 | 00012 | 1L | 1l | 1S | 1s | 1Y | 128Y | -128Y | 127Y | -129Y | 32768S | -32768S | 9223372036854775808L | -9223372036854775808L
1. | .5 | 1.5 | 1.50 | 0.0 | -0.0 | 00.10 | 1.e3 | 1e3 | 1E-3 | 1.5e+3 | .5e1 | 1e400 | 1e-400 | -1e400 | 1.5E0D | 1D | 1d | 1.5f | 1F | 1e39F | 1BD | 1.50BD | 1e3BD | 1e-3BD | 1.5e-2BD | 12345678901234567890123456789012345678901BD
1e40BD | 0.00000000000000000000000000000000000000001 | 123456789012345678901234567890.1234567890 | 1.0E+2 | 1e2L | 0x10 | 0x | 0b1 | 1_000 | 1a | 1.a
'a' | "a" | 'a' 'b' | 'a' "b" | 'it''s' | 'it\'s' | "say ""x""" | '\n\t\\' | '\u00e4' | '\U0001F600' | '\101' | '\x' | '\%' | '\_' | 'a\%b' | r'a\nb' | R"x\y" | '' | 'ä€𝄞' | '\0' | '\Z' | '\b' | 'a
b' | 'tab	here'
X'1F' | x'0a' | X'1' | X'' | X'GG' | X'1F' 'a' | TRUE | false | NULL | null
DATE'2024-02-29' | DATE '2024-02-30' | date"2024-1-2" | DATE'2024' | DATE'2024-05' | DATE'abc' | DATE'0001-01-01' | DATE'9999-12-31' | DATE'+10000-01-01' | DATE'-0044-03-15' | DATE'' | DATE' 2024-01-01 '
TIMESTAMP'2024-01-01 12:34:56.789' | TIMESTAMP'2024-01-01' | TIMESTAMP'2024-01-01T00:00:00Z' | TIMESTAMP'2024-01-01 00:00:00+02:00' | TIMESTAMP'2024-01-01 00:00:00 Europe/Berlin' | TIMESTAMP'abc' | TIMESTAMP'2024-01-01 25:00:00'
TIMESTAMP_NTZ'2024-01-01 12:34:56.789' | TIMESTAMP_NTZ'2024-01-01' | TIMESTAMP_NTZ'2024-01-01 00:00:00Z' | TIMESTAMP_LTZ'2024-01-01 00:00:00' | TIMESTAMP_LTZ'x' | TIMESTAMP_NTZ'x' | FOO'x' | INT'1'
1 2 | (1) | ((1)) | (1, 2) | (1, 'a') | () | array() | array(1, 2.5, '3') | map() | map(1, 2) | struct() | struct(1, 'a') | named_struct('a', 1) | array(NULL) | array(1, NULL) | array(array()) | map('a', NULL)
current_date() = current_date | current_timestamp() = now() | typeof(current_timestamp()) | typeof(NULL) | typeof(1.5) | typeof(array()) | typeof(map()) | typeof(struct(1, 'x' AS y))
1::INT | '1'::INT | 1.5::STRING | 1 :: DOUBLE | -1::STRING | (-1)::STRING | 1::DECIMAL(5,2)::STRING | 'a'::STRING || 'b'::STRING | NULL::INT | 1::TIMESTAMP | CAST(1 AS int) | CAST(1 AS DEC(5)) | CAST(1 AS NUMERIC) | CAST(1 AS decimal(39,0)) | CAST(1 AS DECIMAL(5,6)) | CAST(1 AS DECIMAL(0))
CAST(1 AS REAL) | CAST(1 AS BYTE) | CAST(1 AS SHORT) | CAST(1 AS LONG) | CAST(1 AS INTEGER) | CAST(1 AS foo) | CAST(1 AS STRING(5)) | CAST('abc' AS CHAR(5)) | CAST('abc' AS VARCHAR(2)) | CAST(1 AS CHAR) | CAST(1 AS VARCHAR) | CAST(1 AS ARRAY) | CAST('x' AS STRING COLLATE UTF8_BINARY) | CAST(1 AS VOID) | CAST(NULL AS VOID) | TRY_CAST(1 AS VOID)
int('5') | double('x') | string(1) | boolean('true') | date('2024-01-01') | timestamp('2024-01-01') | binary('a') | decimal('1.5') | tinyint(300) | bigint(1.9) | float('1e10') | int(1, 2) | int()
'''.strip("\n")

NAMES = r"""
i | i AS x | i x | I | t.i | t.I | `i` | T.`i` | i + 1 | i+s | -i | - i | +i | ~i | NOT bo | !bo | i = 1 | i == 1 | i <> 1 | i != 1 | i <=> 1 | i < 1 | i > 1 AND bo | i > 1 OR bo | i BETWEEN 1 AND 2 | i NOT BETWEEN 1 AND 2 | i IN (1, 2) | i NOT IN (1, 2)
s LIKE 'a%' | s NOT LIKE 'a%' | s ILIKE 'a' | s NOT ILIKE 'a' | s RLIKE 'a' | s REGEXP 'a' | s NOT RLIKE 'a' | s LIKE 'a' ESCAPE '/' | s LIKE ANY ('a', 'b') | s LIKE ALL ('a', 'b') | s NOT LIKE ANY ('a', 'b') | s LIKE SOME ('a') | s NOT LIKE ALL ('a', 'b') | s ILIKE ANY ('a', 'b')
i IS NULL | i IS NOT NULL | bo IS TRUE | bo IS NOT TRUE | bo IS FALSE | bo IS NOT FALSE | bo IS UNKNOWN | bo IS NOT UNKNOWN | i IS DISTINCT FROM 1 | i IS NOT DISTINCT FROM 1 | isnull(i) | isnotnull(i)
CASE WHEN bo THEN 1 END | CASE WHEN bo THEN 1 ELSE 2 END | CASE i WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END | if(bo, 1, 2) | IF(bo, i, 2) | coalesce(i, 1) | nvl(i, 1) | ifnull(i, 1) | nvl2(i, 1, 2) | nullif(i, 1) | COALESCE(i, 1, 2.5)
CAST(i AS STRING) | CAST(i + 1 AS STRING) | i::string | TRY_CAST(s AS INT) | CAST(st.a AS STRING) | CAST(i AS INT) | CAST(1 AS INT) | CAST('1' AS INT) | CAST(CAST(i AS STRING) AS INT) | CAST(i AS DECIMAL(5,2)) | string(i) | int(s) | double(1) | string(i + 1) | CAST(t.i AS BIGINT)
s || 'a' | s || 'a' || 'b' | concat(s, 'a') | CONCAT(s) | i * 2 + 1 | (i * 2) + 1 | i * (2 + 1) | i / 2 | i % 2 | i DIV 2 | i & 1 | i | 1 | i ^ 1 | i << 1 | i >> 1 | i >>> 1 | mod(i, 2) | pmod(i, 2) | negative(i) | positive(i) | power(i, 2) | pow(i, 2)
ar[0] | ar[i] | mp['k'] | mp.k | st.a | st.A | t.st.a | st | st['a'] | aa[0] | array(1)[0] | array(i, 1) | map('a', i) | struct(i, s) | struct(i AS x, s) | struct(1, i + 1) | named_struct('x', i) | (i, s) | (i) | named_struct('x', 1).x | struct(i).i | (1, 2).col1 | struct(st.a) | struct(CAST(i AS STRING)) | struct(t.i)
upper(s) | UPPER(s) | Upper(s) | ucase(s) | lower(s) | lcase(s) | length(s) | len(s) | char_length(s) | character_length(s) | substring(s, 1, 2) | substr(s, 1) | substring(s FROM 1) | substring(s FROM 1 FOR 2) | trim(s) | trim('x' FROM s) | trim(BOTH 'x' FROM s) | trim(LEADING FROM s) | trim(TRAILING 'x' FROM s) | ltrim(s) | ltrim('x', s) | btrim(s, 'x') | replace(s, 'a', 'b') | left(s, 1) | right(s, 1)
abs(i) | ABS(i) | sign(i) | signum(i) | round(d) | round(d, 1) | bround(d, 1) | floor(d) | ceil(d) | ceiling(d) | floor(d, 1) | sqrt(d) | exp(d) | ln(d) | log10(d) | log2(d) | sin(d) | atan2(d, 1) | greatest(i, 1) | least(i, 1) | isnan(d) | hypot(d, 1) | cbrt(d) | shiftleft(i, 1) | shiftright(i, 1)
year(da) | month(da) | day(da) | dayofmonth(da) | extract(YEAR FROM da) | to_date(s) | to_timestamp(s) | current_date | current_date() | date(s) | da + 1 | da - 1 | 1 + da | typeof(i) | position('a', s) | position('a' IN s) | instr(s, 'a') | locate('a', s)
'a' | "b" | 1 | 1.5 | 1e3 | 1L | -1 | - 1 | -(1) | 1.50 | NULL | TRUE | DATE'2024-01-01' | TIMESTAMP'2024-01-01 00:00:00' | TIMESTAMP_NTZ'2024-01-01 00:00:00' | X'1F' | 'it\'s' | '' | 'a,b' | 1.5BD | 1.5F | 1Y | array(1.5F, 1e10) | 'x' AS `a b` | 'x' AS `a``b` | 1 AS select | 1 as `Ä`
count(*) | count(1) | COUNT(i) | count(i, s) | sum(i) | sum(i) + 1 | avg(d) | min(s) | max(i) AS m | count(DISTINCT i) | sum(DISTINCT i) | first(i) | last(i) | count_if(bo) | max(i) - min(i) | sum(i + 1) | any_value(i) | count(t.*) | first_value(i) | mean(i)
equal_null(i, 1) | i <=> NULL | NULL = NULL | NULL AND NULL | NULL + 1 | NULL || 'a' | NOT NULL | -NULL | NULL IN (1) | 1 IN (NULL) | CASE WHEN NULL THEN 1 END | coalesce(NULL, NULL) | array(NULL)[0] | if(NULL, 1, 2) | NULL LIKE 'a' | 'a' LIKE NULL | NULL BETWEEN 1 AND 2
try_add(i, 1) | try_divide(i, 0) | try_subtract(i, 1) | try_multiply(i, 2) | try_mod(i, 2) | 5 % 3 AS `5 mod 3` | now() = current_timestamp | i AS a.b | i AS (a, b) | st.* | t.* | * | * EXCEPT (n) | t.* EXCEPT (i, s) | * EXCEPT (zz) | st.* EXCEPT (a) | *, i | i, * EXCEPT (i) | count(*) + 1
""".strip("\n")

ERRORS = r"""
foo(1) | uper(s) | upper() | upper(s, s) | length() | coalesce() | nullif(1) | if(bo, 1) | substring(s) | round() | round(1, 2, 3) | concat() | nvl(1) | array_foo(1) | abs() | abs(1, 2) | greatest(1) | greatest() | least(1) | mod(1) | typeof() | struct() | map(1) | named_struct('a') | isnull() | isnan(1, 2) | like('a')
zz | t.zz | zz.i | st.zz | i.a | s.x | zz + 1 | ii | `I I` | mp.zz | ar.x | st.a.b | upper(zz) | CASE WHEN zz THEN 1 END | x.y.z.w | u.i | spark_catalog.default.t.i | default.t.i
1 + true | 1 + array(1) | array(1) + array(2) | true + true | 'a' + 1 | 'a' + 'b' | 'a' * 2 | da + da | da * 2 | da - ts | ts + 1 | -true | -s | -da | ~1.5 | ~'1' | NOT 1 | NOT 'true' | NOT 'x' | 1 AND true | 'true' AND true | 1 OR 0 | true & false | 1.5 & 1 | 1 << 1.5 | '1' << 1 | 1 << 40 | 1L << 40
1 = true | 1 = 'a' | 1 = '1' | '1' = 1.0 | array(1) = 1 | array(1) = array('1') | map(1, 2) = map(1, 2) | st = st | st = su | st < su | da = '2024-02-29' | da = 'x' | da = 1 | ts = 1 | x = '1' | x = 1 | true = 'true' | true = 'x' | NULL = array(1) | st = named_struct('c', 1, 'd', 'x') | st IN (su) | ar = aa | ar IN (aa) | mp IN (mp) | mp <=> mp
CASE WHEN 1 THEN 2 END | CASE WHEN 'true' THEN 2 END | CASE WHEN true THEN 1 ELSE array(1) END | CASE WHEN true THEN 1 ELSE 'a' END | CASE WHEN false THEN 1 ELSE 'a' END | CASE 1 WHEN 'a' THEN 1 END | if(1, 2, 3) | if('true', 2, 3) | if(true, 1, 'a') | if(true, 1, true) | coalesce(1, 'a') | coalesce(1, array(1)) | nullif(1, 'a') | nullif(1, array(1)) | greatest(1, 'a') | greatest(1, '5') | greatest(ar, ar) | greatest(mp, mp) | greatest(1, true)
1 IN ('a') | 1 IN ('1', 2.5) | 1 IN (array(1)) | 1 IN (true) | s IN (1, 2) | da IN ('2024-02-29') | 1 BETWEEN 'a' AND 'b' | 1 BETWEEN true AND false | da BETWEEN '2024-01-01' AND '2025-01-01' | (1, 2) IN ((1, 2), (3, 4)) | (1, 2) = (1, 2) | (1, 2) IN ((1, '2')) | (1, 2) IN (1)
CAST(1 AS DATE) | CAST(true AS DATE) | CAST(da AS INT) | CAST(ts AS INT) | CAST(tn AS INT) | CAST(x AS INT) | CAST(1 AS BINARY) | CAST(1.5 AS BINARY) | CAST(ar AS INT) | CAST(ar AS ARRAY<DATE>) | CAST(mp AS MAP<INT, INT>) | CAST(st AS STRUCT<a: DATE, b: STRING>) | CAST(st AS STRUCT<a: INT>) | CAST(1 AS ARRAY<INT>) | CAST(bo AS TIMESTAMP) | CAST(da AS BOOLEAN) | CAST(ts AS BOOLEAN) | CAST(tn AS DOUBLE) | TRY_CAST(da AS INT) | TRY_CAST(1 AS DATE) | TRY_CAST(ar AS INT)
ar['a'] | ar[1.5] | ar['1'] | ar[NULL] | ar[5] | ar[-1] | mp[1] | mp[NULL] | mp['zz'] | st[0] | st['zz'] | i[0] | s[0] | n[0] | element_at(ar, 0) | element_at(ar, 5) | element_at(ar, -1) | element_at(mp, 'zz') | array(1, 'a') | array(1, true) | array(1, array(1)) | map(1, 2, 1, 3) | map(NULL, 1) | map(array(1), 2) | map(map(1, 2), 3) | map(1, 2, 'a', 4) | map(1, 2, 3) | named_struct(1, 2) | named_struct('a', 1, 'a', 2) | named_struct(s, 1) | struct(*)
sum(s) | sum(bo) | sum(da) | avg(da) | sum(ar) | max(ar) | max(mp) | min(st) | count() | sum() | sum(i, i) | sum(sum(i)) | i + sum(i) | i, sum(i) | sum(i) + i | sum(*) | upper(*) | avg(s) | count(DISTINCT) | max(DISTINCT i) | count(DISTINCT *) | upper(DISTINCT s) | sum(i) OVER () | upper(s) FILTER (WHERE true) | upper(s) OVER ()
length(1) | length(true) | length(ar) | upper(1) | upper(ar) | upper(NULL) | substring(1, 1, 1) | substring('abc', 'a') | substring('abc', '2') | substring('abc', 1.9) | abs('x') | abs('1') | abs(true) | abs(da) | round('1.5') | round('x') | round(1.5, i) | round(1.5, NULL) | round(da) | floor('1.5') | sqrt('4') | sqrt(-1) | sqrt('x') | ln(0) | ln(-1) | isnan('x') | isnan('NaN') | isnan(1) | isnan(true) | year('2024-01-01') | year('x') | year(1) | year(tn) | concat(1, 2) | concat(1, 'a', true) | concat(ar, 1) | concat(x, 'a') | concat(x, x) | repeat('a', -1) | left('abc', -1) | nvl(ar, 1) | like(1, 1) | 1 LIKE 1 | 1 LIKE '1' | ar LIKE 'a' | 'a' LIKE '\\' | 'a' LIKE 'a\\' | 'a_' LIKE 'a\\_' | 'a' LIKE 'b' ESCAPE 'cc' | 'a' LIKE '\\a'
1/0 | 1 % 0 | 1.0/0 | 1e0/0 | 1 DIV 0 | 0/0 | 5 % 0.0 | pmod(1, 0) | mod(1, 0) | 1L DIV 0L | -9223372036854775808 DIV -1 | 2147483647 + 1 | -2147483648 - 1 | 2147483647 * 2 | 127Y + 1Y | 32767S * 2S | 9223372036854775807 + 1 | -(-2147483648) | abs(-2147483648) | abs(-128Y) | -(CAST(-128 AS TINYINT)) | 99999999999999999999999999999999999999 + 1 | 1e308 * 10 | CAST(300 AS TINYINT) | CAST(1e10 AS INT) | CAST('x' AS INT) | CAST('' AS INT) | CAST('1.5' AS INT) | CAST(1e20 AS BIGINT) | CAST('2024-13-01' AS DATE) | CAST('x' AS TIMESTAMP) | CAST('x' AS BOOLEAN) | CAST(12345.678 AS DECIMAL(5,2)) | CAST('12345.678' AS DECIMAL(5,2)) | CAST('x' AS DECIMAL(5,2)) | CAST('NaN' AS DECIMAL(5,2)) | CAST(double('NaN') AS INT) | CAST(double('NaN') AS DECIMAL(5,2)) | CAST(double('Infinity') AS TIMESTAMP) | CAST(1e30 AS TIMESTAMP) | CAST(9223372036854775807 AS TIMESTAMP)
CASE WHEN true THEN 1 ELSE 1/0 END | if(false, 1/0, 2) | coalesce(1, 1/0) | false AND 1/0 = 1 | true OR 1/0 = 1 | 1/0 = 1 AND false | 1/0 = 1 OR true | nullif(1, 1/0) | nvl(1, 1/0) | nvl2(1, 2, 1/0) | 1 IN (1, 1/0) | greatest(1, 1/0) | i > 0 OR CAST(s AS INT) > 0 | CASE WHEN s = 'a' THEN CAST(s AS INT) ELSE 0 END | CASE 1 WHEN 1 THEN 'x' WHEN 1/0 THEN 'y' END | array(1, 1/0)[0] | struct(1, 1/0).col1 | NULL AND 1/0 = 1 | isnull(1/0) | typeof(1/0) | count(1/0)
""".strip("\n")

QUERIES = r"""
SELECT
SELECT 1,
SELECT 1 FROM
SELECT 1 FROM u
SELECT FROM t
SELEC 1
SELECT 1 1
SELECT (1
SELECT 1)
SELECT 'a
SELECT 1 WHERE
SELECT 1 ORDER
SELECT * FROM t ORDER BY i WHERE i = 1
SELECT *
SELECT * FROM t LIMIT
SELECT 1 WHERE true
SELECT 1 WHERE false
SELECT 1 WHERE 1
SELECT 1 WHERE NULL
SELECT 1 WHERE 'true'
SELECT i FROM k WHERE s
SELECT i FROM k WHERE sum(i) > 1
SELECT i FROM k WHERE x = 'a'
SELECT i AS y FROM k WHERE y = 1
SELECT i, s FROM k ORDER BY i
SELECT i, s FROM k ORDER BY i DESC, s
SELECT i, s FROM k ORDER BY i NULLS LAST, s
SELECT i, s FROM k ORDER BY i DESC NULLS FIRST, s DESC
SELECT i, s FROM k ORDER BY s, i
SELECT i, s FROM k ORDER BY 2, 1
SELECT i, s FROM k ORDER BY 2 DESC, 1 DESC
SELECT i, s FROM k ORDER BY 3
SELECT i, s FROM k ORDER BY 0
SELECT i, s FROM k ORDER BY -1, i, s
SELECT i, s FROM k ORDER BY 1 + 0, i, s
SELECT i, s FROM k ORDER BY 'a', i, s
SELECT i, s FROM k ORDER BY ALL
SELECT i, s FROM k ORDER BY ALL DESC
SELECT i, s FROM k ORDER BY ALL NULLS LAST
SELECT s, i FROM k ORDER BY ALL DESC NULLS FIRST
SELECT i, s FROM k ORDER BY ALL, i
SELECT i FROM k ORDER BY d
SELECT i AS a FROM k ORDER BY a
SELECT i AS a FROM k ORDER BY i
SELECT i AS s, s AS i FROM k ORDER BY s, i
SELECT i AS a FROM k ORDER BY k.i
SELECT -i AS i FROM k ORDER BY i
SELECT -i AS i FROM k ORDER BY k.i
SELECT i FROM k ORDER BY i + d, i
SELECT i FROM k ORDER BY abs(i), i
SELECT i + 1 FROM k ORDER BY i + 1
SELECT i + 1 AS a FROM k ORDER BY a * -1
SELECT i FROM k ORDER BY a
SELECT i FROM k ORDER BY mp
SELECT i FROM k ORDER BY upper(s) DESC, i
SELECT count(*) FROM k ORDER BY 1
SELECT count(*) FROM k ORDER BY i
SELECT count(*) AS c FROM k ORDER BY c
SELECT count(*) FROM k ORDER BY count(*)
SELECT count(*) AS c FROM k ORDER BY max(i)
SELECT i FROM k ORDER BY sum(i)
SELECT DISTINCT i FROM k ORDER BY i
SELECT DISTINCT i, s FROM k ORDER BY i, s
SELECT DISTINCT * FROM k ORDER BY i, s, d
SELECT DISTINCT s FROM k ORDER BY i
SELECT DISTINCT s FROM k ORDER BY upper(s)
SELECT DISTINCT upper(s) AS u FROM k ORDER BY u DESC
SELECT DISTINCT i + 1 FROM k ORDER BY 1
SELECT DISTINCT i + 1 FROM k ORDER BY i + 1
SELECT DISTINCT d FROM z ORDER BY d
SELECT DISTINCT f FROM z ORDER BY f
SELECT DISTINCT NULL FROM k
SELECT DISTINCT 1 FROM k
SELECT DISTINCT array(i) FROM k ORDER BY 1
SELECT DISTINCT struct(i, s) AS q FROM k ORDER BY q
SELECT DISTINCT map('a', 1) FROM k
SELECT DISTINCT 1, 'a', NULL, true FROM k
SELECT DISTINCT count(*) FROM k
SELECT ALL i FROM k ORDER BY i
SELECT count(*) FROM (SELECT DISTINCT i FROM k)
SELECT count(*) FROM (SELECT DISTINCT * FROM k)
SELECT DISTINCT i FROM k LIMIT 0
SELECT DISTINCT x.i FROM k AS x ORDER BY x.i
SELECT i FROM k ORDER BY i, s LIMIT 2
SELECT i FROM k ORDER BY i, s LIMIT 2 OFFSET 1
SELECT i FROM k ORDER BY i, s OFFSET 3
SELECT i FROM k ORDER BY i, s LIMIT ALL
SELECT i FROM k ORDER BY i, s LIMIT ALL OFFSET 2
SELECT i FROM k ORDER BY i, s LIMIT 0
SELECT i FROM k ORDER BY i, s LIMIT 1 + 1
SELECT i FROM k ORDER BY i, s LIMIT 2L
SELECT i FROM k ORDER BY i, s LIMIT CAST('2' AS INT)
SELECT i FROM k ORDER BY i, s LIMIT -1
SELECT i FROM k ORDER BY i, s LIMIT 1.5
SELECT i FROM k ORDER BY i, s LIMIT '1'
SELECT i FROM k ORDER BY i, s LIMIT NULL
SELECT i FROM k ORDER BY i, s LIMIT i
SELECT i FROM k ORDER BY i, s LIMIT 1 OFFSET -1
SELECT i FROM k ORDER BY i, s OFFSET NULL
SELECT i FROM k ORDER BY i, s LIMIT 3000000000
SELECT i FROM k ORDER BY i, s LIMIT 1 LIMIT 2
SELECT i FROM k ORDER BY i, s OFFSET 1 LIMIT 2
(SELECT i FROM k ORDER BY i, s LIMIT 3) ORDER BY i DESC LIMIT 1
SELECT * FROM (SELECT i FROM k ORDER BY i, s LIMIT 3) ORDER BY i DESC
SELECT i FROM k UNION SELECT i FROM k ORDER BY i
SELECT i FROM k UNION DISTINCT SELECT 99 ORDER BY i
SELECT i FROM k UNION ALL SELECT i FROM k ORDER BY i
SELECT i FROM k UNION ALL SELECT s FROM k
SELECT i FROM k UNION ALL SELECT d FROM k ORDER BY 1
SELECT 1 UNION ALL SELECT 1.5
SELECT 1 UNION ALL SELECT '2'
SELECT 1 UNION ALL SELECT 'x'
SELECT 1 UNION ALL SELECT true
SELECT 1 UNION ALL SELECT NULL
SELECT NULL UNION ALL SELECT NULL
SELECT 1 UNION ALL SELECT 1, 2
SELECT 1 AS a UNION ALL SELECT 2 AS b
SELECT 1 AS a UNION ALL SELECT 2 AS b ORDER BY a
SELECT 1 AS a UNION ALL SELECT 2 AS b ORDER BY b
SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3L
SELECT 1 UNION SELECT 1
SELECT 1 UNION SELECT 1L
SELECT 1 UNION SELECT 1.0
SELECT 'a' UNION SELECT NULL ORDER BY 1
SELECT NULL UNION SELECT NULL
SELECT d FROM z UNION SELECT d FROM z ORDER BY d
SELECT d FROM z UNION SELECT f FROM z ORDER BY 1
SELECT i FROM k EXCEPT SELECT 1 ORDER BY i
SELECT i FROM k EXCEPT ALL SELECT 1 ORDER BY i
SELECT i FROM k MINUS SELECT 1 ORDER BY i
SELECT i FROM k EXCEPT SELECT i FROM k
SELECT i FROM k EXCEPT ALL SELECT DISTINCT i FROM k ORDER BY i
SELECT i FROM k INTERSECT SELECT 1 ORDER BY i
SELECT i FROM k INTERSECT ALL SELECT i FROM k ORDER BY i
SELECT i FROM k INTERSECT ALL VALUES (1), (1), (1), (NULL), (NULL) ORDER BY i
SELECT i FROM k INTERSECT SELECT NULL
SELECT i, s FROM k EXCEPT SELECT 1, 'a' ORDER BY i, s
SELECT i FROM k EXCEPT SELECT i, s FROM k
SELECT i FROM k EXCEPT SELECT true
SELECT i FROM k INTERSECT SELECT '1'
SELECT i FROM k INTERSECT SELECT 1L
SELECT d FROM z INTERSECT SELECT d FROM z ORDER BY d
SELECT d FROM z EXCEPT SELECT double('NaN') ORDER BY d
SELECT mp FROM k EXCEPT SELECT mp FROM k
SELECT mp FROM k UNION SELECT mp FROM k
SELECT mp FROM k INTERSECT SELECT mp FROM k
SELECT ar FROM k UNION SELECT array(1) ORDER BY 1
SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 ORDER BY 1
SELECT 1 UNION SELECT 2 EXCEPT SELECT 1
(SELECT 1 UNION SELECT 2) INTERSECT SELECT 2
SELECT 1 UNION ALL (SELECT 2 EXCEPT SELECT 2)
SELECT 1 EXCEPT SELECT 1 UNION ALL SELECT 1
(SELECT 1) UNION ALL (SELECT 2)
(SELECT i FROM k ORDER BY i DESC LIMIT 1) UNION ALL (SELECT i FROM k WHERE i = 1 LIMIT 1)
SELECT 1 AS a, 2 AS a UNION SELECT 1, 2
SELECT struct(1 AS a) UNION ALL SELECT struct(2L AS a)
SELECT struct(1 AS a) UNION ALL SELECT struct(2L AS b)
SELECT array(1) UNION ALL SELECT array(2.5)
SELECT map('a', 1) UNION ALL SELECT map('a', 2L)
SELECT DATE'2024-01-01' UNION ALL SELECT TIMESTAMP'2024-01-01 00:00:00'
SELECT DATE'2024-01-01' UNION ALL SELECT '2024-01-02'
SELECT DATE'2024-01-01' UNION ALL SELECT 'x'
SELECT 1.5 UNION ALL SELECT 1.25
SELECT 12345678901234567890 UNION ALL SELECT 0.123456789012345678901234567890
SELECT CAST(1 AS DECIMAL(38,0)) UNION ALL SELECT CAST(0.5 AS DECIMAL(38,38))
SELECT 1.5 UNION ALL SELECT 1e0
SELECT 1F UNION ALL SELECT 1
SELECT 1L UNION ALL SELECT 1F
SELECT X'61' UNION ALL SELECT 'b'
VALUES (1)
VALUES 1, 2
VALUES (1, 'a'), (2, NULL)
VALUES (1, 'a'), (2)
VALUES (1), (2.5)
VALUES (1), ('2')
VALUES (1), ('x')
VALUES (1), (true)
VALUES (1), (array(1))
VALUES (1), (NULL)
VALUES (NULL)
VALUES (1 + 1, upper('a'))
VALUES (i)
VALUES (sum(1))
VALUES (1, 2) AS v(a, b)
VALUES (1, 2) AS v(a)
VALUES (1, 2) v
VALUES (1) ORDER BY 1
VALUES (3), (1) ORDER BY col1
VALUES (3), (1) LIMIT 1
VALUES (array(1)), (array(2.5))
VALUES (struct(1, 'a')), (struct(2L, 'b'))
VALUES (named_struct('a', 1)), (named_struct('b', 1))
VALUES (map('a', 1)), (map('b', 2L))
VALUES (DATE'2024-01-01'), (TIMESTAMP'2024-01-01 10:00:00')
VALUES (1.5), (10.25), (100)
VALUES (1/0)
SELECT * FROM VALUES (1, 'a') AS v(x, y)
SELECT v.* FROM VALUES (1, 'a') AS v(x, y)
SELECT col1 FROM VALUES (1, 'a')
SELECT * FROM (VALUES (1, 'a'))
SELECT * FROM (VALUES (1, 'a')) AS v(x, y)
SELECT v.x FROM (VALUES (1, 'a')) AS v(x, y)
SELECT * FROM (VALUES (1, 'a') AS v(x, y))
SELECT x + 1 FROM VALUES (1, 'a'), (2, 'b') AS v(x, y) WHERE y = 'b'
SELECT * FROM VALUES (1), (2) AS v(a), VALUES (3) AS w(b)
TABLE k1
TABLE k1 ORDER BY a
TABLE zz
(TABLE k1)
SELECT * FROM (TABLE k1)
TABLE k1 UNION ALL TABLE k1
SELECT * FROM k1
SELECT k1.* FROM k1
SELECT k1.a, b.c FROM k1
SELECT x.a FROM k1 AS x
SELECT k1.a FROM k1 AS x
SELECT * FROM k1 AS x(p, q)
SELECT p FROM k1 x (p, q)
SELECT a FROM k1 AS x(p, q)
SELECT * FROM k1 AS x(p)
SELECT * FROM (SELECT a FROM k1) AS x
SELECT x.a FROM (SELECT a FROM k1) AS x
SELECT x.a FROM (SELECT a FROM k1 AS x)
SELECT q.p FROM (SELECT a, b FROM k1) AS q(p, r)
SELECT * FROM (SELECT a FROM k1) x(p, q)
SELECT * EXCEPT (a) FROM k1
SELECT * EXCEPT (A) FROM k1
SELECT * EXCEPT (k1.a) FROM k1
SELECT * EXCEPT (a, b) FROM k1
SELECT * EXCEPT (a, a) FROM k1
SELECT * EXCEPT (zz) FROM k1
SELECT * EXCEPT () FROM k1
SELECT k1.* EXCEPT (b) FROM k1
SELECT zz.* FROM k1
SELECT * EXCEPT (b), b FROM k1
SELECT st.* FROM k2
SELECT st.* EXCEPT (a) FROM k2
SELECT * EXCEPT (st.a) FROM k2
SELECT k2.st.* FROM k2
SELECT id.* FROM k2
SELECT a AS x, x + 1 AS y, y * 2 AS z FROM k1
SELECT a AS x, x FROM k1
SELECT a AS b, b FROM k1
SELECT x, a AS x FROM k1
SELECT a AS x, a AS x, x FROM k1
SELECT a + 1 AS a, a + 1 AS c FROM k1
SELECT 1 AS x, x + 1 AS y
SELECT 1 AS x, x AS y, y + x AS z, z::string
SELECT struct(a AS p) AS s, s.p FROM k1
SELECT a AS x FROM k1 WHERE x = 1
SELECT a AS x FROM k1 ORDER BY x
SELECT sum(a) AS s, s + 1 AS t FROM k1
SELECT a AS x, sum(x) FROM k1
SELECT count(*) AS c, c + c FROM k1
SELECT a AS x, x + 1 AS x, x AS y FROM k1
WITH c AS (SELECT 1 AS x) SELECT * FROM c
WITH c(y) AS (SELECT 1 AS x) SELECT y FROM c
WITH c(y, z) AS (SELECT 1 AS x) SELECT y FROM c
WITH c AS (SELECT 1 AS x), d AS (SELECT x + 1 AS x FROM c) SELECT * FROM d
WITH c AS (SELECT 1 AS x), d AS (SELECT * FROM c) SELECT * FROM c UNION ALL SELECT * FROM d
WITH c AS (SELECT 1 AS x), c AS (SELECT 2 AS x) SELECT * FROM c
WITH k1 AS (SELECT 7 AS a) SELECT * FROM k1
WITH c AS (WITH d AS (SELECT 1 AS x) SELECT * FROM d) SELECT * FROM c
WITH c AS (WITH d AS (SELECT 1 AS x) SELECT * FROM d) SELECT * FROM d
WITH c AS (SELECT 1 AS x) SELECT * FROM (WITH c AS (SELECT 2 AS x) SELECT * FROM c)
WITH c AS (SELECT 1 AS x) SELECT c.x, d.x FROM c AS d
WITH c AS (SELECT 1 AS x) SELECT d.x FROM c AS d
WITH c AS (SELECT 1 AS x) SELECT X FROM C
WITH c AS (SELECT * FROM c) SELECT * FROM c
WITH c AS (SELECT 1 AS x) (SELECT * FROM c) UNION ALL (SELECT * FROM c)
WITH c AS (SELECT zz FROM k1) SELECT 1
WITH c AS (SELECT 1/0 AS x) SELECT 2
WITH c AS (SELECT 1 AS x), d AS (WITH c AS (SELECT 2 AS x) SELECT * FROM c) SELECT * FROM d
WITH a1 AS (SELECT 1 AS x), b1 AS (WITH a1 AS (SELECT x + 10 AS x FROM a1) SELECT * FROM a1) SELECT * FROM b1
WITH c AS (SELECT 1 AS x UNION ALL SELECT 2) SELECT sum(x) FROM c
WITH c AS (VALUES (1, 'a')) SELECT * FROM c
SELECT count(*), sum(i), avg(i), min(s), max(s) FROM k
SELECT count(*) FROM k WHERE false
SELECT sum(i) FROM k WHERE false
SELECT count(i), count(DISTINCT i), count(s) FROM k
SELECT count(DISTINCT i, s) FROM k
SELECT sum(DISTINCT i), avg(DISTINCT i) FROM k
SELECT i, count(*) FROM k
SELECT count(*) + i FROM k
SELECT sum(d), avg(d), max(d), min(d) FROM z
SELECT max(ar), min(ar) FROM k
SELECT sum(9223372036854775807) FROM k
SELECT sum(CAST(99999999999999999999999999999999999999 AS DECIMAL(38,0))) FROM k
SELECT avg(CAST(1.5 AS DECIMAL(5,2))), sum(CAST(1.5 AS DECIMAL(5,2))) FROM k
SELECT `a b`, `c.d`, `e``f` FROM odd
SELECT odd.`a b`, `odd`.`c.d` FROM odd
SELECT * FROM odd
SELECT c.d FROM odd
SELECT A FROM dup
SELECT a, b FROM dup
SELECT * FROM dup
SELECT dup.a FROM dup
SELECT dup.A FROM dup ORDER BY 1
SELECT i -- comment
SELECT /* comment */ 1
SELECT /* nested /* comment */ still */ 1
SELECT 1 -- end
SELECT 1;
SELECT 1 AS `from`, 2 AS where, 3 AS group
SELECT from FROM (SELECT 1 AS `from`)
SELECT 1 AS i FROM k1 LIMIT 1
SELECT k1 FROM k1
SELECT k1.a.b FROM k1
SELECT * FROM k1 k2, k1 k3
SELECT a FROM k1 WHERE a = (SELECT max(a) FROM k1)
SELECT a FROM k1 WHERE a IN (SELECT 1)
SELECT EXISTS (SELECT 1)
SELECT (SELECT 1)
SELECT (SELECT 1, 2)
SELECT a FROM k1 HAVING a > 0
SELECT 1 HAVING true
SELECT 1 HAVING false
SELECT count(*) FROM k1 HAVING count(*) > 100
SELECT a FROM k1 GROUP BY a ORDER BY a
SELECT a, count(*) FROM k1 GROUP BY a ORDER BY a
SELECT a + 1 AS x, count(*) FROM k1 GROUP BY x ORDER BY x
SELECT a, count(*) FROM k1 GROUP BY 1 ORDER BY 1
SELECT a, count(*) FROM k1 GROUP BY ALL ORDER BY a
SELECT b FROM k1 GROUP BY a
SELECT upper(b), count(*) FROM k1 GROUP BY upper(b) ORDER BY 1
SELECT count(*) FROM k1 GROUP BY ()
SELECT a, sum(a) FROM k1 GROUP BY a HAVING sum(a) > 1 ORDER BY a
""".strip("\n")

VIEWS = [
    "!CREATE OR REPLACE TEMPORARY VIEW k AS SELECT i, s, d, array(i) AS ar, map('m', i) AS mp, X'61' AS x FROM VALUES (1, 'a', 2.5D), (2, 'B', 1.5D), (1, 'a', 2.5D), (NULL, 'c', 0D), (3, NULL, -1D), (NULL, NULL, NULL), (1, 'b', 9D) AS v(i, s, d)",
    "!CREATE OR REPLACE TEMPORARY VIEW z AS SELECT d, CAST(d AS FLOAT) AS f FROM VALUES (0D), (double('-0.0')), (double('NaN')), (double('NaN')), (-1.5D), (NULL), (NULL), (double('Infinity')), (double('-Infinity')) AS v(d)",
    "!CREATE OR REPLACE TEMPORARY VIEW k1 AS SELECT * FROM VALUES (1, 'x'), (2, 'y') AS v(a, b)",
    "!CREATE OR REPLACE TEMPORARY VIEW k2 AS SELECT 1 AS id, named_struct('a', 1, 'b', 'x') AS st",
    "!CREATE OR REPLACE TEMPORARY VIEW odd AS SELECT 1 AS `a b`, 2 AS `c.d`, 3 AS `e``f`",
]


def cells(text):
    return [cell for line in text.replace(" | ", "\x1f").split("\n") for cell in line.split("\x1f") if cell]


def literals():
    joined = LITERALS.replace("'a\nb'", "'a\x1eb'")
    return [f"SELECT {c}".replace("\x1e", "\n") for c in cells(joined)]


def in_both_modes(statements):
    return [s for on in ("true", "false") for s in [f"!SET spark.sql.ansi.enabled = {on}", *statements]]


def suites(view):
    """`view` makes the relation t that has a column of every type."""
    return {
        "literals": in_both_modes(literals()),
        "names": [view, *(f"SELECT {c} FROM t" for c in cells(NAMES))],
        "errors": in_both_modes([view, *(f"SELECT {c} FROM t" for c in cells(ERRORS))]),
        "queries": VIEWS + in_both_modes(QUERIES.split("\n")),
    }
