/* reader.c: opened footers. */
#include <stdlib.h>

#include "base/check.h"
#include "parquet/reader_int.h"
#include "parquet/stats.h"

enum { TAIL_BYTES = 64 << 10, FOOTER_BYTES_MAX = 1 << 30 };

/* ---- footer ---------------------------------------------------------------------------------- */

/* Reads the footer into the reader's arena. One read gets small files' footers, which is most. */
static lv_status read_footer(lv_parquet_reader *r, lv_str *footer, lv_error *err)
{
    int64_t size = r->source.size_bytes;
    if (size < 12)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "%lld bytes are no Parquet file", (long long)size);
    size_t tail_len = (size_t)LV_MIN(size, (int64_t)TAIL_BYTES);
    char *tail = lv_arena_alloc(&r->arena, tail_len);
    LV_TRY(r->source.read(r->source.context, size - (int64_t)tail_len, tail, tail_len, err));
    lv_rd end = lv_rd_of(tail + tail_len - 8, 8);
    uint32_t len = lv_rd_u32le(&end);
    if (memcmp(end.ptr, "PARE", 4) == 0)
        return LV_FAIL(err, LV_PARQUET_UNSUPPORTED, "the file is encrypted");
    if (memcmp(end.ptr, "PAR1", 4) != 0)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "the file does not end with PAR1");
    if (len > size - 12 || len > FOOTER_BYTES_MAX)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a footer of %u bytes in a file of %lld", len,
                       (long long)size);
    r->data_end = size - 8 - (int64_t)len;
    if (len + 8 <= tail_len) {
        *footer = (lv_str){tail + tail_len - 8 - len, len};
        return LV_OK;
    }
    char *whole = lv_arena_alloc(&r->arena, len);
    *footer = (lv_str){whole, len};
    return r->source.read(r->source.context, r->data_end, whole, len, err);
}

static lv_status check_row_groups(lv_parquet_reader *r, lv_error *err)
{
    int64_t rows = 0;
    for (size_t g = 0; g < r->meta.row_groups.count; g++) {
        const lv_pq_row_group *group = &r->meta.row_groups.at[g];
        if (group->chunks.count != (size_t)r->schema.leaf_count)
            return LV_FAIL(err, LV_PARQUET_CORRUPT, "row group %zu has %zu columns, the schema %d",
                           g, group->chunks.count, r->schema.leaf_count);
        if (group->row_count < 0 || __builtin_add_overflow(rows, group->row_count, &rows))
            return LV_FAIL(err, LV_PARQUET_CORRUPT, "row group %zu has %lld rows", g,
                           (long long)group->row_count);
        for (int i = 0; i < r->schema.leaf_count; i++) {
            const lv_pq_chunk *chunk = &group->chunks.at[i];
            if (LV_HAS(chunk, 3) && chunk->meta.type != (int32_t)r->schema.leaves[i].physical)
                return LV_FAIL(err, LV_PARQUET_CORRUPT,
                               "column %d of row group %zu has type %d, in the schema %d", i, g,
                               chunk->meta.type, (int)r->schema.leaves[i].physical);
        }
    }
    r->row_count = rows; /* the sum, not what the footer claims */
    return LV_OK;
}

static lv_status open_reader(lv_parquet_reader *r, lv_error *err)
{
    lv_str footer = LV_STR_NONE;
    LV_TRY(read_footer(r, &footer, err));
    lv_rd rd = lv_rd_of(footer.ptr, footer.len);
    LV_TRY(lv_thrift_read(&rd, &lv_pq_file_meta_type, &r->arena, &r->meta, err));
    if (LV_HAS(&r->meta, 8))
        return LV_FAIL(err, LV_PARQUET_UNSUPPORTED, "the file is encrypted");
    LV_TRY(lv_pq_schema_read(&r->arena, &r->meta, &r->schema, err));
    return check_row_groups(r, err);
}

lv_status lv_parquet_reader_open(lv_parquet_reader **reader, lv_parquet_source source,
                                 lv_error *err)
{
    lv_parquet_reader *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    r->source = source;
    lv_arena_init(&r->arena);
    lv_status status = open_reader(r, err);
    if (status != LV_OK) {
        lv_error_context(err, "Parquet file %s", source.name);
        lv_parquet_reader_close(r);
        return status;
    }
    *reader = r;
    return LV_OK;
}

void lv_parquet_reader_close(lv_parquet_reader *r)
{
    if (r == NULL)
        return;
    lv_arena_release(&r->arena);
    free(r);
}

/* ---- looking --------------------------------------------------------------------------------- */

const lv_type *lv_parquet_reader_schema(const lv_parquet_reader *r)
{
    return r->schema.root.type;
}

int64_t lv_parquet_reader_row_count(const lv_parquet_reader *r)
{
    return r->row_count;
}

int lv_parquet_reader_row_group_count(const lv_parquet_reader *r)
{
    return (int)r->meta.row_groups.count;
}

int64_t lv_parquet_reader_row_group_rows(const lv_parquet_reader *r, int row_group)
{
    return r->meta.row_groups.at[row_group].row_count;
}

bool lv_parquet_reader_metadata(const lv_parquet_reader *r, const char *key, lv_str *value)
{
    for (size_t i = 0; i < r->meta.key_values.count; i++)
        if (lv_str_is(r->meta.key_values.at[i].key, key)) {
            *value = r->meta.key_values.at[i].value;
            return true;
        }
    return false;
}

lv_str lv_parquet_reader_created_by(const lv_parquet_reader *r)
{
    return r->meta.created_by;
}

/* ---- statistics ------------------------------------------------------------------------------ */

static const lv_pq_node *find_node(const lv_pq_node *node, const lv_str *path, int path_length)
{
    for (int i = 0; i < path_length; i++) {
        const lv_pq_node *next = NULL;
        for (int f = 0; f < node->child_count && next == NULL && node->kind == LV_PQ_STRUCT_NODE;
             f++)
            if (lv_str_eq_nocase(node->children[f].name, path[i]))
                next = &node->children[f];
        if (next == NULL)
            return NULL;
        node = next;
    }
    return node;
}

/* Bounds in min_value and max_value are in the type's order if the footer says so. The deprecated
 * fields were written in signed order whatever the type, so only signed types can use them. */
static bool bounds_of(const lv_parquet_reader *r, int leaf_index, const lv_pq_statistics *s,
                      lv_str *min, lv_str *max)
{
    const lv_pq_leaf *leaf = &r->schema.leaves[leaf_index];
    bool ordered = (size_t)leaf_index < r->meta.column_orders.count &&
                   LV_HAS(&r->meta.column_orders.at[leaf_index], 1);
    if (leaf->unordered)
        return false;
    if (LV_HAS(s, 5) && LV_HAS(s, 6) && (ordered || !leaf->is_unsigned)) {
        *min = s->min_value;
        *max = s->max_value;
        return true;
    }
    bool is_signed =
        leaf->physical <= LV_PQ_DOUBLE && leaf->physical != LV_PQ_INT96 && !leaf->is_unsigned;
    if (LV_HAS(s, 1) && LV_HAS(s, 2) && is_signed) {
        *min = s->min;
        *max = s->max;
        return true;
    }
    return false;
}

/* Floating point bounds that are NaN say nothing; zero stands for both zeros. */
static bool tidy_floats(lv_type_kind kind, lv_parquet_value *min, lv_parquet_value *max)
{
    if (kind == LV_TYPE_FLOAT) {
        min->f32 = min->f32 == 0 ? -0.0f : min->f32;
        max->f32 = max->f32 == 0 ? 0.0f : max->f32;
        return min->f32 == min->f32 && max->f32 == max->f32;
    }
    if (kind == LV_TYPE_DOUBLE) {
        min->f64 = min->f64 == 0 ? -0.0 : min->f64;
        max->f64 = max->f64 == 0 ? 0.0 : max->f64;
        return min->f64 == min->f64 && max->f64 == max->f64;
    }
    return true;
}

bool lv_pq_leaf_stats(const lv_parquet_reader *r, int row_group, int leaf_index,
                      lv_parquet_column_stats *stats)
{
    const lv_pq_leaf *leaf = &r->schema.leaves[leaf_index];
    const lv_pq_chunk *chunk = &r->meta.row_groups.at[row_group].chunks.at[leaf_index];
    if (!LV_HAS(chunk, 3) || !LV_HAS(&chunk->meta, 12))
        return false;
    const lv_pq_statistics *s = &chunk->meta.statistics;
    *stats = (lv_parquet_column_stats){.type = leaf->type,
                                       .has_null_count = LV_HAS(s, 3) && s->null_count >= 0,
                                       .null_count = s->null_count};
    lv_str min, max;
    if (!bounds_of(r, leaf_index, s, &min, &max))
        return true;
    stats->has_min_max = lv_pq_stat_decode(leaf, min, &stats->min) &&
                         lv_pq_stat_decode(leaf, max, &stats->max) &&
                         tidy_floats(leaf->type->kind, &stats->min, &stats->max);
    stats->min_exact = leaf->physical != LV_PQ_BYTE_ARRAY || (LV_HAS(s, 8) && s->is_min_exact);
    stats->max_exact = leaf->physical != LV_PQ_BYTE_ARRAY || (LV_HAS(s, 7) && s->is_max_exact);
    return true;
}

bool lv_parquet_reader_stats(const lv_parquet_reader *r, int row_group, const lv_str *path,
                             int path_length, lv_parquet_column_stats *stats)
{
    const lv_pq_node *node = find_node(&r->schema.root, path, path_length);
    if (node == NULL || node->kind != LV_PQ_LEAF_NODE ||
        !lv_pq_leaf_stats(r, row_group, node->leaf, stats))
        return false;
    stats->path = path;
    stats->path_length = path_length;
    return true;
}
