/* capi_register.c: a caller's Arrow stream as a view.
 *
 * The stream is read to its end at once, because a view may be read any number of times. Its arrays
 * are kept as they came; rows become vectors when they are read, in pieces of a bounded number. */
#include <stdlib.h>

#include "arrow/arrow.h"
#include "base/check.h"
#include "base/vec.h"
#include "capi/capi_int.h"

enum { PIECE_ROWS = 131072 };

/** Rows of one of the arrays. */
typedef struct lv_feed_piece {
    int array;
    int64_t from, count;
} lv_feed_piece;

static lv_status read_piece(void *self, int64_t index, const bool *wanted, lv_arena *arena,
                            lv_batch *batch, lv_error *err)
{
    const lv_feed_arrays *f = self;
    const lv_feed_piece *piece = &f->pieces[index];
    const struct ArrowArray *array = &f->arrays[piece->array];
    int n = f->schema->field_count;
    *batch = (lv_batch){f->schema, piece->count, LV_NEW_ARRAY(arena, lv_vector, n)};
    for (int c = 0; c < n; c++) {
        const lv_type *type = f->schema->fields[c].type;
        if (wanted != NULL && !wanted[c])
            lv_vector_init_null(&batch->columns[c], arena, type, piece->count);
        else
            LV_TRY(lv_arrow_import(arena, f->arrow_schema.children[c], array->children[c], type,
                                   array->offset + piece->from, piece->count, &batch->columns[c],
                                   err));
    }
    return LV_OK;
}

void lv_feed_arrays_drop(lv_feed_arrays *f)
{
    if (--f->holders > 0)
        return;
    for (int i = 0; i < f->array_count; i++)
        f->arrays[i].release(&f->arrays[i]);
    if (f->arrow_schema.release != NULL)
        f->arrow_schema.release(&f->arrow_schema);
    lv_arena_release(&f->arena);
    free(f->arrays);
    free(f);
}

/* ---- reading the stream ---------------------------------------------------------------------- */

static lv_status stream_failed(struct ArrowArrayStream *stream, int code, lv_error *err)
{
    const char *text = stream->get_last_error(stream);
    return LV_FAIL(err, LV_IO, "the Arrow stream failed with %d: %s", code,
                   text ? text : "it does not say why");
}

static void keep_array(lv_feed_arrays *f, const struct ArrowArray *array)
{
    if (f->array_count == f->array_capacity) {
        f->array_capacity = LV_MAX(f->array_capacity * 2, 8);
        f->arrays = realloc(f->arrays, sizeof *f->arrays * (size_t)f->array_capacity);
        LV_ASSERT(f->arrays != NULL);
    }
    f->arrays[f->array_count++] = *array;
}

static lv_status read_arrays(lv_feed_arrays *f, struct ArrowArrayStream *stream, lv_error *err)
{
    for (;;) {
        struct ArrowArray array = {.release = NULL};
        int code = stream->get_next(stream, &array);
        if (code != 0)
            return stream_failed(stream, code, err);
        if (array.release == NULL)
            return LV_OK;
        keep_array(f, &array);
        LV_TRY(lv_arrow_check(&f->arrow_schema, &array, err));
    }
}

static lv_status read_stream(lv_feed_arrays *f, struct ArrowArrayStream *stream, lv_error *err)
{
    int code = stream->get_schema(stream, &f->arrow_schema);
    if (code != 0) {
        f->arrow_schema.release = NULL;
        return stream_failed(stream, code, err);
    }
    LV_TRY(lv_arrow_import_type(&f->arena, &f->arrow_schema, &f->schema, err));
    if (f->schema->kind != LV_TYPE_STRUCT)
        return LV_FAIL(err, LV_UNSUPPORTED_ARROWTYPE,
                       "rows are arrays of a struct type, not of '%s'", f->arrow_schema.format);
    return read_arrays(f, stream, err);
}

static void cut_pieces(lv_feed_arrays *f)
{
    LV_VEC(lv_feed_piece) pieces = {0};
    for (int a = 0; a < f->array_count; a++)
        for (int64_t from = 0; from < f->arrays[a].length; from += PIECE_ROWS)
            LV_VEC_PUSH(
                &f->arena, pieces,
                (lv_feed_piece){a, from, LV_MIN(f->arrays[a].length - from, (int64_t)PIECE_ROWS)});
    f->pieces = pieces.at;
    f->feed = (lv_feed){f, (int64_t)pieces.count, read_piece};
}

/* ---- the view -------------------------------------------------------------------------------- */

static void put_view(levada_session *s, lv_str name, lv_feed_arrays *feed)
{
    lv_session_add_feed(s->session, name, &feed->feed, feed->schema);
    for (int i = 0; i < s->view_count; i++)
        if (lv_str_eq_nocase(s->views[i].name, name)) {
            lv_feed_arrays_drop(s->views[i].feed);
            s->views[i].feed = feed;
            return;
        }
    lv_arena *arena = lv_session_arena(s->session);
    size_t size = sizeof *s->views * (size_t)s->view_count;
    s->views = lv_arena_grow(arena, s->views, size, size + sizeof *s->views);
    s->views[s->view_count++] = (lv_capi_view){lv_str_dup(arena, name), feed};
}

int levada_register(levada_session *session, const char *name, struct ArrowArrayStream *stream,
                    levada_error **error)
{
    lv_error err = LV_ERROR_INIT;
    lv_feed_arrays *f = calloc(1, sizeof *f);
    LV_ASSERT(f != NULL);
    f->holders = 1;
    lv_arena_init(&f->arena);
    lv_status status = read_stream(f, stream, &err);
    stream->release(stream);
    if (status == LV_OK) {
        cut_pieces(f);
        put_view(session, lv_str_of(name), f);
    } else {
        lv_error_context(&err, "view %s", name);
        lv_feed_arrays_drop(f);
    }
    return lv_capi_return(&err, status, error);
}
