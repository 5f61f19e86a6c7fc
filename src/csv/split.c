/* split.c: a file's bytes as records, and the values of one as texts. */
#include "csv/csv_int.h"

/* How the bytes' first line ends: that is the line end of a multiLine file that names none. */
static lv_str find_line_sep(lv_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\n')
            return LV_STR("\n");
        if (bytes.ptr[i] == '\r')
            return i + 1 < bytes.len && bytes.ptr[i + 1] == '\n' ? LV_STR("\r\n") : LV_STR("\r");
    }
    return LV_STR("\n");
}

/* The line from `at` on; false if its end is not there and may come. */
static bool next_line(const lv_csv_options *o, lv_str bytes, bool is_last, size_t *at, lv_str *line)
{
    const char *from = bytes.ptr + *at, *end = bytes.ptr + bytes.len, *p = from;
    size_t len = 1;
    if (o->line_sep.len > 0) {
        len = o->line_sep.len;
        p = memmem(from, (size_t)(end - from), o->line_sep.ptr, len);
        p = p != NULL ? p : end;
    } else {
        while (p < end && *p != '\n' && *p != '\r')
            p++;
        if (p < end && *p == '\r' && p + 1 == end && !is_last)
            return false; /* its \n may be the next byte */
        len = p + 1 < end && p[0] == '\r' && p[1] == '\n' ? 2 : 1;
    }
    if (p == end && (!is_last || p == from))
        return false;
    *line = (lv_str){from, (size_t)(p - from)};
    *at += line->len + (p < end ? len : 0);
    return true;
}

static bool next_multi_line(const lv_csv_options *o, lv_str bytes, bool is_last, size_t *at,
                            lv_str *record)
{
    lv_csv_reader r = {.options = o,
                       .p = bytes.ptr + *at,
                       .end = bytes.ptr + bytes.len,
                       .by_line_ends = true,
                       .line_sep = o->line_sep.len > 0 ? o->line_sep : find_line_sep(bytes)};
    const char *from = r.p;
    bool is_comment = o->comment != '\0' && from < r.end && *from == o->comment;
    if (from == r.end)
        return false;
    if (is_comment) {
        r.p = memchr(from, r.line_sep.ptr[0], (size_t)(r.end - from));
        r.p = r.p == NULL ? r.end : LV_MIN(r.p + r.line_sep.len, r.end);
    } else {
        lv_csv_read_record(&r); /* a failure is the decoder's to find */
    }
    lv_sbuf_release(&r.text);
    if (r.p == r.end && !is_last)
        return false;
    *record = (lv_str){from, (size_t)(r.p - from)};
    *at = (size_t)(r.p - bytes.ptr);
    if (lv_str_ends(*record, r.line_sep))
        record->len -= r.line_sep.len;
    return true;
}

static bool is_blank(lv_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.ptr[i] > ' ')
            return false;
    return true;
}

bool lv_csv_next_record(const lv_csv_options *o, lv_str bytes, bool is_last, size_t *at,
                        lv_str *record)
{
    bool (*next)(const lv_csv_options *, lv_str, bool, size_t *, lv_str *) =
        o->multi_line ? next_multi_line : next_line;
    while (next(o, bytes, is_last, at, record)) {
        bool is_comment = o->comment != '\0' && record->len > 0 && record->ptr[0] == o->comment;
        if (!is_comment && !(o->multi_line ? record->len == 0 : is_blank(*record)))
            return true;
    }
    return false;
}

lv_status lv_csv_values(lv_arena *arena, const lv_csv_options *options, lv_str record,
                        lv_str **values, int *count, lv_error *err)
{
    lv_csv_reader r = {
        .options = options, .p = record.ptr, .end = record.ptr + record.len, .arena = arena};
    bool ok = record.len == 0 || lv_csv_read_record(&r);
    lv_sbuf_release(&r.text);
    if (!ok)
        return LV_FAIL(err, LV_MALFORMED_CSV_RECORD, "Malformed CSV record: %.*s (%s)",
                       (int)LV_MIN(record.len, 500), record.ptr, r.failure);
    *values = r.values;
    *count = r.count;
    return LV_OK;
}
