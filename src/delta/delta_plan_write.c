/* delta_plan_write.c: what a query's rows make of a table: its schema, protocol, properties,
 * partitions.
 *
 * The table's names, order and types stay; a new table takes the declared ones, or the query's, all
 * nullable. What the
 * first commit has to say about it (metaData, protocol) is made here, once. Source:
 * ImplicitMetadataOperation.scala, SchemaMergingUtils.scala, PartitionUtils. */
#include <stdlib.h>

#include "base/check.h"
#include "delta/delta_int.h"
#include "delta/properties.h"
#include "delta/write_fit.h"
#include "os/os.h"

enum { INDEXED_LEAVES = 32, STATS_PREFIX = 32 };
static const int64_t FILE_BYTES = 128 << 20;

/* ---- names and types ------------------------------------------------------------------------- */

static lv_status check_name(lv_str name, lv_error *err)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] != '\0' && strchr(" ,;{}()\n\t=", name.ptr[i]) != NULL)
            return LV_FAIL(err, LV_DELTA_INVALID_COLUMN_NAMES,
                           "found invalid character(s) among ' ,;{}()\\n\\t=' in the column name "
                           "'%.*s' of the schema; give it an alias",
                           LV_STR_ARG(name));
    return LV_OK;
}

/* Names of all levels; VOID columns cannot be stored. `name`: of the column or field with this
 * type. */
static lv_status check_type(const lv_type *type, lv_str name, lv_error *err)
{
    if (type->kind == LV_TYPE_VOID)
        return LV_FAIL(err, LV_DELTA_NULL_SCHEMA,
                       "column '%.*s' has no type but NULL; cast it to one", LV_STR_ARG(name));
    for (int f = 0; f < type->field_count; f++) {
        const lv_field *field = &type->fields[f];
        bool is_struct = type->kind == LV_TYPE_STRUCT;
        if (is_struct && lv_type_field(type, field->name) == -2)
            return LV_FAIL(err, LV_DELTA_DUPLICATE_COLUMNS,
                           "found duplicate column(s) in the data to save: %.*s",
                           LV_STR_ARG(field->name));
        LV_TRY(check_type(field->type, is_struct ? field->name : name, err));
    }
    return LV_OK;
}

static lv_status check_names(const lv_type *type, lv_error *err)
{
    for (int f = 0; f < type->field_count; f++) {
        if (type->kind == LV_TYPE_STRUCT)
            LV_TRY(check_name(type->fields[f].name, err));
        LV_TRY(check_names(type->fields[f].type, err));
    }
    return LV_OK;
}

/* The same kind of nested type over other fields. */
static const lv_type *with_fields(lv_arena *arena, const lv_type *type, const lv_field *fields,
                                  int count)
{
    switch (type->kind) { /* dispatch */
    case LV_TYPE_ARRAY: return lv_type_array(arena, fields[0].type, fields[0].nullable);
    case LV_TYPE_MAP: return lv_type_map(arena, fields[0].type, fields[1].type, fields[1].nullable);
    default: return lv_type_struct(arena, fields, count);
    }
}

/* The type as a table keeps it: nullable throughout. */
static const lv_type *as_nullable(lv_arena *arena, const lv_type *type)
{
    if (!lv_type_is_nested(type))
        return lv_type_copy(arena, type);
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, type->field_count);
    for (int f = 0; f < type->field_count; f++)
        fields[f] = (lv_field){.name = lv_str_dup(arena, type->fields[f].name),
                               .type = as_nullable(arena, type->fields[f].type),
                               .nullable = true};
    return with_fields(arena, type, fields, type->field_count);
}

typedef struct schema_merge {
    lv_arena *arena;
    const char *path;
    bool may_grow;
    bool has_grown;
} schema_merge;

static lv_status refuse_column(const schema_merge *m, lv_str name, lv_error *err)
{
    lv_status status =
        LV_FAIL(err, LV_DELTA_METADATA_MISMATCH,
                "a schema mismatch detected when writing to the Delta table %s: column '%.*s' is "
                "not in the table",
                m->path, LV_STR_ARG(name));
    lv_error_hint(err, "set the table property mergeSchema to true to add the column");
    return status;
}

/* The table's type with what only the query has behind it, at every level. */
static lv_status merge_types(schema_merge *m, const lv_type *old, const lv_type *new,
                             const lv_type **out, lv_error *err)
{
    *out = old;
    if (old->kind == LV_TYPE_VOID && new->kind != LV_TYPE_VOID && m->may_grow) {
        *out = as_nullable(m->arena, new);
        m->has_grown = true;
    }
    if (old->kind != new->kind || !lv_type_is_nested(old))
        return LV_OK;
    int n = old->field_count;
    lv_field *fields = LV_NEW_ARRAY(m->arena, lv_field, n + new->field_count);
    memcpy(fields, old->fields, sizeof *fields * (size_t)n);
    for (int f = 0; f < new->field_count; f++) {
        const lv_field *field = &new->fields[f];
        int at = old->kind == LV_TYPE_STRUCT ? lv_type_field(old, field->name) : f;
        if (at >= 0) {
            LV_TRY(merge_types(m, old->fields[at].type, field->type, &fields[at].type, err));
            continue;
        }
        if (!m->may_grow)
            return refuse_column(m, field->name, err);
        LV_TRY(check_name(field->name, err));
        fields[n++] = (lv_field){.name = lv_str_dup(m->arena, field->name),
                                 .type = as_nullable(m->arena, field->type),
                                 .nullable = true};
        m->has_grown = true;
    }
    *out = with_fields(m->arena, old, fields, n);
    return LV_OK;
}

/* ---- partitions ------------------------------------------------------------------------------ */

static lv_status find_partition_columns(lv_arena *arena, const lv_str *names, int count,
                                        lv_delta_write_plan *plan, lv_error *err)
{
    const lv_type *schema = plan->schema;
    int *indexes = LV_NEW_ARRAY(arena, int, count), stored_count = 0;
    bool *is_partition = LV_NEW_ARRAY(arena, bool, schema->field_count);
    lv_field *stored = LV_NEW_ARRAY(arena, lv_field, schema->field_count);
    for (int i = 0; i < count; i++) {
        int c = indexes[i] = lv_type_field(schema, names[i]);
        if (c < 0)
            return LV_FAIL(err, LV_DELTA_PARTITION_COLUMN_NOT_FOUND,
                           "partition column `%.*s` is not among the table's columns",
                           LV_STR_ARG(names[i]));
        if (lv_type_is_nested(schema->fields[c].type))
            return LV_FAIL(err, LV_DELTA_PARTITION_TYPE,
                           "partition column `%.*s` has a nested type", LV_STR_ARG(names[i]));
        if (is_partition[c])
            return LV_FAIL(err, LV_DELTA_DUPLICATE_COLUMNS,
                           "found duplicate column(s) in the partition columns: %.*s",
                           LV_STR_ARG(names[i]));
        is_partition[c] = true;
    }
    for (int c = 0; c < schema->field_count; c++)
        if (!is_partition[c])
            stored[stored_count++] = schema->fields[c];
    if (stored_count == 0)
        return LV_FAIL(err, LV_DELTA_ALL_PARTITION_COLUMNS,
                       "cannot use all columns for partition columns");
    plan->partition_columns = indexes;
    plan->partition_count = count;
    plan->file_schema = lv_type_struct(arena, stored, stored_count);
    return LV_OK;
}

static lv_status check_partitioning(const lv_delta_table *table,
                                    const lv_delta_write_options *options, lv_error *err)
{
    int count;
    const lv_str *names = lv_delta_table_partition_columns(table, &count);
    if (options->partition_by_count == 0)
        return LV_OK;
    bool same = count == options->partition_by_count;
    for (int i = 0; i < count && same; i++)
        same = lv_str_eq_nocase(names[i], options->partition_by[i]);
    return same ? LV_OK
                : LV_FAIL(err, LV_DELTA_METADATA_MISMATCH,
                          "the partition columns do not match those of table %s", table->path);
}

/* ---- actions of the first commit ------------------------------------------------------------- */

static lv_str keep(lv_arena *arena, lv_sbuf *text)
{
    lv_str kept = lv_str_dup(arena, lv_sbuf_str(text));
    lv_sbuf_release(text);
    return kept;
}

static lv_str print_schema(lv_arena *arena, const lv_type *schema)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_json(schema, &text);
    return keep(arena, &text);
}

static void add_text(lv_sbuf *out, const char *key, lv_str value)
{
    if (value.ptr == NULL)
        return;
    lv_sbuf_printf(out, "\"%s\":", key);
    lv_sbuf_add_json_string(out, value);
    lv_sbuf_add_char(out, ',');
}

static lv_str print_metadata(lv_arena *arena, const lv_metadata *m)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&text, "{\"metaData\":{");
    add_text(&text, "id", m->id);
    add_text(&text, "name", m->name);
    add_text(&text, "description", m->description);
    lv_sbuf_add_cstr(&text, "\"format\":{\"provider\":\"parquet\",\"options\":{}},");
    add_text(&text, "schemaString", m->schema_string);
    lv_sbuf_add_cstr(&text, "\"partitionColumns\":[");
    for (int p = 0; p < m->partition_count; p++) {
        lv_sbuf_add_cstr(&text, p ? "," : "");
        lv_sbuf_add_json_string(&text, m->partition_columns[p]);
    }
    lv_sbuf_add_cstr(&text, "],\"configuration\":");
    lv_sbuf_add_str(&text, m->configuration_text);
    if (m->created_ms >= 0)
        lv_sbuf_printf(&text, ",\"createdTime\":%lld", (long long)m->created_ms);
    lv_sbuf_add_cstr(&text, "}}\n");
    return keep(arena, &text);
}

static bool has_ntz(const lv_type *type)
{
    bool found = type->kind == LV_TYPE_TIMESTAMP_NTZ;
    for (int f = 0; f < type->field_count && !found; f++)
        found = has_ntz(type->fields[f].type);
    return found;
}

/* Versions up to writer 6 stand for these features; a list has to name them. */
static lv_str print_protocol(lv_arena *arena, const lv_type *schema, int min_reader, int min_writer)
{
    static const struct {
        const char *name;
        int writer;
    } legacy[] = {{"appendOnly", 2},     {"invariants", 2},       {"checkConstraints", 3},
                  {"changeDataFeed", 4}, {"generatedColumns", 4}, {"columnMapping", 5},
                  {"identityColumns", 6}};
    if (!has_ntz(schema))
        return lv_str_of(lv_arena_printf(
            arena, "{\"protocol\":{\"minReaderVersion\":%d,\"minWriterVersion\":%d}}\n", min_reader,
            min_writer));
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_printf(&text,
                   "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,"
                   "\"readerFeatures\":[%s\"timestampNtz\"],\"writerFeatures\":[",
                   min_reader >= 2 ? "\"columnMapping\"," : "");
    for (size_t i = 0; i < LV_COUNT_OF(legacy); i++)
        if (legacy[i].writer <= min_writer || (legacy[i].writer == 5 && min_reader >= 2))
            lv_sbuf_printf(&text, "\"%s\",", legacy[i].name);
    lv_sbuf_add_cstr(&text, "\"timestampNtz\"]}}\n");
    return keep(arena, &text);
}

/* A table that is made. */
static lv_status plan_new(lv_arena *arena, const lv_type *query,
                          const lv_delta_write_options *options, lv_metadata *m,
                          lv_delta_write_plan *plan, lv_error *err)
{
    int min_reader, min_writer;
    char uuid[37];
    lv_sbuf configuration = LV_SBUF_INIT;
    LV_TRY(check_names(query, err));
    LV_TRY(lv_properties_check(&options->properties, &min_reader, &min_writer, err));
    plan->schema = options->declared != NULL ? lv_type_copy(arena, options->declared)
                                             : as_nullable(arena, query);
    LV_TRY(find_partition_columns(arena, options->partition_by, options->partition_by_count, plan,
                                  err));
    lv_str *partition_names = LV_NEW_ARRAY(arena, lv_str, plan->partition_count);
    for (int p = 0; p < plan->partition_count; p++)
        partition_names[p] = plan->schema->fields[plan->partition_columns[p]].name;
    lv_uuid_make(uuid);
    lv_properties_print(&options->properties, &configuration);
    plan->schema_string = print_schema(arena, plan->schema);
    *m = (lv_metadata){.id = lv_str_of(lv_arena_strndup(arena, uuid, 36)),
                       .description = options->comment.len ? options->comment : LV_STR_NONE,
                       .schema_string = plan->schema_string,
                       .partition_columns = partition_names,
                       .partition_count = plan->partition_count,
                       .configuration_text = keep(arena, &configuration),
                       .created_ms = lv_now_us() / 1000};
    plan->metadata = print_metadata(arena, m);
    plan->protocol = print_protocol(arena, plan->schema, min_reader, min_writer);
    lv_json *parsed;
    LV_TRY(lv_json_parse(arena, m->configuration_text, &parsed, err));
    m->configuration = parsed;
    return LV_OK;
}

/* A table that is there. */
static lv_status plan_existing(lv_delta_table *table, lv_arena *arena, const lv_type *query,
                               const lv_delta_write_options *options, lv_metadata *m,
                               lv_delta_write_plan *plan, lv_error *err)
{
    const lv_snapshot *s = &table->snapshot;
    schema_merge merge = {arena, table->path, options->merge_schema, false};
    LV_TRY(lv_snapshot_check_writable(s, table->path, err));
    LV_TRY(check_partitioning(table, options, err));
    LV_TRY(merge_types(&merge, lv_type_copy(arena, s->schema), query, &plan->schema, err));
    LV_TRY(find_partition_columns(arena, s->metadata->partition_columns,
                                  s->metadata->partition_count, plan, err));
    plan->schema_string = lv_str_dup(arena, s->metadata->schema_string);
    *m = *s->metadata;
    if (!merge.has_grown)
        return LV_OK;
    if (has_ntz(plan->schema) && !has_ntz(s->schema))
        return LV_FAIL(err, LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE,
                       "a TIMESTAMP_NTZ column added to table %s needs its protocol upgraded to "
                       "table feature timestampNtz, which this version of Levada cannot do yet",
                       table->path);
    plan->schema_string = m->schema_string = print_schema(arena, plan->schema);
    plan->metadata = print_metadata(arena, m);
    return LV_OK;
}

/* ---- statistics ------------------------------------------------------------------------------ */

/* Whether a comma-separated list of column names has this path or one above it. */
static bool lists_column(lv_str list, lv_str path)
{
    for (lv_str name; lv_str_split(&list, ',', &name);) {
        name = lv_str_trim(name);
        if (name.len >= 2 && name.ptr[0] == '`' && name.ptr[name.len - 1] == '`')
            name = lv_str_sub(name, 1, name.len - 2);
        bool is_prefix = name.len > 0 && name.len <= path.len &&
                         lv_str_eq_nocase(name, lv_str_sub(path, 0, name.len));
        if (is_prefix && (name.len == path.len || path.ptr[name.len] == '.'))
            return true;
    }
    return false;
}

typedef struct leaf_walk {
    lv_arena *arena;
    lv_str named;   /* delta.dataSkippingStatsColumns; ptr NULL: by number */
    int64_t number; /* -1: all */
    LV_VEC(bool) flags;
} leaf_walk;

/* Leaves as the Parquet writer counts them: of structs depth first, an array or a map as one. */
static void walk_leaves(leaf_walk *w, const lv_type *type, const char *above)
{
    for (int f = 0; f < type->field_count; f++) {
        const lv_field *field = &type->fields[f];
        const char *path = lv_arena_printf(w->arena, "%s%s%.*s", above, *above ? "." : "",
                                           LV_STR_ARG(field->name));
        if (field->type->kind == LV_TYPE_STRUCT) {
            walk_leaves(w, field->type, path);
            continue;
        }
        bool counts = w->number < 0 || (int64_t)w->flags.count < w->number;
        LV_VEC_PUSH(w->arena, w->flags,
                    w->named.ptr ? lists_column(w->named, lv_str_of(path)) : counts);
    }
}

static void plan_files(lv_arena *arena, const lv_metadata *m, lv_delta_write_plan *plan)
{
    leaf_walk walk = {
        .arena = arena,
        .named = lv_metadata_property(m, "delta.dataSkippingStatsColumns", LV_STR_NONE),
        .number = lv_property_long(m, "delta.dataSkippingNumIndexedCols", INDEXED_LEAVES)};
    walk_leaves(&walk, plan->file_schema, "");
    plan->indexed_leaves = walk.flags.at;
    int64_t prefix = lv_property_long(m, "delta.dataSkippingStringPrefixLength", STATS_PREFIX);
    plan->stats_prefix = (int)LV_MIN(LV_MAX(prefix, 1), 1024);
    plan->codec = LV_PARQUET_ZSTD;
    lv_parquet_codec_parse(
        lv_metadata_property(m, "delta.parquet.compression.codec", LV_STR("zstd")), &plan->codec);
    lv_str target = lv_metadata_property(m, "delta.targetFileSize", LV_STR_NONE);
    if (!lv_byte_size_parse(target, &plan->file_bytes))
        plan->file_bytes = FILE_BYTES;
}

lv_status lv_delta_plan_write(lv_delta_table *table, lv_arena *arena, const lv_plan *query,
                              const lv_delta_write_options *options, lv_delta_write_plan **out,
                              lv_error *err)
{
    lv_delta_write_plan *plan = LV_NEW(arena, lv_delta_write_plan);
    lv_metadata metadata;
    plan->store = table->store;
    LV_TRY(check_type(query->schema, LV_STR_NONE, err));
    if (table->snapshot.version < 0)
        LV_TRY(plan_new(arena, query->schema, options, &metadata, plan, err));
    else
        LV_TRY(plan_existing(table, arena, query->schema, options, &metadata, plan, err));
    plan_files(arena, &metadata, plan);
    LV_TRY(lv_write_fit(arena, query, plan->schema, &plan->query, err));
    *out = plan;
    return LV_OK;
}
