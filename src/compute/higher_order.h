/* higher_order.h: what the files of higher-order functions share.
 *
 * A function has a start, which says what its lambda is first evaluated on, and a next, which goes on with the result.
 * Both end the job by finish(). */
#ifndef LV_COMPUTE_HIGHER_ORDER_H
#define LV_COMPUTE_HIGHER_ORDER_H

#include "compute/compute_int.h"

typedef struct lv_higher_order_state lv_higher_order_state;
typedef lv_status (*lv_higher_order_step)(lv_higher_order *job, const lv_vector *result,
                                          lv_error *err);

struct lv_higher_order_state {
    const lv_call *call;
    lv_eval *eval;
    const lv_vector *const *args;
    int64_t rows;
    lv_lambda_use use; /* of the first lambda */
    lv_higher_order_step next;
    void (*end)(lv_higher_order *job); /* NULL: nothing to free */
    lv_items items; /* of the first argument, and of the second if it is a list */
    lv_items more;
    uint64_t *validity; /* of a result that is null where a list is */
    void *own;          /* of the function */
};

/** Asks for lambda `arg` over `count` rows. */
void lv_lambda_ask(lv_higher_order *job, int arg, int64_t count, const int32_t *rows,
                   const lv_vector *variables);
/** Ends the job: job->out is the result. */
lv_status lv_lambda_finish(lv_higher_order *job);

lv_status lv_start_aggregate(lv_higher_order *job, lv_error *err);
lv_status lv_start_array_sort(lv_higher_order *job, lv_error *err);

#endif
