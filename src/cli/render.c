/* render.c: see render.h. */
#include "cli/render.h"

#include <stdlib.h>

#include "base/check.h"
#include "cli/render_int.h"
#include "compute/compute.h"
#include "json/json.h"

struct lv_renderer {
    const struct text_format *format;
    const lv_type *schema;
    const lv_timezone *zone;
    FILE *out;
    lv_sbuf text; /* of what is not written yet */
    lv_sbuf cell;
    int64_t row_count;
    lv_frame frame;
};

/* How a format that needs no frame is written, piece by piece; NULL: nothing. */
typedef struct text_format {
    const char *name;
    void (*begin)(lv_renderer *r);
    void (*row)(lv_renderer *r, const lv_batch *batch, int64_t row);
    void (*end)(lv_renderer *r);
} text_format;

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_object(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    lv_json_write_options options = {.times = {.zone = r->zone, .exact = true}, .keep_nulls = true};
    lv_sbuf_add_char(&r->text, '{');
    for (int c = 0; c < r->schema->field_count; c++) {
        if (c > 0)
            lv_sbuf_add_char(&r->text, ',');
        lv_sbuf_add_json_string(&r->text, r->schema->fields[c].name);
        lv_sbuf_add_char(&r->text, ':');
        lv_json_write_value(&r->text, &batch->columns[c], row, &options);
    }
    lv_sbuf_add_char(&r->text, '}');
}

static void jsonl_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    add_object(r, batch, row);
    lv_sbuf_add_char(&r->text, '\n');
}

static void json_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    lv_sbuf_add_cstr(&r->text, r->row_count > 0 ? ",\n " : "[");
    add_object(r, batch, row);
}

static void json_end(lv_renderer *r)
{
    lv_sbuf_add_cstr(&r->text, r->row_count > 0 ? "]\n" : "[]\n");
}

/* ---- CSV ------------------------------------------------------------------------------------- */

/* RFC 4180: quotes around what holds a comma, a quote or a line break. */
static void add_csv_cell(lv_sbuf *text, lv_str cell)
{
    bool plain = cell.len > 0;
    for (size_t i = 0; i < cell.len; i++)
        plain = plain && strchr(",\"\r\n", cell.ptr[i]) == NULL;
    if (plain) {
        lv_sbuf_add_str(text, cell);
        return;
    }
    lv_sbuf_add_char(text, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            lv_sbuf_add_char(text, '"');
        lv_sbuf_add_char(text, cell.ptr[i]);
    }
    lv_sbuf_add_char(text, '"');
}

static void csv_begin(lv_renderer *r)
{
    for (int c = 0; c < r->schema->field_count; c++) {
        if (c > 0)
            lv_sbuf_add_char(&r->text, ',');
        add_csv_cell(&r->text, r->schema->fields[c].name);
    }
    lv_sbuf_add_char(&r->text, '\n');
}

/* A null is an empty field, an empty string is "". */
static void csv_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    for (int c = 0; c < r->schema->field_count; c++) {
        if (c > 0)
            lv_sbuf_add_char(&r->text, ',');
        if (lv_vector_is_null(&batch->columns[c], row))
            continue;
        lv_sbuf_clear(&r->cell);
        lv_print_value(&batch->columns[c], row, r->zone, &r->cell);
        add_csv_cell(&r->text, lv_sbuf_str(&r->cell));
    }
    lv_sbuf_add_char(&r->text, '\n');
}

/* ---- Markdown -------------------------------------------------------------------------------- */

/* A bar would end the cell, a line break the row. */
static void add_markdown_cell(lv_sbuf *text, lv_str cell)
{
    lv_sbuf_add_char(text, ' ');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '|')
            lv_sbuf_add_char(text, '\\');
        if (cell.ptr[i] == '\n')
            lv_sbuf_add_cstr(text, "<br>");
        else if (cell.ptr[i] != '\r')
            lv_sbuf_add_char(text, cell.ptr[i]);
    }
    lv_sbuf_add_cstr(text, " |");
}

static void markdown_begin(lv_renderer *r)
{
    lv_sbuf_add_char(&r->text, '|');
    for (int c = 0; c < r->schema->field_count; c++)
        add_markdown_cell(&r->text, r->schema->fields[c].name);
    lv_sbuf_add_cstr(&r->text, "\n|");
    for (int c = 0; c < r->schema->field_count; c++)
        lv_sbuf_add_cstr(&r->text,
                         lv_type_is_numeric(r->schema->fields[c].type) ? " ---: |" : " --- |");
    lv_sbuf_add_char(&r->text, '\n');
}

static void markdown_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    lv_sbuf_add_char(&r->text, '|');
    for (int c = 0; c < r->schema->field_count; c++) {
        lv_sbuf_clear(&r->cell);
        lv_print_pretty(&batch->columns[c], row, r->zone, &r->cell);
        add_markdown_cell(&r->text, lv_sbuf_str(&r->cell));
    }
    lv_sbuf_add_char(&r->text, '\n');
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const text_format formats[] = {
    [LV_OUTPUT_TABLE] = {"table", NULL, NULL, NULL},
    [LV_OUTPUT_JSONL] = {"jsonl", NULL, jsonl_row, NULL},
    [LV_OUTPUT_JSON] = {"json", NULL, json_row, json_end},
    [LV_OUTPUT_CSV] = {"csv", csv_begin, csv_row, NULL},
    [LV_OUTPUT_MARKDOWN] = {"markdown", markdown_begin, markdown_row, NULL},
    [LV_OUTPUT_SPARK] = {"spark", NULL, NULL, NULL},
};

lv_status lv_output_format_parse(const char *name, lv_output_format *format, lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(formats); i++)
        if (strcmp(formats[i].name, name) == 0) {
            *format = (lv_output_format)i;
            return LV_OK;
        }
    return LV_FAIL(
        err, LV_USAGE,
        "unknown output format '%s'; there are table, jsonl, json, csv, markdown and spark", name);
}

const char *lv_output_format_name(lv_output_format format)
{
    return formats[format].name;
}

bool lv_output_format_is_json(lv_output_format format)
{
    return format == LV_OUTPUT_JSONL || format == LV_OUTPUT_JSON;
}

static void flush_text(lv_renderer *r)
{
    fwrite(r->text.ptr ? r->text.ptr : "", 1, r->text.len, r->out);
    lv_sbuf_clear(&r->text);
}

lv_renderer *lv_renderer_new(const lv_render_options *options, const lv_type *schema,
                             const lv_timezone *zone, FILE *out)
{
    lv_renderer *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    r->format = &formats[options->format];
    r->schema = schema;
    r->zone = zone;
    r->out = out;
    lv_frame_init(&r->frame, options, schema, zone);
    if (r->format->begin != NULL)
        r->format->begin(r);
    return r;
}

void lv_renderer_add(lv_renderer *r, const lv_batch *batch)
{
    enum { FLUSH_BYTES = 1 << 16 };
    if (r->format->row == NULL) {
        lv_frame_add(&r->frame, batch);
        return;
    }
    for (int64_t row = 0; row < batch->length; row++) {
        r->format->row(r, batch, row);
        r->row_count++;
        if (r->text.len >= FLUSH_BYTES)
            flush_text(r);
    }
    flush_text(r);
}

void lv_renderer_free(lv_renderer *r)
{
    lv_sbuf_release(&r->text);
    lv_sbuf_release(&r->cell);
    lv_frame_release(&r->frame);
    free(r);
}

lv_status lv_renderer_finish(lv_renderer *r, lv_error *err)
{
    if (r->format->row == NULL)
        lv_frame_print(&r->frame, r->out);
    if (r->format->end != NULL)
        r->format->end(r);
    flush_text(r);
    bool bad = fflush(r->out) != 0 || ferror(r->out);
    lv_renderer_free(r);
    return bad ? LV_FAIL(err, LV_IO, "cannot write the rows") : LV_OK;
}
