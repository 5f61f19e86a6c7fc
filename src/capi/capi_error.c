/* capi_error.c: errors of levada.h. */
#include <stdlib.h>

#include "base/check.h"
#include "capi/capi_int.h"

struct levada_error {
    lv_error error;
    lv_sbuf message; /* with where it happened in front */
};

int lv_capi_return(const lv_error *err, lv_status status, levada_error **error)
{
    if (status == LV_OK || error == NULL)
        return status != LV_OK;
    levada_error *copy = calloc(1, sizeof *copy);
    LV_ASSERT(copy != NULL);
    copy->error = *err;
    if (err->context[0] != '\0')
        lv_sbuf_printf(&copy->message, "%s: ", err->context);
    lv_sbuf_add_cstr(&copy->message, err->message);
    *error = copy;
    return 1;
}

void lv_capi_describe(const lv_error *err, lv_sbuf *out)
{
    lv_sbuf_clear(out);
    lv_sbuf_printf(out, "[%s] %s%s%s", lv_status_class(err->status), err->context,
                   err->context[0] != '\0' ? ": " : "", err->message);
}

const char *levada_error_class(const levada_error *error)
{
    return error ? lv_status_class(error->error.status) : "";
}

const char *levada_error_sqlstate(const levada_error *error)
{
    return error ? lv_status_sqlstate(error->error.status) : "";
}

const char *levada_error_message(const levada_error *error)
{
    return error ? error->message.ptr : "";
}

const char *levada_error_hint(const levada_error *error)
{
    return error ? error->error.hint : "";
}

int64_t levada_error_offset(const levada_error *error)
{
    return error ? error->error.sql_offset : -1;
}

int64_t levada_error_length(const levada_error *error)
{
    return error ? error->error.sql_length : -1;
}

void levada_error_free(levada_error *error)
{
    if (error == NULL)
        return;
    lv_sbuf_release(&error->message);
    free(error);
}
