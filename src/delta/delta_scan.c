/* delta_scan.c: rows of a table: its data files one after the other, partition columns from the
 * log. */
#include <stdlib.h>

#include "base/check.h"
#include "delta/column_mapping.h"
#include "delta/delta_int.h"
#include "delta/delta_path.h"

enum { SCAN_ROWS = 16384 };

/* Where a column of the table comes from. */
typedef struct scan_column {
    const lv_type *type;
    lv_str physical; /* its name in files and partitionValues */
    bool is_wanted;
    bool is_partition;
    int in_file; /* place among the columns read; -1 none */
} scan_column;

struct lv_delta_scan {
    lv_delta_table *table;
    const lv_type *schema;
    lv_arena arena; /* of the scan */
    scan_column *columns;
    const lv_type *file_schema; /* what is read of each file */
    lv_conditions conditions;   /* on columns of file_schema */
    lv_mapping_mode mode;
    lv_snapshot_view view;
    size_t next; /* entry of the view */
    /* the file being read */
    const lv_file_entry *entry;
    lv_arena file_arena;
    const lv_json *partition_values;
    lv_store_reader *file;
    lv_parquet_reader *reader;
    lv_parquet_scan *rows;
};

static bool is_partition_column(const lv_delta_table *t, lv_str name)
{
    int count;
    const lv_str *names = lv_delta_table_partition_columns(t, &count);
    for (int i = 0; i < count; i++)
        if (lv_str_eq_nocase(names[i], name))
            return true;
    return false;
}

static void plan_columns(lv_delta_scan *s, const bool *wanted)
{
    int n = s->schema->field_count, read = 0;
    lv_field *fields = LV_NEW_ARRAY(&s->arena, lv_field, n);
    s->columns = LV_NEW_ARRAY(&s->arena, scan_column, n);
    for (int c = 0; c < n; c++) {
        const lv_field *field = &s->schema->fields[c];
        lv_field physical = lv_mapping_physical(&s->arena, s->mode, field);
        scan_column *column = &s->columns[c];
        *column = (scan_column){.type = field->type,
                                .physical = physical.name,
                                .is_wanted = wanted == NULL || wanted[c],
                                .is_partition = is_partition_column(s->table, field->name),
                                .in_file = -1};
        if (column->is_wanted && !column->is_partition && field->type->kind != LV_TYPE_VOID) {
            column->in_file = read;
            fields[read] = physical;
            fields[read++].nullable = true; /* files from before the column lack it */
        }
    }
    s->file_schema = lv_type_struct(&s->arena, fields, read);
}

/* Those conditions that are on columns read of the files, by the columns' places there. */
static void plan_conditions(lv_delta_scan *s, const lv_conditions *conditions)
{
    lv_condition *items = LV_NEW_ARRAY(&s->arena, lv_condition, conditions->count);
    int count = 0;
    for (int i = 0; i < conditions->count; i++) {
        int place = s->columns[conditions->items[i].column].in_file;
        if (place < 0)
            continue;
        items[count] = conditions->items[i];
        items[count++].column = place;
    }
    s->conditions = (lv_conditions){items, count};
}

lv_status lv_delta_scan_open(lv_delta_table *table, const bool *wanted,
                             const lv_conditions *conditions, lv_delta_scan **scan, lv_error *err)
{
    lv_delta_scan *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    s->table = table;
    s->schema = table->snapshot.schema;
    s->mode = lv_mapping_mode_of(table->snapshot.metadata);
    lv_arena_init(&s->arena);
    lv_arena_init(&s->file_arena);
    plan_columns(s, wanted);
    if (conditions != NULL)
        plan_conditions(s, conditions);
    lv_snapshot_freeze(&table->snapshot, &s->arena, &s->view);
    *scan = s;
    return LV_OK;
}

static void close_file(lv_delta_scan *s)
{
    if (s->rows != NULL)
        lv_parquet_scan_close(s->rows);
    if (s->reader != NULL)
        lv_parquet_reader_close(s->reader);
    lv_store_reader_close(s->file);
    s->rows = NULL;
    s->reader = NULL;
    s->file = NULL;
    s->entry = NULL;
}

void lv_delta_scan_close(lv_delta_scan *s)
{
    if (s == NULL)
        return;
    close_file(s);
    lv_arena_release(&s->file_arena);
    lv_arena_release(&s->arena);
    free(s);
}

/* ---- files ----------------------------------------------------------------------------------- */

static lv_status read_source(void *context, int64_t offset, void *out, size_t len, lv_error *err)
{
    return lv_store_read(context, offset, out, len, err);
}

static lv_status open_rows(lv_delta_scan *s, const char *name, lv_error *err)
{
    lv_error cause = LV_ERROR_INIT;
    lv_status status = lv_store_open_file(s->table->store, name, &s->file, &cause);
    if (status == LV_NOT_FOUND)
        return LV_FAIL(err, LV_DELTA_FILE_NOT_FOUND,
                       "file %s of table %s is gone, though version %lld has it", name,
                       s->table->path, (long long)s->view.version);
    if (status != LV_OK)
        return LV_FAIL(err, status, "%s", cause.message);
    lv_parquet_source source = {read_source, s->file, s->file->size_bytes, name};
    LV_TRY(lv_parquet_reader_open(&s->reader, source, err));
    lv_parquet_scan_options options = {.schema = s->file_schema,
                                       .batch_rows = SCAN_ROWS,
                                       .by_field_id = s->mode == LV_MAPPING_ID,
                                       .conditions = s->conditions};
    return lv_parquet_scan_open(&s->rows, s->reader, &options, err);
}

/* Opens the next file that the version has; s->entry NULL: there is none. */
static lv_status next_file(lv_delta_scan *s, lv_error *err)
{
    close_file(s);
    lv_arena_reset(&s->file_arena);
    for (; s->next < s->view.file_count && s->entry == NULL; s->next++) {
        const lv_file_entry *entry = lv_view_file(&s->view, s->next);
        if (entry->live && lv_view_has(&s->view, entry))
            s->entry = entry;
    }
    if (s->entry == NULL)
        return LV_OK;
    lv_json *values;
    LV_TRY(lv_json_parse(&s->file_arena, s->entry->add.partition_values, &values, err));
    s->partition_values = values;
    return open_rows(s, lv_str_cstr(&s->file_arena, s->entry->key), err);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Names inside structs are the table's, not the file's. */
static void relabel(lv_arena *arena, const lv_type *type, lv_vector *v)
{
    v->type = type;
    if (v->child_count == 0)
        return;
    lv_vector *children = LV_NEW_ARRAY(arena, lv_vector, v->child_count);
    for (int f = 0; f < v->child_count; f++) {
        children[f] = v->children[f];
        relabel(arena, type->fields[f].type, &children[f]);
    }
    v->children = children;
}

static lv_status partition_column(const lv_delta_scan *s, const scan_column *column,
                                  lv_arena *arena, int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_json *value = lv_json_get(s->partition_values, lv_str_cstr(arena, column->physical));
    bool is_null = value == NULL || value->kind != LV_JSON_STRING;
    return lv_partition_value_parse(arena, column->type, is_null ? LV_STR_NONE : value->str,
                                    is_null, rows, out, err);
}

static lv_status make_batch(const lv_delta_scan *s, lv_arena *arena, const lv_batch *read,
                            lv_batch *batch, lv_error *err)
{
    int n = s->schema->field_count;
    *batch = (lv_batch){
        .schema = s->schema, .length = read->length, .columns = LV_NEW_ARRAY(arena, lv_vector, n)};
    for (int c = 0; c < n; c++) {
        const scan_column *column = &s->columns[c];
        lv_vector *out = &batch->columns[c];
        if (column->in_file >= 0) {
            *out = read->columns[column->in_file];
            relabel(arena, column->type, out);
        } else if (column->is_wanted && column->is_partition) {
            LV_TRY(partition_column(s, column, arena, read->length, out, err));
        } else {
            lv_vector_init_null(out, arena, column->type, read->length);
        }
    }
    return LV_OK;
}

lv_status lv_delta_scan_next(lv_delta_scan *s, lv_arena *arena, lv_batch *batch, lv_error *err)
{
    lv_batch read = {.length = 0};
    for (;;) {
        if (s->entry == NULL) {
            LV_TRY(next_file(s, err));
            if (s->entry == NULL)
                break;
        }
        LV_TRY(lv_parquet_scan_next(s->rows, arena, &read, err));
        if (read.length > 0)
            break;
        close_file(s);
    }
    if (read.length > 0)
        return make_batch(s, arena, &read, batch, err);
    *batch = (lv_batch){.schema = s->schema};
    return LV_OK;
}
