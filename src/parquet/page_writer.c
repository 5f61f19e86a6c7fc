/* page_writer.c: see page_writer.h.
 *
 * Choosing: a dictionary is tried on a sample, then on the first page. It stays if the number of
 * distinct values that the page lets expect for the whole chunk is at most 52,000, beyond which look-ups
 * miss the caches (for the only page of a small file: if it is smaller); whole numbers must also beat
 * their deltas. With D distinct values, n rows drawn evenly show D(1 - exp(-n/D)) of them; D = 52,000
 * shows 96 % distinct rows in 4,096 and 83 % in 20,000: those are the thresholds. */
#include "parquet/page_writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "parquet/delta_packed.h"
#include "parquet/rle.h"

enum { SAMPLE_ROWS = 4096, SAMPLE_DISTINCT_PERCENT = 96, PAGE_DISTINCT_PERCENT = 83 };
enum { BOUND_BYTES = 64, STORE_RETRY_PAGES = 8 };

void lv_pq_page_begin(lv_pq_column_writer *c)
{
    c->value_count = c->level_count = c->row_count = 0;
    c->has_levels = false;
    c->range = (lv_pq_range){0};
    c->dictionary_start = c->dictionary.body.len;
    lv_sbuf_clear(&c->bytes);
}

static uint32_t *code_scratch(lv_pq_write_context *x, int64_t count)
{
    if (x->code_capacity < count) {
        free(x->codes);
        x->codes = malloc((size_t)count * sizeof *x->codes);
        LV_ASSERT(x->codes != NULL);
        x->code_capacity = count;
    }
    return x->codes;
}

/* ---- range of a page ------------------------------------------------------------------------- */

/* Which codes the page has. */
static const uint64_t *mark_seen(lv_pq_column_writer *c)
{
    lv_pq_write_context *x = c->context;
    const uint32_t *codes = c->values;
    size_t words = LV_BITMAP_WORDS(c->dictionary.count);
    if (x->seen_words < words) {
        free(x->seen);
        x->seen = malloc(words * sizeof *x->seen);
        LV_ASSERT(x->seen != NULL);
        x->seen_words = words;
    }
    memset(x->seen, 0, words * sizeof *x->seen);
    for (int64_t i = 0; i < c->value_count; i++)
        lv_bit_set(x->seen, codes[i]);
    return x->seen;
}

/* The first of the dictionary's extremes that the page has; LV_PQ_NO_CODE: none of them. */
static uint32_t first_seen(const uint64_t *seen, const uint32_t *extremes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (lv_bit_get(seen, extremes[i]))
            return extremes[i];
    return LV_PQ_NO_CODE;
}

/* Range of strings by their codes. Most pages hold extremes of the whole dictionary, which is quick
 * to see; else each code is looked at once. */
static void range_of_codes(lv_pq_column_writer *c, lv_pq_range *range)
{
    const lv_pq_dictionary *d = &c->dictionary;
    const uint32_t *codes = c->values;
    uint32_t min = d->least[0], max = d->greatest[0], has_min = 0, has_max = 0;
    for (int64_t i = 0; i < c->value_count; i++) {
        has_min |= codes[i] == min;
        has_max |= codes[i] == max;
    }
    if (!has_min || !has_max) {
        const uint64_t *seen = mark_seen(c);
        min = first_seen(seen, d->least, d->extreme_count);
        max = first_seen(seen, d->greatest, d->extreme_count);
        for (uint32_t code = 0; code < d->count && (min == LV_PQ_NO_CODE || max == LV_PQ_NO_CODE);
             code++) {
            if (!lv_bit_get(seen, code))
                continue;
            lv_pq_range one = {.known = true, .min.str = lv_pq_dictionary_str(d, code)};
            one.max = one.min;
            lv_pq_range_add(LV_PQ_BYTE_ARRAY, range, &one);
        }
    }
    range->known = true;
    if (min != LV_PQ_NO_CODE)
        range->min.str = lv_pq_dictionary_str(d, min);
    if (max != LV_PQ_NO_CODE)
        range->max.str = lv_pq_dictionary_str(d, max);
}

static void range_of_strings(lv_pq_column_writer *c, lv_pq_range *range)
{
    const uint32_t *lens = c->values;
    const char *at = c->bytes.ptr;
    for (int64_t i = 0; i < c->value_count; i++) {
        lv_pq_range one = {.known = true, .min.str = {at, lens[i]}, .max.str = {at, lens[i]}};
        lv_pq_range_add(LV_PQ_BYTE_ARRAY, range, &one);
        at += lens[i];
    }
}

static lv_pq_range page_range(lv_pq_column_writer *c)
{
    lv_pq_range range = {0};
    if (c->leaf->physical != LV_PQ_BYTE_ARRAY)
        return c->range;
    if (c->value_count > 0 && c->by_code)
        range_of_codes(c, &range);
    else if (c->value_count > 0)
        range_of_strings(c, &range);
    return range;
}

static void keep_str(lv_sbuf *buf, lv_str *s)
{
    if (s->ptr != buf->ptr || s->len != buf->len) {
        lv_sbuf_clear(buf);
        lv_sbuf_add_str(buf, *s);
    }
    *s = lv_sbuf_str(buf);
}

/* Widens a range whose strings are kept in `min` and `max`. */
static void widen(lv_pq_physical physical, lv_pq_range *to, const lv_pq_range *more, lv_sbuf *min,
                  lv_sbuf *max)
{
    lv_pq_range_add(physical, to, more);
    if (physical == LV_PQ_BYTE_ARRAY && to->known) {
        keep_str(min, &to->min.str);
        keep_str(max, &to->max.str);
    }
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* Adds the staged numbers from..to to the dictionary, their codes to the scratch. */
static void add_numbers(lv_pq_column_writer *c, int64_t from, int64_t to)
{
    uint32_t *codes = code_scratch(c->context, c->value_count);
    lv_pq_dictionary_add(&c->dictionary, (const char *)c->values + (size_t)from * c->value_size,
                         (size_t)(to - from), codes + from);
}

static int64_t codes_cost(const lv_pq_column_writer *c)
{
    return c->value_count * (int64_t)lv_pq_bit_width(LV_MAX(c->dictionary.count, 2u) - 1) / 8;
}

static bool has_deltas(const lv_pq_column_writer *c)
{
    return c->context->options.delta_encodings &&
           (c->leaf->physical == LV_PQ_INT32 || c->leaf->physical == LV_PQ_INT64);
}

static void encode_deltas(lv_pq_column_writer *c, lv_sbuf *out)
{
    if (c->leaf->physical == LV_PQ_INT64)
        lv_pq_delta_encode_i64(c->values, (size_t)c->value_count, out);
    else
        lv_pq_delta_encode_i32(c->values, (size_t)c->value_count, out);
}

/* Whether the dictionary of the first page, which holds all its values, is worth keeping. `full`: more
 * pages will follow. */
static bool dictionary_pays(const lv_pq_column_writer *c, bool full, int64_t plain_cost)
{
    int64_t n = c->value_count, distinct = c->dictionary.count;
    if ((int64_t)c->dictionary.body.len > c->context->options.dictionary_bytes)
        return false;
    return full ? distinct * 100 <= n * PAGE_DISTINCT_PERCENT
                : ((int64_t)c->dictionary.body.len + codes_cost(c)) * 4 <= plain_cost * 3;
}

/* Decides how numbers are encoded; their codes are in the scratch if by dictionary. */
static lv_pq_mode choose_numbers(lv_pq_column_writer *c, bool full)
{
    int64_t n = c->value_count, sample = LV_MIN(n, SAMPLE_ROWS);
    bool by_dictionary = c->context->options.dictionary_bytes > 0 &&
                         c->leaf->physical != LV_PQ_BOOLEAN && c->leaf->physical != LV_PQ_FIXED;
    int64_t count_at_half = 0;
    if (by_dictionary) {
        add_numbers(c, 0, sample);
        by_dictionary =
            n == sample || c->dictionary.count * 100 <= sample * SAMPLE_DISTINCT_PERCENT;
    }
    if (by_dictionary) {
        add_numbers(c, sample, LV_MAX(n / 2, sample));
        count_at_half = c->dictionary.count;
        add_numbers(c, LV_MAX(n / 2, sample), n);
        by_dictionary = dictionary_pays(c, full, n * (int64_t)c->value_size);
    }
    if (has_deltas(c)) {
        lv_sbuf_clear(&c->context->delta);
        encode_deltas(c, &c->context->delta);
        /* Pages to come are expected to add to the dictionary what the second half of this one did. */
        int64_t entries = full ? (c->dictionary.count - count_at_half) * 2 : c->dictionary.count;
        int64_t cost = codes_cost(c) + entries * (int64_t)c->value_size;
        by_dictionary =
            by_dictionary && cost * 8 < (int64_t)c->context->delta.len * 7; /* deltas are faster */
    }
    if (by_dictionary)
        return LV_PQ_BY_DICTIONARY;
    lv_pq_dictionary_reset(&c->dictionary);
    return has_deltas(c) ? LV_PQ_BY_DELTA : LV_PQ_PLAINLY;
}

/* Stages the strings of the page by their bytes instead of their codes. */
static void spell_out(lv_pq_column_writer *c)
{
    uint32_t *values = c->values;
    for (int64_t i = 0; i < c->value_count; i++) {
        lv_str s = lv_pq_dictionary_str(&c->dictionary, values[i]);
        values[i] = (uint32_t)s.len;
        lv_sbuf_add_str(&c->bytes, s);
    }
    c->by_code = false;
}

static lv_pq_mode choose_strings(lv_pq_column_writer *c, bool full)
{
    if (c->by_code) {
        int64_t n = c->value_count, plain_cost = 0;
        const uint32_t *codes = c->values;
        for (int64_t i = 0; !full && i < n; i++)
            plain_cost += 1 + (int64_t)lv_pq_dictionary_str(&c->dictionary, codes[i]).len;
        if (dictionary_pays(c, full, plain_cost))
            return LV_PQ_BY_DICTIONARY;
        spell_out(c);
        lv_pq_dictionary_reset(&c->dictionary);
    }
    return c->context->options.delta_encodings ? LV_PQ_BY_DELTA : LV_PQ_PLAINLY;
}

static void choose(lv_pq_column_writer *c, bool last)
{
    bool full = !last && c->records.count == 0;
    c->mode =
        c->leaf->physical == LV_PQ_BYTE_ARRAY ? choose_strings(c, full) : choose_numbers(c, full);
}

/* ---- encoding -------------------------------------------------------------------------------- */

static void encode_levels(const uint8_t *levels, uint8_t max, bool explicit_levels, int64_t count,
                          lv_sbuf *out)
{
    if (max == 0)
        return;
    size_t start = out->len;
    lv_wr_u32le(out, 0);
    if (explicit_levels)
        lv_pq_rle_encode_u8(levels, (size_t)count, lv_pq_bit_width(max), out);
    else
        lv_pq_rle_encode_run(max, (size_t)count, lv_pq_bit_width(max), out);
    uint32_t len = (uint32_t)(out->len - start - 4);
    memcpy(out->ptr + start, &len, 4);
}

static void encode_codes(lv_pq_column_writer *c, lv_sbuf *out)
{
    /* Numbers of the page that made the choice were staged before there were codes. */
    const uint32_t *codes = c->by_code ? c->values : c->context->codes;
    c->by_code = true;
    unsigned width = lv_pq_bit_width(LV_MAX(c->dictionary.count, 2u) - 1);
    lv_wr_u8(out, (uint8_t)width);
    lv_pq_rle_encode_u32(codes, (size_t)c->value_count, width, out);
}

static void encode_fixed(const __int128 *values, int64_t count, int len, lv_sbuf *out)
{
    char *to = lv_sbuf_reserve(out, (size_t)count * (size_t)len);
    for (int64_t i = 0; i < count; i++)
        for (int b = len - 1; b >= 0; b--)
            *to++ = (char)(values[i] >> (8 * b));
    out->len += (size_t)count * (size_t)len;
}

static void encode_strings(lv_pq_column_writer *c, lv_sbuf *out)
{
    const uint32_t *lens = c->values;
    const char *at = c->bytes.ptr;
    char *to = lv_sbuf_reserve(out, c->bytes.len + 4 * (size_t)c->value_count);
    for (int64_t i = 0; i < c->value_count; i++) {
        memcpy(to, &lens[i], 4);
        memcpy(to + 4, at, lens[i]);
        to += 4 + lens[i];
        at += lens[i];
    }
    out->len += c->bytes.len + 4 * (size_t)c->value_count;
}

static void encode_booleans(const uint8_t *values, int64_t count, lv_sbuf *out)
{
    size_t len = ((size_t)count + 7) / 8;
    char *to = lv_sbuf_reserve(out, len);
    memset(to, 0, len);
    for (int64_t i = 0; i < count; i++)
        to[i / 8] |= (char)(values[i] << (i % 8));
    out->len += len;
}

static void encode_plainly(lv_pq_column_writer *c, lv_sbuf *out)
{
    if (c->value_count == 0)
        return;
    switch (c->leaf->physical) {
    case LV_PQ_BOOLEAN: encode_booleans(c->values, c->value_count, out); break;
    case LV_PQ_FIXED: encode_fixed(c->values, c->value_count, c->leaf->type_length, out); break;
    case LV_PQ_BYTE_ARRAY: encode_strings(c, out); break;
    default: lv_sbuf_add(out, c->values, (size_t)c->value_count * c->value_size);
    }
}

/* Encodes the staged values behind the levels; returns the encoding used. */
static lv_pq_encoding encode_values(lv_pq_column_writer *c, bool chosen_now, lv_sbuf *out)
{
    switch (c->value_count > 0 ? c->mode : LV_PQ_PLAINLY) { /* nothing is best said plainly */
    case LV_PQ_BY_DICTIONARY:
        c->dictionary_used = true;
        encode_codes(c, out);
        return LV_PQ_RLE_DICTIONARY;
    case LV_PQ_BY_DELTA:
        if (c->leaf->physical == LV_PQ_BYTE_ARRAY) {
            lv_pq_delta_encode_i32(c->values, (size_t)c->value_count, out);
            lv_sbuf_add(out, c->bytes.ptr, c->bytes.len);
            return LV_PQ_DELTA_LENGTH_BYTE_ARRAY;
        }
        if (chosen_now)
            lv_sbuf_add_str(out, lv_sbuf_str(&c->context->delta));
        else
            encode_deltas(c, out);
        return LV_PQ_DELTA_BINARY_PACKED;
    default: encode_plainly(c, out); return LV_PQ_PLAIN;
    }
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Compresses context->body. A page that does not shrink by a twentieth makes the following ones be
 * stored without a try, but for every STORE_RETRY_PAGES-th. */
static lv_status compress_body(lv_pq_column_writer *c, lv_str *packed, lv_error *err)
{
    lv_pq_write_context *x = c->context;
    lv_str body = lv_sbuf_str(&x->body);
    if (x->options.codec == LV_PARQUET_NONE) {
        *packed = body;
        return LV_OK;
    }
    if (c->store && ++c->stored_pages % STORE_RETRY_PAGES != 0) {
        LV_TRY(lv_pq_store(&x->codecs, x->options.codec, x->options.codec_level, body, &x->packed,
                           err));
    } else {
        LV_TRY(lv_pq_compress(&x->codecs, x->options.codec, x->options.codec_level, body,
                              &x->packed, err));
        c->store = x->packed.len > body.len - body.len / 20;
    }
    *packed = lv_sbuf_str(&x->packed);
    return LV_OK;
}

/* Appends header and content of a page to `out`; returns what they count uncompressed. */
static int64_t add_page(lv_pq_column_writer *c, lv_pq_page_header *header, lv_str packed,
                        lv_sbuf *out)
{
    size_t start = out->len;
    header->has |= LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3);
    header->uncompressed_bytes = (int32_t)c->context->body.len;
    header->compressed_bytes = (int32_t)packed.len;
    if (c->context->options.crc) {
        header->has |= LV_HAS_BIT(4);
        header->crc = (int32_t)lv_crc32(0, packed.ptr, packed.len);
    }
    lv_thrift_write(out, &lv_pq_page_header_type, header);
    int64_t header_bytes = (int64_t)(out->len - start);
    lv_sbuf_add_str(out, packed);
    return header_bytes + header->uncompressed_bytes;
}

static void record_page(lv_pq_column_writer *c, const lv_pq_range *range, int64_t offset,
                        int64_t nulls)
{
    lv_arena *arena = &c->context->file;
    if (c->records.count == c->record_capacity) {
        size_t more = LV_MAX(c->record_capacity * 2, (size_t)16);
        c->records.at =
            lv_arena_grow(arena, c->records.at, c->record_capacity * sizeof *c->records.at,
                          more * sizeof *c->records.at);
        c->record_capacity = more;
    }
    lv_pq_page_record *record = &c->records.at[c->records.count++];
    *record = (lv_pq_page_record){.offset = offset,
                                  .bytes = (int32_t)((int64_t)c->pages.len - offset),
                                  .first_row = c->chunk_rows,
                                  .null_count = nulls,
                                  .all_null = nulls == c->level_count,
                                  .has_bounds = range->known};
    if (!range->known || !c->context->options.page_index)
        return;
    if (c->leaf->physical == LV_PQ_BYTE_ARRAY) {
        bool is_text = c->leaf->type->kind == LV_TYPE_STRING;
        record->min = lv_str_dup(arena, lv_pq_bound_below(range->min.str, BOUND_BYTES, is_text));
        record->has_bounds =
            lv_pq_bound_above(arena, range->max.str, BOUND_BYTES, is_text, &record->max);
    } else {
        record->min = lv_pq_value_encode(arena, c->leaf, &range->min);
        record->max = lv_pq_value_encode(arena, c->leaf, &range->max);
    }
}

lv_status lv_pq_page_finish(lv_pq_column_writer *c, bool last, lv_error *err)
{
    if (c->level_count == 0)
        return LV_OK;
    const lv_pq_leaf *leaf = c->leaf;
    lv_sbuf *body = &c->context->body;
    lv_pq_range range = page_range(c);
    widen(leaf->physical, &c->chunk_range, &range, &c->chunk_min, &c->chunk_max);
    bool choose_now = c->mode == LV_PQ_UNDECIDED && c->value_count > 0;
    lv_sbuf_clear(body);
    encode_levels(c->reps, leaf->max_rep, c->has_levels, c->level_count, body);
    encode_levels(c->defs, leaf->max_def, c->has_levels, c->level_count, body);
    int64_t nulls = c->level_count - c->value_count, offset = (int64_t)c->pages.len;
    lv_pq_page_header header = {.has = LV_HAS_BIT(5), .type = LV_PQ_PAGE_DATA};
    header.data =
        (lv_pq_data_header){.has = LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3) | LV_HAS_BIT(4),
                            .value_count = (int32_t)c->level_count,
                            .def_encoding = LV_PQ_RLE,
                            .rep_encoding = LV_PQ_RLE};
    /* The bounds of strings lie in the dictionary, which choosing may drop: they go first. */
    lv_arena *arena = &c->context->file;
    if (range.known && leaf->physical == LV_PQ_BYTE_ARRAY && choose_now) {
        range.min.str = lv_str_dup(arena, range.min.str);
        range.max.str = lv_str_dup(arena, range.max.str);
    }
    if (choose_now)
        choose(c, last);
    header.data.encoding = encode_values(c, choose_now, body);
    c->page_counts[header.data.encoding]++;
    if (body->len > INT32_MAX)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "a page of column %.*s takes %zu bytes",
                       LV_STR_ARG(leaf->path[0]), body->len);
    lv_str packed;
    LV_TRY(compress_body(c, &packed, err));
    c->uncompressed_bytes += add_page(c, &header, packed, &c->pages);
    record_page(c, &range, offset, nulls);
    c->chunk_rows += c->row_count;
    c->chunk_levels += c->level_count;
    c->chunk_nulls += nulls;
    if (c->mode == LV_PQ_BY_DICTIONARY &&
        (int64_t)c->dictionary.body.len > c->context->options.dictionary_bytes) {
        c->mode = has_deltas(c) || (leaf->physical == LV_PQ_BYTE_ARRAY &&
                                    c->context->options.delta_encodings)
                      ? LV_PQ_BY_DELTA
                      : LV_PQ_PLAINLY;
        c->by_code = false;
    }
    lv_pq_page_begin(c);
    return LV_OK;
}

/* ---- chunks ---------------------------------------------------------------------------------- */

static lv_status make_dictionary_page(lv_pq_column_writer *c, lv_sbuf *out, lv_error *err)
{
    lv_pq_write_context *x = c->context;
    lv_sbuf_clear(&x->body);
    lv_sbuf_add_str(&x->body, lv_sbuf_str(&c->dictionary.body));
    lv_pq_page_header header = {.has = LV_HAS_BIT(7), .type = LV_PQ_PAGE_DICTIONARY};
    header.dictionary = (lv_pq_dictionary_header){LV_HAS_BIT(1) | LV_HAS_BIT(2),
                                                  (int32_t)c->dictionary.count, LV_PQ_PLAIN};
    lv_str packed;
    c->store = false;
    LV_TRY(compress_body(c, &packed, err));
    c->uncompressed_bytes += add_page(c, &header, packed, out);
    return LV_OK;
}

static void describe_statistics(lv_pq_column_writer *c, lv_pq_statistics *s)
{
    lv_arena *arena = &c->context->file;
    const lv_pq_range *range = &c->chunk_range;
    s->has = LV_HAS_BIT(3);
    s->null_count = c->chunk_nulls;
    if (!range->known)
        return;
    if (c->leaf->physical == LV_PQ_BYTE_ARRAY) {
        bool is_text = c->leaf->type->kind == LV_TYPE_STRING;
        s->min_value = lv_str_dup(arena, lv_pq_bound_below(range->min.str, BOUND_BYTES, is_text));
        if (!lv_pq_bound_above(arena, range->max.str, BOUND_BYTES, is_text, &s->max_value))
            return;
        s->is_min_exact = s->min_value.len == range->min.str.len;
        s->is_max_exact = range->max.str.len <= BOUND_BYTES;
    } else {
        s->min_value = lv_pq_value_encode(arena, c->leaf, &range->min);
        s->max_value = lv_pq_value_encode(arena, c->leaf, &range->max);
        s->is_min_exact = s->is_max_exact = true;
    }
    s->has |= LV_HAS_BIT(5) | LV_HAS_BIT(6) | LV_HAS_BIT(7) | LV_HAS_BIT(8);
}

static void describe_encodings(lv_pq_column_writer *c, lv_pq_column_meta *meta)
{
    lv_arena *arena = &c->context->file;
    int32_t *encodings = LV_NEW_ARRAY(arena, int32_t, LV_COUNT_OF(c->page_counts) + 2);
    lv_pq_encoding_stats *stats =
        LV_NEW_ARRAY(arena, lv_pq_encoding_stats, LV_COUNT_OF(c->page_counts) + 1);
    size_t n = 0, s = 0;
    const uint64_t all = LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3);
    if (c->dictionary_used)
        stats[s++] = (lv_pq_encoding_stats){all, LV_PQ_PAGE_DICTIONARY, LV_PQ_PLAIN, 1};
    for (int e = 0; e < (int)LV_COUNT_OF(c->page_counts); e++) {
        bool implied =
            (e == LV_PQ_RLE && c->leaf->max_def > 0) || (e == LV_PQ_PLAIN && c->dictionary_used);
        if (c->page_counts[e] > 0)
            stats[s++] = (lv_pq_encoding_stats){all, LV_PQ_PAGE_DATA, e, c->page_counts[e]};
        if (c->page_counts[e] > 0 || implied)
            encodings[n++] = e;
    }
    meta->encodings.at = encodings;
    meta->encodings.count = n;
    meta->encoding_stats.at = stats;
    meta->encoding_stats.count = s;
}

lv_status lv_pq_column_writer_finish(lv_pq_column_writer *c, int64_t offset,
                                     lv_sbuf *dictionary_page, lv_pq_chunk *chunk, lv_error *err)
{
    LV_TRY(lv_pq_page_finish(c, true, err));
    lv_sbuf_clear(dictionary_page);
    if (c->dictionary_used)
        LV_TRY(make_dictionary_page(c, dictionary_page, err));
    const lv_pq_leaf *leaf = c->leaf;
    *chunk = (lv_pq_chunk){.has = LV_HAS_BIT(2) | LV_HAS_BIT(3)};
    lv_pq_column_meta *meta = &chunk->meta;
    meta->has = LV_HAS_BIT(1) | LV_HAS_BIT(2) | LV_HAS_BIT(3) | LV_HAS_BIT(4) | LV_HAS_BIT(5) |
                LV_HAS_BIT(6) | LV_HAS_BIT(7) | LV_HAS_BIT(9) | LV_HAS_BIT(12) | LV_HAS_BIT(13);
    meta->type = (int32_t)leaf->physical;
    meta->path.at = (lv_str *)(uintptr_t)leaf->path;
    meta->path.count = (size_t)leaf->path_length;
    meta->codec = c->context->options.codec;
    meta->value_count = c->chunk_levels;
    meta->uncompressed_bytes = c->uncompressed_bytes;
    meta->compressed_bytes = (int64_t)(dictionary_page->len + c->pages.len);
    meta->data_page_offset = offset + (int64_t)dictionary_page->len;
    if (c->dictionary_used) {
        meta->has |= LV_HAS_BIT(11);
        meta->dictionary_page_offset = offset;
    }
    describe_encodings(c, meta);
    describe_statistics(c, &meta->statistics);
    for (size_t i = 0; i < c->records.count; i++)
        c->records.at[i].offset += meta->data_page_offset;
    c->file_nulls += c->chunk_nulls;
    widen(leaf->physical, &c->file_range, &c->chunk_range, &c->file_min, &c->file_max);
    return LV_OK;
}
