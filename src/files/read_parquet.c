/* read_parquet.c: Parquet files as a relation: the schema of one file, or of all merged, and scans by column name. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "files/files_int.h"
#include "os/os.h"
#include "parquet/parquet.h"

enum { SCAN_ROWS = 16384 };

typedef struct open_parquet {
    lv_parquet_fd fd;
    lv_parquet_reader *reader;
} open_parquet;

typedef struct parquet_content {
    lv_file_content base;
    lv_arena arena;
    const lv_type *schema;    /* the columns wanted */
    int *places;              /* of them in wish.schema */
    lv_conditions conditions; /* on columns of `schema` */
    open_parquet file;
    lv_parquet_scan *scan;
} parquet_content;

static void close_parquet(open_parquet *p)
{
    if (p->reader != NULL)
        lv_parquet_reader_close(p->reader);
    if (p->fd.fd >= 0)
        close(p->fd.fd);
    p->reader = NULL;
    p->fd.fd = -1;
}

static lv_status open_parquet_file(const lv_file *file, open_parquet *p, lv_error *err)
{
    int64_t size = 0;
    *p = (open_parquet){.fd = {.fd = -1, .path = file->path.ptr}};
    LV_TRY(lv_file_open(file->path.ptr, O_RDONLY, &p->fd.fd, err));
    lv_status status = lv_file_size(p->fd.fd, file->path.ptr, &size, err);
    if (status == LV_OK)
        status = lv_parquet_reader_open(&p->reader, lv_parquet_source_fd(&p->fd, size), err);
    if (status != LV_OK)
        close_parquet(p);
    return status;
}

/* ---- schema ---------------------------------------------------------------------------------- */

/* Every column, also inside structs, arrays and maps, may be null. */
static const lv_type *as_nullable(lv_arena *arena, const lv_type *type)
{
    if (!lv_type_is_nested(type))
        return type;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, type->field_count);
    for (int i = 0; i < type->field_count; i++) {
        fields[i] = type->fields[i];
        fields[i].type = as_nullable(arena, fields[i].type);
        fields[i].nullable = true;
        fields[i].metadata = LV_STR_NONE;
    }
    switch (type->kind) {
    case LV_TYPE_ARRAY: return lv_type_array(arena, fields[0].type, true);
    case LV_TYPE_MAP: return lv_type_map(arena, fields[0].type, fields[1].type, true);
    default: return lv_type_struct(arena, fields, type->field_count);
    }
}

/* The schema that Spark left in the footer, else what the columns say. */
static lv_status file_schema(lv_arena *arena, const lv_file *file, const lv_type **schema,
                             lv_error *err)
{
    open_parquet p;
    lv_str text;
    const lv_type *found = NULL;
    LV_TRY(open_parquet_file(file, &p, err));
    if (!lv_parquet_reader_metadata(p.reader, "org.apache.spark.sql.parquet.row.metadata", &text) ||
        lv_type_from_json_text(arena, text, &found, NULL) != LV_OK || found->kind != LV_TYPE_STRUCT)
        found = lv_parquet_reader_schema(p.reader);
    *schema = lv_type_copy(arena, as_nullable(arena, found));
    close_parquet(&p);
    return LV_OK;
}

static const lv_type *merge(lv_arena *arena, const lv_type *a, const lv_type *b);

/* The fields of `a`, then those that only `b` has; NULL: two of one name do not fit. */
static const lv_type *merge_structs(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    int n = a->field_count;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, a->field_count + b->field_count);
    for (int i = 0; i < n; i++)
        fields[i] = a->fields[i];
    for (int i = 0; i < b->field_count; i++) {
        int at = lv_type_field(a, b->fields[i].name);
        if (at < 0) {
            fields[n++] = b->fields[i];
            continue;
        }
        fields[at].type = merge(arena, fields[at].type, b->fields[i].type);
        if (fields[at].type == NULL)
            return NULL;
    }
    return lv_type_struct(arena, fields, n);
}

static const lv_type *merge(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    if (a->kind != b->kind)
        return NULL;
    if (a->kind == LV_TYPE_STRUCT)
        return merge_structs(arena, a, b);
    if (a->kind == LV_TYPE_DECIMAL)
        return a->scale != b->scale || a->precision != b->precision ? NULL : a;
    const lv_type *parts[2];
    for (int i = 0; i < a->field_count; i++) {
        parts[i] = merge(arena, a->fields[i].type, b->fields[i].type);
        if (parts[i] == NULL)
            return NULL;
    }
    return a->kind == LV_TYPE_ARRAY ? lv_type_array(arena, parts[0], true)
           : a->kind == LV_TYPE_MAP ? lv_type_map(arena, parts[0], parts[1], true)
                                    : a;
}

static lv_status fail_merge(const lv_type *a, const lv_type *b, lv_error *err)
{
    lv_sbuf have = LV_SBUF_INIT, other = LV_SBUF_INIT;
    lv_type_print_sql(a, &have);
    lv_type_print_sql(b, &other);
    lv_status status = LV_FAIL(err, LV_CANNOT_MERGE_SCHEMAS,
                               "Failed merging schemas: Initial schema: \"%.*s\". Schema that "
                               "cannot be merged with the initial schema: \"%.*s\"",
                               LV_STR_ARG(lv_sbuf_str(&have)), LV_STR_ARG(lv_sbuf_str(&other)));
    lv_sbuf_release(&have);
    lv_sbuf_release(&other);
    return status;
}

static lv_status parquet_infer(lv_arena *arena, const lv_file_options *o, const lv_file_list *files,
                               const lv_type **schema, lv_error *err)
{
    const lv_type *so_far = NULL;
    int first = 0; /* by path */
    for (int i = 1; i < files->count; i++)
        if (lv_str_cmp(files->at[i].path, files->at[first].path) < 0)
            first = i;
    int count = o->merge_schema ? files->count : LV_MIN(files->count, 1);
    for (int i = 0; i < count; i++) {
        const lv_type *one;
        int at = i == 0 ? first : i <= first ? i - 1 : i;
        LV_TRY(file_schema(arena, &files->at[at], &one, err));
        const lv_type *merged = so_far == NULL ? one : merge_structs(arena, so_far, one);
        if (merged == NULL)
            return fail_merge(so_far, one, err);
        so_far = merged;
    }
    *schema = so_far;
    return LV_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The conditions of the wish by the places that their columns have among those read. */
static void note_conditions(parquet_content *p, const lv_file_wish *wish)
{
    lv_condition *items = LV_NEW_ARRAY(&p->arena, lv_condition, wish->conditions.count);
    int count = 0;
    for (int i = 0; i < wish->conditions.count; i++)
        for (int c = 0; c < p->schema->field_count; c++)
            if (p->places[c] == wish->conditions.items[i].column) {
                items[count] = wish->conditions.items[i];
                items[count++].column = c;
            }
    p->conditions = (lv_conditions){items, count};
}

static lv_status parquet_init(lv_file_content *content, lv_error *err)
{
    parquet_content *p = (parquet_content *)content;
    const lv_file_wish *wish = &content->wish;
    int n = wish->schema->field_count, count = 0;
    lv_arena_init(&p->arena);
    p->file.fd.fd = -1;
    lv_field *fields = LV_NEW_ARRAY(&p->arena, lv_field, n);
    p->places = LV_NEW_ARRAY(&p->arena, int, n);
    for (int i = 0; i < n; i++)
        if (wish->wanted == NULL || wish->wanted[i]) {
            p->places[count] = i;
            fields[count++] = wish->schema->fields[i];
        }
    p->schema = lv_type_struct(&p->arena, fields, count);
    note_conditions(p, wish);
    return LV_OK;
}

static void parquet_close(lv_file_content *content)
{
    parquet_content *p = (parquet_content *)content;
    if (p->scan != NULL)
        lv_parquet_scan_close(p->scan);
    p->scan = NULL;
    close_parquet(&p->file);
}

static void parquet_release(lv_file_content *content)
{
    parquet_close(content);
    lv_arena_release(&((parquet_content *)content)->arena);
}

static lv_status parquet_open(lv_file_content *content, const lv_file *file, lv_error *err)
{
    parquet_content *p = (parquet_content *)content;
    lv_parquet_scan_options options = {
        .schema = p->schema, .batch_rows = SCAN_ROWS, .conditions = p->conditions};
    LV_TRY(open_parquet_file(file, &p->file, err));
    lv_status status = lv_parquet_scan_open(&p->scan, p->file.reader, &options, err);
    if (status != LV_OK)
        close_parquet(&p->file);
    return status;
}

static int64_t parquet_row_index(const lv_file_content *content)
{
    return lv_parquet_scan_row_index(((const parquet_content *)content)->scan);
}

static lv_status parquet_next(lv_file_content *content, lv_arena *arena, lv_vector *columns,
                              int64_t *rows, bool *done, lv_error *err)
{
    parquet_content *p = (parquet_content *)content;
    const lv_type *schema = content->wish.schema;
    lv_batch batch;
    LV_TRY(lv_parquet_scan_next(p->scan, arena, &batch, err));
    *rows = batch.length;
    *done = batch.length == 0;
    for (int c = 0; c < schema->field_count; c++)
        lv_vector_init_null(&columns[c], arena, schema->fields[c].type, batch.length);
    for (int c = 0; c < p->schema->field_count; c++)
        columns[p->places[c]] = batch.columns[c];
    return LV_OK;
}

const lv_file_format lv_format_parquet = {.name = "Parquet",
                                          .short_name = "parquet",
                                          .state_size = sizeof(parquet_content),
                                          .infer = parquet_infer,
                                          .init = parquet_init,
                                          .release = parquet_release,
                                          .open = parquet_open,
                                          .next = parquet_next,
                                          .row_index = parquet_row_index,
                                          .close = parquet_close};
