/* program.h: expressions compiled to a flat list of steps over whole vectors.
 *
 * A program computes `count` resolved expressions over a batch. Each step reads registers and
 * writes one; a register is a vector. Equal subexpressions share a register, a field of a struct is
 * an alias that copies nothing, constants are made once. A program is immutable and may be shared
 * between threads; what changes while it runs (decoders, registers) is in an instance.
 *
 * Under ANSI a branch that is not taken must not fail. So `and`, `or`, `if`, `when`, `coalesce` and
 * their kind evaluate a branch that may fail on the rows that need it only: the rows are gathered,
 * a sub-program runs on them, its values are scattered back. Branches that cannot fail run on all
 * rows, which is faster than asking.
 *
 * Fields nobody reads are not computed: compiling works out which columns of the input, and which
 * fields of struct columns, are read (lv_need), and hands a stateful function like from_json the
 * fields of its result that are used. */
#ifndef LV_EXEC_PROGRAM_H
#define LV_EXEC_PROGRAM_H

#include "plan/plan.h"

/** How much of a column is read. `fields` (one per field of a STRUCT) counts only if !all. */
typedef struct lv_need {
    bool all;
    bool *fields; /* NULL: none */
} lv_need;

/** Whether anything of it is read. */
bool lv_need_any(const lv_need *need, const lv_type *type);

typedef struct lv_program lv_program;
typedef struct lv_program_instance lv_program_instance;

/** Compiles `count` expressions over rows of `input` (a STRUCT). `needs` (per expression, NULL:
 * all) says which results are read; the others come out as constant nulls. Everything is in
 * `arena`. */
LV_MUST_USE lv_status lv_program_compile(lv_arena *arena, lv_expr *const *exprs, int count,
                                         const lv_need *needs, const lv_type *input,
                                         const lv_program **program, lv_error *err);
/** What the program reads of each input column; one per column, borrowed. */
const lv_need *lv_program_needs(const lv_program *program);
/** The steps as text, one a line, for EXPLAIN and tests. */
void lv_program_print(const lv_program *program, lv_sbuf *out);

/** The state of one thread's use of a program, which must outlive it. */
LV_MUST_USE lv_status lv_program_instance_new(const lv_program *program,
                                              lv_program_instance **instance, lv_error *err);
void lv_program_instance_free(lv_program_instance *instance);
/** Evaluates all expressions over the batch into out[0..count). Results live as long as eval->arena
 *  and what the input and the functions' dictionaries point to. Errors carry the place of the
 *  expression that failed. */
LV_MUST_USE lv_status lv_program_run(lv_program_instance *instance, lv_eval *eval,
                                     const lv_batch *in, lv_vector *out, lv_error *err);

#endif
