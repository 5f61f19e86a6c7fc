/* capi_session.c: sessions of levada.h. A session is counted: results need it until they are freed. */
#include <stdlib.h>

#include "base/check.h"
#include "capi/capi_int.h"

const char *levada_version(void)
{
    return LEVADA_VERSION;
}

static lv_status set_all(lv_session *session, const levada_setting *settings, size_t count,
                         lv_error *err)
{
    for (size_t i = 0; i < count; i++)
        LV_TRY(
            lv_session_set(session, lv_str_of(settings[i].key), lv_str_of(settings[i].value), err));
    return LV_OK;
}

int levada_open(const char *storage, const levada_setting *settings, size_t count,
                levada_session **session, levada_error **error)
{
    lv_error err = LV_ERROR_INIT;
    levada_session *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    s->holders = 1;
    s->session = lv_session_new(storage != NULL ? storage : ".");
    lv_status status = set_all(s->session, settings, count, &err);
    if (status == LV_OK)
        *session = s;
    else
        lv_capi_session_drop(s);
    return lv_capi_return(&err, status, error);
}

void lv_capi_session_drop(levada_session *s)
{
    if (--s->holders > 0)
        return;
    for (int i = 0; i < s->view_count; i++)
        lv_feed_arrays_drop(s->views[i].feed);
    lv_session_free(s->session);
    free(s);
}

void levada_close(levada_session *session)
{
    if (session != NULL)
        lv_capi_session_drop(session);
}

int levada_set(levada_session *session, const char *key, const char *value, levada_error **error)
{
    lv_error err = LV_ERROR_INIT;
    lv_status status = lv_session_set(session->session, lv_str_of(key), lv_str_of(value), &err);
    return lv_capi_return(&err, status, error);
}
