/* session_functions.c: what a query knows of where it runs, and functions that fail on purpose:
 * current_user, version, monotonically_increasing_id, assert_true, raise_error. Source: misc.scala. */
#include <stdlib.h>

#include "base/check.h"
#include "compute/compute_int.h"
#include "os/os.h"

/* ---- constants of the session ---------------------------------------------------------------- */

lv_status lv_bind_session_text(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_str *text = LV_NEW(bind->arena, lv_str);
    switch (function->op) {
    case SESSION_USER: *text = lv_str_of(lv_user_name(bind->arena)); break;
    case SESSION_CATALOG:
        *text = bind->catalog.len ? bind->catalog : LV_STR("spark_catalog");
        break;
    case SESSION_SCHEMA: *text = bind->schema.len ? bind->schema : LV_STR("default"); break;
    case SESSION_VERSION: *text = LV_STR("levada " LEVADA_VERSION); break;
    default: *text = LV_STR(""); break; /* input_file_name: rows come from no file that is named */
    }
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, lv_kernel_constant);
    bind->nullable = false;
    bind->param = text;
    return LV_OK;
}

/* ---- partitions ------------------------------------------------------------------------------ */

lv_status lv_row_id_open(lv_call *call, const bool *wanted, lv_error *err)
{
    call->state = calloc(1, sizeof(int64_t)); /* rows counted so far */
    LV_ASSERT(call->state != NULL);
    return LV_OK;
}

void lv_row_id_close(lv_call *call)
{
    free(call->state);
    call->state = NULL;
}

static lv_status kernel_row_id(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    int64_t *count = call->state;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++)
        ((int64_t *)out->data)[i] = ((int64_t)eval->partition << 33) + (*count)++;
    return LV_OK;
}

lv_status lv_bind_row_id(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_row_id);
    bind->nullable = false;
    return LV_OK;
}

static lv_status kernel_partition_id(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    *(int32_t *)lv_result_constant(call, eval, rows, out) = eval->partition;
    return LV_OK;
}

lv_status lv_bind_partition_id(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_partition_id);
    bind->nullable = false;
    return LV_OK;
}

/* ---- failing on purpose ---------------------------------------------------------------------- */

static lv_str message_at(const lv_vector *v, int64_t i)
{
    return lv_vector_is_null(v, i) ? LV_STR("null") : lv_vector_str(v, i);
}

static lv_status kernel_raise_error(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    return LV_FAIL(err, LV_USER_RAISED, "%.*s", LV_STR_ARG(message_at(&args[0], 0)));
}

lv_status lv_bind_raise_error(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_VOID), false, kernel_raise_error);
    bind->nullable = true;
    return LV_OK;
}

static lv_status kernel_assert_true(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    for (int64_t i = 0; i < rows; i++)
        if (lv_vector_is_null(&args[0], i) || !LV_AT(uint8_t, &args[0], i))
            return LV_FAIL(err, LV_USER_RAISED, "%.*s",
                           LV_STR_ARG(call->arg_count == 2
                                          ? message_at(&args[1], i)
                                          : LV_STR("the condition of assert_true is not true!")));
    lv_vector_init_null(out, eval->arena, call->type, rows);
    return LV_OK;
}

lv_status lv_bind_assert_true(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_BOOLEAN && bind->arg_types[0]->kind != LV_TYPE_VOID)
        return lv_bind_mismatch(function, bind, 0, "\"BOOLEAN\"", err);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BOOLEAN), err));
    if (bind->arg_count == 2)
        LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_VOID), false, kernel_assert_true);
    bind->nullable = true;
    return LV_OK;
}
