/* status.c: error records. Fixed-size storage, so that reporting a failure cannot itself fail. */
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static const struct {
    const char *error_class;
    const char *sqlstate;
} status_table[LV_STATUS_COUNT] = {
#define X(name, error_class, sqlstate) {error_class, sqlstate},
#include "base/status.def"
#undef X
};

const char *lv_status_class(lv_status status)
{
    LV_ASSERT(status < LV_STATUS_COUNT);
    return status_table[status].error_class;
}

const char *lv_status_sqlstate(lv_status status)
{
    LV_ASSERT(status < LV_STATUS_COUNT);
    return status_table[status].sqlstate;
}

lv_status lv_error_set(lv_error *err, lv_status status, const char *file, int line, const char *fmt,
                       ...)
{
    LV_ASSERT(status != LV_OK);
    if (err == NULL || err->status != LV_OK)
        return status;
    err->status = status;
    err->file = file;
    err->line = line;
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    return status;
}

void lv_error_context(lv_error *err, const char *fmt, ...)
{
    if (err == NULL || err->status == LV_OK)
        return;
    char added[sizeof err->context];
    va_list args;
    va_start(args, fmt);
    vsnprintf(added, sizeof added, fmt, args);
    va_end(args);
    size_t used = strlen(err->context);
    snprintf(err->context + used, sizeof err->context - used, "%s%s", used ? ", " : "", added);
}

void lv_error_hint(lv_error *err, const char *fmt, ...)
{
    if (err == NULL || err->hint[0] != '\0')
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
}

void lv_error_at(lv_error *err, int64_t sql_offset, int64_t sql_length)
{
    if (err != NULL && err->sql_offset < 0) {
        err->sql_offset = sql_offset;
        err->sql_length = sql_length;
    }
}

void lv_error_clear(lv_error *err)
{
    *err = LV_ERROR_INIT;
}

LV_NORETURN void lv_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "levada: %s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}
