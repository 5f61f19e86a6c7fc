/* column_writer.c: staging values of a page; see column_writer.h. Encoding is in page_writer.c. */
#include "parquet/column_writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "parquet/page_writer.h"

enum { STRING_STRIDE = 512, FILE_BOUND_BYTES = 4096 };

static void *must(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "levada: out of memory (Parquet page)\n");
        abort();
    }
    return p;
}

/* ---- life ------------------------------------------------------------------------------------ */

static size_t staged_size(const lv_pq_leaf *leaf)
{
    static const uint8_t sizes[LV_PQ_PHYSICAL_COUNT] = {
        [LV_PQ_BOOLEAN] = 1, [LV_PQ_INT32] = 4,      [LV_PQ_INT64] = 8,  [LV_PQ_FLOAT] = 4,
        [LV_PQ_DOUBLE] = 8,  [LV_PQ_BYTE_ARRAY] = 4, [LV_PQ_FIXED] = 16,
    };
    return sizes[leaf->physical];
}

void lv_pq_column_writer_init(lv_pq_column_writer *c, const lv_pq_leaf *leaf,
                              lv_pq_write_context *context)
{
    *c = (lv_pq_column_writer){.leaf = leaf, .context = context, .value_size = staged_size(leaf)};
    lv_pq_dictionary_init(&c->dictionary,
                          leaf->physical == LV_PQ_BYTE_ARRAY ? 0 : (unsigned)c->value_size);
    lv_pq_column_writer_reset(c);
}

void lv_pq_column_writer_release(lv_pq_column_writer *c)
{
    lv_pq_dictionary_release(&c->dictionary);
    free(c->values);
    free(c->defs);
    free(c->reps);
    lv_sbuf *buffers[] = {&c->bytes,     &c->pages,    &c->chunk_min,
                          &c->chunk_max, &c->file_min, &c->file_max};
    for (size_t i = 0; i < LV_COUNT_OF(buffers); i++)
        lv_sbuf_release(buffers[i]);
}

void lv_pq_column_writer_next_chunk(lv_pq_column_writer *c)
{
    lv_pq_page_begin(c);
    lv_pq_dictionary_reset(&c->dictionary);
    lv_sbuf_clear(&c->pages);
    c->dictionary_start = 0;
    c->mode = LV_PQ_UNDECIDED;
    c->by_code = c->leaf->physical == LV_PQ_BYTE_ARRAY && c->context->options.dictionary_bytes > 0;
    c->dictionary_used = false;
    c->records.at = NULL;
    c->records.count = c->record_capacity = 0;
    memset(c->page_counts, 0, sizeof c->page_counts);
    c->chunk_rows = c->chunk_levels = c->chunk_nulls = c->uncompressed_bytes = 0;
    c->chunk_range = (lv_pq_range){0};
    c->store = false;
    c->stored_pages = 0;
}

void lv_pq_column_writer_reset(lv_pq_column_writer *c)
{
    lv_pq_column_writer_next_chunk(c);
    c->file_range = (lv_pq_range){0};
    c->file_nulls = 0;
}

/* ---- room ------------------------------------------------------------------------------------ */

static void reserve_values(lv_pq_column_writer *c, int64_t more)
{
    int64_t need = c->value_count + more;
    if (need <= c->value_capacity)
        return;
    c->value_capacity = LV_MAX(need, LV_MIN(c->value_capacity * 2, c->context->options.page_rows));
    c->values = must(realloc(c->values, (size_t)c->value_capacity * c->value_size));
}

/* Room for levels; those so far become explicit. */
static void reserve_levels(lv_pq_column_writer *c, int64_t more)
{
    int64_t need = c->level_count + more;
    if (need > c->level_capacity) {
        c->level_capacity = LV_MAX(need, c->level_capacity * 2);
        c->defs = must(realloc(c->defs, (size_t)c->level_capacity));
        c->reps = must(realloc(c->reps, (size_t)c->level_capacity));
    }
    if (!c->has_levels) {
        memset(c->defs, c->leaf->max_def, (size_t)c->level_count);
        memset(c->reps, 0, (size_t)c->level_count);
        c->has_levels = true;
    }
}

/* ---- staging --------------------------------------------------------------------------------- */

/* Copies values at `rows` (NULL: from, from + 1, ...), converted to the staged type. */
#define GATHER(to_type, from_type)                                                                 \
    do {                                                                                           \
        to_type *to = out;                                                                         \
        const from_type *data = v->data;                                                           \
        if (v->encoding == LV_CONSTANT)                                                            \
            for (int64_t i = 0; i < count; i++)                                                    \
                to[i] = (to_type)data[0];                                                          \
        else if (rows != NULL)                                                                     \
            for (int64_t i = 0; i < count; i++)                                                    \
                to[i] = (to_type)data[rows[i]];                                                    \
        else if (sizeof(to_type) == sizeof(from_type))                                             \
            memcpy(to, data + from, sizeof *to * (size_t)count);                                   \
        else                                                                                       \
            for (int64_t i = 0; i < count; i++)                                                    \
                to[i] = (to_type)data[from + i];                                                   \
    } while (0)

static void gather_decimals(const lv_vector *v, const int32_t *rows, int64_t from, int64_t count,
                            size_t size, void *out)
{
    if (size == sizeof(int32_t))
        GATHER(int32_t, __int128);
    else if (size == sizeof(int64_t))
        GATHER(int64_t, __int128);
    else
        GATHER(__int128, __int128);
}

static void gather(const lv_vector *v, const int32_t *rows, int64_t from, int64_t count,
                   size_t size, void *out)
{
    switch (v->type->kind) {
    case LV_TYPE_TINYINT: GATHER(int32_t, int8_t); break;
    case LV_TYPE_SMALLINT: GATHER(int32_t, int16_t); break;
    case LV_TYPE_DECIMAL: gather_decimals(v, rows, from, count, size, out); break;
    default:
        if (size == 1)
            GATHER(uint8_t, uint8_t);
        else if (size == 4)
            GATHER(uint32_t, uint32_t);
        else
            GATHER(uint64_t, uint64_t);
    }
}

/* Numbers that lie in the vector as they are staged go into a dictionary without being copied. */
static void stage_numbers(lv_pq_column_writer *c, const lv_vector *v, const int32_t *rows,
                          int64_t from, int64_t count)
{
    size_t size = c->value_size;
    const char *source = (const char *)v->data + (size_t)from * size;
    char *to = (char *)c->values + (size_t)c->value_count * size;
    bool as_it_is = rows == NULL && v->encoding == LV_FLAT && lv_type_value_size(v->type) == size;
    if (!as_it_is) {
        lv_sbuf_clear(&c->context->converted);
        char *out = c->by_code ? lv_sbuf_reserve(&c->context->converted, (size_t)count * size) : to;
        gather(v, rows, from, count, size, out);
        source = out;
    }
    lv_pq_range range = lv_pq_range_of(c->leaf->physical, source, (size_t)count, c->context->avx2);
    lv_pq_range_add(c->leaf->physical, &c->range, &range);
    if (c->by_code)
        lv_pq_dictionary_add(&c->dictionary, source, (size_t)count,
                             (uint32_t *)c->values + c->value_count);
    else if (source != to)
        memcpy(to, source, (size_t)count * size);
}

static void stage_codes(lv_pq_column_writer *c, const lv_vector *v, const int32_t *rows,
                        int64_t from, int64_t count)
{
    lv_pq_remap *remap = lv_pq_dictionary_remap(&c->dictionary, v->dict);
    const uint32_t *codes = v->data;
    uint32_t *to = (uint32_t *)c->values + c->value_count;
    for (int64_t i = 0; i < count; i++) {
        uint32_t theirs = codes[rows ? rows[i] : from + i];
        uint32_t ours = remap->codes[theirs];
        if (LV_UNLIKELY(ours == LV_PQ_NO_CODE))
            ours = lv_pq_dictionary_remap_add(&c->dictionary, remap, v->dict, theirs);
        to[i] = ours;
    }
}

static void stage_strings(lv_pq_column_writer *c, const lv_vector *v, const int32_t *rows,
                          int64_t from, int64_t count)
{
    uint32_t *to = (uint32_t *)c->values + c->value_count;
    for (int64_t i = 0; i < count; i++) {
        lv_str s = lv_vector_str(v, rows ? rows[i] : from + i);
        if (c->by_code) {
            to[i] = lv_pq_dictionary_add_str(&c->dictionary, s);
        } else {
            to[i] = (uint32_t)s.len;
            lv_sbuf_add_str(&c->bytes, s);
        }
    }
}

static void stage(lv_pq_column_writer *c, const lv_vector *v, const int32_t *rows, int64_t from,
                  int64_t count)
{
    if (count == 0)
        return;
    reserve_values(c, count);
    if (c->leaf->physical != LV_PQ_BYTE_ARRAY)
        stage_numbers(c, v, rows, from, count);
    else if (v->encoding == LV_DICTIONARY && c->by_code)
        stage_codes(c, v, rows, from, count);
    else
        stage_strings(c, v, rows, from, count);
    c->value_count += count;
}

/* ---- appending ------------------------------------------------------------------------------- */

static bool page_is_full(const lv_pq_column_writer *c)
{
    const lv_parquet_writer_options *o = &c->context->options;
    return c->row_count >= o->page_rows ||
           (int64_t)(c->bytes.len + c->dictionary.body.len - c->dictionary_start) >= o->page_bytes;
}

static lv_status end_page_if_full(lv_pq_column_writer *c, lv_error *err)
{
    return page_is_full(c) ? lv_pq_page_finish(c, false, err) : LV_OK;
}

/* Rows that a page may take at once: strings are watched more closely, for they may be long. */
static int64_t rows_at_once(const lv_pq_column_writer *c)
{
    int64_t room = c->context->options.page_rows - c->row_count;
    return c->leaf->physical == LV_PQ_BYTE_ARRAY ? LV_MIN(room, STRING_STRIDE) : room;
}

/* Rows that are not null, into the shared scratch; levels of all into the page. */
static int64_t split_nulls(lv_pq_column_writer *c, const lv_vector *v, int64_t from, int64_t count)
{
    int32_t *rows = c->context->rows;
    reserve_levels(c, count);
    uint8_t *defs = c->defs + c->level_count;
    int64_t n = 0;
    LV_ASSERT(count >= 0);
    for (int64_t i = 0; i < count; i++) {
        bool valid = !lv_vector_is_null(v, from + i);
        rows[n] = (int32_t)(from + i);
        n += valid;
        defs[i] = valid;
    }
    memset(c->reps + c->level_count, 0, (size_t)count);
    return n;
}

static bool any_null(const lv_vector *v, int64_t from, int64_t count)
{
    if (v->validity == NULL)
        return false;
    if (v->encoding == LV_CONSTANT)
        return !lv_bit_get(v->validity, 0);
    int64_t i = from, end = from + count;
    for (; i < end && (i & 63) != 0; i++)
        if (!lv_bit_get(v->validity, i))
            return true;
    for (; i + 64 <= end; i += 64)
        if (v->validity[i >> 6] != UINT64_MAX)
            return true;
    return i < end && (~v->validity[i >> 6] & lv_bits_tail_mask(end - i)) != 0;
}

lv_status lv_pq_column_writer_append(lv_pq_column_writer *c, const lv_vector *v, int64_t from,
                                     int64_t count, lv_error *err)
{
    while (count > 0) {
        int64_t n = LV_MIN(count, rows_at_once(c));
        if (any_null(v, from, n)) {
            if (c->leaf->max_def == 0)
                return LV_FAIL(err, LV_DELTA_NOT_NULL_VIOLATED,
                               "NOT NULL constraint violated for column: %.*s",
                               LV_STR_ARG(c->leaf->path[0]));
            int64_t valid = split_nulls(c, v, from, n);
            stage(c, v, c->context->rows, 0, valid);
        } else {
            if (c->has_levels) {
                reserve_levels(c, n);
                memset(c->defs + c->level_count, c->leaf->max_def, (size_t)n);
                memset(c->reps + c->level_count, 0, (size_t)n);
            }
            stage(c, v, NULL, from, n);
        }
        c->level_count += n;
        c->row_count += n;
        from += n;
        count -= n;
        LV_TRY(end_page_if_full(c, err));
    }
    return LV_OK;
}

/* Number of entries that make up `rows` rows from entry `from` on. */
static int64_t entries_of_rows(const lv_pq_shredded *s, int64_t from, int64_t rows,
                               int64_t *rows_found)
{
    int64_t i = from;
    *rows_found = 0;
    for (; i < s->count; i++)
        if (s->reps[i] == 0 && (*rows_found)++ == rows) {
            *rows_found = rows;
            break;
        }
    return i - from;
}

lv_status lv_pq_column_writer_append_shredded(lv_pq_column_writer *c, const lv_pq_shredded *s,
                                              lv_error *err)
{
    for (int64_t from = 0; from < s->count;) {
        int64_t rows, n = entries_of_rows(s, from, rows_at_once(c), &rows);
        reserve_levels(c, n);
        memcpy(c->defs + c->level_count, s->defs + from, (size_t)n);
        memcpy(c->reps + c->level_count, s->reps + from, (size_t)n);
        int64_t valid = 0; /* values of these entries, moved up in place */
        for (int64_t i = from; i < from + n; i++)
            if (s->rows[i] >= 0)
                s->rows[from + valid++] = s->rows[i];
        stage(c, s->vector, s->rows + from, 0, valid);
        c->level_count += n;
        c->row_count += rows;
        from += n;
        LV_TRY(end_page_if_full(c, err));
    }
    return LV_OK;
}

/* ---- statistics of the file ------------------------------------------------------------------ */

void lv_pq_column_writer_stats(lv_pq_column_writer *c, lv_parquet_column_stats *stats)
{
    const lv_pq_range *range = &c->file_range;
    bool is_text = c->leaf->type->kind == LV_TYPE_STRING;
    *stats = (lv_parquet_column_stats){.type = c->leaf->type,
                                       .has_null_count = true,
                                       .has_min_max = range->known,
                                       .min_exact = true,
                                       .max_exact = true,
                                       .null_count = c->file_nulls,
                                       .nan_count = range->nan_count};
    if (!range->known)
        return;
    if (c->leaf->physical != LV_PQ_BYTE_ARRAY) {
        stats->min = lv_pq_value_public(c->leaf, &range->min);
        stats->max = lv_pq_value_public(c->leaf, &range->max);
        return;
    }
    lv_str min = lv_sbuf_str(&c->file_min), max = lv_sbuf_str(&c->file_max);
    stats->min.str = lv_pq_bound_below(min, FILE_BOUND_BYTES, is_text);
    stats->min_exact = stats->min.str.len == min.len;
    stats->max_exact = max.len <= FILE_BOUND_BYTES;
    stats->has_min_max =
        lv_pq_bound_above(&c->context->file, max, FILE_BOUND_BYTES, is_text, &stats->max.str);
}
