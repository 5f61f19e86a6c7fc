/* file_reader.c: rows of files, one after the other: what their format reads, columns of folders, _metadata. */
#include <stdlib.h>

#include "base/check.h"
#include "base/path.h"
#include "files/files_int.h"

typedef enum column_kind { FROM_CONTENT, FROM_FOLDER, FROM_FILE } column_kind;

/* Where a column of the relation comes from. */
typedef struct reader_column {
    column_kind kind;
    bool wanted;
    int place;    /* among the columns of the contents */
    lv_str value; /* FROM_FOLDER, of the file that is open */
} reader_column;

struct lv_file_reader {
    const lv_file_relation *relation;
    lv_arena arena;      /* of the reader */
    lv_arena file_arena; /* of the file that is open */
    reader_column *columns;
    int column_count;
    lv_file_content *content;
    const lv_file *files;
    int file_count, next;
    const lv_file *file; /* open; NULL: none */
};

/* ---- life ------------------------------------------------------------------------------------ */

/* A query of nothing but the text of corrupt records would have no reason to read the others. */
static lv_status check_wish(const lv_file_wish *wish, lv_error *err)
{
    int count = 0, last = 0;
    for (int i = 0; i < wish->schema->field_count; i++)
        if (wish->wanted == NULL || wish->wanted[i]) {
            count++;
            last = i;
        }
    bool records =
        wish->options->format == &lv_format_json || wish->options->format == &lv_format_csv;
    if (records && count == 1 &&
        lv_str_eq_nocase(wish->schema->fields[last].name, wish->options->corrupt_column))
        return LV_FAIL(err, LV_QUERY_ONLY_CORRUPT_RECORD,
                       "The feature is not supported: Queries from raw JSON/CSV files are "
                       "disallowed when the referenced columns only include the internal corrupt "
                       "record column");
    return LV_OK;
}

/* Those conditions that are on columns of the contents, by the columns' places there. */
static lv_conditions of_contents(lv_file_reader *r, const lv_conditions *conditions)
{
    lv_condition *items = LV_NEW_ARRAY(&r->arena, lv_condition, conditions->count);
    int count = 0;
    for (int i = 0; i < conditions->count; i++) {
        const reader_column *column = &r->columns[conditions->items[i].column];
        if (column->kind != FROM_CONTENT || !column->wanted)
            continue;
        items[count] = conditions->items[i];
        items[count++].column = column->place;
    }
    return (lv_conditions){items, count};
}

static lv_status open_reader(lv_file_reader *r, const bool *wanted, const lv_conditions *conditions,
                             lv_error *err)
{
    const lv_type *schema = r->relation->schema;
    int n = schema->field_count, contents = 0;
    lv_field *fields = LV_NEW_ARRAY(&r->arena, lv_field, n);
    bool *content_wanted = LV_NEW_ARRAY(&r->arena, bool, n);
    r->columns = LV_NEW_ARRAY(&r->arena, reader_column, n);
    r->column_count = n;
    for (int i = 0; i < n; i++) {
        const lv_field *field = &schema->fields[i];
        bool is_folder = lv_type_field(r->relation->folders, field->name) >= 0;
        reader_column *column = &r->columns[i];
        *column = (reader_column){.wanted = wanted == NULL || wanted[i]};
        column->kind = lv_str_is(field->metadata, LV_HIDDEN_COLUMN) ? FROM_FILE
                       : is_folder                                  ? FROM_FOLDER
                                                                    : FROM_CONTENT;
        if (column->kind != FROM_CONTENT)
            continue;
        column->place = contents;
        content_wanted[contents] = column->wanted;
        fields[contents++] = *field;
    }
    const lv_file_format *format = r->relation->options.format;
    r->content = lv_arena_zalloc(&r->arena, format->state_size);
    r->content->format = format;
    r->content->wish = (lv_file_wish){&r->relation->options,
                                      lv_type_struct(&r->arena, fields, contents),
                                      content_wanted,
                                      {NULL, 0}};
    if (conditions != NULL)
        r->content->wish.conditions = of_contents(r, conditions);
    LV_TRY(check_wish(&r->content->wish, err));
    return format->init != NULL ? format->init(r->content, err) : LV_OK;
}

lv_status lv_file_reader_new(const lv_file_relation *relation, const bool *wanted,
                             const lv_conditions *conditions, lv_file_reader **reader,
                             lv_error *err)
{
    lv_file_reader *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    lv_arena_init(&r->arena);
    lv_arena_init(&r->file_arena);
    r->relation = relation;
    lv_status status = open_reader(r, wanted, conditions, err);
    if (status != LV_OK) {
        lv_file_reader_free(r);
        return status;
    }
    *reader = r;
    return LV_OK;
}

static void close_file(lv_file_reader *r)
{
    if (r->file != NULL && r->content->format->close != NULL)
        r->content->format->close(r->content);
    r->file = NULL;
}

void lv_file_reader_free(lv_file_reader *r)
{
    if (r == NULL)
        return;
    close_file(r);
    if (r->content != NULL && r->content->format->release != NULL)
        r->content->format->release(r->content);
    lv_arena_release(&r->file_arena);
    lv_arena_release(&r->arena);
    free(r);
}

void lv_file_reader_open(lv_file_reader *r, const lv_file *files, int count)
{
    close_file(r);
    r->files = files;
    r->file_count = count;
    r->next = 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

static lv_status read_folders(lv_file_reader *r, const lv_file *file, lv_error *err)
{
    lv_folder_value *values;
    int count;
    lv_str base;
    LV_TRY(lv_folder_values(&r->file_arena, file, &values, &count, &base, err));
    for (int i = 0; i < r->column_count; i++) {
        r->columns[i].value = LV_STR_NONE;
        for (int v = 0; v < count && r->columns[i].kind == FROM_FOLDER; v++)
            if (lv_str_eq_nocase(values[v].name, r->relation->schema->fields[i].name))
                r->columns[i].value = values[v].value;
    }
    return LV_OK;
}

/* Opens the next file that has bytes; r->file NULL: there is none. */
static lv_status next_file(lv_file_reader *r, lv_error *err)
{
    while (r->file == NULL && r->next < r->file_count) {
        const lv_file *file = &r->files[r->next++];
        if (file->size_bytes == 0)
            continue;
        lv_error own = LV_ERROR_INIT;
        lv_arena_reset(&r->file_arena);
        LV_TRY(read_folders(r, file, err));
        if (r->content->format->open(r->content, file, &own) == LV_OK)
            r->file = file;
        else
            LV_TRY(lv_fail_read(&r->relation->options, file->path, &own, err));
    }
    return LV_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

void lv_drop_rows(lv_arena *arena, const uint64_t *dropped, lv_vector *columns, int count,
                  int64_t *rows)
{
    int32_t *kept = lv_arena_alloc(arena, sizeof *kept * (size_t)*rows);
    int64_t n = 0;
    for (int64_t i = 0; i < *rows; i++)
        if (!lv_bit_get(dropped, i))
            kept[n++] = (int32_t)i;
    for (int c = 0; n < *rows && c < count; c++) {
        lv_vector all = columns[c];
        lv_vector_take(arena, &all, kept, n, &columns[c]);
    }
    *rows = n;
}

/* A constant of the type, whose C value is at `value`. */
static void make_constant(lv_arena *arena, const lv_type *type, const void *value, int64_t rows,
                          lv_vector *out)
{
    lv_vector_init_flat(out, arena, type, 1);
    memcpy(out->data, value, lv_type_value_size(type));
    out->encoding = LV_CONSTANT;
    out->length = rows;
}

static void make_metadata(const lv_file_reader *r, lv_arena *arena, const lv_type *type,
                          int64_t rows, lv_vector *out)
{
    const lv_file *file = r->file;
    lv_sbuf uri = LV_SBUF_INIT;
    size_t begin = file->path.len;
    while (begin > 0 && file->path.ptr[begin - 1] != '/')
        begin--;
    lv_sbuf_add_cstr(&uri, "file:");
    lv_path_encode(file->path, &uri);
    lv_str path = lv_str_dup(arena, lv_sbuf_str(&uri));
    lv_str name = lv_str_dup(arena, lv_str_sub(file->path, begin, file->path.len - begin));
    lv_sbuf_release(&uri);
    int64_t block_start = 0, modified_us = file->modified_ms * 1000;
    const void *const values[] = {
        &path, &name, &file->size_bytes, &block_start, &file->size_bytes, &modified_us};
    *out = (lv_vector){.type = type,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .child_count = type->field_count,
                       .children = LV_NEW_ARRAY(arena, lv_vector, type->field_count)};
    for (size_t i = 0; i < LV_COUNT_OF(values); i++)
        make_constant(arena, type->fields[i].type, values[i], rows, &out->children[i]);
    if (type->field_count == LV_COUNT_OF(values))
        return;
    lv_vector *index = &out->children[LV_COUNT_OF(values)];
    int64_t first = r->content->format->row_index(r->content);
    lv_vector_init_flat(index, arena, lv_type_of(LV_TYPE_BIGINT), rows);
    for (int64_t i = 0; i < rows; i++)
        ((int64_t *)index->data)[i] = first + i;
}

static void make_batch(const lv_file_reader *r, lv_arena *arena, const lv_vector *contents,
                       int64_t rows, lv_batch *batch)
{
    const lv_type *schema = r->relation->schema;
    *batch = (lv_batch){.schema = schema,
                        .length = rows,
                        .columns = LV_NEW_ARRAY(arena, lv_vector, r->column_count)};
    for (int i = 0; i < r->column_count; i++) {
        const reader_column *column = &r->columns[i];
        const lv_type *type = schema->fields[i].type;
        lv_vector *out = &batch->columns[i];
        if (!column->wanted || rows == 0)
            lv_vector_init_null(out, arena, type, rows);
        else if (column->kind == FROM_CONTENT)
            *out = contents[column->place];
        else if (column->kind == FROM_FOLDER)
            lv_folder_value_make(arena, type, r->relation->options.zone, column->value, rows, out);
        else
            make_metadata(r, arena, type, rows, out);
    }
}

lv_status lv_file_reader_next(lv_file_reader *r, lv_arena *arena, lv_batch *batch, bool *done,
                              lv_error *err)
{
    int64_t rows = 0;
    lv_vector *contents = LV_NEW_ARRAY(arena, lv_vector, r->column_count);
    for (;;) {
        bool file_done = false;
        lv_error own = LV_ERROR_INIT;
        LV_TRY(next_file(r, err));
        if (r->file == NULL)
            break;
        if (r->content->format->next(r->content, arena, contents, &rows, &file_done, &own) !=
            LV_OK) {
            LV_TRY(lv_fail_read(&r->relation->options, r->file->path, &own, err));
            file_done = true;
            rows = 0;
        }
        if (rows > 0)
            make_batch(r, arena, contents, rows, batch);
        if (file_done)
            close_file(r);
        if (rows > 0)
            break;
    }
    if (rows == 0)
        make_batch(r, arena, contents, 0, batch);
    *done = r->file == NULL && r->next == r->file_count;
    return LV_OK;
}
