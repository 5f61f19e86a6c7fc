/* cast_int.h: one cast of one vector, as the files cast*.c hand it on. Private to compute/. */
#ifndef LV_COMPUTE_CAST_INT_H
#define LV_COMPUTE_CAST_INT_H

#include "compute/compute_int.h"

/* `in` is FLAT; `out` is a FLAT vector of `to` with in's validity. */
typedef struct lv_cast_job {
    lv_eval *eval;
    const lv_type *from;
    const lv_type *to;
    const lv_vector *in;
    lv_vector *out;
    lv_cast_mode mode;
    lv_str column;
    bool strict; /* a value that does not fit is an error, else null */
    bool legacy; /* not ANSI: integers wrap, doubles saturate */
    bool owned;  /* out's validity is its own */
    lv_error *err;
} lv_cast_job;

/** Row `i` does not fit: null, or the error `status` with the value in it. */
lv_status lv_cast_reject(lv_cast_job *job, int64_t i, lv_status status);

lv_status lv_cast_from_text(lv_cast_job *job);
lv_status lv_cast_to_text(lv_cast_job *job);
lv_status lv_cast_number(lv_cast_job *job); /* BOOLEAN and numbers to BOOLEAN and numbers */
lv_status
lv_cast_to_time(lv_cast_job *job); /* to DATE, TIMESTAMP, TIMESTAMP_NTZ, from anything but text */
lv_status lv_cast_from_timestamp(lv_cast_job *job); /* TIMESTAMP to numbers and BOOLEAN */
lv_status lv_cast_text_to_interval(lv_cast_job *job);
lv_status lv_cast_interval(lv_cast_job *job); /* between ANSI intervals, integers and DECIMAL */

/** Stores an integer as a value of an integral type; the caller has checked its range. */
static inline void lv_store_int(lv_type_kind kind, void *data, int64_t i, int64_t value)
{
    switch (kind) {
    case LV_TYPE_TINYINT: ((int8_t *)data)[i] = (int8_t)value; break;
    case LV_TYPE_SMALLINT: ((int16_t *)data)[i] = (int16_t)value; break;
    case LV_TYPE_INT: ((int32_t *)data)[i] = (int32_t)value; break;
    default: ((int64_t *)data)[i] = value;
    }
}
static inline int64_t lv_load_int(lv_type_kind kind, const void *data, int64_t i)
{
    switch (kind) {
    case LV_TYPE_TINYINT: return ((const int8_t *)data)[i];
    case LV_TYPE_SMALLINT: return ((const int16_t *)data)[i];
    case LV_TYPE_INT: return ((const int32_t *)data)[i];
    default: return ((const int64_t *)data)[i];
    }
}
/** The range of an integral type. */
static inline int64_t lv_int_max(lv_type_kind kind)
{
    static const int64_t max[] = {[LV_TYPE_TINYINT] = INT8_MAX,
                                  [LV_TYPE_SMALLINT] = INT16_MAX,
                                  [LV_TYPE_INT] = INT32_MAX,
                                  [LV_TYPE_BIGINT] = INT64_MAX};
    return max[kind];
}
static inline int64_t lv_int_min(lv_type_kind kind)
{
    return -lv_int_max(kind) - 1;
}

#endif
