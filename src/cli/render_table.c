/* render_table.c: rows in a frame: a box, bounded to a terminal, or Spark's show(). */
#include <utf8proc.h>

#include "base/utf8.h"
#include "cli/render_int.h"
#include "compute/compute.h"

/* A column is cut to no less than this. */
enum { WIDTH_LEAST = 8 };

void lv_frame_init(lv_frame *f, const lv_render_options *options, const lv_type *schema,
                   const lv_timezone *zone)
{
    *f = (lv_frame){.schema = schema, .zone = zone, .options = *options};
    lv_arena_init(&f->head.arena);
    lv_arena_init(&f->tail[0].arena);
    lv_arena_init(&f->tail[1].arena);
    if (options->format != LV_OUTPUT_TABLE)
        f->options.rows_max = f->options.width_max = 0;
}

void lv_frame_release(lv_frame *f)
{
    lv_arena_release(&f->head.arena);
    lv_arena_release(&f->tail[0].arena);
    lv_arena_release(&f->tail[1].arena);
}

/* ---- keeping rows ---------------------------------------------------------------------------- */

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

static int64_t head_rows(const lv_frame *f)
{
    return (f->options.rows_max + 1) / 2;
}

static int64_t tail_rows(const lv_frame *f)
{
    return LV_MAX(f->options.rows_max / 2, 1);
}

static int64_t rows_kept(const lv_frame *f, const lv_frame_rows *rows)
{
    return (int64_t)rows->cells.count / LV_MAX(f->schema->field_count, 1);
}

/* Where the next row goes. */
static lv_frame_rows *next_place(lv_frame *f)
{
    if (f->options.rows_max == 0 || f->rows_seen < head_rows(f))
        return &f->head;
    if (rows_kept(f, &f->tail[f->newer]) == tail_rows(f)) {
        f->newer = !f->newer;
        lv_arena_reset(&f->tail[f->newer].arena);
        f->tail[f->newer] = (lv_frame_rows){.arena = f->tail[f->newer].arena};
    }
    return &f->tail[f->newer];
}

void lv_frame_add(lv_frame *f, const lv_batch *batch)
{
    lv_sbuf cell = LV_SBUF_INIT;
    for (int64_t row = 0; row < batch->length; row++) {
        lv_frame_rows *place = next_place(f);
        f->rows_seen++;
        for (int c = 0; c < f->schema->field_count; c++) {
            lv_sbuf_clear(&cell);
            lv_print_pretty(&batch->columns[c], row, f->zone, &cell);
            LV_VEC_PUSH(&place->arena, place->cells,
                        escape_cell(&place->arena, lv_sbuf_str(&cell)));
        }
    }
    lv_sbuf_release(&cell);
}

/* ---- widths ---------------------------------------------------------------------------------- */

/* Columns a text takes on a terminal; with `limit`, the bytes that fit into so many in *fit. */
static int display_width(lv_str s, int limit, size_t *fit)
{
    int width = 0;
    for (size_t i = 0, used; i < s.len; i += used) {
        int w = 1;
        used = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
        if (used == 0) {
            used = 1;
        } else {
            w = utf8proc_charwidth((utf8proc_int32_t)lv_utf8_decode(s.ptr + i, &used));
        }
        if (fit != NULL && width + w > limit) {
            *fit = i;
            return width;
        }
        width += w;
    }
    if (fit != NULL)
        *fit = s.len;
    return width;
}

/* What is printed: which columns, how wide, and the rows. */
typedef struct layout {
    lv_arena arena;
    FILE *out;
    lv_sbuf line;
    const lv_type *schema;
    bool box;
    int margin;
    int count; /* columns shown */
    int *columns;
    int *widths;
} layout;

static void measure(layout *l, const lv_frame_rows *rows)
{
    size_t columns = (size_t)LV_MAX(l->schema->field_count, 1);
    for (size_t i = 0; i < rows->cells.count; i++)
        l->widths[i % columns] =
            LV_MAX(l->widths[i % columns], display_width(rows->cells.at[i], 0, NULL));
}

static int total_width(const layout *l)
{
    int total = 1;
    for (int i = 0; i < l->count; i++)
        total += l->widths[l->columns[i]] + 2 * l->margin + 1;
    return total;
}

/* Cuts the widest columns first, all to one width; then leaves out columns of the middle. */
static void fit_width(layout *l, int width_max)
{
    while (total_width(l) > width_max) {
        int widest = 0, next = WIDTH_LEAST;
        for (int i = 0; i < l->count; i++)
            widest = LV_MAX(widest, l->widths[l->columns[i]]);
        for (int i = 0; i < l->count; i++)
            if (l->widths[l->columns[i]] < widest)
                next = LV_MAX(next, l->widths[l->columns[i]]);
        if (widest <= WIDTH_LEAST)
            break;
        int many = 0;
        for (int i = 0; i < l->count; i++)
            many += l->widths[l->columns[i]] == widest;
        int cut = LV_MIN(widest - next, (total_width(l) - width_max + many - 1) / many);
        for (int i = 0; i < l->count; i++)
            if (l->widths[l->columns[i]] == widest)
                l->widths[l->columns[i]] -= LV_MAX(cut, 1);
    }
    while (total_width(l) > width_max && l->count > 1) {
        int middle = l->count / 2;
        l->count--;
        memmove(l->columns + middle, l->columns + middle + 1,
                (size_t)(l->count - middle) * sizeof *l->columns);
    }
}

static lv_str type_text(layout *l, int column)
{
    lv_type_print_simple(l->schema->fields[column].type, &l->line);
    lv_str kept = lv_str_dup(&l->arena, lv_sbuf_str(&l->line));
    lv_sbuf_clear(&l->line);
    return kept;
}

static void layout_make(layout *l, lv_frame *f, FILE *out)
{
    int columns = f->schema->field_count;
    *l = (layout){.out = out,
                  .schema = f->schema,
                  .box = f->options.format == LV_OUTPUT_TABLE,
                  .count = columns};
    lv_arena_init(&l->arena);
    l->margin = l->box ? 1 : 0;
    l->columns = LV_NEW_ARRAY(&l->arena, int, LV_MAX(columns, 1));
    l->widths = LV_NEW_ARRAY(&l->arena, int, LV_MAX(columns, 1));
    for (int c = 0; c < columns; c++) {
        int name = display_width(f->schema->fields[c].name, 0, NULL);
        int type = l->box ? display_width(type_text(l, c), 0, NULL) : 3;
        l->columns[c] = c;
        l->widths[c] = LV_MAX(name, type);
    }
    measure(l, &f->head);
    measure(l, &f->tail[0]);
    measure(l, &f->tail[1]);
    if (f->options.width_max > 0)
        fit_width(l, f->options.width_max);
}

/* ---- printing -------------------------------------------------------------------------------- */

static void flush_line(layout *l)
{
    lv_sbuf_add_char(&l->line, '\n');
    fwrite(l->line.ptr, 1, l->line.len, l->out);
    lv_sbuf_clear(&l->line);
}

static void add_repeated(lv_sbuf *line, const char *piece, int count)
{
    for (int i = 0; i < count; i++)
        lv_sbuf_add_cstr(line, piece);
}

/* The pieces of a frame: corners left, middle, right and the line between them. */
typedef struct frame_line {
    const char *left, *middle, *right, *dash;
} frame_line;

static void print_rule(layout *l, const frame_line *f)
{
    lv_sbuf_add_cstr(&l->line, f->left);
    for (int i = 0; i < l->count; i++) {
        add_repeated(&l->line, f->dash, l->widths[l->columns[i]] + 2 * l->margin);
        lv_sbuf_add_cstr(&l->line, i + 1 < l->count ? f->middle : f->right);
    }
    flush_line(l);
}

static void add_cell(layout *l, lv_str cell, int width, bool right)
{
    size_t fit;
    int wide = display_width(cell, width, &fit);
    if (fit < cell.len) {
        wide = display_width(cell, width - 1, &fit) + 1;
        cell = lv_str_of(lv_arena_printf(&l->arena, "%.*s…", (int)fit, cell.ptr));
    }
    add_repeated(&l->line, " ", right ? width - wide : 0);
    lv_sbuf_add_str(&l->line, cell);
    add_repeated(&l->line, " ", right ? 0 : width - wide);
}

static void print_cells(layout *l, const lv_str *cells)
{
    const char *bar = l->box ? "│" : "|";
    lv_sbuf_add_cstr(&l->line, bar);
    for (int i = 0; i < l->count; i++) {
        int c = l->columns[i];
        add_repeated(&l->line, " ", l->margin);
        add_cell(l, cells[c], l->widths[c],
                 l->box && lv_type_is_numeric(l->schema->fields[c].type));
        add_repeated(&l->line, " ", l->margin);
        lv_sbuf_add_cstr(&l->line, bar);
    }
    flush_line(l);
}

static void print_rows(layout *l, const lv_frame_rows *rows, int64_t skip)
{
    size_t columns = (size_t)LV_MAX(l->schema->field_count, 1);
    for (size_t i = (size_t)skip * columns; i < rows->cells.count; i += columns)
        print_cells(l, &rows->cells.at[i]);
}

static void print_header(layout *l)
{
    int columns = l->schema->field_count;
    lv_str *names = LV_NEW_ARRAY(&l->arena, lv_str, LV_MAX(columns, 1));
    lv_str *types = LV_NEW_ARRAY(&l->arena, lv_str, LV_MAX(columns, 1));
    for (int c = 0; c < columns; c++) {
        names[c] = l->schema->fields[c].name;
        types[c] = type_text(l, c);
    }
    print_cells(l, names);
    if (l->box)
        print_cells(l, types);
}

/* The rows between head and tail, as a row of dots. */
static void print_gap(layout *l)
{
    lv_str *dots = LV_NEW_ARRAY(&l->arena, lv_str, LV_MAX(l->schema->field_count, 1));
    for (int c = 0; c < l->schema->field_count; c++)
        dots[c] = LV_STR("·");
    print_cells(l, dots);
}

/* The last tail_rows() rows: of the older run what the newer one has not replaced. */
static void print_tail(layout *l, const lv_frame *f)
{
    const lv_frame_rows *newer = &f->tail[f->newer], *older = &f->tail[!f->newer];
    int64_t beyond = f->rows_seen - rows_kept(f, &f->head);
    int64_t shown = LV_MIN(beyond, tail_rows(f));
    int64_t of_older = shown - rows_kept(f, newer);
    if (beyond > shown)
        print_gap(l);
    if (of_older > 0)
        print_rows(l, older, rows_kept(f, older) - of_older);
    print_rows(l, newer, 0);
}

static void print_note(layout *l, const lv_frame *f)
{
    int64_t most = f->options.rows_max > 0 ? head_rows(f) + tail_rows(f) : f->rows_seen;
    bool rows_cut = f->rows_seen > most, columns_cut = l->count < l->schema->field_count;
    if (rows_cut)
        fprintf(l->out, "%lld rows (%lld shown)", (long long)f->rows_seen, (long long)most);
    if (columns_cut)
        fprintf(l->out, "%s%d columns (%d shown)", rows_cut ? ", " : "", l->schema->field_count,
                l->count);
    if (rows_cut || columns_cut)
        fputc('\n', l->out);
}

void lv_frame_print(lv_frame *f, FILE *out)
{
    static const frame_line spark = {"+", "+", "+", "-"}, top = {"┌", "┬", "┐", "─"},
                            rule = {"├", "┼", "┤", "─"}, bottom = {"└", "┴", "┘", "─"};
    layout l;
    layout_make(&l, f, out);
    print_rule(&l, l.box ? &top : &spark);
    print_header(&l);
    print_rule(&l, l.box ? &rule : &spark);
    print_rows(&l, &f->head, 0);
    print_tail(&l, f);
    print_rule(&l, l.box ? &bottom : &spark);
    if (l.box)
        print_note(&l, f);
    else
        fputc('\n', out);
    lv_sbuf_release(&l.line);
    lv_arena_release(&l.arena);
}
