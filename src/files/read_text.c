/* read_text.c: text files, a row a line or (wholeText) a file, and binary files, a row a file. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "files/files_int.h"
#include "os/os.h"

/* ---- text ------------------------------------------------------------------------------------ */

typedef struct text_content {
    lv_file_content base;
    lv_file_window window;
} text_content;

static lv_status text_infer(lv_arena *arena, const lv_file_options *o, const lv_file_list *files,
                            const lv_type **schema, lv_error *err)
{
    lv_field value = {LV_STR("value"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE};
    *schema = lv_type_struct(arena, &value, 1);
    return LV_OK;
}

static lv_status text_check(const lv_file_options *o, const lv_type *schema, lv_error *err)
{
    if (schema->field_count > 1)
        return LV_FAIL(err, LV_USAGE,
                       "Text data source supports only a single column, and you have %d columns",
                       schema->field_count);
    if (schema->field_count == 1 && schema->fields[0].type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_UNSUPPORTED_TYPE_FOR_DATASOURCE,
                       "The Text datasource doesn't support the column `%.*s` of this type",
                       LV_STR_ARG(schema->fields[0].name));
    return LV_OK;
}

static lv_status text_open(lv_file_content *content, const lv_file *file, lv_error *err)
{
    return lv_file_window_open(&((text_content *)content)->window, file->path, err);
}

static void text_close(lv_file_content *content)
{
    lv_file_window_close(&((text_content *)content)->window);
}

static void text_release(lv_file_content *content)
{
    lv_file_window_release(&((text_content *)content)->window);
}

static lv_status text_next(lv_file_content *content, lv_arena *arena, lv_vector *columns,
                           int64_t *rows, bool *done, lv_error *err)
{
    text_content *t = (text_content *)content;
    const lv_file_options *o = content->wish.options;
    lv_str *lines = lv_arena_alloc(arena, sizeof *lines * LV_BATCH_ROWS);
    int count = 0;
    if (o->whole_text) {
        LV_TRY(lv_file_window_all(&t->window, err));
        lines[0] = lv_file_window_text(&t->window);
        count = 1;
    } else {
        LV_TRY(lv_file_window_lines(&t->window, o->line_sep, lines, LV_BATCH_ROWS, &count, err));
    }
    *done = count == 0 || o->whole_text;
    *rows = count;
    if (content->wish.schema->field_count > 0)
        columns[0] = (lv_vector){.type = content->wish.schema->fields[0].type,
                                 .length = count,
                                 .data = lines,
                                 .padded = true};
    return LV_OK;
}

const lv_file_format lv_format_text = {.name = "Text",
                                       .short_name = "text",
                                       .state_size = sizeof(text_content),
                                       .infer = text_infer,
                                       .check = text_check,
                                       .release = text_release,
                                       .open = text_open,
                                       .next = text_next,
                                       .close = text_close};

/* ---- binary files ---------------------------------------------------------------------------- */

enum { BINARY_PATH, BINARY_TIME, BINARY_LENGTH, BINARY_CONTENT, BINARY_COLUMNS };
static const int64_t binary_max = INT32_MAX;

typedef struct binary_content {
    lv_file_content base;
    const lv_file *file;
} binary_content;

static lv_status binary_infer(lv_arena *arena, const lv_file_options *o, const lv_file_list *files,
                              const lv_type **schema, lv_error *err)
{
    const lv_field fields[BINARY_COLUMNS] = {
        {LV_STR("path"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE},
        {LV_STR("modificationTime"), lv_type_of(LV_TYPE_TIMESTAMP), true, LV_STR_NONE},
        {LV_STR("length"), lv_type_of(LV_TYPE_BIGINT), true, LV_STR_NONE},
        {LV_STR("content"), lv_type_of(LV_TYPE_BINARY), true, LV_STR_NONE}};
    *schema = lv_type_struct(arena, fields, BINARY_COLUMNS);
    return LV_OK;
}

static lv_status binary_check(const lv_file_options *o, const lv_type *schema, lv_error *err)
{
    lv_arena arena;
    const lv_type *own;
    lv_arena_init(&arena);
    lv_status status = binary_infer(&arena, o, NULL, &own, err);
    if (status == LV_OK && !lv_type_equal(own, schema))
        status = LV_FAIL(err, LV_USAGE,
                         "binary files have the columns path STRING, modificationTime TIMESTAMP, "
                         "length BIGINT, content BINARY");
    lv_arena_release(&arena);
    return status;
}

static lv_status binary_open(lv_file_content *content, const lv_file *file, lv_error *err)
{
    ((binary_content *)content)->file = file;
    return LV_OK;
}

static lv_status read_content(lv_arena *arena, const lv_file *file, lv_str *bytes, lv_error *err)
{
    int fd;
    if (file->size_bytes > binary_max)
        return LV_FAIL(err, LV_USAGE, "the file is larger than %lld bytes", (long long)binary_max);
    char *buffer = lv_arena_alloc(arena, (size_t)file->size_bytes + LV_STRING_PADDING);
    LV_TRY(lv_file_open(file->path.ptr, O_RDONLY, &fd, err));
    lv_status status = lv_file_pread(fd, file->path.ptr, buffer, (size_t)file->size_bytes, 0, err);
    close(fd);
    *bytes = (lv_str){buffer, (size_t)file->size_bytes};
    return status;
}

static lv_status binary_next(lv_file_content *content, lv_arena *arena, lv_vector *columns,
                             int64_t *rows, bool *done, lv_error *err)
{
    const binary_content *b = (const binary_content *)content;
    const bool *wanted = content->wish.wanted;
    for (int c = 0; c < BINARY_COLUMNS; c++)
        lv_vector_init_flat(&columns[c], arena, content->wish.schema->fields[c].type, 1);
    lv_sbuf uri = LV_SBUF_INIT;
    lv_sbuf_printf(&uri, "file:%.*s", LV_STR_ARG(b->file->path));
    *(lv_str *)columns[BINARY_PATH].data = lv_str_dup(arena, lv_sbuf_str(&uri));
    lv_sbuf_release(&uri);
    *(int64_t *)columns[BINARY_TIME].data = b->file->modified_ms * 1000;
    *(int64_t *)columns[BINARY_LENGTH].data = b->file->size_bytes;
    *rows = 1;
    *done = true;
    if (wanted == NULL || wanted[BINARY_CONTENT])
        return read_content(arena, b->file, columns[BINARY_CONTENT].data, err);
    lv_vector_init_null(&columns[BINARY_CONTENT], arena, lv_type_of(LV_TYPE_BINARY), 1);
    return LV_OK;
}

const lv_file_format lv_format_binary = {.name = "BinaryFile",
                                         .short_name = "binaryFile",
                                         .state_size = sizeof(binary_content),
                                         .infer = binary_infer,
                                         .check = binary_check,
                                         .open = binary_open,
                                         .next = binary_next};
