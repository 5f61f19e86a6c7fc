/* read_csv.c: CSV files: a record a line or, with multiLine, one whose values may have line ends.
 * Source: CSVDataSource, CSVInferSchema, CSVHeaderChecker. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "files/files_int.h"
#include "os/os.h"

typedef struct csv_content {
    lv_file_content base;
    lv_file_window window;
    lv_csv_decoder *decoder;
    lv_arena header_arena;
    bool at_begin; /* the header, if there is one, comes next */
} csv_content;

/* ---- records --------------------------------------------------------------------------------- */

/* Up to `max` records of the window, consumed; slices that last until the next call. 0: the end. */
static lv_status next_records(lv_file_window *w, const lv_csv_options *o, lv_str *records, int max,
                              int *count, lv_error *err)
{
    int n = 0;
    for (;;) {
        size_t at = 0;
        lv_str text = lv_file_window_text(w);
        while (n < max && lv_csv_next_record(o, text, w->ended, &at, &records[n]))
            n++;
        w->begin += at;
        if (n > 0 || w->ended)
            break;
        LV_TRY(lv_file_window_more(w, err));
    }
    *count = n;
    return LV_OK;
}

/* ---- schema ---------------------------------------------------------------------------------- */

/* The name of column `i`: what the header says, with its place behind it if another column has it too. */
static lv_str column_name(lv_arena *arena, const lv_csv_options *o, const lv_str *values, int count,
                          int i)
{
    bool twice = false;
    if (!o->header || values[i].len == 0 || lv_str_eq(values[i], o->null_value))
        return lv_str_of(lv_arena_printf(arena, "_c%d", i));
    for (int k = 0; k < count; k++)
        twice = twice || (k != i && lv_str_eq_nocase(values[k], values[i]));
    return twice ? lv_str_of(lv_arena_printf(arena, "%.*s%d", LV_STR_ARG(values[i]), i))
                 : lv_str_dup(arena, values[i]);
}

/* Widens the types of the columns by the records of a file; those like the header say nothing. */
static lv_status infer_types(lv_arena *arena, const lv_csv_options *o, lv_file_window *w,
                             lv_str *records, lv_str header, lv_field *fields, int field_count,
                             lv_error *err)
{
    lv_arena scratch;
    lv_status status = LV_OK;
    lv_arena_init(&scratch);
    for (int count = 1; count > 0 && status == LV_OK;) {
        status = next_records(w, o, records, LV_BATCH_ROWS, &count, err);
        for (int i = 0; i < count && status == LV_OK; i++) {
            lv_str *values;
            int value_count = 0;
            lv_arena_reset(&scratch);
            if (o->header && lv_str_eq(records[i], header))
                continue;
            status = lv_csv_values(&scratch, o, records[i], &values, &value_count, err);
            for (int v = 0; status == LV_OK && v < LV_MIN(value_count, field_count); v++) {
                const lv_type *type = lv_csv_infer(&scratch, o, fields[v].type, values[v]);
                if (!lv_type_equal(type, fields[v].type))
                    fields[v].type = lv_type_copy(arena, type);
            }
        }
    }
    lv_arena_release(&scratch);
    return status;
}

typedef struct csv_inference {
    lv_arena *arena;
    const lv_csv_options *options;
    lv_file_window window;
    lv_str *records;
    lv_str header; /* the first record of all; ptr NULL: not seen yet */
    lv_field *fields;
    int count;
} csv_inference;

/* The first record of all files says which columns there are. */
static lv_status take_first(csv_inference *in, lv_error *err)
{
    int count;
    lv_str *values;
    LV_TRY(next_records(&in->window, in->options, in->records, 1, &count, err));
    if (count == 0)
        return LV_OK;
    in->header = lv_str_dup(in->arena, in->records[0]);
    LV_TRY(lv_csv_values(in->arena, in->options, in->header, &values, &in->count, err));
    in->fields = LV_NEW_ARRAY(in->arena, lv_field, in->count);
    for (int i = 0; i < in->count; i++) {
        const lv_type *type = lv_type_of(LV_TYPE_VOID);
        if (in->options->infer_schema && !in->options->header)
            type = lv_csv_infer(in->arena, in->options, type, values[i]);
        in->fields[i] = (lv_field){column_name(in->arena, in->options, values, in->count, i), type,
                                   true, LV_STR_NONE};
    }
    return LV_OK;
}

static lv_status infer_file(csv_inference *in, const lv_file *file, lv_error *err)
{
    LV_TRY(lv_file_window_open(&in->window, file->path, err));
    if (in->header.ptr == NULL)
        LV_TRY(take_first(in, err));
    if (!in->options->infer_schema)
        return LV_OK;
    return infer_types(in->arena, in->options, &in->window, in->records, in->header, in->fields,
                       in->count, err);
}

static lv_status csv_infer(lv_arena *arena, const lv_file_options *o, const lv_file_list *files,
                           const lv_type **schema, lv_error *err)
{
    csv_inference in = {
        .arena = arena, .options = &o->csv, .records = LV_NEW_ARRAY(arena, lv_str, LV_BATCH_ROWS)};
    lv_status status = LV_OK;
    for (int i = 0; i < files->count && status == LV_OK; i++) {
        lv_error own = LV_ERROR_INIT;
        if (in.header.ptr != NULL && !o->csv.infer_schema)
            break;
        if (infer_file(&in, &files->at[i], &own) != LV_OK)
            status = lv_fail_read(o, files->at[i].path, &own, err);
        lv_file_window_close(&in.window);
    }
    lv_file_window_release(&in.window);
    if (status != LV_OK || files->count == 0)
        return status;
    for (int i = 0; i < in.count; i++)
        if (in.fields[i].type->kind == LV_TYPE_VOID)
            in.fields[i].type = lv_type_of(LV_TYPE_STRING);
    *schema = lv_type_struct(arena, in.fields, in.count);
    return LV_OK;
}

static lv_status csv_check(const lv_file_options *o, const lv_type *schema, lv_error *err)
{
    for (int i = 0; i < schema->field_count; i++)
        if (lv_type_is_nested(schema->fields[i].type) ||
            schema->fields[i].type->kind == LV_TYPE_BINARY)
            return LV_FAIL(err, LV_UNSUPPORTED_TYPE_FOR_DATASOURCE,
                           "The CSV datasource doesn't support the column `%.*s` of this type",
                           LV_STR_ARG(schema->fields[i].name));
    return LV_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static lv_status csv_init(lv_file_content *content, lv_error *err)
{
    csv_content *c = (csv_content *)content;
    lv_arena_init(&c->header_arena);
    LV_TRY(lv_csv_decoder_new(content->wish.schema, content->wish.wanted,
                              &content->wish.options->csv, &c->decoder, err));
    lv_csv_decoder_set_now(c->decoder, lv_now_us());
    return LV_OK;
}

static void csv_release(lv_file_content *content)
{
    csv_content *c = (csv_content *)content;
    lv_csv_decoder_free(c->decoder);
    lv_file_window_release(&c->window);
    lv_arena_release(&c->header_arena);
}

static lv_status csv_open(lv_file_content *content, const lv_file *file, lv_error *err)
{
    csv_content *c = (csv_content *)content;
    c->at_begin = true;
    return lv_file_window_open(&c->window, file->path, err);
}

static void csv_close(lv_file_content *content)
{
    lv_file_window_close(&((csv_content *)content)->window);
}

/* With enforceSchema=false the header must have the schema's names in their order. */
static lv_status check_header(csv_content *c, lv_str header, lv_error *err)
{
    const lv_type *schema = c->base.wish.schema;
    const lv_csv_options *o = &c->base.wish.options->csv;
    lv_str *values;
    int count;
    LV_TRY(lv_csv_values(&c->header_arena, o, header, &values, &count, err));
    bool same = count == schema->field_count;
    for (int i = 0; same && i < count; i++)
        same = lv_str_eq_nocase(column_name(&c->header_arena, o, values, count, i),
                                schema->fields[i].name);
    lv_arena_reset(&c->header_arena);
    return same ? LV_OK
                : LV_FAIL(err, LV_USAGE, "CSV header does not conform to the schema: %.*s",
                          LV_STR_ARG(header));
}

static lv_status skip_header(csv_content *c, lv_error *err)
{
    const lv_csv_options *o = &c->base.wish.options->csv;
    lv_str header;
    int count;
    c->at_begin = false;
    if (!o->header)
        return LV_OK;
    LV_TRY(next_records(&c->window, o, &header, 1, &count, err));
    return count > 0 && !o->enforce_schema ? check_header(c, header, err) : LV_OK;
}

static lv_status csv_next(lv_file_content *content, lv_arena *arena, lv_vector *columns,
                          int64_t *rows, bool *done, lv_error *err)
{
    csv_content *c = (csv_content *)content;
    const lv_file_options *o = content->wish.options;
    int n = content->wish.schema->field_count, count;
    lv_vector records, decoded;
    if (c->at_begin)
        LV_TRY(skip_header(c, err));
    lv_vector_init_flat(&records, arena, lv_type_of(LV_TYPE_STRING), LV_BATCH_ROWS);
    LV_TRY(next_records(&c->window, &o->csv, records.data, LV_BATCH_ROWS, &count, err));
    records.length = *rows = count;
    records.padded = true;
    *done = count == 0;
    uint64_t *malformed = o->drop_malformed ? lv_validity_new(arena, LV_BATCH_ROWS, false) : NULL;
    LV_TRY(lv_csv_decode(c->decoder, arena, &records, &decoded, malformed, err));
    for (int i = 0; i < n; i++)
        columns[i] = decoded.children[i];
    if (malformed != NULL && count > 0)
        lv_drop_rows(arena, malformed, columns, n, rows);
    return LV_OK;
}

const lv_file_format lv_format_csv = {.name = "CSV",
                                      .short_name = "csv",
                                      .state_size = sizeof(csv_content),
                                      .infer = csv_infer,
                                      .check = csv_check,
                                      .init = csv_init,
                                      .release = csv_release,
                                      .open = csv_open,
                                      .next = csv_next,
                                      .close = csv_close};
