/* writer.c: files: row groups, page index, footer. */
#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "os/os.h"
#include "parquet/column_writer.h"

enum { OUT_BYTES = 256 << 10 };

static const char magic[4] = {'P', 'A', 'R', '1'};

/** Pages of a chunk, for the page index. */
typedef struct chunk_pages {
    lv_pq_page_record *at;
    size_t count;
} chunk_pages;

struct lv_parquet_writer {
    lv_arena arena; /* schema: as long as the writer */
    lv_arena scratch;
    lv_pq_schema schema;
    lv_pq_file_meta meta; /* its schema lasts, the rest is of the file being written */
    lv_pq_write_context context;
    lv_pq_column_writer *columns;
    lv_pq_shredded *shredded;
    lv_sbuf dictionary_page;

    bool is_open;
    lv_parquet_sink sink;
    lv_sbuf out;    /* bytes on their way to the sink */
    int64_t offset; /* of the end of `out` in the file */
    int64_t row_count;
    int64_t group_rows; /* in the row group being filled */
    LV_VEC(lv_pq_row_group) groups;
    LV_VEC(chunk_pages) pages; /* by row group and leaf */
    int64_t *null_lists;       /* of the list columns outside lists, depth first */
    int stats_count;
    lv_parquet_column_stats *stats;
};

/* ---- codecs ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *extension;
    lv_parquet_codec codec;
} codec_names[] = {
    {"zstd", ".zstd", LV_PARQUET_ZSTD},        {"snappy", ".snappy", LV_PARQUET_SNAPPY},
    {"gzip", ".gz", LV_PARQUET_GZIP},          {"lz4_raw", ".lz4raw", LV_PARQUET_LZ4_RAW},
    {"lz4raw", ".lz4raw", LV_PARQUET_LZ4_RAW}, {"none", "", LV_PARQUET_NONE},
    {"uncompressed", "", LV_PARQUET_NONE},
};

bool lv_parquet_codec_parse(lv_str name, lv_parquet_codec *codec)
{
    for (size_t i = 0; i < LV_COUNT_OF(codec_names); i++)
        if (lv_str_eq_nocase(name, lv_str_of(codec_names[i].name))) {
            *codec = codec_names[i].codec;
            return true;
        }
    return false;
}

const char *lv_parquet_codec_extension(lv_parquet_codec codec)
{
    for (size_t i = 0; i < LV_COUNT_OF(codec_names); i++)
        if (codec_names[i].codec == codec)
            return codec_names[i].extension;
    return "";
}

/* ---- life ------------------------------------------------------------------------------------ */

static int count_stats(const lv_pq_node *node)
{
    if (node->kind != LV_PQ_STRUCT_NODE)
        return 1;
    int count = 0;
    for (int f = 0; f < node->child_count; f++)
        count += count_stats(&node->children[f]);
    return count;
}

static void make_columns(lv_parquet_writer *w)
{
    int leaf_count = w->schema.leaf_count;
    w->columns = LV_NEW_ARRAY(&w->arena, lv_pq_column_writer, leaf_count);
    w->shredded = LV_NEW_ARRAY(&w->arena, lv_pq_shredded, leaf_count);
    w->stats_count = count_stats(&w->schema.root);
    w->stats = LV_NEW_ARRAY(&w->arena, lv_parquet_column_stats, w->stats_count);
    w->null_lists = LV_NEW_ARRAY(&w->arena, int64_t, lv_pq_outer_list_count(&w->schema.root));
    w->context.rows =
        lv_arena_alloc(&w->arena, (size_t)w->context.options.page_rows * sizeof(int32_t));
    for (int i = 0; i < leaf_count; i++)
        lv_pq_column_writer_init(&w->columns[i], &w->schema.leaves[i], &w->context);
}

lv_status lv_parquet_writer_new(lv_parquet_writer **writer, const lv_type *schema,
                                const lv_parquet_writer_options *options, lv_error *err)
{
    lv_parquet_writer *w = calloc(1, sizeof *w);
    LV_ASSERT(w != NULL);
    lv_arena_init(&w->arena);
    lv_arena_init(&w->scratch);
    lv_arena_init(&w->context.file);
    w->context.options = options ? *options : LV_PARQUET_WRITER_DEFAULTS;
    w->context.avx2 = lv_cpu_has_avx2();
    lv_parquet_writer_options *o = &w->context.options;
    o->page_rows = LV_MAX(o->page_rows, 1);
    o->row_group_rows = LV_MIN(LV_MAX(o->row_group_rows, 1), INT32_MAX);
    lv_status status =
        lv_pq_schema_make(&w->arena, lv_type_copy(&w->arena, schema), &w->schema, &w->meta, err);
    if (status != LV_OK) {
        lv_parquet_writer_free(w);
        return status;
    }
    make_columns(w);
    *writer = w;
    return LV_OK;
}

void lv_parquet_writer_free(lv_parquet_writer *w)
{
    if (w == NULL)
        return;
    for (int i = 0; w->columns != NULL && i < w->schema.leaf_count; i++)
        lv_pq_column_writer_release(&w->columns[i]);
    lv_pq_codecs_release(&w->context.codecs);
    lv_sbuf *buffers[] = {&w->context.body,      &w->context.delta,   &w->context.packed,
                          &w->context.converted, &w->dictionary_page, &w->out};
    for (size_t i = 0; i < LV_COUNT_OF(buffers); i++)
        lv_sbuf_release(buffers[i]);
    free(w->context.codes);
    free(w->context.seen);
    lv_arena_release(&w->context.file);
    lv_arena_release(&w->scratch);
    lv_arena_release(&w->arena);
    free(w);
}

lv_status lv_parquet_writer_open(lv_parquet_writer *w, lv_parquet_sink sink, lv_error *err)
{
    w->sink = sink;
    w->is_open = true;
    w->offset = w->row_count = w->group_rows = 0;
    lv_sbuf_clear(&w->out);
    lv_arena_reset(&w->context.file);
    memset(&w->groups, 0, sizeof w->groups);
    memset(&w->pages, 0, sizeof w->pages);
    for (int i = 0; i < w->schema.leaf_count; i++)
        lv_pq_column_writer_reset(&w->columns[i]);
    memset(w->null_lists, 0,
           sizeof *w->null_lists * (size_t)lv_pq_outer_list_count(&w->schema.root));
    lv_sbuf_add(&w->out, magic, sizeof magic);
    w->offset = sizeof magic;
    return LV_OK;
}

/* ---- output ---------------------------------------------------------------------------------- */

static lv_status flush_out(lv_parquet_writer *w, lv_error *err)
{
    if (w->out.len > 0)
        LV_TRY(w->sink.write(w->sink.context, w->out.ptr, w->out.len, err));
    lv_sbuf_clear(&w->out);
    return LV_OK;
}

/* Small pieces are gathered: a small file is one write. */
static lv_status put(lv_parquet_writer *w, lv_str bytes, lv_error *err)
{
    w->offset += (int64_t)bytes.len;
    if (w->out.len + bytes.len <= OUT_BYTES) {
        lv_sbuf_add_str(&w->out, bytes);
        return LV_OK;
    }
    LV_TRY(flush_out(w, err));
    if (bytes.len >= OUT_BYTES / 4)
        return w->sink.write(w->sink.context, bytes.ptr, bytes.len, err);
    lv_sbuf_add_str(&w->out, bytes);
    return LV_OK;
}

static lv_status finish_row_group(lv_parquet_writer *w, lv_error *err)
{
    if (w->group_rows == 0)
        return LV_OK;
    lv_arena *file = &w->context.file;
    lv_pq_row_group group = {.has = LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3) | LV_HAS_BIT(5) |
                                    LV_HAS_BIT(6),
                             .row_count = w->group_rows,
                             .file_offset = w->offset};
    if (w->groups.count <= INT16_MAX) {
        group.has |= LV_HAS_BIT(7);
        group.ordinal = (int16_t)w->groups.count;
    }
    group.chunks.count = (size_t)w->schema.leaf_count;
    group.chunks.at = LV_NEW_ARRAY(file, lv_pq_chunk, w->schema.leaf_count);
    for (int i = 0; i < w->schema.leaf_count; i++) {
        lv_pq_column_writer *column = &w->columns[i];
        lv_pq_chunk *chunk = &group.chunks.at[i];
        LV_TRY(lv_pq_column_writer_finish(column, w->offset, &w->dictionary_page, chunk, err));
        LV_TRY(put(w, lv_sbuf_str(&w->dictionary_page), err));
        LV_TRY(put(w, lv_sbuf_str(&column->pages), err));
        group.uncompressed_bytes += chunk->meta.uncompressed_bytes;
        group.compressed_bytes += chunk->meta.compressed_bytes;
        chunk_pages pages = {column->records.at, column->records.count};
        LV_VEC_PUSH(file, w->pages, pages);
        lv_pq_column_writer_next_chunk(column);
    }
    LV_VEC_PUSH(file, w->groups, group);
    w->group_rows = 0;
    return LV_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static lv_status append_column(lv_parquet_writer *w, const lv_pq_node *node, const lv_vector *v,
                               int64_t from, int64_t count, int64_t *null_lists, lv_error *err)
{
    if (node->kind == LV_PQ_LEAF_NODE)
        return lv_pq_column_writer_append(&w->columns[node->leaf], v, from, count, err);
    lv_arena_reset(&w->scratch);
    LV_TRY(lv_pq_shred(&w->scratch, node, v, from, count, w->shredded, null_lists, err));
    for (int i = 0; i < node->leaf_count; i++)
        LV_TRY(
            lv_pq_column_writer_append_shredded(&w->columns[node->leaf + i], &w->shredded[i], err));
    return LV_OK;
}

static int64_t group_bytes(const lv_parquet_writer *w)
{
    int64_t bytes = 0;
    for (int i = 0; i < w->schema.leaf_count; i++)
        bytes += lv_pq_column_writer_bytes(&w->columns[i]);
    return bytes;
}

int64_t lv_parquet_writer_size_bytes(const lv_parquet_writer *w)
{
    return w->offset + group_bytes(w);
}

static lv_status append_rows(lv_parquet_writer *w, const lv_batch *batch, int64_t from,
                             int64_t count, lv_error *err)
{
    const lv_pq_node *root = &w->schema.root;
    int64_t *null_lists = w->null_lists;
    for (int c = 0; c < root->child_count; c++) {
        LV_TRY(
            append_column(w, &root->children[c], &batch->columns[c], from, count, null_lists, err));
        null_lists += lv_pq_outer_list_count(&root->children[c]);
    }
    return LV_OK;
}

lv_status lv_parquet_write(lv_parquet_writer *w, const lv_batch *batch, lv_error *err)
{
    LV_ASSERT(w->is_open && batch->schema->field_count == w->schema.root.child_count);
    for (int c = 0; c < w->schema.root.child_count; c++) {
        LV_ASSERT(batch->columns[c].length >= batch->length &&
                  batch->columns[c].type->kind == w->schema.root.children[c].type->kind);
        LV_DCHECK(lv_vector_check(&batch->columns[c]));
    }
    int64_t page_rows = w->context.options.page_rows;
    for (int64_t from = 0; from < batch->length;) {
        /* In strides of a page, so that the size of the row group is looked at often enough. */
        int64_t room = LV_MIN(w->context.options.row_group_rows - w->group_rows, page_rows);
        int64_t n = LV_MIN(batch->length - from, room);
        LV_TRY(append_rows(w, batch, from, n, err));
        from += n;
        w->group_rows += n;
        w->row_count += n;
        if (w->group_rows >= w->context.options.row_group_rows ||
            group_bytes(w) >= w->context.options.row_group_bytes)
            LV_TRY(finish_row_group(w, err));
    }
    return LV_OK;
}

/* ---- page index ------------------------------------------------------------------------------ */

/* The order of the bounds, to be found by comparing neighbours. */
static int32_t boundary_order(const lv_pq_leaf *leaf, const lv_parquet_value *min,
                              const lv_parquet_value *max, size_t count)
{
    bool ascending = true, descending = true;
    for (size_t i = 1; i < count; i++) {
        int a = lv_pq_value_cmp(leaf->physical, &min[i - 1], &min[i]),
            b = lv_pq_value_cmp(leaf->physical, &max[i - 1], &max[i]);
        ascending = ascending && a <= 0 && b <= 0;
        descending = descending && a >= 0 && b >= 0;
    }
    return ascending ? LV_PQ_ASCENDING : descending ? LV_PQ_DESCENDING : LV_PQ_UNORDERED;
}

/* A stored bound in the form in which bounds are compared. */
static lv_parquet_value bound_value(const lv_pq_leaf *leaf, lv_str bytes)
{
    lv_parquet_value value = {0};
    if (leaf->physical == LV_PQ_BYTE_ARRAY) {
        value.str = bytes;
    } else if (leaf->physical == LV_PQ_FIXED) {
        value.i128 = bytes.len > 0 && (bytes.ptr[0] & 0x80) ? -1 : 0;
        for (size_t i = 0; i < bytes.len; i++)
            value.i128 =
                (__int128)((unsigned __int128)value.i128 << 8 | (unsigned char)bytes.ptr[i]);
    } else {
        memcpy(&value, bytes.ptr, bytes.len);
    }
    return value;
}

/* False if the pages' bounds do not allow an index: a page with values but without bounds. */
static bool make_column_index(lv_arena *arena, const lv_pq_leaf *leaf, const chunk_pages *pages,
                              lv_pq_column_index *index)
{
    size_t n = pages->count, bounded = 0;
    index->has = LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3) | LV_HAS_BIT(4) | LV_HAS_BIT(5);
    index->null_pages.at = LV_NEW_ARRAY(arena, bool, n);
    index->min_values.at = LV_NEW_ARRAY(arena, lv_str, n);
    index->max_values.at = LV_NEW_ARRAY(arena, lv_str, n);
    index->null_counts.at = LV_NEW_ARRAY(arena, int64_t, n);
    index->null_pages.count = index->min_values.count = index->max_values.count =
        index->null_counts.count = n;
    lv_parquet_value *min = LV_NEW_ARRAY(arena, lv_parquet_value, n),
                     *max = LV_NEW_ARRAY(arena, lv_parquet_value, n);
    for (size_t i = 0; i < n; i++) {
        const lv_pq_page_record *page = &pages->at[i];
        if (!page->all_null && !page->has_bounds)
            return false;
        index->null_pages.at[i] = page->all_null;
        index->null_counts.at[i] = page->null_count;
        if (page->all_null)
            continue;
        index->min_values.at[i] = page->min;
        index->max_values.at[i] = page->max;
        min[bounded] = bound_value(leaf, page->min);
        max[bounded++] = bound_value(leaf, page->max);
    }
    index->boundary_order = boundary_order(leaf, min, max, bounded);
    return true;
}

static lv_status put_struct(lv_parquet_writer *w, const lv_thrift_struct *type, const void *object,
                            int64_t *offset, int32_t *length, lv_error *err)
{
    lv_sbuf *bytes = &w->context.body;
    lv_sbuf_clear(bytes);
    lv_thrift_write(bytes, type, object);
    *offset = w->offset;
    *length = (int32_t)bytes->len;
    return put(w, lv_sbuf_str(bytes), err);
}

static lv_status put_column_indexes(lv_parquet_writer *w, lv_error *err)
{
    for (size_t g = 0; g < w->groups.count; g++)
        for (int i = 0; i < w->schema.leaf_count; i++) {
            lv_pq_chunk *chunk = &w->groups.at[g].chunks.at[i];
            const chunk_pages *pages = &w->pages.at[g * (size_t)w->schema.leaf_count + (size_t)i];
            lv_pq_column_index index = {0};
            lv_arena_reset(&w->scratch);
            if (!make_column_index(&w->scratch, &w->schema.leaves[i], pages, &index))
                continue;
            chunk->has |= LV_HAS_BIT(6) | LV_HAS_BIT(7);
            LV_TRY(put_struct(w, &lv_pq_column_index_type, &index, &chunk->column_index_offset,
                              &chunk->column_index_length, err));
        }
    return LV_OK;
}

static lv_status put_offset_indexes(lv_parquet_writer *w, lv_error *err)
{
    for (size_t g = 0; g < w->groups.count; g++)
        for (int i = 0; i < w->schema.leaf_count; i++) {
            lv_pq_chunk *chunk = &w->groups.at[g].chunks.at[i];
            const chunk_pages *pages = &w->pages.at[g * (size_t)w->schema.leaf_count + (size_t)i];
            lv_arena_reset(&w->scratch);
            lv_pq_offset_index index = {.has = LV_HAS_BIT(1)};
            index.pages.count = pages->count;
            index.pages.at = LV_NEW_ARRAY(&w->scratch, lv_pq_page_location, pages->count);
            for (size_t p = 0; p < pages->count; p++)
                index.pages.at[p] = (lv_pq_page_location){
                    LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3), pages->at[p].offset,
                    pages->at[p].bytes, pages->at[p].first_row};
            chunk->has |= LV_HAS_BIT(4) | LV_HAS_BIT(5);
            LV_TRY(put_struct(w, &lv_pq_offset_index_type, &index, &chunk->offset_index_offset,
                              &chunk->offset_index_length, err));
        }
    return LV_OK;
}

/* ---- footer ---------------------------------------------------------------------------------- */

static lv_status put_footer(lv_parquet_writer *w, lv_error *err)
{
    lv_pq_file_meta *meta = &w->meta;
    const char *created_by = w->context.options.created_by;
    meta->has = LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3) | LV_HAS_BIT(4) | LV_HAS_BIT(6) |
                LV_HAS_BIT(7);
    meta->version = 1;
    meta->row_count = w->row_count;
    meta->row_groups.at = w->groups.at;
    meta->row_groups.count = w->groups.count;
    meta->created_by =
        lv_str_of(created_by ? created_by : "levada version " LEVADA_VERSION " (build levada)");
    meta->column_orders.count = (size_t)w->schema.leaf_count;
    meta->column_orders.at =
        LV_NEW_ARRAY(&w->context.file, lv_pq_column_order, w->schema.leaf_count);
    for (int i = 0; i < w->schema.leaf_count; i++)
        meta->column_orders.at[i].has = LV_HAS_BIT(1);
    int64_t offset;
    int32_t length;
    LV_TRY(put_struct(w, &lv_pq_file_meta_type, meta, &offset, &length, err));
    char tail[8];
    memcpy(tail, &length, 4);
    memcpy(tail + 4, magic, 4);
    return put(w, (lv_str){tail, sizeof tail}, err);
}

/* Statistics of the columns below `node`; `names` is the path to it. */
static void collect_stats(lv_parquet_writer *w, const lv_pq_node *node, const lv_str *names,
                          int depth, lv_parquet_column_stats **out, const int64_t **null_lists)
{
    lv_str *path = LV_NEW_ARRAY(&w->context.file, lv_str, depth + 1);
    for (int i = 0; i < depth; i++)
        path[i] = names[i];
    path[depth] = node->name;
    if (node->kind == LV_PQ_STRUCT_NODE) {
        for (int f = 0; f < node->child_count; f++)
            collect_stats(w, &node->children[f], path, depth + 1, out, null_lists);
        return;
    }
    lv_parquet_column_stats *stats = (*out)++;
    if (node->kind == LV_PQ_LEAF_NODE)
        lv_pq_column_writer_stats(&w->columns[node->leaf], stats);
    else
        *stats = (lv_parquet_column_stats){
            .type = node->type, .has_null_count = true, .null_count = *(*null_lists)++};
    stats->path = path;
    stats->path_length = depth + 1;
}

lv_status lv_parquet_writer_close(lv_parquet_writer *w, lv_parquet_file_info *info, lv_error *err)
{
    LV_ASSERT(w->is_open);
    LV_TRY(finish_row_group(w, err));
    if (w->context.options.page_index) {
        LV_TRY(put_column_indexes(w, err));
        LV_TRY(put_offset_indexes(w, err));
    }
    LV_TRY(put_footer(w, err));
    LV_TRY(flush_out(w, err));
    w->is_open = false;
    if (info == NULL)
        return LV_OK;
    lv_parquet_column_stats *next = w->stats;
    const int64_t *null_lists = w->null_lists;
    for (int c = 0; c < w->schema.root.child_count; c++)
        collect_stats(w, &w->schema.root.children[c], NULL, 0, &next, &null_lists);
    *info = (lv_parquet_file_info){w->row_count, w->offset, w->stats_count, w->stats};
    return LV_OK;
}
