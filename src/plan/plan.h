/* plan.h: the one logical plan in the middle.
 *
 * SQL text (and later PySpark over Spark Connect) becomes an unresolved plan; lv_plan_analyze turns
 * that into a resolved one: every name is a column index, every call is bound, every expression has
 * a type. exec runs resolved plans only. Both forms are the same structs, so that a rule can be a
 * function from tree to tree; the kinds below say which form they belong to.
 *
 * Trees live in the arena they were built in and are immutable once handed on. */
#ifndef LV_PLAN_PLAN_H
#define LV_PLAN_PLAN_H

#include "column/condition.h"
#include "compute/compute.h"

typedef struct lv_expr lv_expr;
typedef struct lv_plan lv_plan;

typedef enum lv_expr_kind {
    /* resolved */
    LV_EXPR_COLUMN,  /* column `index` of the input */
    LV_EXPR_LITERAL, /* `literal`, a one-row CONSTANT vector */
    LV_EXPR_CALL,    /* `call` over args; args are already cast to call->arg_types */
    LV_EXPR_CAST,    /* args[0] to `type` by `cast_mode` */
    LV_EXPR_FIELD,   /* field `index` of the STRUCT args[0] */
    LV_EXPR_STRUCT,  /* a STRUCT of args, names in `type` */
    LV_EXPR_LAMBDA, /* an argument of a higher-order CALL: args[0] over its parameters, which are the VARIABLEs
                        index..index+name_count; unresolved: their names */
    LV_EXPR_VARIABLE, /* parameter `index` of a LAMBDA around it; numbers are unique in a query */
    /* unresolved only */
    LV_EXPR_NAME,  /* parts a.b.c in `names` */
    LV_EXPR_APPLY, /* function `names[0]` over args; `distinct`; operators too */
    LV_EXPR_STAR,  /* * or names.*; args are the NAMEs of EXCEPT */
    LV_EXPR_ALIAS, /* args[0] AS names[0]; of a generator AS (names...), label "multi" */
    LV_EXPR_TYPED  /* names[0] 'names[1]': DATE '2024-01-01' */
} lv_expr_kind;

struct lv_expr {
    lv_expr_kind kind;
    const lv_type *type; /* NULL while unresolved, but CAST's target */
    bool nullable;
    int64_t sql_offset; /* where it stands in the text; -1 unknown */
    int64_t sql_length;
    int index;
    int arg_count;
    lv_expr **args;
    const lv_vector
        *literal; /* LITERAL; of CALL and CAST the value if it is known beforehand, else NULL */
    const lv_call *call;
    lv_cast_mode cast_mode;
    bool distinct;
    bool windowed; /* APPLY ... OVER (...) */
    bool implicit; /* CAST: inserted by the analyzer, and not printed */
    lv_str
        label; /* the form it was written in where that is not what the tree says: "between"; else empty */
    int name_count;
    const lv_str *
        names; /* resolved: COLUMN, FIELD: [as the query spells it]; CALL: [function as Spark prints it] */
};

/** Adds an expression as Spark prints it: for column names and messages. `schema`, if not NULL, names the COLUMNs
 *  by what they are called now instead of how the query spells them. */
void lv_expr_print(const lv_expr *expr, const lv_type *schema, lv_sbuf *out);

/** Options by name, names without case as Spark's CaseInsensitiveMap; values as text. */
typedef struct lv_option {
    lv_str name;
    lv_str value;
    int64_t sql_offset;
} lv_option;
typedef struct lv_options {
    const lv_option *items;
    int count;
} lv_options;
/** The value of an option, or `otherwise`. */
lv_str lv_option_get(const lv_options *options, const char *name, lv_str otherwise);

/** lv_field.metadata of a column that only its name brings to light: not *, _metadata of files. */
#define LV_HIDDEN_COLUMN "{\"__metadata_col\":true}"

typedef enum lv_plan_kind {
    LV_PLAN_SOURCE, /* a stream: relation + options; schema known to conn/ */
    LV_PLAN_TABLE,  /* delta.`path`, a catalog table, VALUES' file formats: batch read */
    LV_PLAN_FEED,   /* rows that somebody outside holds: feed */
    LV_PLAN_VALUES, /* rows of literals in exprs, row by row; also SELECT without FROM (one row, no column) */
    LV_PLAN_PROJECT,   /* exprs; schema has their names */
    LV_PLAN_FILTER,    /* exprs[0] */
    LV_PLAN_AGGREGATE, /* exprs are aggregate CALLs; no grouping keys yet */
    LV_PLAN_SORT,      /* exprs with sort[] */
    LV_PLAN_LIMIT,     /* limit, offset */
    LV_PLAN_UNION,     /* inputs with equal schemas: UNION ALL */
    LV_PLAN_SET,       /* rows by set_op: DISTINCT of one input, EXCEPT and INTERSECT of two */
    LV_PLAN_EXPECT,    /* expectations: conditions exprs with names[] and violations[] */
    LV_PLAN_GENERATE, /* exprs[0], an ARRAY of STRUCTs: a row of each, behind the input's columns; outer */
    LV_PLAN_RANGE, /* integers: range[] */
    /* unresolved only */
    LV_PLAN_RELATION, /* a name: view, table or format.`path`; is_stream for STREAM name */
    LV_PLAN_FIT, /* exprs are CASTs of the input's columns of the names in `schema`; `lenient`: nulls for
                    missing ones */
    LV_PLAN_ALIAS /* input AS names[0] (columns names[1..]); names[0] empty: only the columns are renamed */
} lv_plan_kind;

/** What becomes of a row that breaks an expectation. */
typedef enum lv_violation {
    LV_VIOLATION_WARN, /* it is kept */
    LV_VIOLATION_DROP, /* ON VIOLATION DROP ROW */
    LV_VIOLATION_FAIL  /* ON VIOLATION FAIL UPDATE */
} lv_violation;
/** Rows in memory that belong to somebody outside, in batches that can be read again and again. */
typedef struct lv_feed {
    void *self;
    int64_t batch_count;
    /** Batch `index`; columns that are not `wanted` (NULL: all are) may be constant nulls. Everything new is in
     *  `arena`. */
    lv_status (*read)(void *self, int64_t index, const bool *wanted, lv_arena *arena,
                      lv_batch *batch, lv_error *err);
} lv_feed;

typedef struct lv_sort_key {
    bool descending;
    bool nulls_first;
} lv_sort_key;

/** What SET does with rows of its first input. */
typedef enum lv_set_op {
    LV_SET_DISTINCT,
    LV_SET_EXCEPT,
    LV_SET_EXCEPT_ALL,
    LV_SET_INTERSECT,
    LV_SET_INTERSECT_ALL
} lv_set_op;
/** "INTERSECT ALL" */
const char *lv_set_op_name(lv_set_op op);

struct lv_plan {
    lv_plan_kind kind;
    const lv_type *schema; /* STRUCT; NULL while unresolved */
    bool is_stream;
    int64_t sql_offset;
    int64_t sql_length;
    int input_count;
    lv_plan **inputs;
    int expr_count;
    lv_expr **exprs;
    const lv_sort_key *sort; /* SORT: one per expr */
    lv_set_op set_op;        /* SET */
    int64_t limit;           /* LIMIT: -1 none */
    int64_t offset;
    bool outer;          /* GENERATE: a row of nulls of an input row that gives none */
    bool is_nullable; /* GENERATE, unresolved: its columns may be null whatever the function says */
    bool is_view;        /* GENERATE, unresolved: LATERAL VIEW */
    int64_t range[3];    /* RANGE: start, end, step */
    lv_str format;       /* SOURCE: "kafka"; TABLE: "delta", "parquet" */
    lv_str path;         /* TABLE */
    const lv_feed *feed; /* FEED; outlives the plan */
    lv_options options;  /* SOURCE, TABLE */
    const bool *
        used; /* SOURCE, TABLE, optimized: columns somebody reads; NULL all. The others may be left out or null */
    lv_conditions conditions; /* TABLE, optimized: of the filter above, that the reader may use */
    int source_index;         /* SOURCE: its number in the query, in order of appearance */
    bool lenient;             /* FIT */
    const lv_violation *violations; /* EXPECT: one per expr; names has their names */
    int name_count;
    const lv_str *names;
};

/** The EXPECT node of a plan, NULL if it has none. */
const lv_plan *lv_plan_expectations(const lv_plan *plan);

/** What the analyzer asks of its surroundings. Implemented by engine/. */
typedef struct lv_catalog {
    void *self;
    /** The unresolved plan of a view called `names`, NULL in *view if there is none. */
    lv_status (*find_view)(void *self, const lv_str *names, int count, const lv_plan **view,
                           lv_error *err);
    /** The schema and path (both in `arena`) of format.`names[0]`, or of a table by name if `format` is
     *  empty. Status NOT_FOUND becomes TABLE_OR_VIEW_NOT_FOUND. */
    lv_status (*find_table)(void *self, lv_arena *arena, lv_str format, const lv_str *names,
                            int count, lv_str *path, const lv_type **schema, lv_error *err);
    /** The schema of a streaming source ("kafka", "files") with these options; also checks the options. */
    lv_status (*source_schema)(void *self, lv_arena *arena, lv_str format,
                               const lv_options *options, const lv_type **schema, lv_error *err);
    /** The schema of files by their format (empty: by options or names of files) and options, `path` among them. */
    lv_status (*files_schema)(void *self, lv_arena *arena, lv_str format, const lv_options *options,
                              const lv_type **schema, lv_error *err);
    /** A table or view with a name like this one, ptr NULL if there is none. May be NULL. */
    lv_str (*suggest)(void *self, const lv_str *names, int count);
} lv_catalog;

/** Session settings that analysis depends on. */
typedef struct lv_plan_conf {
    bool ansi;
    bool map_last_wins; /* spark.sql.mapKeyDedupPolicy */
    lv_str session_zone;
    lv_str corrupt_column; /* spark.sql.columnNameOfCorruptRecord */
    lv_str catalog; /* current_catalog() */
    lv_str schema;  /* current_schema() */
} lv_plan_conf;

/** Resolves a plan. Errors carry Spark's class and the place in the text. */
LV_MUST_USE lv_status lv_plan_analyze(lv_arena *arena, const lv_plan *unresolved,
                                      const lv_catalog *catalog, const lv_plan_conf *conf,
                                      lv_plan **resolved, lv_error *err);
/** Constant folding, filters next to sources, columns nobody reads dropped. Keeps results and errors. */
LV_MUST_USE lv_status lv_plan_optimize(lv_arena *arena, lv_plan *resolved, const lv_plan_conf *conf,
                                       lv_plan **optimized, lv_error *err);
/** The plan as an indented tree, for EXPLAIN and golden tests. */
void lv_plan_print(const lv_plan *plan, lv_sbuf *out);
/** A plan of a feed's rows, to be the query of a view; everything given is borrowed. */
lv_plan *lv_plan_feed(lv_arena *arena, const lv_feed *feed, const lv_type *schema);
/** A type from DDL ("a INT, b STRUCT<c: STRING>" makes a STRUCT; "INT" a type) or JSON text. Errors
 *  PARSE_SYNTAX_ERROR (places are those in `text`), UNSUPPORTED_DATATYPE, INVALID_SCHEMA. */
LV_MUST_USE lv_status lv_type_parse(lv_arena *arena, lv_str text, const lv_type **type,
                                    lv_error *err);

/* ---- statements ------------------------------------------------------------------------------ */

typedef enum lv_statement_kind {
    LV_STMT_QUERY,
    LV_STMT_SET,                    /* name, value; both empty: list all; value empty: show one */
    LV_STMT_RESET,                  /* name */
    LV_STMT_USE,                    /* names; value CATALOG, SCHEMA or empty: either */
    LV_STMT_CREATE_STREAMING_TABLE, /* names, query or none, and all that a table has */
    LV_STMT_CREATE_FLOW,            /* name, target, query; once */
    LV_STMT_CREATE_VIEW,            /* names, query, text; temporary, or_replace */
    LV_STMT_EXPLAIN,                /* query; extended */
    LV_STMT_SHOW,                   /* value: TABLES, COLUMNS, ...; names; pattern */
    LV_STMT_DESCRIBE /* value: TABLE, QUERY, FUNCTION, SCHEMA; names, pattern: a column, or query */
} lv_statement_kind;

/** CONSTRAINT name EXPECT (condition) ON VIOLATION ... */
typedef struct lv_expectation {
    lv_str name;
    lv_expr *condition; /* unresolved */
    lv_violation violation;
} lv_expectation;

/** A part of a statement that Spark's own pipelines do not have: "OR REFRESH". */
typedef struct lv_statement_extra {
    const char *what;
    int64_t sql_offset;
    int64_t sql_length;
} lv_statement_extra;

typedef struct lv_statement {
    lv_statement_kind kind;
    int64_t sql_offset;
    int64_t sql_length;
    lv_str name;         /* last part for tables and views; key of SET */
    const lv_str *names; /* all parts of the name */
    int name_count;
    lv_str value;
    lv_str pattern;
    bool or_refresh;
    bool or_replace;
    bool temporary;
    bool global;
    bool if_not_exists;
    bool extended;
    bool once;
    lv_plan *query;       /* unresolved; of a table: as it was written, see lv_plan_into_table */
    lv_str text;          /* CREATE VIEW: the statement, ${name} put in */
    const lv_str *target; /* CREATE FLOW: names of the table */
    int target_count;
    int64_t target_offset; /* SHOW, DESCRIBE: where the name stands */
    int64_t target_length;
    const lv_type *columns;       /* STRUCT that the column list declares; NULL: none */
    lv_expr *const *column_exprs; /* unresolved: the query's columns as those */
    int expectation_count;
    const lv_expectation *expectations;
    const lv_str *partition_by;
    int partition_by_count;
    lv_str location;
    lv_str comment;
    lv_options properties;
    const lv_statement_extra *extras;
    int extra_count;
} lv_statement;

/** `query` as it fills the table of a CREATE STREAMING TABLE: with the declared columns, or `columns` if
 *  none are (NULL: those of the query), and under the table's expectations. `lenient`: columns that the
 *  query lacks are null. */
lv_plan *lv_plan_into_table(lv_arena *arena, const lv_statement *table, lv_plan *query,
                            const lv_type *columns, bool lenient);

/** `a`.`b` */
lv_str lv_quote_names(lv_arena *arena, const lv_str *names, int count);

/** Parses a whole file. `parameters` replace ${key} and :name; each error is reported to `on_error` and
 *  parsing goes on after the next `;`. Returns the first error's status. */
typedef void (*lv_error_sink)(void *ctx, const lv_error *err);
LV_MUST_USE lv_status lv_statements_parse(lv_arena *arena, lv_str text,
                                          const lv_options *parameters, lv_error_sink on_error,
                                          void *ctx, lv_statement **statements, size_t *count,
                                          lv_error *err);

#endif
