/* plan_int.h: what builder, analyzer and optimizer share. */
#ifndef LV_PLAN_PLAN_INT_H
#define LV_PLAN_PLAN_INT_H

#include "base/vec.h"
#include "plan/plan.h"
#include "sql/sql.h"

/* ---- making nodes (nodes.c) ------------------------------------------------------------------ */

lv_expr *lv_expr_new(lv_arena *arena, lv_expr_kind kind, int64_t sql_offset, int64_t sql_length);
/** An unresolved call; `args` is copied. */
lv_expr *lv_expr_apply(lv_arena *arena, lv_str name, lv_expr *const *args, int count,
                       const lv_expr *place);
lv_expr *lv_expr_column(lv_arena *arena, int index, const lv_field *field);
lv_expr *lv_expr_literal(lv_arena *arena, const lv_vector *value, int64_t sql_offset,
                         int64_t sql_length);
lv_expr *lv_expr_string(lv_arena *arena, lv_str text, int64_t sql_offset, int64_t sql_length);
lv_expr *lv_expr_bool(lv_arena *arena, bool value, int64_t sql_offset, int64_t sql_length);
lv_expr *lv_expr_null(lv_arena *arena, const lv_type *type);
/** A copy with each COLUMN's index taken from `map`. */
lv_expr *lv_expr_remap(lv_arena *arena, const lv_expr *expr, const int *map);
/** A copy with other args (copied). */
lv_expr *lv_expr_with_args(lv_arena *arena, const lv_expr *expr, lv_expr *const *args);
/** Whether it is what a name with dots may become: a column, a field, an entry of a map. */
bool lv_expr_is_access(const lv_expr *expr);
bool lv_expr_is_null_literal(const lv_expr *expr);
bool lv_expr_is_deterministic(const lv_expr *expr);
bool lv_expr_has_aggregate(const lv_expr *expr);

/** Gives each TABLE below a FILTER what the filter asks of single columns. */
lv_plan *lv_plan_note_conditions(lv_arena *arena, lv_plan *plan);
lv_plan *lv_plan_new(lv_arena *arena, lv_plan_kind kind, lv_plan *const *inputs, int count);
lv_plan *lv_plan_with_inputs(lv_arena *arena, const lv_plan *plan, lv_plan *const *inputs);
/** PROJECT of resolved expressions with these output names. */
lv_plan *lv_plan_project(lv_arena *arena, lv_plan *input, lv_expr *const *exprs,
                         const lv_str *names, int count);

/** A one-row CONSTANT of a type from its C value; string bytes are not copied. */
const lv_vector *lv_constant(lv_arena *arena, const lv_type *type, const void *value);

/* ---- syntax to unresolved plans (build*.c, *literal.c, type_parse.c) -------------------------- */

typedef struct lv_cte {
    lv_str name;
    lv_plan *plan;
    bool used;
    struct lv_cte *outer;
} lv_cte;

typedef struct lv_builder_ctx {
    lv_arena *arena;
    const lv_options *parameters;
    lv_cte *ctes;
    lv_error *err;
} lv_build;

/** Refuses something that parses but cannot run: "The feature is not supported: GROUP BY". */
lv_status lv_build_unsupported(lv_build *build, const lv_ast *at, const char *what);
LV_MUST_USE lv_status lv_build_query(lv_build *build, const lv_ast *ast, lv_plan **plan);
LV_MUST_USE lv_status lv_build_expr(lv_build *build, const lv_ast *ast, lv_expr **expr);
LV_MUST_USE lv_status lv_build_type(lv_arena *arena, const lv_ast *ast, const lv_type **type,
                                    lv_error *err);
/** The type a CAST gives: also CHAR(n) and VARCHAR(n), which are STRING there. */
LV_MUST_USE lv_status lv_build_cast_type(lv_arena *arena, const lv_ast *ast, const lv_type **type,
                                         lv_error *err);
LV_MUST_USE lv_status lv_build_number(lv_build *build, const lv_ast *ast, lv_expr **expr);
LV_MUST_USE lv_status lv_build_interval(lv_build *build, const lv_ast *ast, lv_expr **expr);
/** A TYPE node of the name INTERVAL. */
LV_MUST_USE lv_status lv_build_interval_type(const lv_ast *ast, const lv_type **type,
                                             lv_error *err);
/** Turns dateadd(MONTH, 1, d) and its kind, whose first argument is a unit, into timestampadd and timestampdiff with
 *  the unit as a text; other calls stay as they are. */
LV_MUST_USE lv_status lv_build_unit_call(lv_build *build, const lv_ast *arguments, lv_expr *call);
/** The parts of a NAME node. */
const lv_str *lv_build_names(lv_arena *arena, const lv_ast *name, int *count);

/* ---- statements (statements.c, build_table.c) ------------------------------------------------ */

/** CREATE STREAMING TABLE, CREATE VIEW, CREATE FLOW. */
LV_MUST_USE lv_status lv_build_create(lv_build *build, const lv_ast *ast, lv_statement *statement);
/** GENERATE over *plan of a LATERAL VIEW. */
LV_MUST_USE lv_status lv_build_lateral_view(lv_build *build, const lv_ast *view, lv_plan **plan);
/** A function in FROM, with its alias (may be NULL); `input` is what LATERAL lets it refer to, or NULL. */
LV_MUST_USE lv_status lv_build_table_function(lv_build *build, const lv_ast *call,
                                              const lv_ast *alias, lv_plan *input, lv_plan **plan);
/** The table function of LATERAL f(...), or NULL if `relation` is something else. */
const lv_ast *lv_build_lateral_call(const lv_ast *relation);
/** left JOIN LATERAL f(...). */
LV_MUST_USE lv_status lv_build_lateral_join(lv_build *build, const lv_ast *join, lv_plan *left,
                                            lv_plan **plan);

/* ---- analysis -------------------------------------------------------------------------------- */

/** A column that names can refer to. */
typedef struct lv_scope_column {
    lv_str name;
    const lv_type *type;
    bool nullable;
    int index;
    int qualifier_count;
    const lv_str *qualifier; /* [catalog, schema,] table */
    bool hidden;             /* * does not mean it */
} lv_scope_column;

typedef struct lv_scope {
    int count;
    lv_scope_column *columns;
} lv_scope;

/** An item of the select list that later items may refer to (lateral column alias). */
typedef struct lv_lateral {
    lv_str name;
    const lv_expr *expr; /* resolved */
    int slot;            /* index that a reference to it gets */
    int level;
    bool generated; /* a generator's column, which is none of the list's own aliases */
} lv_lateral;

/** The parameters of a lambda whose body is resolved, and the lambda around it. */
typedef struct lv_lambda_scope {
    const struct lv_lambda_scope *outer;
    int count;
    lv_expr *const *variables; /* VARIABLEs, names[0] as written */
} lv_lambda_scope;

typedef struct lv_analyzer {
    lv_arena *arena;
    const lv_catalog *catalog;
    const lv_plan_conf *conf;
    lv_error *err;
    lv_timezone *zone;
    int64_t now_us;
    int depth;
    int view_depth;
    int node_count;
    int source_count;
    /* while a select list is resolved */
    const lv_lateral *laterals;
    int lateral_count;
    int lateral_level;             /* out: 1 + the highest level of a lateral that was used */
    const lv_expr *item;           /* the one that may be a generator: of a select list; or NULL */
    const lv_lambda_scope *lambda; /* while a lambda's body is resolved */
    int variable_count;
    bool is_stream; /* the plan whose expressions are resolved */
    bool allow_aggregates;
} lv_analyzer;

/** A resolved plan and what may be named above it. */
typedef struct lv_analyzed {
    lv_plan *plan;
    lv_scope scope;
} lv_analyzed;

LV_MUST_USE lv_status lv_analyze_plan(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_source(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_relation(lv_analyzer *az, const lv_plan *relation,
                                          lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_alias(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_values(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_feed(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_generate(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
LV_MUST_USE lv_status lv_analyze_range(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out);
/** GENERATE over `input` of the call `item`, whose names are resolved in `scope`. */
LV_MUST_USE lv_status lv_generate_over(lv_analyzer *az, lv_plan *input, const lv_scope *scope,
                                       const lv_expr *item, bool outer, lv_plan **out);
/** Fails because a table function's alias does not name each of its columns. */
lv_status lv_fail_table_aliases(lv_analyzer *az, const lv_plan *place, int given, int columns);
/** Whether an unresolved expression is a call of a generator. */
bool lv_expr_is_generator(const lv_expr *expr);
/** Fails because a generator stands where none may. */
lv_status lv_fail_generator(lv_analyzer *az, const lv_expr *generator);
/** Also gives what the select list was resolved over, in *input. */
LV_MUST_USE lv_status lv_analyze_project(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out,
                                         lv_analyzed *input);
/** The columns of a schema, under one qualifier (copied by reference; count 0: none). */
lv_scope lv_scope_of(lv_analyzer *az, const lv_type *schema, const lv_str *qualifier,
                     int qualifier_count);
/** Gives the error a place unless it has one; returns `status`. */
lv_status lv_at(const lv_analyzer *az, int64_t offset, int64_t length, lv_status status);
lv_status lv_at_plan(const lv_analyzer *az, const lv_plan *plan, lv_status status);
/** Gives a new plan the place of the one it comes from. */
lv_plan *lv_plan_placed(lv_plan *plan, const lv_plan *place);

/** Gives the error the place of an expression unless it has one; returns `status`. */
lv_status lv_at_expr(const lv_analyzer *az, const lv_expr *place, lv_status status);
/** Gives a new expression the place of the one it comes from. */
lv_expr *lv_expr_placed(lv_expr *expr, const lv_expr *place);
/** Computes what an expression is if it has no columns, for functions that ask for the values of constants. */
void lv_remember_value(lv_analyzer *az, lv_expr *expr);
LV_MUST_USE lv_status lv_resolve_cast(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                                      lv_expr **resolved);
/** A call as it was written, its arguments unresolved. */
LV_MUST_USE lv_status lv_resolve_apply(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                                       lv_expr **resolved);
LV_MUST_USE lv_status lv_resolve_expr(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                                      lv_expr **resolved);
/** The arguments of a higher-order function: lambdas get the types of their parameters from the
 *  arguments before them. */
LV_MUST_USE lv_status lv_resolve_lambda_args(lv_analyzer *az, const lv_scope *scope,
                                             const lv_function *function, const lv_expr *expr,
                                             lv_expr **args);
/** struct(a, b AS c) as named_struct('a', a, 'c', b), printed as it was written; (a, b) is the same and is not. */
LV_MUST_USE lv_status lv_resolve_struct(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                                        lv_expr **resolved);
/** s['field'] of a struct: s.field. */
LV_MUST_USE lv_status lv_resolve_index_of_struct(lv_analyzer *az, lv_expr *base,
                                                 const lv_expr *index, const lv_expr *place,
                                                 lv_expr **resolved);
bool lv_expr_has_star(const lv_expr *expr);
/** f(*) is f of all columns, f(t.*) of those of t; `expanded` is the call without stars. */
LV_MUST_USE lv_status lv_expand_stars(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                                      lv_expr **expanded);
/** Fails because a lambda stands where the function takes none. */
lv_status lv_fail_lambda(lv_analyzer *az, const lv_expr *lambda);
/** What binding is to know of these arguments. */
void lv_bind_of(lv_analyzer *az, lv_expr *const *args, int count, lv_bind *bind);
/** Says that a bind failed, of the call as it is written. */
lv_status lv_fail_bind(lv_analyzer *az, const lv_error *own, lv_str name, lv_expr **args, int count,
                       const lv_expr *place);
/** Calls that are made of others: nullif, fields of structs in brackets; *done: it is in *resolved. Of comparisons it
 *  may change the arguments. */
LV_MUST_USE lv_status lv_resolve_form(lv_analyzer *az, const lv_function *function, lv_expr **args,
                                      const lv_expr *place, bool *done, lv_expr **resolved);
/** typeof(x) is known without x being computed. */
void lv_resolve_typeof(lv_analyzer *az, lv_expr *call);
/** Whether the parts are (the end of) a column's qualifier. */
bool lv_scope_qualifies(const lv_scope_column *column, const lv_str *names, int count);
/** Field `name` of an expression: of a STRUCT, or a key of a MAP. */
LV_MUST_USE lv_status lv_resolve_field(lv_analyzer *az, lv_expr *base, lv_str name,
                                       const lv_expr *place, lv_expr **resolved);
/** Field `index` of a STRUCT expression, spelled `name`. */
lv_expr *lv_expr_field(lv_arena *arena, lv_expr *base, int index, lv_str name);
/** A call of a known function over resolved arguments. */
LV_MUST_USE lv_status lv_bind_named(lv_analyzer *az, const char *name, lv_expr **args, int count,
                                    const lv_expr *place, lv_expr **out);
/** Casts to `type` unless it is that type already; `implicit` casts are not printed. */
lv_expr *lv_expr_cast(lv_arena *arena, lv_expr *expr, const lv_type *type, lv_cast_mode mode,
                      bool implicit);
/** Evaluates an expression that has no columns; false if it cannot be done here (or fails, with *err set). */
bool lv_fold_literal(lv_analyzer *az, const lv_expr *expr, const lv_vector **value, lv_error *err);
/** Folds constants inside an expression; errors of folding are left to run time. */
lv_expr *lv_fold_expr(lv_analyzer *az, lv_expr *expr);
/** The name an output column gets without AS; `expr` is the unresolved form. */
lv_str lv_expr_output_name(lv_arena *arena, const lv_expr *expr, const lv_expr *resolved);
/** lv_expr_print into an arena, without a schema. */
lv_str lv_expr_text(lv_arena *arena, const lv_expr *expr);
/** An unresolved call with the arguments that were left out; the call itself if there are none. */
LV_MUST_USE lv_status lv_call_with_defaults(lv_analyzer *az, const lv_expr *expr,
                                            const lv_expr **full);
/** TYPED literals. */
LV_MUST_USE lv_status lv_resolve_typed(lv_analyzer *az, const lv_expr *expr, lv_expr **resolved);
/** Fails with UNRESOLVED_COLUMN and suggestions. */
lv_status lv_fail_unresolved_column(lv_analyzer *az, const lv_scope *scope, const lv_expr *name);

#endif
