/* page_reader.c: see page_reader.h. */
#include "parquet/page_reader.h"

#include "base/hash.h"

enum { WINDOW_BYTES = 1 << 20, HEADER_BYTES = 4096, HEADER_BYTES_MAX = 16 << 20 };

void lv_pq_page_reader_release(lv_pq_page_reader *p)
{
    lv_sbuf_release(&p->window);
    lv_sbuf_release(&p->unpacked);
    lv_arena_release(&p->scratch);
}

lv_status lv_pq_page_reader_start(lv_pq_page_reader *p, const lv_pq_column_meta *meta,
                                  int64_t limit, lv_error *err)
{
    int64_t start = meta->data_page_offset;
    /* Some writers leave 0 where there is no dictionary. */
    if (LV_HAS(meta, 11) && meta->dictionary_page_offset > 0 &&
        meta->dictionary_page_offset < start)
        start = meta->dictionary_page_offset;
    if (meta->value_count < 0 || (meta->value_count > 0 && (start < 4 || start >= limit)))
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "a column chunk begins at %lld, the file's data ends at %lld",
                       (long long)start, (long long)limit);
    LV_TRY(lv_pq_codec_check(meta->codec, err));
    p->codec = meta->codec;
    p->offset = start;
    p->limit = limit;
    p->chunk_end = limit;
    if (meta->compressed_bytes > 0 && meta->compressed_bytes < limit - start)
        p->chunk_end = start + meta->compressed_bytes;
    p->values_left = meta->value_count;
    lv_sbuf_clear(&p->window);
    return LV_OK;
}

/* Has `len` bytes at `offset` in the window. */
static lv_status look(lv_pq_page_reader *p, int64_t offset, size_t len, lv_str *bytes,
                      lv_error *err)
{
    if (len > (uint64_t)(p->limit - offset))
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a page at %lld reaches beyond the file's data",
                       (long long)p->offset);
    if (offset < p->window_offset || (uint64_t)(offset - p->window_offset) + len > p->window.len) {
        size_t ahead = (size_t)LV_MAX(LV_MIN(p->chunk_end - offset, (int64_t)WINDOW_BYTES), 0);
        size_t want = LV_MAX(len, ahead);
        lv_sbuf_clear(&p->window);
        LV_TRY(p->source->read(p->source->context, offset, lv_sbuf_reserve(&p->window, want), want,
                               err));
        p->window.len = want;
        p->window_offset = offset;
    }
    *bytes = (lv_str){p->window.ptr + (offset - p->window_offset), len};
    return LV_OK;
}

/* Reads a page header, whose length is not known beforehand: statistics can make it long. */
static lv_status read_header(lv_pq_page_reader *p, lv_pq_page_header *header, lv_error *err)
{
    for (int64_t room = HEADER_BYTES;; room *= 4) {
        int64_t left = p->limit - p->offset;
        lv_str bytes;
        LV_TRY(look(p, p->offset, (size_t)LV_MIN(room, left), &bytes, err));
        lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
        lv_arena_reset(&p->scratch);
        bool last = room >= left || room > HEADER_BYTES_MAX;
        lv_status status =
            lv_thrift_read(&rd, &lv_pq_page_header_type, &p->scratch, header, last ? err : NULL);
        if (status == LV_OK) {
            p->offset += (int64_t)(bytes.len - lv_rd_left(&rd));
            return LV_OK;
        }
        if (last)
            return status;
    }
}

static lv_status unpack(lv_pq_page_reader *p, lv_str packed, size_t len, lv_str *out, lv_error *err)
{
    if (p->codec == LV_PARQUET_NONE) {
        *out = packed;
        return packed.len == len
                   ? LV_OK
                   : LV_FAIL(err, LV_PARQUET_CORRUPT,
                             "an uncompressed page of %zu bytes claims %zu", packed.len, len);
    }
    if (len > lv_pq_decompressed_max(p->codec, packed))
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "%zu bytes cannot decompress to %zu", packed.len,
                       len);
    lv_sbuf_clear(&p->unpacked);
    char *to = lv_sbuf_reserve(&p->unpacked, len);
    *out = (lv_str){to, len};
    if (packed.len == 0 && len == 0) /* nothing: not even an empty frame */
        return LV_OK;
    return lv_pq_decompress(p->codecs, p->codec, packed, to, len, err);
}

static lv_status make_v1(lv_pq_page_reader *p, const lv_pq_page_header *h, lv_str packed,
                         lv_pq_page *page, lv_error *err)
{
    page->value_count = (size_t)h->data.value_count;
    page->encoding = (lv_pq_encoding)h->data.encoding;
    page->def_encoding = (lv_pq_encoding)h->data.def_encoding;
    page->rep_encoding = (lv_pq_encoding)h->data.rep_encoding;
    if (h->data.value_count < 0)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a page has %d values", h->data.value_count);
    return unpack(p, packed, (size_t)h->uncompressed_bytes, &page->body, err);
}

static lv_status make_v2(lv_pq_page_reader *p, const lv_pq_page_header *h, lv_str packed,
                         lv_pq_page *page, lv_error *err)
{
    const lv_pq_data_header_v2 *v2 = &h->data_v2;
    page->is_v2 = true;
    page->value_count = (size_t)v2->value_count;
    page->encoding = (lv_pq_encoding)v2->encoding;
    if (v2->value_count < 0 || v2->rep_bytes < 0 || v2->def_bytes < 0)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a page has %d values", v2->value_count);
    size_t reps = (size_t)v2->rep_bytes, levels = reps + (size_t)v2->def_bytes;
    if (levels > packed.len || levels > (size_t)h->uncompressed_bytes)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "%zu bytes of levels in a page of %zu", levels,
                       packed.len);
    page->reps = lv_str_sub(packed, 0, reps);
    page->defs = lv_str_sub(packed, reps, levels - reps);
    lv_str values = lv_str_sub(packed, levels, packed.len - levels);
    if (LV_HAS(v2, 7) && !v2->is_compressed) {
        page->body = values;
        return LV_OK;
    }
    return unpack(p, values, (size_t)h->uncompressed_bytes - levels, &page->body, err);
}

static lv_status make_dictionary(lv_pq_page_reader *p, const lv_pq_page_header *h, lv_str packed,
                                 lv_pq_page *page, lv_error *err)
{
    page->is_dictionary = true;
    page->value_count = (size_t)h->dictionary.value_count;
    page->encoding = LV_PQ_PLAIN;
    if (h->dictionary.value_count < 0 ||
        (h->dictionary.encoding != LV_PQ_PLAIN && h->dictionary.encoding != LV_PQ_PLAIN_DICTIONARY))
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a dictionary has %d values in encoding %d",
                       h->dictionary.value_count, h->dictionary.encoding);
    return unpack(p, packed, (size_t)h->uncompressed_bytes, &page->body, err);
}

static lv_status read_page(lv_pq_page_reader *p, lv_pq_page *page, bool *known, lv_error *err)
{
    lv_pq_page_header h;
    *page = (lv_pq_page){.offset = p->offset};
    LV_TRY(read_header(p, &h, err));
    if (h.compressed_bytes < 0 || h.uncompressed_bytes < 0)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a page has %d bytes", h.compressed_bytes);
    lv_str packed;
    LV_TRY(look(p, p->offset, (size_t)h.compressed_bytes, &packed, err));
    p->offset += h.compressed_bytes;
    *known = true;
    if (p->check_crc && LV_HAS(&h, 4) && lv_crc32(0, packed.ptr, packed.len) != (uint32_t)h.crc)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "the checksum of a page of %zu bytes is wrong",
                       packed.len);
    if (h.type == LV_PQ_PAGE_DATA && LV_HAS(&h, 5))
        return make_v1(p, &h, packed, page, err);
    if (h.type == LV_PQ_PAGE_DATA_V2 && LV_HAS(&h, 8))
        return make_v2(p, &h, packed, page, err);
    if (h.type == LV_PQ_PAGE_DICTIONARY && LV_HAS(&h, 7))
        return make_dictionary(p, &h, packed, page, err);
    *known = false; /* pages of other kinds are passed over */
    if (h.type >= LV_PQ_PAGE_DATA && h.type <= LV_PQ_PAGE_DATA_V2 && h.type != LV_PQ_PAGE_INDEX)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "a page of type %d lacks its header", h.type);
    return LV_OK;
}

lv_status lv_pq_page_reader_next(lv_pq_page_reader *p, lv_pq_page *page, lv_error *err)
{
    for (bool known = false; !known;) {
        int64_t offset = p->offset;
        lv_status status = read_page(p, page, &known, err);
        if (status != LV_OK) {
            lv_error_context(err, "page at offset %lld", (long long)offset);
            return status;
        }
    }
    if (page->is_dictionary)
        return LV_OK;
    if ((int64_t)page->value_count > p->values_left)
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "the page at offset %lld has %zu values, its chunk only %lld more",
                       (long long)page->offset, page->value_count, (long long)p->values_left);
    p->values_left -= (int64_t)page->value_count;
    return LV_OK;
}
