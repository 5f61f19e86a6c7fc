/* status.h: how functions fail.
 *
 * A function that can fail returns lv_status and takes `lv_error *err` (nullable) as its last
 * parameter; outputs are written only on success. A status is a row of status.def: it stands for
 * one Spark or Delta error class and its SQLSTATE, so that what a user sees reads as on Spark.
 * The first error wins: a caller may add context with lv_error_context, never replace it. No
 * allocation and no thread-local takes part, because work hops between threads.
 *
 *     LV_TRY(lv_file_open(&file, path, err));                   // nothing held: just return
 *     if (bad) return LV_FAIL(err, LV_CAST_INVALID_INPUT, "the value '%s' ...", text);
 *     if ((status = f(x, err)) != LV_OK) goto out;              // something held: one label */
#ifndef LV_BASE_STATUS_H
#define LV_BASE_STATUS_H

#include <stdarg.h>

#include "base/compiler.h"

typedef enum lv_status {
#define X(name, error_class, sqlstate) LV_##name,
#include "base/status.def"
#undef X
    LV_STATUS_COUNT
} lv_status;

#define LV_ERROR_MESSAGE_SIZE 2048

/** What went wrong, in the caller's storage. `sql_offset` and `sql_length` are bytes of the SQL
 * text, -1 where the error has no place in it. */
typedef struct lv_error {
    lv_status status;
    int64_t sql_offset;
    int64_t sql_length;
    const char *file; /* source file that raised it; for logs, not for users */
    int line;
    char hint[256];    /* what to do next; may be empty */
    char context[512]; /* "table sensor_data, batch 12"; may be empty */
    char message[LV_ERROR_MESSAGE_SIZE];
} lv_error;

#define LV_ERROR_INIT ((lv_error){.status = LV_OK, .sql_offset = -1, .sql_length = -1})

/** Spark's error class of a status ("CAST_INVALID_INPUT"), borrowed. */
const char *lv_status_class(lv_status status);
/** SQLSTATE of a status ("22018"), borrowed. */
const char *lv_status_sqlstate(lv_status status);

/** Records an error unless `err` is NULL or already holds one; returns `status`. Use LV_FAIL. */
LV_PRINTF(5, 6)
lv_status lv_error_set(lv_error *err, lv_status status, const char *file, int line, const char *fmt,
                       ...);
/** Adds where it happened ("batch 12: ..."); a no-op when `err` is NULL or holds no error. */
LV_PRINTF(2, 3) void lv_error_context(lv_error *err, const char *fmt, ...);
/** Sets the hint, once; a no-op when `err` is NULL. */
LV_PRINTF(2, 3) void lv_error_hint(lv_error *err, const char *fmt, ...);
/** Sets the place in the SQL text unless one is set. */
void lv_error_at(lv_error *err, int64_t sql_offset, int64_t sql_length);
/** Back to LV_ERROR_INIT. */
void lv_error_clear(lv_error *err);

#define LV_FAIL(err, status, ...) lv_error_set((err), (status), __FILE__, __LINE__, __VA_ARGS__)
#define LV_TRY(call)                                                                               \
    do {                                                                                           \
        lv_status lv_try_status_ = (call);                                                         \
        if (LV_UNLIKELY(lv_try_status_ != LV_OK))                                                  \
            return lv_try_status_;                                                                 \
    } while (0)

#endif
