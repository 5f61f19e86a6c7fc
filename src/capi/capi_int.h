/* capi_int.h: what the files of capi/ share: the objects behind the handles of levada.h. */
#ifndef LV_CAPI_CAPI_INT_H
#define LV_CAPI_CAPI_INT_H

#include "engine/rows.h"
#include "levada.h"

/** Arrays that were registered as a view: held by the session while the view is there, and by the
 *  results that were begun meanwhile. */
typedef struct lv_feed_arrays {
    int holders;
    lv_arena arena;
    struct ArrowSchema arrow_schema;
    const lv_type *schema;
    int array_count, array_capacity;
    struct ArrowArray *arrays; /* on the heap */
    const struct lv_feed_piece *pieces;
    lv_feed feed;
} lv_feed_arrays;

typedef struct lv_capi_view {
    lv_str name;
    lv_feed_arrays *feed;
} lv_capi_view;

struct levada_session {
    int holders; /* the caller and its results */
    lv_session *session;
    int view_count;
    lv_capi_view *views; /* in the session's arena */
};

/** Hands an error over to the caller and returns what the function returns: 0 for LV_OK. */
int lv_capi_return(const lv_error *err, lv_status status, levada_error **error);
/** "[CLASS] message" for those who have room for one line. */
void lv_capi_describe(const lv_error *err, lv_sbuf *out);
void lv_feed_arrays_drop(lv_feed_arrays *feed);
void lv_capi_session_drop(levada_session *session);

#endif
