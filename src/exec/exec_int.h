/* exec_int.h: what operators are made of. Private to exec/. */
#ifndef LV_EXEC_EXEC_INT_H
#define LV_EXEC_EXEC_INT_H

#include "exec/exec.h"
#include "exec/program.h"

/* What all operators of a tree share. */
typedef struct lv_exec {
    lv_exec_context context;
    lv_arena batch; /* emptied when next() is entered on the root */
    lv_eval eval;
    lv_operator *root;
    bool done; /* the root has given its last rows */
} lv_exec;

typedef struct lv_operator_class {
    const char *name;
    lv_status (*next)(lv_operator *op, lv_batch *out, bool *done, lv_error *err);
    lv_status (*restart)(lv_operator *op, lv_error *err); /* own state only; NULL: none */
    void (*close)(lv_operator *op);                       /* NULL: nothing to free */
    void (*print)(const lv_operator *op, lv_sbuf *out);   /* behind the name; may be NULL */
} lv_operator_class;

/* An operator begins with this; its own fields follow. */
struct lv_operator {
    const lv_operator_class *class;
    lv_exec *exec;
    const lv_plan *plan;
    const lv_type *schema;
    const lv_need *needs; /* per output column: what is read of it above */
    int input_count;
    lv_operator **inputs;
};

/** Makes the operator of a plan node whose consumers read `needs` of its columns. */
LV_MUST_USE lv_status lv_operator_make(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                                       const lv_need *needs, lv_operator **op, lv_error *err);
/** Zeroed, with the common part filled in; `inputs` still to be made. */
void *lv_operator_new(lv_arena *arena, size_t size, const lv_operator_class *class, lv_exec *exec,
                      const lv_plan *plan, const lv_need *needs);
/** The next rows of input `i`. Here a tree notices that it was cancelled. */
LV_MUST_USE lv_status lv_operator_pull(lv_operator *op, int i, lv_batch *out, bool *done,
                                       lv_error *err);
/** One need per column: `a`, and what `b` adds (may be NULL). */
const lv_need *lv_needs_join(lv_arena *arena, const lv_type *schema, const lv_need *a,
                             const lv_need *b);
/** One flag per column, NULL if all are read. */
const bool *lv_needs_wanted(lv_arena *arena, const lv_type *schema, const lv_need *needs);
/** A program and its instance on this thread. */
typedef struct lv_exec_program {
    const lv_program *program;
    lv_program_instance *instance;
} lv_exec_program;
LV_MUST_USE lv_status lv_exec_compile(lv_arena *arena, lv_expr *const *exprs, int count,
                                      const lv_need *needs, const lv_type *input,
                                      lv_exec_program *program, lv_error *err);
/** The columns that are read, for EXPLAIN. */
void lv_print_wanted(const lv_operator *op, lv_sbuf *out);
/** No rows of the operator's schema. */
void lv_batch_none(lv_operator *op, lv_batch *out);
/** Rows of `in` at `rows`; columns nobody reads become constant nulls. */
void lv_batch_take(lv_operator *op, const lv_batch *in, const int32_t *rows, int64_t count,
                   lv_batch *out);

typedef lv_status (*lv_operator_maker)(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                                       const lv_need *needs, lv_operator **op, lv_error *err);
lv_status lv_make_source(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err);
lv_status lv_make_table(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err);
lv_status lv_make_files(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err);
lv_status lv_make_feed(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                       lv_operator **op, lv_error *err);
lv_status lv_make_values(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err);
lv_status lv_make_project(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                          lv_operator **op, lv_error *err);
lv_status lv_make_filter(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err);
lv_status lv_make_limit(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err);
lv_status lv_make_union(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err);
lv_status lv_make_distinct(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                           const lv_need *needs, lv_operator **op, lv_error *err);
lv_status lv_make_expect(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err);
lv_status lv_make_aggregate(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                            const lv_need *needs, lv_operator **op, lv_error *err);
lv_status lv_make_sort(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                       lv_operator **op, lv_error *err);
lv_status lv_make_generate(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                           const lv_need *needs, lv_operator **op, lv_error *err);
lv_status lv_make_range(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err);
/** SORT below a LIMIT: only the first `count` rows will be asked for. */
void lv_sort_set_top(lv_operator *sort, int64_t count);

#endif
