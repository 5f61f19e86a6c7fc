/* capi_result.c: queries of levada.h and their rows. */
#include <errno.h>
#include <stdlib.h>

#include "arrow/arrow.h"
#include "base/check.h"
#include "capi/capi_int.h"

struct levada_result {
    levada_session *session;
    lv_rows *rows; /* NULL: a statement without rows */
    lv_str zone;   /* of the session when the query began */
    lv_batch batch;
    int64_t next; /* row of the batch that is given out next */
    bool done;
    int feed_count;
    lv_feed_arrays **feeds; /* that the rows may come from */
    lv_sbuf last_error;     /* of a stream */
};

/* ---- running --------------------------------------------------------------------------------- */

/* Rows of a statement that is not the last are computed, because they may fail. */
static lv_status drain(lv_rows *rows, lv_error *err)
{
    lv_batch batch;
    for (bool done = rows == NULL; !done;)
        LV_TRY(lv_rows_next(rows, &batch, &done, err));
    return LV_OK;
}

static lv_status run_text(lv_session *session, const char *sql, lv_rows **rows, lv_error *err)
{
    lv_arena *arena = lv_session_arena(session);
    lv_str text = lv_str_dup(arena, lv_str_of(sql));
    const lv_options none = {NULL, 0};
    lv_statement *statements;
    size_t count;
    *rows = NULL;
    LV_TRY(lv_statements_parse(arena, text, &none, NULL, NULL, &statements, &count, err));
    for (size_t i = 0; i < count; i++) {
        lv_rows_free(*rows);
        *rows = NULL;
        lv_status status = lv_session_run(session, &statements[i], rows, err);
        if (status == LV_OK && i + 1 < count)
            status = drain(*rows, err);
        if (status != LV_OK) {
            lv_error_at(err, statements[i].sql_offset, statements[i].sql_length);
            lv_rows_free(*rows);
            *rows = NULL;
            return status;
        }
    }
    return LV_OK;
}

static void hold_feeds(levada_result *r)
{
    const levada_session *s = r->session;
    r->feeds = calloc((size_t)LV_MAX(s->view_count, 1), sizeof(lv_feed_arrays *));
    LV_ASSERT(r->feeds != NULL);
    for (int i = 0; i < s->view_count; i++) {
        r->feeds[r->feed_count++] = s->views[i].feed;
        s->views[i].feed->holders++;
    }
}

int levada_query(levada_session *session, const char *sql, levada_result **result,
                 levada_error **error)
{
    lv_error err = LV_ERROR_INIT;
    lv_rows *rows;
    lv_status status = run_text(session->session, sql, &rows, &err);
    if (status != LV_OK)
        return lv_capi_return(&err, status, error);
    levada_result *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    r->session = session;
    session->holders++;
    r->rows = rows;
    r->done = rows == NULL;
    r->zone = lv_session_get(session->session, "spark.sql.session.timeZone");
    hold_feeds(r);
    *result = r;
    return 0;
}

void levada_result_free(levada_result *r)
{
    if (r == NULL)
        return;
    lv_rows_free(r->rows);
    for (int i = 0; i < r->feed_count; i++)
        lv_feed_arrays_drop(r->feeds[i]);
    free(r->feeds);
    lv_sbuf_release(&r->last_error);
    lv_capi_session_drop(r->session);
    free(r);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void export_schema(const levada_result *r, struct ArrowSchema *schema)
{
    static const lv_type none = {.kind = LV_TYPE_STRUCT};
    lv_arrow_export_schema(r->rows ? lv_rows_schema(r->rows) : &none, r->zone, schema);
}

int levada_result_schema(levada_result *r, struct ArrowSchema *schema, levada_error **error)
{
    export_schema(r, schema);
    return 0;
}

static lv_status next_rows(levada_result *r, struct ArrowArray *rows, lv_error *err)
{
    while (r->next >= r->batch.length && !r->done) {
        r->next = r->batch.length = 0;
        lv_status status = lv_rows_next(r->rows, &r->batch, &r->done, err);
        if (status != LV_OK) {
            r->batch.length = 0;
            r->done = true; /* nothing is asked of operators that failed */
            return status;
        }
    }
    int64_t count = r->batch.length - r->next;
    *rows = (struct ArrowArray){.release = NULL};
    if (count == 0)
        return LV_OK;
    LV_TRY(lv_arrow_export_rows(&r->batch, r->next, &count, rows, err));
    r->next += count;
    return LV_OK;
}

int levada_result_next(levada_result *r, struct ArrowArray *rows, levada_error **error)
{
    lv_error err = LV_ERROR_INIT;
    lv_status status = next_rows(r, rows, &err);
    return lv_capi_return(&err, status, error);
}

/* ---- streams --------------------------------------------------------------------------------- */

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    export_schema(stream->private_data, out);
    return 0;
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    levada_result *r = stream->private_data;
    lv_error err = LV_ERROR_INIT;
    if (next_rows(r, out, &err) == LV_OK)
        return 0;
    lv_capi_describe(&err, &r->last_error);
    return EIO;
}

static const char *stream_last_error(struct ArrowArrayStream *stream)
{
    const levada_result *r = stream->private_data;
    return r->last_error.len > 0 ? r->last_error.ptr : NULL;
}

static void stream_release(struct ArrowArrayStream *stream)
{
    levada_result_free(stream->private_data);
    stream->release = NULL;
}

void levada_result_stream(levada_result *r, struct ArrowArrayStream *stream)
{
    *stream = (struct ArrowArrayStream){.get_schema = stream_schema,
                                        .get_next = stream_next,
                                        .get_last_error = stream_last_error,
                                        .release = stream_release,
                                        .private_data = r};
}
