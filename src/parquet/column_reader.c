/* column_reader.c: see column_reader.h. */
#include "parquet/column_reader.h"

#include "base/check.h"
#include "parquet/convert.h"

/* A few bytes of run lengths can stand for any number of levels: what a batch may hold is bounded. */
enum { LEVELS_MAX = 1 << 26, PIECE = 512 };

void lv_pq_column_reader_init(lv_pq_column_reader *c, const lv_pq_leaf *leaf,
                              const lv_parquet_source *source, lv_pq_codecs *codecs, bool check_crc)
{
    *c = (lv_pq_column_reader){
        .leaf = leaf, .pages = {.source = source, .codecs = codecs, .check_crc = check_crc}};
}

void lv_pq_column_reader_release(lv_pq_column_reader *c)
{
    lv_pq_page_reader_release(&c->pages);
    lv_arena_release(&c->dictionary_arena);
    lv_arena_release(&c->page_arena);
    lv_sbuf_release(&c->dictionary_bytes);
}

lv_status lv_pq_column_reader_start(lv_pq_column_reader *c, const lv_pq_chunk *chunk, int64_t limit,
                                    lv_error *err)
{
    if (!LV_HAS(chunk, 3) || (LV_HAS(chunk, 1) && chunk->file_path.len > 0))
        return LV_FAIL(err, LV_PARQUET_UNSUPPORTED, "a column chunk lies in another file");
    c->has_dictionary = false;
    c->levels_left = 0;
    lv_arena_reset(&c->dictionary_arena);
    return lv_pq_page_reader_start(&c->pages, &chunk->meta, limit, err);
}

static bool is_string(const lv_pq_leaf *leaf)
{
    return lv_type_is_string_like(leaf->type);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Decodes values of the leaf's Spark type; strings borrow. */
static bool decode_values(const lv_pq_leaf *leaf, lv_pq_value_decoder *values, size_t count,
                          void *out)
{
    if (!lv_pq_needs_conversion(leaf))
        return lv_pq_value_decode(values, count, out);
    size_t size = lv_type_value_size(leaf->type);
    lv_str decoded[PIECE]; /* the largest decoded value, and well aligned */
    for (size_t at = 0; at < count; at += PIECE) {
        size_t n = LV_MIN(count - at, (size_t)PIECE);
        if (!lv_pq_value_decode(values, n, decoded) ||
            !lv_pq_convert(leaf, decoded, n, (char *)out + at * size))
            return false;
    }
    return true;
}

static void gather(const void *from, const uint32_t *codes, size_t count, size_t size, void *out)
{
    switch (size) {
    case 1:
        for (size_t i = 0; i < count; i++)
            ((uint8_t *)out)[i] = ((const uint8_t *)from)[codes[i]];
        break;
    case 2:
        for (size_t i = 0; i < count; i++)
            ((uint16_t *)out)[i] = ((const uint16_t *)from)[codes[i]];
        break;
    case 4:
        for (size_t i = 0; i < count; i++)
            ((uint32_t *)out)[i] = ((const uint32_t *)from)[codes[i]];
        break;
    case 8:
        for (size_t i = 0; i < count; i++)
            ((uint64_t *)out)[i] = ((const uint64_t *)from)[codes[i]];
        break;
    default:
        for (size_t i = 0; i < count; i++)
            ((__int128 *)out)[i] = ((const __int128 *)from)[codes[i]];
    }
}

/* Copies the bytes of strings into the arena of the batch. */
static void keep_bytes(lv_arena *arena, lv_str *strings, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += strings[i].len;
    char *to = lv_arena_alloc(arena, total);
    for (size_t i = 0; i < count; i++) {
        if (strings[i].len > 0)
            memcpy(to, strings[i].ptr, strings[i].len);
        strings[i].ptr = to;
        to += strings[i].len;
    }
}

static bool decode_coded(lv_pq_column_reader *c, size_t count, void *out)
{
    size_t size = lv_type_value_size(c->leaf->type);
    uint32_t codes[PIECE];
    for (size_t at = 0; at < count; at += PIECE) {
        size_t n = LV_MIN(count - at, (size_t)PIECE);
        if (!lv_pq_value_decode_codes(&c->values, n, c->dictionary_count, codes))
            return false;
        gather(c->dictionary, codes, n, size, (char *)out + at * size);
    }
    return true;
}

static void reserve_values(lv_pq_column_reader *c, size_t more)
{
    int64_t need = c->value_count + (int64_t)more;
    if (need <= c->value_capacity)
        return;
    int64_t capacity = LV_MAX(need, c->value_capacity * 2);
    size_t size = lv_type_value_size(c->leaf->type); /* codes take less */
    c->out =
        lv_arena_grow(c->arena, c->out, (size_t)c->value_capacity * size, (size_t)capacity * size);
    c->value_capacity = capacity;
}

/* Replaces the codes so far by their strings. */
static void spell_out(lv_pq_column_reader *c)
{
    if (!c->by_code)
        return;
    c->by_code = false;
    size_t n = (size_t)c->value_count;
    lv_str *strings = lv_arena_alloc(c->arena, LV_MAX(n, (size_t)1) * sizeof *strings);
    gather(c->dictionary, c->out, n, sizeof *strings, strings);
    keep_bytes(c->arena, strings, n);
    c->out = strings;
    c->value_capacity = (int64_t)n;
}

static lv_status read_values(lv_pq_column_reader *c, size_t count, lv_error *err)
{
    if (count == 0)
        return LV_OK;
    bool text = is_string(c->leaf);
    if (c->value_count == 0)
        c->by_code = text && c->coded;
    else if (!c->coded)
        spell_out(c);
    reserve_values(c, count);
    bool ok;
    if (c->by_code) {
        ok = lv_pq_value_decode_codes(&c->values, count, c->dictionary_count,
                                      (uint32_t *)c->out + c->value_count);
    } else {
        char *to = (char *)c->out + (size_t)c->value_count * lv_type_value_size(c->leaf->type);
        ok = c->coded ? decode_coded(c, count, to) : decode_values(c->leaf, &c->values, count, to);
        if (ok && text)
            keep_bytes(c->arena, (lv_str *)(void *)to, count);
    }
    if (!ok)
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "a page does not have the values that it should (encoding %d)",
                       c->values.encoding);
    c->value_count += (int64_t)count;
    return LV_OK;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static lv_status read_dictionary(lv_pq_column_reader *c, const lv_pq_page *page, lv_error *err)
{
    if (c->has_dictionary)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a second dictionary in a column chunk at %lld",
                       (long long)page->offset);
    lv_sbuf_clear(&c->dictionary_bytes);
    lv_sbuf_add_str(&c->dictionary_bytes, page->body);
    lv_pq_value_decoder values;
    size_t value_bits = c->leaf->physical == LV_PQ_BOOLEAN ? 1
                        : c->leaf->physical == LV_PQ_FIXED ? 8
                                                           : 32; /* at least */
    if (page->value_count > page->body.len * 8 / value_bits ||
        !lv_pq_value_decoder_init(&values, LV_PQ_PLAIN, c->leaf, lv_sbuf_str(&c->dictionary_bytes),
                                  page->value_count, &c->dictionary_arena))
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "the dictionary at %lld does not have its %zu values",
                       (long long)page->offset, page->value_count);
    c->dictionary =
        lv_arena_alloc(&c->dictionary_arena, page->value_count * lv_type_value_size(c->leaf->type));
    if (!decode_values(c->leaf, &values, page->value_count, c->dictionary))
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "the dictionary at %lld does not have its %zu values",
                       (long long)page->offset, page->value_count);
    c->dictionary_count = (uint32_t)page->value_count;
    c->has_dictionary = true;
    c->distinct = -1;
    return LV_OK;
}

/* The old encoding of levels: packed from the most significant bit on, without a length. */
static bool unpack_old_levels(lv_rd *rd, size_t count, unsigned width, uint8_t *out)
{
    const uint8_t *bytes = lv_rd_bytes(rd, (count * width + 7) / 8);
    if (bytes == NULL)
        return false;
    for (size_t i = 0, bit = 0; i < count; i++) {
        unsigned level = 0;
        for (unsigned b = 0; b < width; b++, bit++)
            level = level << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
        out[i] = (uint8_t)level;
    }
    return true;
}

/* Finds the bytes of one kind of levels of a V1 page. Runs of a leaf outside lists stay packed. */
static bool levels_v1(lv_pq_column_reader *c, lv_rd *rd, lv_pq_encoding encoding, unsigned max,
                      size_t count, const uint8_t **out)
{
    unsigned width = lv_pq_bit_width(max);
    *out = NULL;
    if (max == 0)
        return true;
    if (encoding == LV_PQ_BIT_PACKED) {
        uint8_t *levels = lv_arena_alloc(&c->page_arena, count);
        *out = levels;
        return unpack_old_levels(rd, count, width, levels);
    }
    uint32_t len = lv_rd_u32le(rd);
    const uint8_t *runs = lv_rd_bytes(rd, len);
    if (runs == NULL || encoding != LV_PQ_RLE)
        return false;
    lv_pq_rle_init(&c->def_runs, runs, len, width);
    if (c->leaf->max_rep == 0)
        return true;
    uint8_t *levels = lv_arena_alloc(&c->page_arena, count);
    *out = levels;
    return lv_pq_rle_decode_u8(&c->def_runs, levels, count);
}

static bool levels_v2(lv_pq_column_reader *c, lv_str runs, unsigned max, size_t count,
                      const uint8_t **out)
{
    *out = NULL;
    if (max == 0)
        return true;
    lv_pq_rle_init(&c->def_runs, runs.ptr, runs.len, lv_pq_bit_width(max));
    if (c->leaf->max_rep == 0)
        return true;
    uint8_t *levels = lv_arena_alloc(&c->page_arena, count);
    *out = levels;
    return lv_pq_rle_decode_u8(&c->def_runs, levels, count);
}

static bool levels_in_range(const uint8_t *levels, size_t count, uint8_t max)
{
    uint8_t most = 0;
    for (size_t i = 0; levels != NULL && i < count; i++)
        most = LV_MAX(most, levels[i]);
    return most <= max;
}

static lv_status read_data_page(lv_pq_column_reader *c, const lv_pq_page *page, lv_error *err)
{
    size_t n = page->value_count;
    const lv_pq_leaf *leaf = c->leaf;
    lv_rd rd = lv_rd_of(page->body.ptr, page->body.len);
    bool old = !page->is_v2 &&
               (page->def_encoding == LV_PQ_BIT_PACKED || page->rep_encoding == LV_PQ_BIT_PACKED);
    if ((leaf->max_rep > 0 || old) && n > LEVELS_MAX)
        return LV_FAIL(err, LV_PARQUET_UNSUPPORTED, "the page at %lld has %zu levels",
                       (long long)page->offset, n);
    lv_arena_reset(&c->page_arena);
    bool ok = page->is_v2 ? levels_v2(c, page->reps, leaf->max_rep, n, &c->reps) &&
                                levels_v2(c, page->defs, leaf->max_def, n, &c->defs)
                          : levels_v1(c, &rd, page->rep_encoding, leaf->max_rep, n, &c->reps) &&
                                levels_v1(c, &rd, page->def_encoding, leaf->max_def, n, &c->defs);
    if (!ok || !levels_in_range(c->reps, n, leaf->max_rep) ||
        !levels_in_range(c->defs, n, leaf->max_def))
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "the levels of the page at %lld are malformed",
                       (long long)page->offset);
    lv_str body = {(const char *)rd.ptr, lv_rd_left(&rd)};
    c->coded = page->encoding == LV_PQ_PLAIN_DICTIONARY || page->encoding == LV_PQ_RLE_DICTIONARY;
    if (c->coded && !c->has_dictionary)
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "the page at %lld refers to a dictionary that is not there",
                       (long long)page->offset);
    if (!lv_pq_value_decoder_init(&c->values, page->encoding, leaf, body, n, &c->page_arena))
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "the page at %lld is malformed or of encoding %d, which does not fit",
                       (long long)page->offset, page->encoding);
    c->levels_left = n;
    return LV_OK;
}

static lv_status next_page(lv_pq_column_reader *c, lv_error *err)
{
    lv_pq_page page;
    do {
        LV_TRY(lv_pq_page_reader_next(&c->pages, &page, err));
        LV_TRY(page.is_dictionary ? read_dictionary(c, &page, err) : read_data_page(c, &page, err));
    } while (page.is_dictionary);
    return LV_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static lv_status reserve_levels(lv_pq_column_reader *c, size_t more, lv_error *err)
{
    int64_t need = c->level_count + (int64_t)more;
    if (need > LEVELS_MAX)
        return LV_FAIL(err, LV_PARQUET_UNSUPPORTED, "more than %d values in a batch of column %.*s",
                       LEVELS_MAX, LV_STR_ARG(c->leaf->path[0]));
    if (need <= c->level_capacity)
        return LV_OK;
    int64_t capacity = LV_MAX(need, c->level_capacity * 2);
    size_t used = (size_t)c->level_capacity;
    c->out_defs = lv_arena_grow(c->arena, c->out_defs, c->out_defs ? used : 0, (size_t)capacity);
    if (c->leaf->max_rep > 0)
        c->out_reps =
            lv_arena_grow(c->arena, c->out_reps, c->out_reps ? used : 0, (size_t)capacity);
    c->level_capacity = capacity;
    return LV_OK;
}

static size_t count_present(const uint8_t *defs, size_t count, uint8_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += defs[i] == max;
    return n;
}

/* Reads `count` levels of the page of a leaf outside lists, and their values. */
static lv_status read_flat(lv_pq_column_reader *c, size_t count, lv_error *err)
{
    uint8_t max = c->leaf->max_def;
    size_t present = count;
    bool all = max == 0 || (c->defs == NULL && lv_pq_rle_skip_run(&c->def_runs, max, count));
    if (!all || c->out_defs != NULL) {
        bool first = c->out_defs == NULL;
        LV_TRY(reserve_levels(c, count, err));
        if (first)
            memset(c->out_defs, max, (size_t)c->level_count);
        uint8_t *defs = c->out_defs + c->level_count;
        if (all)
            memset(defs, max, count);
        else if (c->defs != NULL)
            memcpy(defs, c->defs, count);
        else if (!lv_pq_rle_decode_u8(&c->def_runs, defs, count) ||
                 !levels_in_range(defs, count, max))
            return LV_FAIL(err, LV_PARQUET_CORRUPT, "definition levels are malformed");
        present = count_present(defs, count, max);
    }
    if (c->defs != NULL)
        c->defs += count;
    c->level_count += (int64_t)count;
    c->levels_left -= count;
    return read_values(c, present, err);
}

/* Reads levels of the page of a leaf in lists up to the end of row `rows`; *row_count is raised. */
static lv_status read_nested(lv_pq_column_reader *c, int64_t rows, int64_t *row_count, bool *done,
                             lv_error *err)
{
    size_t n = 0;
    for (; n < c->levels_left; n++) {
        if (c->reps[n] > 0)
            continue;
        if (*row_count == rows) {
            *done = true;
            break;
        }
        ++*row_count;
    }
    if (*row_count == 0 && n > 0)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "the first value of a row continues a list");
    LV_TRY(reserve_levels(c, n, err));
    if (n > 0) {
        memcpy(c->out_defs + c->level_count, c->defs, n);
        memcpy(c->out_reps + c->level_count, c->reps, n);
    }
    size_t present = count_present(c->defs, n, c->leaf->max_def);
    c->defs += n;
    c->reps += n;
    c->level_count += (int64_t)n;
    c->levels_left -= n;
    return read_values(c, present, err);
}

/* Whether the dictionary's strings are all different: a vector's must be, a file's need not. */
static bool dictionary_is_distinct(lv_pq_column_reader *c)
{
    if (c->distinct < 0) {
        lv_dict *dict = lv_dict_new();
        for (uint32_t i = 0; i < c->dictionary_count; i++)
            lv_dict_intern(dict, ((const lv_str *)c->dictionary)[i]);
        c->distinct = dict->count == c->dictionary_count;
        lv_dict_free(dict);
    }
    return c->distinct;
}

static void finish(lv_pq_column_reader *c, lv_pq_leaf_rows *rows)
{
    bool keep_codes =
        c->by_code && c->dictionary_count <= c->value_count && dictionary_is_distinct(c);
    if (!keep_codes)
        spell_out(c);
    *rows =
        (lv_pq_leaf_rows){.level_count = c->level_count, .defs = c->out_defs, .reps = c->out_reps};
    rows->values = (lv_vector){.type = c->leaf->type,
                               .encoding = keep_codes ? LV_DICTIONARY : LV_FLAT,
                               .length = c->value_count,
                               .data = c->out};
    if (c->out == NULL)
        rows->values.data = lv_arena_alloc(c->arena, lv_type_value_size(c->leaf->type));
    if (keep_codes)
        rows->values.dict = lv_dict_make(c->arena, c->dictionary, c->dictionary_count);
}

lv_status lv_pq_column_reader_read(lv_pq_column_reader *c, int64_t count, lv_arena *arena,
                                   lv_pq_leaf_rows *rows, lv_error *err)
{
    c->arena = arena;
    c->level_count = c->level_capacity = c->value_count = c->value_capacity = 0;
    c->out_defs = c->out_reps = NULL;
    c->out = NULL;
    c->by_code = false;
    int64_t row_count = 0;
    bool nested = c->leaf->max_rep > 0, done = false;
    /* The last row of a list ends where the next one begins: maybe only the next page tells. */
    while (!done && (row_count < count || nested)) {
        if (c->levels_left == 0) {
            if (c->pages.values_left == 0)
                break;
            LV_TRY(next_page(c, err));
            continue;
        }
        if (nested) {
            LV_TRY(read_nested(c, count, &row_count, &done, err));
        } else {
            size_t n = (size_t)LV_MIN(count - row_count, (int64_t)c->levels_left);
            LV_TRY(read_flat(c, n, err));
            row_count += (int64_t)n;
        }
    }
    if (row_count < count)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "column %.*s has fewer rows than its row group",
                       LV_STR_ARG(c->leaf->path[0]));
    finish(c, rows);
    return LV_OK;
}
