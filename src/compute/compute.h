/* compute.h: functions and kernels over vectors, with Spark's semantics.
 *
 * Every function is one row of functions.def. The analyzer looks a name up (lv_function_find) and
 * binds it to argument types (lv_function_bind): that fixes the argument types after implicit
 * casts, the result type, and the kernel. A kernel then computes a whole vector from whole vectors
 * and never sees a row mask. Operators are functions too: "+" is the function `+`.
 *
 * Functions with the LAZY flag (and, or, if, when, coalesce, ...) are not called with evaluated
 * arguments: exec evaluates their branches on the rows that need them, because under ANSI a branch
 * not taken must not fail.
 *
 * Names that SQL's operators and forms become (plan/ asks for exactly these):
 *     + - * / % div  & | ^ ~ << >> >>>  negative positive      -x is negative(x), +x positive(x)
 *     = <=> <> < <= > >=   and or not
 *     isnull isnotnull   in (value, list...)   like ilike (value, pattern [, escape])   rlike
 *     when (condition, value, ..., [otherwise])                CASE WHEN; CASE x is when(x = v,
 * ...) concat                                                   a || b
 *     [] (array or map, index or key)                          a[i]
 *     struct named_struct array map, and every function by its Spark name
 * BETWEEN, IS DISTINCT FROM and the like are made of these. */
#ifndef LV_COMPUTE_COMPUTE_H
#define LV_COMPUTE_COMPUTE_H

#include "base/status.h"
#include "base/timezone.h"
#include "column/vector.h"

/** What a kernel may know beside its arguments. One per thread. */
typedef struct lv_eval {
    lv_arena *arena;         /* results and scratch; lives as long as the batch */
    const lv_timezone *zone; /* spark.sql.session.timeZone */
    bool ansi;               /* spark.sql.ansi.enabled */
    int64_t batch_time_us;   /* current_timestamp(): one value per micro-batch */
    int64_t now_us;          /* now(): time of planning */
    int32_t partition;       /* which of the workers: Spark\'s partition, from 0 */
} lv_eval;

typedef struct lv_call lv_call;

/** Computes `rows` values of call->type into *out. `args` has call->arg_count vectors of call's
 *  argument types and of length `rows`, of any encoding but not all CONSTANT, none of them a
 * constant null unless the function is NULL_SAFE. Called by lv_call_run, which sees to that. */
typedef lv_status (*lv_kernel)(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err);

typedef enum lv_function_flag {
    LV_FN_LAZY = 1, /* exec evaluates the branches itself */
    LV_FN_AGGREGATE = 2,
    LV_FN_NONDETERMINISTIC = 4,
    LV_FN_OPERATOR = 8,   /* not callable by name */
    LV_FN_NULL_SAFE = 16, /* may give a value for null arguments; others are null if one is */
    LV_FN_GENERATOR =
        32, /* gives rows: its kernel an ARRAY of STRUCTs, whose fields are the columns */
    LV_FN_HIGHER_ORDER = 128, /* takes lambdas: see lv_higher_order */
    LV_FN_OUTER = 64          /* a GENERATOR that gives a row of nulls where it would give none */
} lv_function_flag;

/** How a LAZY function takes its branches: lv_function.op. */
typedef enum lv_lazy {
    LV_LAZY_AND = 1,
    LV_LAZY_OR,
    LV_LAZY_WHEN, /* condition, value, condition, value, ... [otherwise]: CASE WHEN; also `if` */
    LV_LAZY_COALESCE, /* also nvl, ifnull */
    LV_LAZY_NVL2      /* (a, if not null, if null) */
} lv_lazy;

/** What binding is given and what it decides. */
typedef struct lv_bind {
    lv_arena *arena;
    bool ansi;
    bool map_last_wins; /* spark.sql.mapKeyDedupPolicy is LAST_WIN */
    lv_str session_zone;
    lv_str corrupt_column; /* spark.sql.columnNameOfCorruptRecord; empty: its default */
    lv_str catalog; /* what USE chose last; empty: not known */
    lv_str schema;
    int arg_count;
    const lv_type **arg_types; /* in: as they are; out: as the kernel wants them */
    const bool *arg_nullable;
    const lv_str *arg_names; /* what a column or field is called; else empty. NULL: not known */
    const lv_vector *const
        *arg_literals;       /* one-row CONSTANT of an argument that is constant, else NULL */
    const bool *arg_written; /* whether it is a literal as it stands; NULL: all that are constant */
    const lv_type *type; /* out: result */
    bool nullable;       /* out; true unless bind says otherwise */
    bool total;          /* out: no values make the kernel fail */
    bool try_casts;      /* out: an argument that cannot be cast is null (try_add('x', 1)) */
    lv_kernel kernel;    /* out */
    const void *param;   /* out: what the kernel needs, in the arena, immutable */
    /** Parses a DDL or JSON schema text (from_json's second argument); given by plan/. */
    lv_status (*parse_type)(lv_arena *arena, lv_str text, const lv_type **type, lv_error *err);
} lv_bind;

typedef struct lv_function {
    const char *name; /* lower case */
    int min_args;
    int max_args;   /* -1: any number */
    unsigned flags; /* lv_function_flag */
    int op;         /* which of the functions that share `bind`; LAZY: lv_lazy */
    lv_status (*bind)(const struct lv_function *function, lv_bind *bind, lv_error *err);
    /** For functions with state per thread (from_json's decoder): makes and frees lv_call.state.
     *  `wanted` says which fields of a STRUCT result are used (NULL: all). */
    lv_status (*open)(lv_call *call, const bool *wanted, lv_error *err);
    void (*close)(lv_call *call);
    const char *signature; /* "upper(str)" */
    const char *summary;   /* one line for docs/functions.md */
} lv_function;

/** A bound function as a program step holds it. */
struct lv_call {
    const lv_function *function;
    const lv_type *type;
    const lv_type *const *arg_types;
    int arg_count;
    lv_kernel kernel;
    const void *param;
    bool total; /* lv_bind.total; exec evaluates such calls without asking whether a row needs them
                  */
    bool map_last_wins; /* lv_bind.map_last_wins */
    void *state;        /* one per thread; see lv_function.open */
};

/** The function called `name` without case, or NULL. Operators are found by their symbol. */
const lv_function *lv_function_find(lv_str name);
/** The nearest function name for "did you mean", or NULL. */
const char *lv_function_suggest(lv_str name);
/** All functions, for docs and completion. */
const lv_function *lv_function_table(int *count);
/** What a function gives for an expression that calls it. */
typedef struct lv_example {
    const char *function;
    const char *sql;
    const char *result; /* as CAST to STRING prints it */
} lv_example;
/** All examples, for docs and tests; those of one function stand together. */
const lv_example *lv_function_examples(int *count);
/** Checks the argument count and lets the function bind itself. Errors: WRONG_NUM_ARGS,
 * DATATYPE_MISMATCH.*. */
LV_MUST_USE lv_status lv_function_bind(const lv_function *function, lv_bind *bind, lv_error *err);
/** The bound call, in bind->arena, for LV_EXPR_CALL. */
lv_call *lv_call_make(const lv_function *function, const lv_bind *bind);
/** Computes a call over `rows` rows: constants once, a dictionary's values once where they are
 * fewer than the rows. Not for aggregates. `args` may be any vectors of the call's argument types.
 */
LV_MUST_USE lv_status lv_call_run(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err);

/* ---- higher-order functions ------------------------------------------------------------------ */

/* A function that takes lambdas is evaluated in turns with exec, which runs their bodies: the
 * function says what a lambda is to be evaluated on, a whole vector of it, exec does so, and the
 * function goes on with the results. Most need one turn, over the items of all rows; aggregate
 * needs one for each position. */

#define LV_LAMBDA_PARAMETERS_MAX 3

/** The parameters that a function gives to its argument `arg`, a lambda that has `given` of them
 *  (-1: it is not written as one). The arguments before it are in `bind`. *count is 0 if the
 *  argument is no lambda. Errors DATATYPE_MISMATCH.*. */
LV_MUST_USE lv_status lv_lambda_parameters(const lv_function *function, lv_bind *bind, int arg,
                                           int given, lv_field *parameters, int *count,
                                           lv_error *err);

typedef struct lv_higher_order {
    int lambda;          /* the argument to be evaluated next; -1: `out` is the result */
    int64_t count;       /* on how many rows */
    const int32_t *rows; /* the row of the call that each belongs to; NULL: its own */
    const lv_vector *variables;
    lv_arena *arena; /* for the evaluation */
    lv_vector out;
    struct lv_higher_order_state *state;
} lv_higher_order;

/** A lambda as it was compiled. */
typedef struct lv_lambda_use {
    int parameters;
    bool careful; /* it may fail, so it must not see items that do not matter */
} lv_lambda_use;

/** Begins a call over `rows` rows (at least 1) of FLAT arguments, NULL for lambdas; `uses` has one
 *  for each argument. */
LV_MUST_USE lv_status lv_higher_order_start(const lv_call *call, lv_eval *eval,
                                            const lv_vector *const *args, int64_t rows,
                                            const lv_lambda_use *uses, lv_higher_order *job,
                                            lv_error *err);
/** Goes on with what the lambda gave. */
LV_MUST_USE lv_status lv_higher_order_next(lv_higher_order *job, const lv_vector *result,
                                           lv_error *err);
/** Frees what a job holds; to be called whatever happened to it. */
void lv_higher_order_end(lv_higher_order *job);

/** Order of two values of one type as ORDER BY and comparisons have it: NaN is the largest and
 * equals itself, -0.0 equals 0.0, text by bytes, structs and arrays item by item. Nulls: first,
 * equal to each other. <0, 0, >0. */
int lv_value_compare(const lv_vector *a, int64_t i, const lv_vector *b, int64_t j);

/* ---- casts ----------------------------------------------------------------------------------- */

typedef enum lv_cast_mode {
    LV_CAST_EXPLICIT,  /* CAST: ANSI or not by eval->ansi */
    LV_CAST_TRY,       /* TRY_CAST: null instead of an error */
    LV_CAST_ASSIGNMENT /* into a table's column: CAST_OVERFLOW_IN_TABLE_INSERT */
} lv_cast_mode;

/** Whether CAST(from AS to) exists (Source: Cast.canCast / canAnsiCast). */
bool lv_cast_allowed(const lv_type *from, const lv_type *to, bool ansi);
/** Whether a value may be stored in a column (Source: Cast.canANSIStoreAssign). */
bool lv_cast_assignable(const lv_type *from, const lv_type *to);
/** Whether the analyzer may insert the cast by itself in an ANSI expression. */
bool lv_cast_implicit(const lv_type *from, const lv_type *to, bool ansi);
/** The type both sides of a comparison, CASE or UNION become, or NULL (Source: TypeCoercion /
 * AnsiTypeCoercion). */
const lv_type *lv_type_common(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi);
/** As lv_type_common, but text is no other type's: VALUES, greatest. */
const lv_type *lv_type_common_plain(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi);
/** Whether the type is of that kind, or one of its parts is. */
bool lv_type_contains(const lv_type *type, lv_type_kind kind);
/** Whether the cast can give null or fail where the input is not null. */
bool lv_cast_can_fail(const lv_type *from, const lv_type *to);
/** Casts a vector. `column` names the target column in an assignment's error, else empty. */
LV_MUST_USE lv_status lv_cast(lv_eval *eval, const lv_vector *in, const lv_type *to,
                              lv_cast_mode mode, lv_str column, lv_vector *out, lv_error *err);

/** Adds row `i` as Spark's cast to STRING prints it; null as "NULL" at the top level, "null"
 * inside. */
void lv_print_value(const lv_vector *v, int64_t i, const lv_timezone *zone, lv_sbuf *out);
/** The same as Dataset.show() prints it: bytes as [41 42], nulls always as "NULL" (Source: ToPrettyString). */
void lv_print_pretty(const lv_vector *v, int64_t i, const lv_timezone *zone, lv_sbuf *out);

/* ---- aggregates ------------------------------------------------------------------------------ */

/** An aggregate over all rows: count, sum, avg, min, max. Grouped states come with keyed state. */
typedef struct lv_aggregate lv_aggregate;
LV_MUST_USE lv_status lv_aggregate_new(const lv_call *call, lv_aggregate **aggregate,
                                       lv_error *err);
LV_MUST_USE lv_status lv_aggregate_update(lv_aggregate *aggregate, lv_eval *eval,
                                          const lv_vector *args, int64_t rows, lv_error *err);
/** One row of call->type in eval's arena. */
LV_MUST_USE lv_status lv_aggregate_finish(lv_aggregate *aggregate, lv_eval *eval, lv_vector *out,
                                          lv_error *err);
void lv_aggregate_free(lv_aggregate *aggregate);

#endif
