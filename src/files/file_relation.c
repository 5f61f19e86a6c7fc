/* file_relation.c: see files.h. Source: DataSource, HadoopFsRelation, FileFormat.createMetadataInternalRow. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/path.h"
#include "files/files_int.h"
#include "os/os.h"

lv_status lv_fail_read(const lv_file_options *o, lv_str path, const lv_error *cause, lv_error *err)
{
    lv_status status = cause->status;
    if (status == LV_NOT_FOUND ? o->ignore_missing : o->ignore_corrupt)
        return LV_OK;
    switch (status) {
    case LV_UNSUPPORTED_FEATURE:
    case LV_UNSUPPORTED_DATATYPE:
    case LV_PARQUET_CORRUPT:
    case LV_PARQUET_UNSUPPORTED: break;
    case LV_NOT_FOUND: status = LV_FAILED_READ_FILE_GONE; break;
    case LV_DATATYPE_MISMATCH: status = LV_FAILED_READ_FILE_TYPE; break;
    default: status = LV_FAILED_READ_FILE;
    }
    return LV_FAIL(err, status, "Encountered error while reading file file://%.*s: %s",
                   LV_STR_ARG(path), cause->message);
}

/* ---- schema ---------------------------------------------------------------------------------- */

/* Parquet files also say which row of the file it is. */
static const lv_type *metadata_type(lv_arena *arena, bool has_row_index)
{
    static const struct {
        const char *name;
        lv_type_kind kind;
    } parts[] = {
        {"file_path", LV_TYPE_STRING},         {"file_name", LV_TYPE_STRING},
        {"file_size", LV_TYPE_BIGINT},         {"file_block_start", LV_TYPE_BIGINT},
        {"file_block_length", LV_TYPE_BIGINT}, {"file_modification_time", LV_TYPE_TIMESTAMP},
        {"row_index", LV_TYPE_BIGINT}};
    size_t count = LV_COUNT_OF(parts) - !has_row_index;
    lv_field fields[LV_COUNT_OF(parts)];
    for (size_t i = 0; i < count; i++)
        fields[i] =
            (lv_field){lv_str_of(parts[i].name), lv_type_of(parts[i].kind), false, LV_STR_NONE};
    return lv_type_struct(arena, fields, (int)count);
}

/* Names must differ, without case, also inside structs. */
static lv_status check_names(const lv_type *type, lv_error *err)
{
    for (int i = 0; i < type->field_count; i++) {
        LV_TRY(check_names(type->fields[i].type, err));
        for (int k = 0; type->kind == LV_TYPE_STRUCT && k < i; k++)
            if (lv_str_eq_nocase(type->fields[i].name, type->fields[k].name))
                return LV_FAIL(err, LV_COLUMN_ALREADY_EXISTS,
                               "The column `%.*s` already exists. Choose another name or rename "
                               "the existing column",
                               LV_STR_ARG(type->fields[i].name));
    }
    return LV_OK;
}

/* The types of an inferred schema that schemaHints says better. */
static lv_status apply_hints(lv_arena *arena, lv_str hints, const lv_type **schema, lv_error *err)
{
    const lv_type *hinted;
    LV_TRY(lv_type_parse(arena, hints, &hinted, err));
    if (hinted->kind != LV_TYPE_STRUCT)
        return LV_FAIL(err, LV_INVALID_SCHEMA, "schemaHints are columns: \"a INT, b DATE\"");
    int n = (*schema)->field_count;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, n + hinted->field_count);
    for (int i = 0; i < n; i++)
        fields[i] = (*schema)->fields[i];
    for (int i = 0; i < hinted->field_count; i++) {
        int at = lv_type_field(*schema, hinted->fields[i].name);
        if (at >= 0)
            fields[at].type = hinted->fields[i].type;
        else
            fields[n++] = hinted->fields[i];
    }
    *schema = lv_type_struct(arena, fields, n);
    return LV_OK;
}

/* The columns of the contents: as the option says, or as the files do. */
static lv_status content_schema(lv_file_relation *r, const lv_type **schema, lv_error *err)
{
    const lv_file_options *o = &r->options;
    *schema = NULL;
    if (o->schema.len > 0) {
        LV_TRY(lv_type_parse(&r->arena, o->schema, schema, err));
        if ((*schema)->kind != LV_TYPE_STRUCT)
            return LV_FAIL(err, LV_INVALID_SCHEMA, "the schema of files is a list of columns");
    } else {
        LV_TRY(o->format->infer(&r->arena, o, &r->files, schema, err));
        if (*schema == NULL)
            return LV_FAIL(err, LV_UNABLE_TO_INFER_SCHEMA,
                           "Unable to infer schema for %s. It must be specified manually",
                           o->format->name);
    }
    if (o->hints.len > 0)
        LV_TRY(apply_hints(&r->arena, o->hints, schema, err));
    return check_names(*schema, err);
}

/* Columns of folders stand behind the others; but where files infer such a column, in its place. */
static void join_columns(lv_file_relation *r, const lv_type *content)
{
    int n = 0, folders = r->folders->field_count;
    bool is_given = r->options.schema.len > 0;
    bool is_parquet = r->options.format == &lv_format_parquet;
    bool *placed = LV_NEW_ARRAY(&r->arena, bool, folders);
    lv_field *fields = LV_NEW_ARRAY(&r->arena, lv_field, content->field_count + folders + 1);
    lv_field *behind = LV_NEW_ARRAY(&r->arena, lv_field, folders);
    for (int i = 0; i < folders; i++)
        behind[i] = r->folders->fields[i];
    for (int i = 0; i < content->field_count; i++) {
        lv_field field = content->fields[i];
        field.nullable = true;
        int at = lv_type_field(r->folders, field.name);
        if (at >= 0 && is_given) {
            behind[at] = field;
            continue;
        }
        if (at >= 0)
            placed[at] = true;
        fields[n++] = at >= 0 ? behind[at] : field;
    }
    for (int i = 0; i < folders; i++)
        if (!placed[i])
            fields[n++] = behind[i];
    const lv_type *columns = lv_type_struct(&r->arena, fields, n);
    if (lv_type_field(columns, LV_STR("_metadata")) == -1)
        fields[n++] = (lv_field){LV_STR("_metadata"), metadata_type(&r->arena, is_parquet), false,
                                 LV_STR(LV_HIDDEN_COLUMN)};
    r->schema = lv_type_struct(&r->arena, fields, n);
}

static lv_status find_schema(lv_file_relation *r, lv_error *err)
{
    const lv_type *content;
    LV_TRY(content_schema(r, &content, err));
    if (r->options.format->check != NULL)
        LV_TRY(r->options.format->check(&r->options, content, err));
    join_columns(r, content);
    return LV_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const lv_file *x = a, *y = b;
    int order = (x->size_bytes < y->size_bytes) - (x->size_bytes > y->size_bytes);
    return order != 0 ? order : lv_str_cmp(x->path, y->path);
}

/* A stream may begin before its files do, where its path is a pattern. */
static lv_status list_files(lv_file_relation *r, lv_error *err)
{
    lv_error own = LV_ERROR_INIT;
    lv_status status = lv_files_list(&r->arena, &r->options, &r->files, &own);
    if (status == LV_NOT_FOUND && r->use == LV_FILES_STREAM && lv_glob_is_pattern(r->options.path))
        return LV_OK;
    return status != LV_OK ? LV_FAIL(err, status, "%s", own.message) : LV_OK;
}

static lv_status open_relation(lv_file_relation *r, lv_str format, const lv_options *options,
                               const lv_type *schema, lv_error *err)
{
    lv_str path;
    LV_TRY(lv_file_options_read(&r->arena, options, &r->options, err));
    LV_TRY(lv_file_absolute(&r->arena, r->options.path, &path, err));
    r->location = lv_str_of(lv_arena_printf(&r->arena, "file:%.*s", LV_STR_ARG(path)));
    LV_TRY(list_files(r, err));
    const lv_file *first = r->files.count > 0 ? &r->files.at[0] : NULL;
    LV_TRY(lv_file_options_set_format(&r->arena, &r->options, format, first, err));
    LV_TRY(lv_find_partitions(&r->arena, &r->options, &r->files, &r->folders, err));
    if (r->files.count > 1)
        qsort(r->files.at, (size_t)r->files.count, sizeof r->files.at[0], by_size);
    if (schema != NULL)
        r->schema = lv_type_copy(&r->arena, schema);
    else
        LV_TRY(find_schema(r, err));
    return LV_OK;
}

lv_status lv_file_relation_open(lv_str format, const lv_options *options, const lv_type *schema,
                                lv_file_use use, lv_file_relation **relation, lv_error *err)
{
    lv_file_relation *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    lv_arena_init(&r->arena);
    r->use = use;
    lv_status status = open_relation(r, format, options, schema, err);
    if (status != LV_OK) {
        lv_file_relation_close(r);
        return status;
    }
    *relation = r;
    return LV_OK;
}

void lv_file_relation_close(lv_file_relation *r)
{
    if (r == NULL)
        return;
    lv_arena_release(&r->arena);
    free(r);
}

const lv_type *lv_file_relation_schema(const lv_file_relation *r)
{
    return r->schema;
}

lv_str lv_file_relation_location(const lv_file_relation *r)
{
    return r->location;
}

const lv_file *lv_file_relation_files(const lv_file_relation *r, int *count)
{
    *count = r->files.count;
    return r->files.at;
}

lv_status lv_file_relation_list(const lv_file_relation *r, lv_arena *arena, lv_file **files,
                                int *count, lv_error *err)
{
    lv_file_list list = {0};
    lv_error own = LV_ERROR_INIT;
    lv_status status = lv_files_list(arena, &r->options, &list, &own);
    if (status != LV_OK && !(status == LV_NOT_FOUND && lv_glob_is_pattern(r->options.path)))
        return LV_FAIL(err, status, "%s", own.message);
    *files = list.at;
    *count = list.count;
    return LV_OK;
}

lv_status lv_file_relation_find(const lv_file_relation *r, lv_arena *arena, lv_str path,
                                lv_file *file, lv_error *err)
{
    struct stat st;
    const char *text = lv_str_cstr(arena, path);
    if (stat(text, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? LV_FAIL(err, LV_NOT_FOUND, "file %s is gone", text)
                   : LV_FAIL(err, LV_IO, "cannot read %s: errno %d", text, errno);
    /* Folders below a pattern's matches are no columns in a stream: each file is on its own. */
    lv_str root = lv_str_sub(r->location, 5, r->location.len - 5);
    if (r->options.base_path.len > 0)
        LV_TRY(lv_file_absolute(arena, r->options.base_path, &root, err));
    if (lv_glob_is_pattern(root) && r->options.base_path.len == 0) {
        const char *slash = strrchr(text, '/');
        root = lv_str_sub(path, 0, (size_t)(slash - text));
    }
    *file = (lv_file){lv_str_of(text), lv_str_dup(arena, root), st.st_size,
                      (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000};
    return LV_OK;
}
