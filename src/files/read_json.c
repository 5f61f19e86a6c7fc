/* read_json.c: JSON files: an object a line, or, with multiLine, one value a file.
 *
 * Lines go to the decoder of from_json where they lie in the window. A line with an array is a row for each object
 * in it. Source: JsonDataSource, JacksonParser, FailureSafeParser. */
#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "files/files_int.h"
#include "os/os.h"

/* A row to come. */
typedef struct record {
    lv_str text;
    lv_str line; /* where several rows come from one line: that; ptr NULL else */
} record;

typedef struct json_content {
    lv_file_content base;
    lv_file_window window;
    lv_arena arena;
    lv_json_decoder *decoder;
    const lv_type *
        schema; /* what is decoded: the wish, and the text of corrupt records if that is asked for */
    int corrupt_column; /* in it; -1: none */
    lv_arena record_arena;
    LV_VEC(record) records; /* cut and not yet decoded, from `next` on */
    size_t next;
    bool has_groups; /* some have a line */
    lv_str *lines;
} json_content;

/* ---- life ------------------------------------------------------------------------------------ */

/* DROPMALFORMED looks at the corrupt record column, so there has to be one. */
static void plan_schema(json_content *c, const bool **wanted)
{
    const lv_file_wish *wish = &c->base.wish;
    int n = wish->schema->field_count;
    c->corrupt_column = lv_type_field(wish->schema, wish->options->corrupt_column);
    c->schema = wish->schema;
    *wanted = wish->wanted;
    if (!wish->options->drop_malformed)
        return;
    bool *all = LV_NEW_ARRAY(&c->arena, bool, n + 1);
    for (int i = 0; i < n; i++)
        all[i] = wish->wanted == NULL || wish->wanted[i];
    if (c->corrupt_column < 0) {
        lv_field *fields = LV_NEW_ARRAY(&c->arena, lv_field, n + 1);
        for (int i = 0; i < n; i++)
            fields[i] = wish->schema->fields[i];
        fields[n] = (lv_field){wish->options->corrupt_column, lv_type_of(LV_TYPE_STRING), true,
                               LV_STR_NONE};
        c->schema = lv_type_struct(&c->arena, fields, n + 1);
        c->corrupt_column = n;
    }
    all[c->corrupt_column] = true;
    *wanted = all;
}

static lv_status json_init(lv_file_content *content, lv_error *err)
{
    json_content *c = (json_content *)content;
    const bool *wanted;
    lv_arena_init(&c->arena);
    lv_arena_init(&c->record_arena);
    plan_schema(c, &wanted);
    c->lines = LV_NEW_ARRAY(&c->arena, lv_str, LV_BATCH_ROWS);
    lv_json_options options = content->wish.options->json.json;
    options.padded = true;
    LV_TRY(lv_json_decoder_new(c->schema, wanted, &options, &c->decoder, err));
    lv_json_decoder_set_now(c->decoder, lv_now_us());
    return LV_OK;
}

static void json_release(lv_file_content *content)
{
    json_content *c = (json_content *)content;
    lv_json_decoder_free(c->decoder);
    lv_file_window_release(&c->window);
    lv_arena_release(&c->record_arena);
    lv_arena_release(&c->arena);
}

static lv_status json_open(lv_file_content *content, const lv_file *file, lv_error *err)
{
    json_content *c = (json_content *)content;
    c->records.count = c->next = 0;
    return lv_file_window_open(&c->window, file->path, err);
}

static void json_close(lv_file_content *content)
{
    lv_file_window_close(&((json_content *)content)->window);
}

/* ---- records --------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* The end of the object that begins at p; NULL: it has none. */
static const char *object_end(const char *p, const char *end)
{
    char quote = 0;
    for (int64_t depth = 0; p < end; p++) {
        if (quote != 0) {
            p += *p == '\\';
            quote = p < end && *p == quote ? 0 : quote;
        } else if (*p == '"' || *p == '\'') {
            quote = *p;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if ((*p == '}' || *p == ']') && --depth == 0) {
            return p + 1;
        }
    }
    return NULL;
}

static void add_record(json_content *c, lv_str text, lv_str line)
{
    LV_VEC_PUSH(&c->record_arena, c->records, (record){text, line});
}

/* A row for each object of an array; false if it is no array of objects. */
static bool add_array(json_content *c, lv_str line)
{
    size_t before = c->records.count;
    const char *end = line.ptr + line.len, *p = skip_blanks(line.ptr, end);
    p = skip_blanks(p + 1, end);
    if (p < end && *p == ']')
        return true;
    for (; p < end; p = skip_blanks(p + 1, end)) {
        const char *stop = *p == '{' ? object_end(p, end) : NULL;
        if (stop == NULL)
            break;
        add_record(c, (lv_str){p, (size_t)(stop - p)}, line);
        p = skip_blanks(stop, end);
        if (p < end && *p == ']') {
            c->has_groups = true;
            return true;
        }
        if (p == end || *p != ',')
            break;
    }
    c->records.count = before;
    return false;
}

static void add_text(json_content *c, lv_str text)
{
    const char *p = skip_blanks(text.ptr, text.ptr + text.len);
    if (p == text.ptr + text.len)
        return;
    if (*p != '[' || !add_array(c, text))
        add_record(c, text, LV_STR_NONE);
}

/* Cuts more records; there are none at the end of the file. */
static lv_status cut_records(json_content *c, lv_error *err)
{
    const lv_file_options *o = c->base.wish.options;
    lv_arena_reset(&c->record_arena);
    memset(&c->records, 0, sizeof c->records);
    c->next = 0;
    c->has_groups = false;
    while (c->records.count == 0) {
        int count;
        if (o->multi_line) {
            LV_TRY(lv_file_window_all(&c->window, err));
            lv_str text = lv_file_window_text(&c->window);
            c->window.begin = c->window.end;
            if (text.len > 0)
                add_text(c, text);
            return LV_OK;
        }
        LV_TRY(lv_file_window_lines(&c->window, o->line_sep, c->lines, LV_BATCH_ROWS, &count, err));
        if (count == 0)
            return LV_OK;
        for (int i = 0; i < count; i++)
            add_text(c, c->lines[i]);
    }
    return LV_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Where one object of a line is bad, the text of the whole line is that of all its rows. */
static void spread_corrupt(const json_content *c, lv_arena *arena, const record *records,
                           int64_t rows, lv_vector *corrupt)
{
    lv_builder b;
    lv_builder_init(&b, arena, corrupt->type, rows);
    for (int64_t i = 0, end; i < rows; i = end) {
        bool bad = false;
        for (end = i; end < rows && records[end].line.ptr == records[i].line.ptr; end++) {
            bad = bad || !lv_vector_is_null(corrupt, end);
            if (records[i].line.ptr == NULL) {
                end++;
                break;
            }
        }
        lv_str line = records[i].line.ptr != NULL ? records[i].line : records[i].text;
        for (int64_t k = i; k < end; k++)
            if (bad)
                lv_builder_str(&b, line);
            else
                lv_builder_null(&b);
    }
    lv_builder_finish(&b, corrupt);
}

static lv_status json_next(lv_file_content *content, lv_arena *arena, lv_vector *columns,
                           int64_t *rows, bool *done, lv_error *err)
{
    json_content *c = (json_content *)content;
    lv_vector decoded, texts;
    int n = content->wish.schema->field_count;
    if (c->next == c->records.count)
        LV_TRY(cut_records(c, err));
    *rows = (int64_t)LV_MIN(c->records.count - c->next, (size_t)LV_BATCH_ROWS);
    *done = *rows == 0;
    const record *records = c->records.at + c->next;
    lv_vector_init_flat(&texts, arena, lv_type_of(LV_TYPE_STRING), *rows);
    texts.padded = true;
    for (int64_t i = 0; i < *rows; i++)
        ((lv_str *)texts.data)[i] = records[i].text;
    LV_TRY(lv_json_decode(c->decoder, arena, &texts, &decoded, err));
    if (c->has_groups && c->corrupt_column >= 0)
        spread_corrupt(c, arena, records, *rows, &decoded.children[c->corrupt_column]);
    for (int i = 0; i < n; i++)
        columns[i] = decoded.children[i];
    c->next += (size_t)*rows;
    if (!content->wish.options->drop_malformed || *rows == 0)
        return LV_OK;
    uint64_t *dropped = lv_validity_new(arena, *rows, false);
    for (int64_t i = 0; i < *rows; i++)
        if (!lv_vector_is_null(&decoded.children[c->corrupt_column], i))
            lv_bit_set(dropped, i);
    lv_drop_rows(arena, dropped, columns, n, rows);
    return LV_OK;
}

/* ---- schema ---------------------------------------------------------------------------------- */

static lv_status infer_file(lv_file_window *w, const lv_file_options *o, lv_str *lines,
                            lv_json_inferrer *inferrer, lv_error *err)
{
    if (o->multi_line) {
        LV_TRY(lv_file_window_all(w, err));
        return lv_json_infer_record(inferrer, lv_file_window_text(w), err);
    }
    for (int count = 1; count > 0;) {
        LV_TRY(lv_file_window_lines(w, o->line_sep, lines, LV_BATCH_ROWS, &count, err));
        for (int i = 0; i < count; i++)
            LV_TRY(lv_json_infer_record(inferrer, lines[i], err));
    }
    return LV_OK;
}

static lv_status json_infer(lv_arena *arena, const lv_file_options *o, const lv_file_list *files,
                            const lv_type **schema, lv_error *err)
{
    lv_file_window window = {0};
    lv_str *lines = LV_NEW_ARRAY(arena, lv_str, LV_BATCH_ROWS);
    lv_json_inferrer *inferrer = lv_json_inferrer_new(&o->json);
    lv_status status = LV_OK;
    for (int i = 0; i < files->count && status == LV_OK; i++) {
        lv_error own = LV_ERROR_INIT;
        status = lv_file_window_open(&window, files->at[i].path, &own);
        if (status == LV_OK)
            status = infer_file(&window, o, lines, inferrer, &own);
        lv_file_window_close(&window);
        if (status == LV_MALFORMED_RECORD || status == LV_INVALID_JSON_RECORD_TYPE)
            status = LV_FAIL(err, status, "%s", own.message);
        else if (status != LV_OK)
            status = lv_fail_read(o, files->at[i].path, &own, err);
    }
    if (status == LV_OK && files->count > 0)
        *schema = lv_json_inferrer_schema(inferrer, arena);
    lv_json_inferrer_free(inferrer);
    lv_file_window_release(&window);
    return status;
}

const lv_file_format lv_format_json = {.name = "JSON",
                                       .short_name = "json",
                                       .state_size = sizeof(json_content),
                                       .infer = json_infer,
                                       .init = json_init,
                                       .release = json_release,
                                       .open = json_open,
                                       .next = json_next,
                                       .close = json_close};
