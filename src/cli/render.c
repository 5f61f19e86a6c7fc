/* render.c: see render.h. */
#include "cli/render.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/check.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "compute/compute.h"
#include "json/json.h"

struct lv_renderer {
    lv_output_format format;
    const lv_type *schema;
    const lv_timezone *zone;
    FILE *out;
    lv_sbuf line;
    lv_arena arena;       /* cells of the tables */
    LV_VEC(lv_str) cells; /* row by row */
    bool header_done;
};

lv_status lv_output_format_parse(const char *name, lv_output_format *format, lv_error *err)
{
    static const char *const names[] = {"table", "jsonl", "csv", "spark"};
    for (size_t i = 0; i < LV_COUNT_OF(names); i++)
        if (strcmp(names[i], name) == 0) {
            *format = (lv_output_format)i;
            return LV_OK;
        }
    return LV_FAIL(err, LV_USAGE,
                   "unknown output format '%s'; there are table, jsonl, csv and spark", name);
}

lv_renderer *lv_renderer_new(lv_output_format format, const lv_type *schema,
                             const lv_timezone *zone, FILE *out)
{
    lv_renderer *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    r->format = format;
    r->schema = schema;
    r->zone = zone;
    r->out = out;
    lv_arena_init(&r->arena);
    return r;
}

/* ---- JSON lines and CSV ---------------------------------------------------------------------- */

static void add_json_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    lv_json_write_options options = {.zone = r->zone, .keep_nulls = true};
    for (int c = 0; c < r->schema->field_count; c++) {
        lv_sbuf_add_char(&r->line, c ? ',' : '{');
        lv_sbuf_add_json_string(&r->line, r->schema->fields[c].name);
        lv_sbuf_add_char(&r->line, ':');
        lv_json_write_value(&r->line, &batch->columns[c], row, &options);
    }
    lv_sbuf_add_cstr(&r->line, r->schema->field_count ? "}\n" : "{}\n");
}

/* RFC 4180: quotes around what holds a comma, a quote or a line break. */
static void add_csv_cell(lv_sbuf *line, lv_str cell)
{
    bool plain = true;
    for (size_t i = 0; i < cell.len; i++)
        plain = plain && strchr(",\"\r\n", cell.ptr[i]) == NULL;
    if (plain && cell.len > 0) {
        lv_sbuf_add_str(line, cell);
        return;
    }
    lv_sbuf_add_char(line, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            lv_sbuf_add_char(line, '"');
        lv_sbuf_add_char(line, cell.ptr[i]);
    }
    lv_sbuf_add_char(line, '"');
}

static void add_csv_header(lv_renderer *r)
{
    for (int c = 0; c < r->schema->field_count; c++) {
        if (c > 0)
            lv_sbuf_add_char(&r->line, ',');
        add_csv_cell(&r->line, r->schema->fields[c].name);
    }
    lv_sbuf_add_char(&r->line, '\n');
}

/* A null is an empty field, an empty string is "". */
static void add_csv_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    lv_sbuf cell = LV_SBUF_INIT;
    for (int c = 0; c < r->schema->field_count; c++) {
        if (c > 0)
            lv_sbuf_add_char(&r->line, ',');
        if (lv_vector_is_null(&batch->columns[c], row))
            continue;
        lv_sbuf_clear(&cell);
        lv_print_value(&batch->columns[c], row, r->zone, &cell);
        add_csv_cell(&r->line, lv_sbuf_str(&cell));
    }
    lv_sbuf_add_char(&r->line, '\n');
    lv_sbuf_release(&cell);
}

static void flush_line(lv_renderer *r)
{
    fwrite(r->line.ptr ? r->line.ptr : "", 1, r->line.len, r->out);
    lv_sbuf_clear(&r->line);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* Line breaks and tabs would break the frame: shown escaped, as Spark's show() does. */
static lv_str escape_cell(lv_arena *arena, lv_str cell)
{
    static const char escapes[32] = {
        ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\f'] = 'f', ['\b'] = 'b'};
    char *out = lv_arena_alloc(arena, cell.len * 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i < cell.len; i++) {
        unsigned char c = (unsigned char)cell.ptr[i];
        if (c < 32 && escapes[c]) {
            out[n++] = '\\';
            out[n++] = escapes[c];
        } else {
            out[n++] = (char)c;
        }
    }
    return (lv_str){out, n};
}

static void keep_row(lv_renderer *r, const lv_batch *batch, int64_t row)
{
    for (int c = 0; c < r->schema->field_count; c++) {
        lv_sbuf_clear(&r->line);
        lv_print_value(&batch->columns[c], row, r->zone, &r->line);
        LV_VEC_PUSH(&r->arena, r->cells, escape_cell(&r->arena, lv_sbuf_str(&r->line)));
    }
    lv_sbuf_clear(&r->line);
}

/* Columns a text takes on a terminal. */
static int display_width(lv_str s)
{
    int width = 0;
    for (size_t i = 0, used; i < s.len; i += used) {
        used = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
        if (used == 0) {
            used = 1;
            width++;
        } else {
            size_t n;
            width += utf8proc_charwidth((utf8proc_int32_t)lv_utf8_decode(s.ptr + i, &n));
        }
    }
    return width;
}

static void add_repeated(lv_sbuf *line, const char *piece, int count)
{
    for (int i = 0; i < count; i++)
        lv_sbuf_add_cstr(line, piece);
}

static void add_padded(lv_sbuf *line, lv_str cell, int width, bool right)
{
    int pad = width - display_width(cell);
    if (right)
        add_repeated(line, " ", pad);
    lv_sbuf_add_str(line, cell);
    if (!right)
        add_repeated(line, " ", pad);
}

static lv_str type_text(lv_renderer *r, int column)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_simple(r->schema->fields[column].type, &text);
    lv_str kept = lv_str_dup(&r->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

/* The pieces of a frame: corners left, middle, right and the line between them. */
typedef struct frame_line {
    const char *left, *middle, *right, *dash;
} frame_line;

static void add_frame(lv_renderer *r, const int *widths, int margin, const frame_line *f)
{
    lv_sbuf_add_cstr(&r->line, f->left);
    for (int c = 0; c < r->schema->field_count; c++) {
        add_repeated(&r->line, f->dash, widths[c] + 2 * margin);
        lv_sbuf_add_cstr(&r->line, c + 1 < r->schema->field_count ? f->middle : f->right);
    }
    lv_sbuf_add_char(&r->line, '\n');
    flush_line(r);
}

static void add_cells(lv_renderer *r, const lv_str *cells, const int *widths, int margin,
                      const char *bar, bool align_numbers)
{
    lv_sbuf_add_cstr(&r->line, bar);
    for (int c = 0; c < r->schema->field_count; c++) {
        add_repeated(&r->line, " ", margin);
        add_padded(&r->line, cells[c], widths[c],
                   align_numbers && lv_type_is_numeric(r->schema->fields[c].type));
        add_repeated(&r->line, " ", margin);
        lv_sbuf_add_cstr(&r->line, bar);
    }
    lv_sbuf_add_char(&r->line, '\n');
    flush_line(r);
}

static void print_table(lv_renderer *r)
{
    static const frame_line spark = {"+", "+", "+", "-"}, top = {"┌", "┬", "┐", "─"},
                            rule = {"├", "┼", "┤", "─"}, bottom = {"└", "┴", "┘", "─"};
    bool box = r->format == LV_OUTPUT_TABLE;
    int columns = r->schema->field_count, margin = box ? 1 : 0;
    const char *bar = box ? "│" : "|";
    int *widths = LV_NEW_ARRAY(&r->arena, int, LV_MAX(columns, 1));
    lv_str *names = LV_NEW_ARRAY(&r->arena, lv_str, LV_MAX(columns, 1)),
           *types = LV_NEW_ARRAY(&r->arena, lv_str, LV_MAX(columns, 1));
    for (int c = 0; c < columns; c++) {
        names[c] = r->schema->fields[c].name;
        types[c] = type_text(r, c);
        int least = box ? LV_MAX(display_width(names[c]), display_width(types[c]))
                        : LV_MAX(display_width(names[c]), 3);
        widths[c] = least;
    }
    for (size_t i = 0; i < r->cells.count; i++)
        widths[i % (size_t)columns] =
            LV_MAX(widths[i % (size_t)columns], display_width(r->cells.at[i]));
    add_frame(r, widths, margin, box ? &top : &spark);
    add_cells(r, names, widths, margin, bar, box);
    if (box)
        add_cells(r, types, widths, margin, bar, true);
    add_frame(r, widths, margin, box ? &rule : &spark);
    for (size_t i = 0; i < r->cells.count; i += (size_t)columns)
        add_cells(r, &r->cells.at[i], widths, margin, bar, box);
    add_frame(r, widths, margin, box ? &bottom : &spark);
    if (!box)
        fputc('\n', r->out);
}

/* ---- both ------------------------------------------------------------------------------------ */

void lv_renderer_add(lv_renderer *r, const lv_batch *batch)
{
    if (r->format == LV_OUTPUT_CSV && !r->header_done) {
        add_csv_header(r);
        flush_line(r);
    }
    r->header_done = true;
    for (int64_t row = 0; row < batch->length; row++) {
        if (r->format == LV_OUTPUT_JSONL)
            add_json_row(r, batch, row);
        else if (r->format == LV_OUTPUT_CSV)
            add_csv_row(r, batch, row);
        else
            keep_row(r, batch, row);
        if (r->format == LV_OUTPUT_JSONL || r->format == LV_OUTPUT_CSV)
            flush_line(r);
    }
}

void lv_renderer_free(lv_renderer *r)
{
    lv_sbuf_release(&r->line);
    lv_arena_release(&r->arena);
    free(r);
}

lv_status lv_renderer_finish(lv_renderer *r, lv_error *err)
{
    if (r->format == LV_OUTPUT_CSV && !r->header_done) {
        add_csv_header(r);
        flush_line(r);
    }
    if (r->format == LV_OUTPUT_TABLE || r->format == LV_OUTPUT_SPARK)
        print_table(r);
    bool bad = fflush(r->out) != 0 || ferror(r->out);
    lv_renderer_free(r);
    return bad ? LV_FAIL(err, LV_IO, "cannot write the rows to standard output") : LV_OK;
}
