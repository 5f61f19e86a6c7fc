/* program_int.h: what a compiled program is made of. Private to exec/.
 *
 * A program is a list of steps; step i writes register i. Branches that may fail are blocks of
 * their own: a block's inputs are registers of the block around it, gathered to the rows that the
 * branch is evaluated on. Everything in a branch that cannot fail is computed outside, for all
 * rows, so blocks hold only what has to be lazy. */
#ifndef LV_EXEC_PROGRAM_INT_H
#define LV_EXEC_PROGRAM_INT_H

#include "exec/program.h"

typedef struct lv_block lv_block;

typedef enum lv_step_kind {
    LV_STEP_INPUT, /* column `index` of the batch, or import `index` of a block */
    LV_STEP_LITERAL,
    LV_STEP_CALL,
    LV_STEP_CAST,
    LV_STEP_FIELD,
    LV_STEP_STRUCT,
    LV_STEP_LAZY,
    LV_STEP_HIGHER_ORDER
} lv_step_kind;

/** An argument of a LAZY or HIGHER_ORDER step: a register of all rows, or a block: for the rows that need it, for the
 *  items of a lambda. */
typedef struct lv_branch {
    int reg; /* -1: block */
    lv_block *block;
} lv_branch;

typedef struct lv_step {
    lv_step_kind kind;
    const lv_expr *expr; /* what it was compiled from: type, call, literal, place */
    const lv_type *type;
    int index;
    int arg_count;
    int *args;           /* registers */
    lv_branch *branches; /* LAZY, HIGHER_ORDER: one per argument; NULL in others */
    int state;           /* CALL of a function with state: its number in the program; -1 none */
    lv_need need;        /* how much of the result is read */
} lv_step;

struct lv_block {
    lv_block *parent;
    const lv_step *steps;
    int step_count;
    int param_count;    /* the first INPUTs: parameters of a lambda */
    const int *imports; /* registers of the parent, by INPUT index - param_count */
    int import_count;
    int result;    /* register, of a branch */
    bool can_fail; /* of a lambda */
    bool is_deterministic;
};

struct lv_program {
    lv_block root;
    const lv_type *input;
    int output_count;
    int *outputs; /* registers */
    const bool *output_needed;
    const lv_type **output_types;
    lv_need *needs; /* per input column */
    int state_count;
    const lv_step **stateful; /* by state */
};

struct lv_program_instance {
    const lv_program *program;
    lv_arena arena;
    lv_call *calls; /* by state */
    int open_count;
};

#endif
