/* grammar.y: Spark's SQL as an LALR(1) grammar without conflicts (Source: SqlBaseParser.g4).
 *
 * Actions only build nodes. What a keyword-looking word is gets decided before it reaches this
 * grammar (parse.c), so rules never list the words that may also be names: IDENT is any of them.
 * Three conflicts of SQL itself are settled by precedence:
 *   - `((SELECT 1))`: parentheses around a query belong to the query (LOWEST against RP);
 *   - `FROM VALUES (1), (2)`: a comma continues the rows (LOWEST against COMMA), and
 *     `(VALUES (1))` is a query, not a relation in parentheses;
 *   - `x::STRING COLLATE c`: COLLATE belongs to the type. */

%token_prefix LV_TK_
%token_type {const lv_token *}
%default_type {lv_ast *}
%extra_context {lv_sql_parser *p}
%name lv_yy
%stack_size 4000

%include {
#include <stdlib.h>

#include "sql_int.h"

#define NEW(kind, from, to) lv_ast_new(p, LV_AST_##kind, from, to)
#define WORD(kind, text, from, to) lv_ast_word(p, LV_AST_##kind, text, from, to)
#define LEAF(kind, token) lv_ast_leaf(p, LV_AST_##kind, token)
#define ADD(node, child) lv_ast_add(p, node, child)
#define ADD2(node, a, b) ADD(ADD(node, a), b)
#define ADD3(node, a, b, c) ADD(ADD2(node, a, b), c)
#define COVER(node, token) lv_ast_cover(node, token)
#define ADOPT(node, list) lv_ast_adopt(p, node, list)

static lv_ast *binary(lv_sql_parser *p, const char *text, lv_ast *left, lv_ast *right)
{
    return ADD2(WORD(BINARY, text, NULL, NULL), left, right);
}

static lv_str concat(lv_sql_parser *p, lv_str a, lv_str b)
{
    char *text = lv_arena_alloc(p->arena, a.len + b.len + 1);
    memcpy(text, a.ptr, a.len);
    memcpy(text + a.len, b.ptr, b.len);
    text[a.len + b.len] = 0;
    return (lv_str){text, a.len + b.len};
}

/* Words that stand one after the other in the text, in upper case, as one: "OR REFRESH". */
static lv_str join_words(lv_sql_parser *p, lv_str first, const char *second)
{
    if (first.len == 0 || second[0] == 0)
        return first.len ? first : lv_str_of(second);
    return concat(p, concat(p, first, LV_STR(" ")), lv_str_of(second));
}

static lv_str upper_text(lv_sql_parser *p, const lv_token *token)
{
    char *text = lv_arena_strndup(p->arena, token->text.ptr, token->text.len);
    for (char *c = text; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    return (lv_str){text, token->text.len};
}

static lv_ast *text_of(lv_ast *node, lv_str text)
{
    node->text = text;
    return node;
}

/* [NOT ]word */
static lv_str negated(lv_sql_parser *p, const lv_ast *negation, const char *word)
{
    return negation ? join_words(p, LV_STR("NOT"), word) : lv_str_of(word);
}

/* The text with the opposite sign. */
static lv_str negative(lv_sql_parser *p, lv_str text)
{
    return lv_str_starts(text, LV_STR("-")) ? lv_str_sub(text, 1, text.len - 1) : concat(p, LV_STR("-"), text);
}

/* An expression in parentheses is itself; several are a tuple. */
static lv_ast *paren(lv_sql_parser *p, lv_ast *list)
{
    if (list->count != 1)
        return list;
    lv_ast *inner = list->first;
    inner->offset = list->offset;
    inner->length = list->length;
    return inner;
}
}

%stack_overflow { p->overflowed = true; }
%syntax_error { p->failed = true; }

/* lowest precedence first */
%nonassoc LOWEST.
%nonassoc COMMA RP.
%left UNION EXCEPT MINUS.
%left INTERSECT.
%left OR.
%left AND.
%right NOT BANG.
%left EQ NULL_SAFE_EQ NE LT LE GT GE.
%left PIPE.
%left HAT.
%left AMPERSAND.
%left SHL SHR USHR.
%left PLUS MINUS_SIGN CONCAT.
%left STAR SLASH MODULO DIV.
%right UNARY TILDE.
%left COLLATE.

%token SEMICOLON ILLEGAL.

%start_symbol top
top ::= BEGIN_STATEMENT statement(S). { p->root = S; }
top ::= BEGIN_EXPRESSION expr(E). { p->root = E; }
top ::= BEGIN_TYPE type(T). { p->root = T; }
top ::= BEGIN_TYPE fields(F). { p->root = ADOPT(WORD(TYPE, "STRUCT", NULL, NULL), F); }

/* ---- statements ---------------------------------------------------------------------------- */

statement(A) ::= query(Q). { A = Q; }
statement(A) ::= EXPLAIN(T) query(Q). { A = ADD(WORD(EXPLAIN, "", T, NULL), Q); }
statement(A) ::= EXPLAIN(T) EXTENDED query(Q). { A = ADD(WORD(EXPLAIN, "EXTENDED", T, NULL), Q); }
statement(A) ::= EXPLAIN(T) FORMATTED query(Q). { A = ADD(WORD(EXPLAIN, "FORMATTED", T, NULL), Q); }
statement(A) ::= SHOW(T) listed(W) in_schema(N) matching(M). { A = COVER(ADD2(W, N, M), T); }
statement(A) ::= SHOW(T) COLUMNS in name(N) in_schema(S). {
    A = ADD2(WORD(SHOW, "COLUMNS", T, NULL), N, S ? ADD(NEW(CLAUSES, NULL, NULL), S) : NULL);
}
statement(A) ::= SHOW(T) TBLPROPERTIES name(N). { A = ADD(WORD(SHOW, "TBLPROPERTIES", T, NULL), N); }
statement(A) ::= SHOW(T) TBLPROPERTIES name(N) LP property_key(K) RP(E). {
    A = COVER(ADD2(WORD(SHOW, "TBLPROPERTIES", T, NULL), N, K), E);
}
statement(A) ::= SHOW(T) CURRENT schema_word. { A = WORD(SHOW, "NAMESPACE", T, NULL); }
listed(A) ::= TABLES(T). { A = WORD(SHOW, "TABLES", T, NULL); }
listed(A) ::= VIEWS(T). { A = WORD(SHOW, "VIEWS", T, NULL); }
listed(A) ::= DATABASES(T). { A = WORD(SHOW, "SCHEMAS", T, NULL); }
listed(A) ::= SCHEMAS(T). { A = WORD(SHOW, "SCHEMAS", T, NULL); }
listed(A) ::= CATALOGS(T). { A = WORD(SHOW, "CATALOGS", T, NULL); }
listed(A) ::= FUNCTIONS(T). { A = WORD(SHOW, "FUNCTIONS", T, NULL); }
listed(A) ::= ALL(T) FUNCTIONS. { A = WORD(SHOW, "FUNCTIONS", T, NULL); }
listed(A) ::= SYSTEM(T) FUNCTIONS. { A = WORD(SHOW, "FUNCTIONS", T, NULL); }
listed(A) ::= USER(T) FUNCTIONS. { A = WORD(SHOW, "USER FUNCTIONS", T, NULL); }
in ::= IN.
in ::= FROM.
in_schema(A) ::= . { A = NULL; }
in_schema(A) ::= in name(N). { A = N; }
matching(A) ::= . { A = NULL; }
matching(A) ::= LIKE STRING(S). { A = LEAF(STRING, S); }
matching(A) ::= STRING(S). { A = LEAF(STRING, S); }
matching(A) ::= IDENT(S). { A = LEAF(STRING, S); }
schema_word ::= SCHEMA.
schema_word ::= DATABASE.
schema_word ::= NAMESPACE.

statement(A) ::= DESCRIBE_QUERY(T) query(Q). { A = ADD(WORD(DESCRIBE, "QUERY", T, NULL), Q); }
statement(A) ::= describe(T) table_word extended(X) name(N) described_column(C). {
    A = ADD3(WORD(DESCRIBE, "TABLE", T, NULL), N, C, X);
}
statement(A) ::= describe(T) FUNCTION extended(X) name(N). {
    A = ADD2(WORD(DESCRIBE, "FUNCTION", T, NULL), N, X);
}
statement(A) ::= describe(T) schema_word extended(X) name(N). {
    A = ADD2(WORD(DESCRIBE, "SCHEMA", T, NULL), N, X);
}
%type describe {const lv_token *}
describe(A) ::= DESCRIBE(T). { A = T; }
describe(A) ::= DESC(T). { A = T; }
table_word ::= .
table_word ::= TABLE.
extended(A) ::= . { A = NULL; }
extended(A) ::= EXTENDED(T). { A = WORD(FLAG, "EXTENDED", T, NULL); }
extended(A) ::= FORMATTED(T). { A = WORD(FLAG, "EXTENDED", T, NULL); }
described_column(A) ::= . { A = NULL; }
described_column(A) ::= IDENT(N). { A = LEAF(COLUMN, N); }
statement(A) ::= USE(T) name(N). { A = ADD(WORD(USE, "", T, NULL), N); }
statement(A) ::= USE(T) CATALOG name(N). { A = ADD(WORD(USE, "CATALOG", T, NULL), N); }
statement(A) ::= USE(T) SCHEMA name(N). { A = ADD(WORD(USE, "SCHEMA", T, NULL), N); }
statement(A) ::= USE(T) DATABASE name(N). { A = ADD(WORD(USE, "SCHEMA", T, NULL), N); }
statement(A) ::= USE(T) NAMESPACE name(N). { A = ADD(WORD(USE, "SCHEMA", T, NULL), N); }
statement(A) ::= CREATE(T) flags(F) STREAMING TABLE if_not_exists(I) name(N) columns(E) clauses(C) streaming_body(Q). {
    A = ADD3(ADD2(NEW(CREATE_STREAMING_TABLE, T, NULL), N, ADD(F, I)), E, C, Q);
}
statement(A) ::= CREATE(T) flags(F) MATERIALIZED VIEW if_not_exists(I) name(N) columns(E) clauses(C) AS query(Q). {
    A = ADD3(ADD2(NEW(CREATE_MATERIALIZED_VIEW, T, NULL), N, ADD(F, I)), E, C, Q);
}
statement(A) ::= CREATE(T) flags(F) VIEW if_not_exists(I) name(N) columns(E) clauses(C) AS query(Q). {
    A = ADD3(ADD2(NEW(CREATE_VIEW, T, NULL), N, ADD(F, I)), E, C, Q);
}
statement(A) ::= CREATE(T) flags(F) FLOW name(N) clauses(C) AS insert_into(I) query(Q). {
    A = ADD3(ADD2(NEW(CREATE_FLOW, T, NULL), N, F), C, I, Q);
}
insert_into(A) ::= insert_name(I). { A = I; }
insert_into(A) ::= insert_name(I) BY NAME(E). { A = ADD(I, WORD(FLAG, "BY NAME", E, NULL)); }
insert_name(A) ::= INSERT(T) INTO name(N). { A = ADD(NEW(INSERT_INTO, T, NULL), N); }
insert_name(A) ::= INSERT(T) ONCE INTO name(N). { A = ADD(WORD(INSERT_INTO, "ONCE", T, NULL), N); }
insert_name(A) ::= INSERT(T) INTO ONCE name(N). { A = ADD(WORD(INSERT_INTO, "ONCE", T, NULL), N); }

streaming_body(A) ::= . { A = NULL; }
streaming_body(A) ::= AS query(Q). { A = Q; }
streaming_body(A) ::= FLOW INSERT BY NAME query(Q). { A = Q; }

flags(A) ::= . { A = NEW(FLAGS, NULL, NULL); }
flags(A) ::= flags(L) flag(F). { A = ADD(L, F); }
flag(A) ::= OR(T) REPLACE(E). { A = WORD(FLAG, "OR REPLACE", T, E); }
flag(A) ::= OR(T) REFRESH(E). { A = WORD(FLAG, "OR REFRESH", T, E); }
flag(A) ::= PRIVATE(T). { A = WORD(FLAG, "PRIVATE", T, NULL); }
flag(A) ::= TEMPORARY(T). { A = WORD(FLAG, "TEMPORARY", T, NULL); }
flag(A) ::= TEMP(T). { A = WORD(FLAG, "TEMPORARY", T, NULL); }
flag(A) ::= GLOBAL(T). { A = WORD(FLAG, "GLOBAL", T, NULL); }
if_not_exists(A) ::= . { A = NULL; }
if_not_exists(A) ::= IF(T) NOT EXISTS(E). { A = WORD(FLAG, "IF NOT EXISTS", T, E); }

columns(A) ::= . { A = NULL; }
columns(A) ::= LP(T) elements(L) RP(E). { A = COVER(COVER(L, T), E); }
elements(A) ::= element(E). { A = ADD(NEW(COLUMNS, NULL, NULL), E); }
elements(A) ::= elements(L) COMMA element(E). { A = ADD(L, E); }
element(A) ::= field(F). { A = F; }
element(A) ::= IDENT(N). { A = LEAF(COLUMN, N); }
element(A) ::= IDENT(N) COMMENT(T) STRING(S). { A = ADD(LEAF(COLUMN, N), COVER(LEAF(COMMENT, S), T)); }
element(A) ::= CONSTRAINT(T) IDENT(N) EXPECT(X) LP expr(E) RP(Z) violation(V). {
    A = COVER(COVER(LEAF(CONSTRAINT, N), T), Z);
    A = ADD3(A, WORD(FLAG, "EXPECT", X, NULL), E, V);
}
element(A) ::= CONSTRAINT(T) IDENT(N) key(K) characteristics. { A = ADOPT(COVER(LEAF(CONSTRAINT, N), T), K); }
element(A) ::= key(K) characteristics. { A = K; }
element(A) ::= field(F) PRIMARY(T) KEY(E) characteristics. {
    A = ADD(F, ADD(NEW(CONSTRAINT, T, E), WORD(FLAG, "PRIMARY KEY", T, E)));
}
key(A) ::= CHECK(T) LP expr(E) RP(Z). { A = ADD2(NEW(CONSTRAINT, T, Z), WORD(FLAG, "CHECK", T, NULL), E); }
key(A) ::= PRIMARY(T) KEY LP idents(L) RP(Z). {
    A = ADD2(NEW(CONSTRAINT, T, Z), WORD(FLAG, "PRIMARY KEY", T, NULL), L);
}
key(A) ::= UNIQUE(T) LP idents(L) RP(Z). { A = ADD2(NEW(CONSTRAINT, T, Z), WORD(FLAG, "UNIQUE", T, NULL), L); }
key(A) ::= FOREIGN(T) KEY LP idents(L) RP REFERENCES name referenced(Z). {
    A = ADD2(NEW(CONSTRAINT, T, Z), WORD(FLAG, "FOREIGN KEY", T, NULL), L);
}
%type referenced {const lv_token *}
referenced(A) ::= . { A = NULL; }
referenced(A) ::= LP idents RP(E). { A = E; }
/* RELY, NOT ENFORCED, INITIALLY DEFERRED, ...: of informational constraints, and read past */
characteristics ::= .
characteristics ::= characteristics IDENT.
characteristics ::= characteristics NOT IDENT.
violation(A) ::= . { A = NULL; }
violation(A) ::= ON(T) VIOLATION DROP ROW(E). { A = WORD(FLAG, "DROP ROW", T, E); }
violation(A) ::= ON(T) VIOLATION FAIL UPDATE(E). { A = WORD(FLAG, "FAIL UPDATE", T, E); }

clauses(A) ::= . { A = NEW(CLAUSES, NULL, NULL); }
clauses(A) ::= clauses(L) clause(C). { A = ADD(L, C); }
clause(A) ::= PARTITIONED(T) BY LP exprs(L) RP(E). { A = ADOPT(NEW(PARTITIONED_BY, T, E), L); }
clause(A) ::= CLUSTER(T) BY LP exprs(L) RP(E). { A = ADOPT(NEW(CLUSTERED_BY, T, E), L); }
clause(A) ::= CLUSTER(T) BY AUTO(E). { A = WORD(CLUSTERED_BY, "AUTO", T, E); }
clause(A) ::= CLUSTER(T) BY NONE(E). { A = WORD(CLUSTERED_BY, "NONE", T, E); }
clause(A) ::= LOCATION(T) STRING(S). { A = COVER(LEAF(LOCATION, S), T); }
clause(A) ::= COMMENT(T) STRING(S). { A = COVER(LEAF(COMMENT, S), T); }
clause(A) ::= USING(T) IDENT(N). { A = COVER(LEAF(USING, N), T); }
clause(A) ::= DEFAULT(T) COLLATION IDENT(N). { A = COVER(LEAF(COLLATION, N), T); }
clause(A) ::= TBLPROPERTIES(T) LP properties(L) RP(E). { A = ADOPT(NEW(PROPERTIES, T, E), L); }
clause(A) ::= OPTIONS(T) LP properties(L) RP(E). { A = ADOPT(NEW(OPTIONS, T, E), L); }
clause(A) ::= SCHEDULE(T) refresh IDENT INTEGER unit. { A = WORD(SCHEDULE, "EVERY", T, NULL); }
clause(A) ::= SCHEDULE(T) refresh IDENT STRING(S). { A = WORD(SCHEDULE, "CRON", T, S); }
clause(A) ::= SCHEDULE(T) refresh IDENT STRING IDENT TIME ZONE STRING(S). { A = WORD(SCHEDULE, "CRON", T, S); }
clause(A) ::= TRIGGER(T) ON UPDATE(E). { A = WORD(SCHEDULE, "TRIGGER ON UPDATE", T, E); }
clause(A) ::= TRIGGER(T) ON UPDATE(E) IDENT IDENT IDENT interval. { A = WORD(SCHEDULE, "TRIGGER ON UPDATE", T, E); }
refresh ::= .
refresh ::= REFRESH.

properties(A) ::= property(P). { A = ADD(NEW(PROPERTIES, NULL, NULL), P); }
properties(A) ::= properties(L) COMMA property(P). { A = ADD(L, P); }
property(A) ::= property_key(K) EQ value(V). { A = ADD(K, V); }
property(A) ::= property_key(K) strings(V). { A = ADD(K, V); }
property(A) ::= property_key(K) number(V). { A = ADD(K, V); }
property(A) ::= property_key(K) TRUE(V). { A = ADD(K, WORD(BOOLEAN, "TRUE", V, NULL)); }
property(A) ::= property_key(K) FALSE(V). { A = ADD(K, WORD(BOOLEAN, "FALSE", V, NULL)); }
property_key(A) ::= STRING(S). { A = LEAF(PROPERTY, S); }
property_key(A) ::= IDENT(N). { A = LEAF(PROPERTY, N); }
property_key(A) ::= property_key(K) DOT IDENT(N). {
    A = COVER(K, N);
    A->text = concat(p, concat(p, K->text, LV_STR(".")), N->text);
}

/* ---- queries -------------------------------------------------------------------------------- */

query(A) ::= query_bare(Q). { A = Q; }
query(A) ::= query_paren(Q). { A = Q; }
query_paren(A) ::= LP(T) query_bare(Q) RP(E). { A = COVER(COVER(Q, T), E); }
query_paren(A) ::= LP(T) query_paren(Q) RP(E). { A = COVER(COVER(Q, T), E); }
query_bare(A) ::= simple(B). { A = ADD(NEW(QUERY, NULL, NULL), B); }
query_bare(A) ::= body(B) organization(O). { A = ADOPT(ADD(NEW(QUERY, NULL, NULL), B), O); }
query_bare(A) ::= with(W) body(B). { A = ADD2(NEW(QUERY, NULL, NULL), B, W); }
query_bare(A) ::= with(W) body(B) organization(O). { A = ADOPT(ADD2(NEW(QUERY, NULL, NULL), B, W), O); }

with(A) ::= WITH(T) ctes(L). { A = COVER(L, T); }
with(A) ::= WITH(T) RECURSIVE(R) ctes(L). { A = COVER(L, T); A->text = upper_text(p, R); }
ctes(A) ::= cte(C). { A = ADD(NEW(WITH, NULL, NULL), C); }
ctes(A) ::= ctes(L) COMMA cte(C). { A = ADD(L, C); }
cte(A) ::= IDENT(N) name_list(L) AS LP query(Q) RP(E). { A = COVER(ADD2(LEAF(CTE, N), L, Q), E); }
cte(A) ::= IDENT(N) LP query(Q) RP(E). { A = COVER(ADD(LEAF(CTE, N), Q), E); }

body(A) ::= simple(B). { A = B; }
body(A) ::= query_paren(B). { A = B; }
simple(A) ::= body(L) UNION quantifier(D) body(R). {
    A = ADD2(text_of(NEW(SET_OPERATION, NULL, NULL), join_words(p, LV_STR("UNION"), D ? "ALL" : "DISTINCT")), L, R);
}
simple(A) ::= body(L) EXCEPT quantifier(D) body(R). {
    A = ADD2(text_of(NEW(SET_OPERATION, NULL, NULL), join_words(p, LV_STR("EXCEPT"), D ? "ALL" : "DISTINCT")), L, R);
}
simple(A) ::= body(L) MINUS quantifier(D) body(R). {
    A = ADD2(text_of(NEW(SET_OPERATION, NULL, NULL), join_words(p, LV_STR("EXCEPT"), D ? "ALL" : "DISTINCT")), L, R);
}
simple(A) ::= body(L) INTERSECT quantifier(D) body(R). {
    A = ADD2(text_of(NEW(SET_OPERATION, NULL, NULL), join_words(p, LV_STR("INTERSECT"), D ? "ALL" : "DISTINCT")), L, R);
}
quantifier(A) ::= . { A = NULL; }
quantifier(A) ::= ALL(T). { A = NEW(FLAG, T, NULL); }
quantifier(A) ::= DISTINCT. { A = NULL; }

simple(A) ::= values(V). [COMMA] { A = V; }
values(A) ::= VALUES(T) exprs(L) alias(N). { A = ADD(ADOPT(NEW(VALUES, T, NULL), L), N); }
simple(A) ::= TABLE(T) name(N). { A = ADD(NEW(RELATION, T, NULL), N); }
simple(A) ::= SELECT(T) distinct(D) items(I) from(F) where(W) group_by(G) having(H) windows(V) qualify(Q). {
    A = ADD3(ADD3(ADD3(NEW(SELECT, T, NULL), D, I, F), W, G, H), V, Q, NULL);
}
distinct(A) ::= . { A = NULL; }
distinct(A) ::= ALL. { A = NULL; }
distinct(A) ::= DISTINCT(T). { A = WORD(FLAG, "DISTINCT", T, NULL); }

items(A) ::= item(I). { A = ADD(NEW(ITEMS, NULL, NULL), I); }
items(A) ::= items(L) COMMA item(I). { A = ADD(L, I); }
item(A) ::= named(N). { A = N; }
item(A) ::= star(S). { A = S; }
item(A) ::= star(S) STAR_EXCEPT(T) LP names(L) RP(E). { A = ADD(S, ADOPT(NEW(EXCEPT, T, E), L)); }
named(A) ::= expr(E). { A = E; }
named(A) ::= expr(E) AS IDENT(N). { A = ADD(LEAF(ALIAS, N), E); }
named(A) ::= expr(E) IDENT(N). { A = ADD(LEAF(ALIAS, N), E); }
named(A) ::= expr(E) AS LP idents(L) RP(Z). { A = COVER(ADD2(NEW(MULTI_ALIAS, NULL, NULL), E, L), Z); }
star(A) ::= STAR(T). { A = NEW(STAR, T, NULL); }
star(A) ::= primary(P) DOT STAR(T). { A = ADD(NEW(STAR, T, NULL), P); }

from(A) ::= . { A = NULL; }
from(A) ::= FROM(T) relations(L) lateral_views(V). { A = COVER(ADOPT(L, V), T); }
where(A) ::= . { A = NULL; }
where(A) ::= WHERE(T) expr(E). { A = ADD(NEW(WHERE, T, NULL), E); }
group_by(A) ::= . { A = NULL; }
group_by(A) ::= GROUP(T) BY groupings(L). { A = COVER(L, T); }
group_by(A) ::= GROUP(T) BY groupings(L) WITH IDENT(N). { A = COVER(COVER(L, T), N); A->text = upper_text(p, N); }
groupings(A) ::= grouping(G). { A = ADD(NEW(GROUP_BY, NULL, NULL), G); }
groupings(A) ::= groupings(L) COMMA grouping(G). { A = ADD(L, G); }
grouping(A) ::= expr(E). { A = E; }
grouping(A) ::= GROUPING(T) SETS LP sets(L) RP(E). { A = COVER(COVER(L, T), E); }
sets(A) ::= set(S). { A = ADD(NEW(GROUPING_SETS, NULL, NULL), S); }
sets(A) ::= sets(L) COMMA set(S). { A = ADD(L, S); }
set(A) ::= expr(E). { A = E; }
set(A) ::= LP(T) RP(E). { A = NEW(TUPLE, T, E); }
having(A) ::= . { A = NULL; }
having(A) ::= HAVING(T) expr(E). { A = ADD(NEW(HAVING, T, NULL), E); }
qualify(A) ::= . { A = NULL; }
qualify(A) ::= QUALIFY(T) expr(E). { A = ADD(NEW(QUALIFY, T, NULL), E); }
windows(A) ::= . { A = NULL; }
windows(A) ::= WINDOW(T) window_definitions(L). { A = COVER(L, T); }
window_definitions(A) ::= window_definition(W). { A = ADD(NEW(WINDOWS, NULL, NULL), W); }
window_definitions(A) ::= window_definitions(L) COMMA window_definition(W). { A = ADD(L, W); }
window_definition(A) ::= IDENT(N) AS window(W). { A = ADD(LEAF(WINDOW_DEFINITION, N), W); }

organization(A) ::= order(O). { A = O; }
organization(A) ::= order(O) limit(L). { A = ADOPT(O, L); }
organization(A) ::= limit(L). { A = L; }
order(A) ::= ORDER(T) BY sorts(L). {
    A = ADD(NEW(CLAUSES, NULL, NULL), COVER(ADOPT(NEW(ORDER_BY, NULL, NULL), L), T));
}
order(A) ::= SORT(T) BY sorts(L). {
    A = ADD(NEW(CLAUSES, NULL, NULL), COVER(ADOPT(NEW(SORT_BY, NULL, NULL), L), T));
}
order(A) ::= DISTRIBUTE(T) BY exprs(L). {
    A = ADD(NEW(CLAUSES, NULL, NULL), COVER(ADOPT(NEW(DISTRIBUTE_BY, NULL, NULL), L), T));
}
order(A) ::= CLUSTER(T) BY exprs(L). {
    A = ADD(NEW(CLAUSES, NULL, NULL), COVER(ADOPT(NEW(DISTRIBUTE_BY, NULL, NULL), L), T));
}
limit(A) ::= LIMIT(T) limit_value(E). { A = ADD(NEW(CLAUSES, NULL, NULL), ADD(NEW(LIMIT, T, NULL), E)); }
limit(A) ::= OFFSET(T) expr(E). { A = ADD(NEW(CLAUSES, NULL, NULL), ADD(NEW(OFFSET, T, NULL), E)); }
limit(A) ::= LIMIT(T) limit_value(E) OFFSET(U) expr(F). {
    A = ADD2(NEW(CLAUSES, NULL, NULL), ADD(NEW(LIMIT, T, NULL), E), ADD(NEW(OFFSET, U, NULL), F));
}
limit_value(A) ::= expr(E). { A = E; }
limit_value(A) ::= ALL. { A = NULL; }
sorts(A) ::= sort(S). { A = ADD(NEW(CLAUSES, NULL, NULL), S); }
sorts(A) ::= sorts(L) COMMA sort(S). { A = ADD(L, S); }
sort(A) ::= expr(E) direction(D) nulls(N). {
    A = ADD(NEW(SORT, NULL, NULL), E);
    A->text = N ? join_words(p, D->text, N->text.ptr) : D->text;
}
direction(A) ::= . { A = WORD(FLAG, "ASC", NULL, NULL); }
direction(A) ::= ASC. { A = WORD(FLAG, "ASC", NULL, NULL); }
direction(A) ::= DESC. { A = WORD(FLAG, "DESC", NULL, NULL); }
nulls(A) ::= . { A = NULL; }
nulls(A) ::= NULLS FIRST. { A = WORD(FLAG, "NULLS FIRST", NULL, NULL); }
nulls(A) ::= NULLS LAST. { A = WORD(FLAG, "NULLS LAST", NULL, NULL); }

/* ---- relations ------------------------------------------------------------------------------ */

relations(A) ::= relation(R). { A = ADD(NEW(FROM, NULL, NULL), R); }
relations(A) ::= relations(L) COMMA relation(R). { A = ADD(L, R); }
relation(A) ::= table(T). { A = T; }
relation(A) ::= LATERAL(T) table(R). { A = ADD(NEW(LATERAL, T, NULL), R); }
relation(A) ::= relation(L) join(J) JOIN lateral_table(R) join_on(C). {
    A = ADD3(text_of(NEW(JOIN, NULL, NULL), J->text), L, R, C);
}
relation(A) ::= relation(L) NATURAL join(J) JOIN lateral_table(R). {
    A = ADD2(text_of(NEW(JOIN, NULL, NULL), join_words(p, LV_STR("NATURAL"), J->text.ptr)), L, R);
}
lateral_table(A) ::= table(T). { A = T; }
lateral_table(A) ::= LATERAL(T) table(R). { A = ADD(NEW(LATERAL, T, NULL), R); }
join(A) ::= . { A = WORD(FLAG, "INNER", NULL, NULL); }
join(A) ::= INNER. { A = WORD(FLAG, "INNER", NULL, NULL); }
join(A) ::= CROSS. { A = WORD(FLAG, "CROSS", NULL, NULL); }
join(A) ::= LEFT outer. { A = WORD(FLAG, "LEFT OUTER", NULL, NULL); }
join(A) ::= RIGHT outer. { A = WORD(FLAG, "RIGHT OUTER", NULL, NULL); }
join(A) ::= FULL outer. { A = WORD(FLAG, "FULL OUTER", NULL, NULL); }
join(A) ::= SEMI. { A = WORD(FLAG, "LEFT SEMI", NULL, NULL); }
join(A) ::= ANTI. { A = WORD(FLAG, "LEFT ANTI", NULL, NULL); }
join(A) ::= LEFT SEMI. { A = WORD(FLAG, "LEFT SEMI", NULL, NULL); }
join(A) ::= LEFT ANTI. { A = WORD(FLAG, "LEFT ANTI", NULL, NULL); }
outer ::= .
outer ::= OUTER.
join_on(A) ::= . { A = NULL; }
join_on(A) ::= ON(T) expr(E). { A = ADD(NEW(ON, T, NULL), E); }
join_on(A) ::= USING(T) LP idents(L) RP(E). { A = COVER(COVER(L, T), E); }

table(A) ::= name(N) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(RELATION, NULL, NULL), N), X), L); }
table(A) ::= STREAM(T) name(N) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(STREAM, T, NULL), N), X), L); }
table(A) ::= STREAM(T) LP name(N) RP(E) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(STREAM, T, E), N), X), L); }
table(A) ::= STREAM(T) table_call(C) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(STREAM, T, NULL), C), X), L); }
table(A) ::= table_call(C) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(TABLE_FUNCTION, NULL, NULL), C), X), L); }
table(A) ::= query_paren(Q) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(SUBQUERY, NULL, NULL), Q), X), L); }
table(A) ::= LP(T) relation(R) RP(E) extras(X) alias(L). { A = ADD(ADOPT(ADD(NEW(NESTED, T, E), R), X), L); }
table(A) ::= values(V). [LOWEST] { A = ADD(NEW(SUBQUERY, NULL, NULL), V); }
table_call(A) ::= name(N) LP arguments(L) RP(E). { A = COVER(ADD2(NEW(CALL, NULL, NULL), N, L), E); }

extras(A) ::= . [LOWEST] { A = NEW(CLAUSES, NULL, NULL); }
extras(A) ::= extras(L) extra(X). { A = ADD(L, X); }
extra(A) ::= version(T) AS OF value(E). { A = ADD(COVER(WORD(AS_OF, "VERSION", NULL, NULL), T), E); }
extra(A) ::= timestamp(T) AS OF value(E). { A = ADD(COVER(WORD(AS_OF, "TIMESTAMP", NULL, NULL), T), E); }
extra(A) ::= FOR version(T) AS OF value(E). { A = ADD(COVER(WORD(AS_OF, "VERSION", NULL, NULL), T), E); }
extra(A) ::= FOR timestamp(T) AS OF value(E). { A = ADD(COVER(WORD(AS_OF, "TIMESTAMP", NULL, NULL), T), E); }
extra(A) ::= WITH(T) LP properties(L) RP(E). { A = ADOPT(NEW(OPTIONS, T, E), L); }
extra(A) ::= TABLESAMPLE(T) LP number PERCENT RP(E). { A = WORD(SAMPLE, "PERCENT", T, E); }
extra(A) ::= TABLESAMPLE(T) LP expr ROWS RP(E). { A = WORD(SAMPLE, "ROWS", T, E); }
extra(A) ::= WATERMARK(T) named(E) DELAY OF interval(I). { A = ADD2(NEW(WATERMARK, T, NULL), E, I); }
%type version {const lv_token *}
%type timestamp {const lv_token *}
version(A) ::= VERSION(T). { A = T; }
version(A) ::= SYSTEM_VERSION(T). { A = T; }
timestamp(A) ::= TIMESTAMP(T). { A = T; }
timestamp(A) ::= SYSTEM_TIME(T). { A = T; }

alias(A) ::= . [LOWEST] { A = NULL; }
alias(A) ::= IDENT(N) name_list(L). { A = ADD(LEAF(ALIAS_AS, N), L); }
alias(A) ::= AS IDENT(N) name_list(L). { A = ADD(LEAF(ALIAS_AS, N), L); }
name_list(A) ::= . { A = NULL; }
name_list(A) ::= LP(T) idents(L) RP(E). { A = COVER(COVER(L, T), E); }
idents(A) ::= IDENT(N). { A = ADD(NEW(NAMES, NULL, NULL), LEAF(NAME, N)); }
idents(A) ::= idents(L) COMMA IDENT(N). { A = ADD(L, LEAF(NAME, N)); }
names(A) ::= name(N). { A = ADD(NEW(NAMES, NULL, NULL), N); }
names(A) ::= names(L) COMMA name(N). { A = ADD(L, N); }
name(A) ::= IDENT(N). { A = LEAF(NAME, N); }
name(A) ::= name(L) DOT IDENT(N). { A = ADD(L, LEAF(NAME, N)); }

lateral_views(A) ::= . { A = NULL; }
lateral_views(A) ::= lateral_views(L) LATERAL(T) VIEW outer_word(O) table_call(C) lateral_alias(N). {
    A = L ? L : NEW(CLAUSES, NULL, NULL);
    A = ADD(A, ADD2(WORD(LATERAL_VIEW, O ? "OUTER" : "", T, NULL), C, N));
}
outer_word(A) ::= . { A = NULL; }
outer_word(A) ::= OUTER(T). { A = NEW(FLAG, T, NULL); }
lateral_alias(A) ::= IDENT(N). { A = LEAF(ALIAS_AS, N); }
lateral_alias(A) ::= AS idents(L). { A = ADD(WORD(ALIAS_AS, "", NULL, NULL), L); }
lateral_alias(A) ::= IDENT(N) AS idents(L). { A = ADD(LEAF(ALIAS_AS, N), L); }

/* ---- expressions: conditions, then values, then what operators bind tightest to ---------------- */

exprs(A) ::= expr(E). { A = ADD(NEW(TUPLE, NULL, NULL), E); }
exprs(A) ::= exprs(L) COMMA expr(E). { A = ADD(L, E); }

expr(A) ::= condition(C). { A = C; }
expr(A) ::= expr(L) OR expr(R). { A = binary(p, "OR", L, R); }
expr(A) ::= expr(L) AND expr(R). { A = binary(p, "AND", L, R); }
expr(A) ::= NOT(T) expr(E). { A = ADD(WORD(UNARY, "NOT", T, NULL), E); }
expr(A) ::= BANG(T) expr(E). { A = ADD(WORD(UNARY, "NOT", T, NULL), E); }

condition(A) ::= value(V). { A = V; }
condition(A) ::= value(V) IS not(N) NULL(T). {
    A = COVER(ADD(text_of(NEW(IS, NULL, NULL), negated(p, N, "NULL")), V), T);
}
condition(A) ::= value(V) IS not(N) TRUE(T). {
    A = COVER(ADD(text_of(NEW(IS, NULL, NULL), negated(p, N, "TRUE")), V), T);
}
condition(A) ::= value(V) IS not(N) FALSE(T). {
    A = COVER(ADD(text_of(NEW(IS, NULL, NULL), negated(p, N, "FALSE")), V), T);
}
condition(A) ::= value(V) IS not(N) UNKNOWN(T). {
    A = COVER(ADD(text_of(NEW(IS, NULL, NULL), negated(p, N, "UNKNOWN")), V), T);
}
condition(A) ::= value(V) IS not(N) DISTINCT FROM value(R). {
    A = ADD2(text_of(NEW(IS, NULL, NULL), negated(p, N, "DISTINCT FROM")), V, R);
}
condition(A) ::= value(V) not(N) BETWEEN value(L) AND value(H). {
    A = ADD3(text_of(NEW(BETWEEN, NULL, NULL), negated(p, N, "")), V, L, H);
}
condition(A) ::= value(V) not(N) IN LP exprs(L) RP(E). {
    A = COVER(ADOPT(ADD(text_of(NEW(IN, NULL, NULL), negated(p, N, "")), V), L), E);
}
condition(A) ::= value(V) not(N) IN query_paren(Q). {
    A = ADD2(text_of(NEW(IN, NULL, NULL), negated(p, N, "")), V, Q);
}
condition(A) ::= value(V) not(N) like(K) value(R) escape(E). {
    A = ADD3(text_of(NEW(LIKE, NULL, NULL), negated(p, N, K->text.ptr)), V, R, E);
}
condition(A) ::= value(V) not(N) like(K) many(M) LP exprs(L) RP(E). {
    A = ADOPT(ADD(text_of(NEW(LIKE_MANY, NULL, NULL), join_words(p, negated(p, N, K->text.ptr), M->text.ptr)), V), L);
    COVER(A, E);
}
not(A) ::= . { A = NULL; }
not(A) ::= NOT(T). { A = NEW(FLAG, T, NULL); }
like(A) ::= LIKE. { A = WORD(FLAG, "LIKE", NULL, NULL); }
like(A) ::= ILIKE. { A = WORD(FLAG, "ILIKE", NULL, NULL); }
like(A) ::= RLIKE. { A = WORD(FLAG, "RLIKE", NULL, NULL); }
like(A) ::= REGEXP. { A = WORD(FLAG, "RLIKE", NULL, NULL); }
many(A) ::= ANY. { A = WORD(FLAG, "ANY", NULL, NULL); }
many(A) ::= SOME. { A = WORD(FLAG, "ANY", NULL, NULL); }
many(A) ::= ALL. { A = WORD(FLAG, "ALL", NULL, NULL); }
escape(A) ::= . { A = NULL; }
escape(A) ::= ESCAPE STRING(S). { A = LEAF(STRING, S); }

value(A) ::= primary(P). { A = P; }
value(A) ::= MINUS_SIGN(T) value(V). [UNARY] { A = ADD(WORD(UNARY, "-", T, NULL), V); }
value(A) ::= PLUS(T) value(V). [UNARY] { A = ADD(WORD(UNARY, "+", T, NULL), V); }
value(A) ::= TILDE(T) value(V). { A = ADD(WORD(UNARY, "~", T, NULL), V); }
value(A) ::= value(L) STAR value(R). { A = binary(p, "*", L, R); }
value(A) ::= value(L) SLASH value(R). { A = binary(p, "/", L, R); }
value(A) ::= value(L) MODULO value(R). { A = binary(p, "%", L, R); }
value(A) ::= value(L) DIV value(R). { A = binary(p, "div", L, R); }
value(A) ::= value(L) PLUS value(R). { A = binary(p, "+", L, R); }
value(A) ::= value(L) MINUS_SIGN value(R). { A = binary(p, "-", L, R); }
value(A) ::= value(L) CONCAT value(R). { A = binary(p, "||", L, R); }
value(A) ::= value(L) SHL value(R). { A = binary(p, "<<", L, R); }
value(A) ::= value(L) SHR value(R). { A = binary(p, ">>", L, R); }
value(A) ::= value(L) USHR value(R). { A = binary(p, ">>>", L, R); }
value(A) ::= value(L) AMPERSAND value(R). { A = binary(p, "&", L, R); }
value(A) ::= value(L) HAT value(R). { A = binary(p, "^", L, R); }
value(A) ::= value(L) PIPE value(R). { A = binary(p, "|", L, R); }
value(A) ::= value(L) EQ value(R). { A = binary(p, "=", L, R); }
value(A) ::= value(L) NULL_SAFE_EQ value(R). { A = binary(p, "<=>", L, R); }
value(A) ::= value(L) NE value(R). { A = binary(p, "<>", L, R); }
value(A) ::= value(L) LT value(R). { A = binary(p, "<", L, R); }
value(A) ::= value(L) LE value(R). { A = binary(p, "<=", L, R); }
value(A) ::= value(L) GT value(R). { A = binary(p, ">", L, R); }
value(A) ::= value(L) GE value(R). { A = binary(p, ">=", L, R); }

primary(A) ::= IDENT(N). { A = LEAF(NAME, N); }
primary(A) ::= number(N). { A = N; }
primary(A) ::= strings(S). { A = S; }
primary(A) ::= TRUE(T). { A = WORD(BOOLEAN, "TRUE", T, NULL); }
primary(A) ::= FALSE(T). { A = WORD(BOOLEAN, "FALSE", T, NULL); }
primary(A) ::= NULL(T). { A = NEW(NULL, T, NULL); }
primary(A) ::= IDENT(N) STRING(S). { A = COVER(ADD(LEAF(TYPED, N), LEAF(STRING, S)), S); }
primary(A) ::= interval(I). { A = I; }
primary(A) ::= COLON(T) IDENT(N). { A = COVER(LEAF(PARAMETER, N), T); }
primary(A) ::= QUESTION(T). { A = WORD(PARAMETER, "", T, NULL); }
primary(A) ::= paren_list(L). { A = paren(p, L); }
primary(A) ::= query_paren(Q). [LOWEST] { A = ADD(NEW(SCALAR_SUBQUERY, NULL, NULL), Q); }
primary(A) ::= EXISTS(T) query_paren(Q). { A = ADD(NEW(EXISTS, T, NULL), Q); }
primary(A) ::= CAST(T) LP expr(E) AS type(Y) RP(Z). { A = ADD2(WORD(CAST, "CAST", T, Z), E, Y); }
primary(A) ::= TRY_CAST(T) LP expr(E) AS type(Y) RP(Z). { A = ADD2(WORD(CAST, "TRY_CAST", T, Z), E, Y); }
primary(A) ::= primary(P) DOUBLE_COLON type(Y). { A = ADD2(WORD(CAST, "::", NULL, NULL), P, Y); }
primary(A) ::= primary(P) DOT IDENT(N). {
    if (P->kind == LV_AST_NAME)
        A = ADD(P, LEAF(NAME, N));
    else
        A = COVER(ADD(LEAF(FIELD, N), P), N);
}
primary(A) ::= primary(P) LB value(I) RB(E). { A = COVER(ADD2(NEW(INDEX, NULL, NULL), P, I), E); }
primary(A) ::= primary(P) COLON IDENT(N). { A = ADD(LEAF(EXTRACT, N), P); }
primary(A) ::= primary(P) COLON LB STRING(S) RB(E). { A = COVER(ADD(LEAF(EXTRACT, S), P), E); }
primary(A) ::= primary(P) COLLATE IDENT(N). { A = ADD(LEAF(COLLATE, N), P); }
primary(A) ::= CASE(T) whens(L) else(E) END(Z). { A = ADD(ADOPT(NEW(CASE, T, Z), L), E); }
primary(A) ::= CASE(T) expr(V) whens(L) else(E) END(Z). { A = ADD(ADOPT(ADD(NEW(CASE, T, Z), V), L), E); }
primary(A) ::= call(C). { A = C; }

whens(A) ::= WHEN(T) expr(C) THEN expr(V). { A = ADD(NEW(CASE, NULL, NULL), ADD2(NEW(WHEN, T, NULL), C, V)); }
whens(A) ::= whens(L) WHEN(T) expr(C) THEN expr(V). { A = ADD(L, ADD2(NEW(WHEN, T, NULL), C, V)); }
else(A) ::= . { A = NULL; }
else(A) ::= ELSE(T) expr(E). { A = ADD(NEW(ELSE, T, NULL), E); }

strings(A) ::= STRING(S). { A = LEAF(STRING, S); }
strings(A) ::= strings(L) STRING(S). {
    A = COVER(L, S);
    A->text = concat(p, L->text, S->text);
}
number(A) ::= INTEGER(N). { A = LEAF(NUMBER, N); }
number(A) ::= NUMBER(N). { A = LEAF(NUMBER, N); }

interval(A) ::= INTERVAL(T) interval_units(L). { A = COVER(L, T); }
interval(A) ::= INTERVAL(T) first_value(V) unit(U) TO unit(W). {
    A = ADD(NEW(INTERVAL, T, NULL), ADD(text_of(U, join_words(p, join_words(p, U->text, "TO"), W->text.ptr)), V));
    A->length = W->offset + W->length - A->offset;
}
interval(A) ::= INTERVAL(T) STRING(S). {
    A = ADD(NEW(INTERVAL, T, S), ADD(WORD(INTERVAL_UNIT, "", NULL, NULL), LEAF(STRING, S)));
}
interval_units(A) ::= first_value(V) unit(U). { A = ADD(NEW(INTERVAL, NULL, NULL), ADD(U, V)); }
interval_units(A) ::= interval_units(L) interval_value(V) unit(U). { A = ADD(L, ADD(U, V)); }
interval_value(A) ::= number(N). { A = N; }
interval_value(A) ::= STRING(S). { A = LEAF(STRING, S); }
first_value(A) ::= interval_value(V). { A = V; }
first_value(A) ::= PLUS number(N). { A = N; }
first_value(A) ::= PLUS STRING(S). { A = LEAF(STRING, S); }
first_value(A) ::= MINUS_SIGN(T) STRING(S). { A = COVER(text_of(LEAF(STRING, S), negative(p, S->text)), T); }
%token_class unit_word
    YEAR YEARS MONTH MONTHS WEEK WEEKS DAY DAYS HOUR HOURS MINUTE MINUTES SECOND SECONDS
    MILLISECOND MILLISECONDS MICROSECOND MICROSECONDS NANOSECOND NANOSECONDS.
unit(A) ::= unit_word(U). { A = text_of(NEW(INTERVAL_UNIT, U, NULL), upper_text(p, U)); }

paren_list(A) ::= LP(T) exprs(L) RP(E). { A = COVER(COVER(L, T), E); }

/* ---- calls ---------------------------------------------------------------------------------- */

call(A) ::= call_base(C) filter(F) null_treatment(N) over(O). { A = ADD3(C, F, N, O); }
call_base(A) ::= call_name(N) LP call_arguments(L) RP(E). { A = COVER(ADOPT(ADD(NEW(CALL, NULL, NULL), N), L), E); }
call_base(A) ::= call_name(N) LP call_arguments(L) RP WITHIN(W) GROUP LP ORDER BY sorts(S) RP(E). {
    A = ADOPT(ADD(NEW(CALL, NULL, NULL), N), L);
    A = COVER(ADD(A, ADD(NEW(WITHIN_GROUP, W, E), ADOPT(NEW(ORDER_BY, NULL, NULL), S))), E);
}
/* substring(s FROM 2 FOR 3), extract(DAY FROM t), trim(BOTH 'x' FROM s) */
call_base(A) ::= call_name(N) LP expr(X) FROM expr(Y) RP(E). {
    A = ADD2(NEW(ARGUMENTS, NULL, NULL), X, Y);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, WORD(FLAG, "FROM", NULL, NULL)), E);
}
call_base(A) ::= call_name(N) LP expr(X) FROM expr(Y) FOR expr(Z) RP(E). {
    A = ADD3(NEW(ARGUMENTS, NULL, NULL), X, Y, Z);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, WORD(FLAG, "FROM", NULL, NULL)), E);
}
call_base(A) ::= call_name(N) LP trim_side(S) FROM expr(Y) RP(E). {
    A = ADD(NEW(ARGUMENTS, NULL, NULL), Y);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, S), E);
}
call_base(A) ::= call_name(N) LP trim_side(S) expr(X) FROM expr(Y) RP(E). {
    A = ADD2(NEW(ARGUMENTS, NULL, NULL), X, Y);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, S), E);
}
/* position(a IN b), overlay(s PLACING t FROM 2 FOR 3) */
call_base(A) ::= call_name(N) LP value(X) POSITION_IN value(Y) RP(E). {
    A = ADD2(NEW(ARGUMENTS, NULL, NULL), X, Y);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, WORD(FLAG, "IN", NULL, NULL)), E);
}
call_base(A) ::= call_name(N) LP expr(X) PLACING expr(Y) FROM expr(Z) RP(E). {
    A = ADD3(NEW(ARGUMENTS, NULL, NULL), X, Y, Z);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, WORD(FLAG, "PLACING", NULL, NULL)), E);
}
call_base(A) ::= call_name(N) LP expr(X) PLACING expr(Y) FROM expr(Z) FOR expr(W) RP(E). {
    A = ADD3(ADD(NEW(ARGUMENTS, NULL, NULL), X), Y, Z, W);
    A = COVER(ADD3(NEW(CALL, NULL, NULL), N, A, WORD(FLAG, "PLACING", NULL, NULL)), E);
}
trim_side(A) ::= BOTH(T). { A = WORD(FLAG, "BOTH", T, NULL); }
trim_side(A) ::= LEADING(T). { A = WORD(FLAG, "LEADING", T, NULL); }
trim_side(A) ::= TRAILING(T). { A = WORD(FLAG, "TRAILING", T, NULL); }

call_name(A) ::= IDENT(N). { A = LEAF(NAME, N); }
call_name(A) ::= primary(P) DOT IDENT(N). {
    if (P->kind == LV_AST_NAME)
        A = ADD(P, LEAF(NAME, N));
    else
        A = COVER(ADD(LEAF(FIELD, N), P), N);
}
/* ARGUMENTS, then [DISTINCT], in one list */
call_arguments(A) ::= arguments(L). { A = ADD(NEW(CLAUSES, NULL, NULL), L); }
call_arguments(A) ::= DISTINCT(T) argument_list(L). {
    A = ADD2(NEW(CLAUSES, NULL, NULL), L, WORD(FLAG, "DISTINCT", T, NULL));
}
call_arguments(A) ::= ALL argument_list(L). { A = ADD(NEW(CLAUSES, NULL, NULL), L); }
arguments(A) ::= . { A = NEW(ARGUMENTS, NULL, NULL); }
arguments(A) ::= argument_list(L). { A = L; }
argument_list(A) ::= argument(E). { A = ADD(NEW(ARGUMENTS, NULL, NULL), E); }
argument_list(A) ::= argument_list(L) COMMA argument(E). { A = ADD(L, E); }
argument(A) ::= named(E). { A = E; }
argument(A) ::= star(S). { A = S; }
argument(A) ::= IDENT(N) FAT_ARROW expr(E). { A = ADD(LEAF(NAMED_ARGUMENT, N), E); }
argument(A) ::= IDENT(N) ARROW expr(E). {
    A = ADD2(NEW(LAMBDA, NULL, NULL), ADD(NEW(NAMES, NULL, NULL), LEAF(NAME, N)), E);
}
argument(A) ::= paren_list(L) ARROW expr(E). {
    A = ADD2(NEW(LAMBDA, NULL, NULL), ADOPT(NEW(NAMES, NULL, NULL), L), E);
}
filter(A) ::= . { A = NULL; }
filter(A) ::= FILTER(T) LP WHERE expr(E) RP(Z). { A = ADD(NEW(FILTER, T, Z), E); }
null_treatment(A) ::= . { A = NULL; }
null_treatment(A) ::= IGNORE(T) NULLS(E). { A = WORD(FLAG, "IGNORE NULLS", T, E); }
null_treatment(A) ::= RESPECT NULLS. { A = NULL; }
over(A) ::= . { A = NULL; }
over(A) ::= OVER(T) IDENT(N). { A = COVER(LEAF(OVER, N), T); }
over(A) ::= OVER(T) window(W). { A = ADD(NEW(OVER, T, NULL), W); }
window(A) ::= LP(T) partition_by(P) window_order(O) frame(F) RP(E). { A = ADD3(NEW(WINDOW, T, E), P, O, F); }
partition_by(A) ::= . { A = NULL; }
partition_by(A) ::= PARTITION(T) BY exprs(L). { A = ADOPT(NEW(PARTITION_BY, T, NULL), L); }
window_order(A) ::= . { A = NULL; }
window_order(A) ::= ORDER(T) BY sorts(L). { A = ADOPT(NEW(ORDER_BY, T, NULL), L); }
window_order(A) ::= SORT(T) BY sorts(L). { A = ADOPT(NEW(ORDER_BY, T, NULL), L); }
frame(A) ::= . { A = NULL; }
frame(A) ::= frame_unit bound(B). { A = ADD(NEW(FRAME, NULL, NULL), B); }
frame(A) ::= frame_unit BETWEEN bound(B) AND bound(C). { A = ADD2(NEW(FRAME, NULL, NULL), B, C); }
frame_unit ::= ROWS.
frame_unit ::= RANGE.
bound(A) ::= UNBOUNDED(T) PRECEDING(E). { A = WORD(FLAG, "UNBOUNDED PRECEDING", T, E); }
bound(A) ::= UNBOUNDED(T) FOLLOWING(E). { A = WORD(FLAG, "UNBOUNDED FOLLOWING", T, E); }
bound(A) ::= CURRENT(T) ROW(E). { A = WORD(FLAG, "CURRENT ROW", T, E); }
bound(A) ::= value(V) PRECEDING(E). { A = COVER(ADD(WORD(FLAG, "PRECEDING", NULL, NULL), V), E); }
bound(A) ::= value(V) FOLLOWING(E). { A = COVER(ADD(WORD(FLAG, "FOLLOWING", NULL, NULL), V), E); }

/* ---- types ---------------------------------------------------------------------------------- */

type(A) ::= IDENT(N). [LOWEST] { A = LEAF(TYPE, N); }
type(A) ::= IDENT(N) LP type_numbers(L) RP(E). { A = COVER(ADOPT(LEAF(TYPE, N), L), E); }
type(A) ::= IDENT(N) WITHOUT TIME ZONE(E). {
    A = text_of(NEW(TYPE, N, E), join_words(p, upper_text(p, N), "WITHOUT TIME ZONE"));
}
type(A) ::= IDENT(N) COLLATE IDENT(C). { A = ADD(LEAF(TYPE, N), LEAF(COLLATE, C)); }
type(A) ::= ARRAY(T) LT type(E) GT(Z). { A = ADD(WORD(TYPE, "ARRAY", T, Z), E); }
type(A) ::= MAP(T) LT type(K) COMMA type(V) GT(Z). { A = ADD2(WORD(TYPE, "MAP", T, Z), K, V); }
type(A) ::= STRUCT(T) LT fields(L) GT(Z). { A = ADOPT(WORD(TYPE, "STRUCT", T, Z), L); }
type(A) ::= STRUCT(T) LT GT(Z). { A = WORD(TYPE, "STRUCT", T, Z); }
type(A) ::= STRUCT(T) NE(Z). { A = WORD(TYPE, "STRUCT", T, Z); }
type(A) ::= INTERVAL(T). [LOWEST] { A = WORD(TYPE, "INTERVAL", T, NULL); }
type(A) ::= INTERVAL(T) unit(U). { A = ADD(WORD(TYPE, "INTERVAL", T, NULL), U); }
type(A) ::= INTERVAL(T) unit(U) TO unit(W). { A = ADD2(WORD(TYPE, "INTERVAL", T, NULL), U, W); }
type_numbers(A) ::= INTEGER(N). { A = ADD(NEW(CLAUSES, NULL, NULL), LEAF(NUMBER, N)); }
type_numbers(A) ::= type_numbers(L) COMMA INTEGER(N). { A = ADD(L, LEAF(NUMBER, N)); }
fields(A) ::= field(F). { A = ADD(NEW(CLAUSES, NULL, NULL), F); }
fields(A) ::= fields(L) COMMA field(F). { A = ADD(L, F); }
field(A) ::= IDENT(N) colon type(T). { A = ADD(LEAF(COLUMN, N), T); }
field(A) ::= field(F) NOT(T) NULL(E). { A = ADD(F, NEW(NOT_NULL, T, E)); }
field(A) ::= field(F) COMMENT(T) STRING(S). { A = ADD(F, COVER(LEAF(COMMENT, S), T)); }
field(A) ::= field(F) DEFAULT(T) primary(V). { A = ADD(F, ADD(NEW(DEFAULT, T, NULL), V)); }
field(A) ::= field(F) GENERATED(T) ALWAYS AS LP expr(E) RP(Z). { A = ADD(F, ADD(NEW(GENERATED, T, Z), E)); }
colon ::= .
colon ::= COLON.

%code {
/* The automaton, run dry: whether `kind` can come next. Lemon's parser reduces by default before
 * it looks at the token, so its stack at an error no longer says what was possible; this asks
 * before the token is pushed. States above the real stack's `base` live in `top`. */
#define DRY_RUN_STATES 100

bool lv_grammar_accepts(const void *grammar, int kind)
{
    const yyParser *parser = grammar;
    YYACTIONTYPE top[DRY_RUN_STATES];
    int top_count = 0;
    const yyStackEntry *base = parser->yytos;
    for (;;) {
        YYACTIONTYPE state = top_count > 0 ? top[top_count - 1] : base->stateno;
        YYACTIONTYPE action = yy_find_shift_action((YYCODETYPE)kind, state);
        if (action <= YY_MAX_SHIFTREDUCE || action == YY_ACCEPT_ACTION)
            return true;
        if (action < YY_MIN_REDUCE)
            return false;
        int rule = action - YY_MIN_REDUCE;
        int pop = -yyRuleInfoNRhs[rule];
        int from_top = LV_MIN(pop, top_count);
        top_count -= from_top;
        base -= pop - from_top;
        state = top_count > 0 ? top[top_count - 1] : base->stateno;
        if (top_count == DRY_RUN_STATES)
            return true;
        top[top_count++] = yy_find_reduce_action(state, (YYCODETYPE)yyRuleInfoLhs[rule]);
    }
}

int lv_grammar_terminal_max(void)
{
    return YYNTOKEN - 1;
}

void *lv_grammar_new(lv_sql_parser *parser)
{
    return lv_yyAlloc(malloc, parser);
}

void lv_grammar_free(void *grammar)
{
    lv_yyFree(grammar, free);
}

void lv_grammar_push(void *grammar, int kind, const lv_token *token)
{
    lv_yy(grammar, kind, token);
}
}
