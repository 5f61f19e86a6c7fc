/* exec.h: operators that run a resolved plan, pulling batches from the leaves.
 *
 * One operator tree belongs to one thread; trees of several workers share only the plan. A batch
 * that next() hands out, its vectors and what they point to stay valid until the next call of
 * next(), restart() or free() on the root: every operator computes into one arena that belongs to
 * the root and is emptied when next() is entered. String bytes may lie in a source's receive
 * buffers or in a decoder's dictionary, which follow the same rule. An operator that keeps rows
 * (sort, aggregate) copies them. */
#ifndef LV_EXEC_EXEC_H
#define LV_EXEC_EXEC_H

#include <stdatomic.h>

#include "plan/plan.h"

typedef struct lv_operator lv_operator;
struct lv_source_reader; /* conn/conn.h */

/** How others see into a running tree. @thread any */
typedef struct lv_exec_watch {
    atomic_bool cancelled;     /* set by others: the tree fails with CANCELLED at its next batch */
    atomic_int_least64_t rows; /* read from the leaves so far */
} lv_exec_watch;

/** What a plan needs to run. Pointers must outlive the operators. */
typedef struct lv_exec_context {
    const lv_timezone *zone; /* spark.sql.session.timeZone */
    bool ansi;               /* spark.sql.ansi.enabled */
    int64_t now_us;          /* now(); also current_timestamp() until the first restart */
    int partition;           /* which of the workers, from 0 */
    lv_exec_watch *watch;    /* NULL: nobody looks */
    /** The reader of SOURCE number `source_index`; it stays the caller's, who opens and closes its
     * ranges. */
    lv_status (*open_source)(void *self, int source_index, struct lv_source_reader **reader,
                             lv_error *err);
    void *self;
} lv_exec_context;

/** The operators of a plan; the root is in *root, its memory partly in `arena`, freed by
 * lv_operator_free before that. */
LV_MUST_USE lv_status lv_exec_build(lv_arena *arena, const lv_plan *plan,
                                    const lv_exec_context *context, lv_operator **root,
                                    lv_error *err);
/** Back to the first row: for the next micro-batch, after its sources were opened on new ranges.
 *  `batch_time_us` is what current_timestamp() gives from now on. */
LV_MUST_USE lv_status lv_operator_restart(lv_operator *root, int64_t batch_time_us, lv_error *err);
/** The next rows (may be none) in *out, of the plan's schema; *done when there are no more after
 * these. */
LV_MUST_USE lv_status lv_operator_next(lv_operator *root, lv_batch *out, bool *done, lv_error *err);
/** How many rows kept each expectation of the plan's EXPECT, and how many broke it, since the last
 * restart; added to the arrays. */
void lv_operator_expectations(const lv_operator *root, int64_t *passed, int64_t *failed);
/** The plan's schema; borrowed. */
const lv_type *lv_operator_schema(const lv_operator *root);
/** Frees what the arena does not hold; NULL is allowed. */
void lv_operator_free(lv_operator *root);
/** The operator tree with its programs, for EXPLAIN. */
void lv_operator_print(const lv_operator *root, lv_sbuf *out);

#endif
