/* decode.c: payloads to columns, driven by the schema.
 *
 * The top-level object is read straight into arrays by row: no tree, no tokens, no look-up of names
 * that come in the same order as in the row before. For that the decoder remembers, for each
 * position in the object, the key's bytes with quotes and colon and the column they led to; a row
 * that differs there takes the slow way for that key and teaches the new one.
 *
 * Strings become codes of a dictionary, one per column, because what groups and compresses well
 * downstream is codes; a column whose values hardly repeat falls back to slices. */
#include <smmintrin.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/datetime.h"
#include "json/decode_int.h"

enum {
    ORDER_MAX = 64,            /* key positions remembered */
    KEY_BYTES = 32,            /* longest key with quotes and colon that is compared in two loads */
    DICT_VALUES_MAX = 1 << 16, /* a larger dictionary is given up for a new one */
    UNWANTED = -1
};

/* One top-level field and, while a vector is decoded, its values. */
typedef struct column {
    const lv_type *type;
    bool wanted;
    bool is_corrupt_record;
    bool as_slices;         /* STRING: values hardly repeat */
    uint64_t *validity;
    void *data;             /* codes for a STRING with dictionary */
    lv_builder builder;     /* nested types */
    lv_dict *dict;
    uint32_t dict_count_before;
} column;

/* What is expected at a position of the object. */
typedef struct expected_key {
    char bytes[KEY_BYTES]; /* "name": */
    int length;            /* 0: none */
    int mask_low, mask_high;
    int column;
} expected_key;

struct lv_json_decoder {
    const lv_type *schema;
    lv_json_options options;
    lv_arena arena; /* the type */
    column *columns;
    int column_count;
    int corrupt_column; /* -1: none */
    bool *wanted;
    expected_key order[ORDER_MAX];
    /* dictionaries replaced in the last call and in the one before */
    lv_dict **retired, **retired_before;
    int retired_count, retired_before_count;
    /* the date part of the timestamp read last, and the instant it begins at */
    char date_text[16];
    int64_t date_us;
};

/* ---- making one ---------------------------------------------------------------------------------- */

static lv_status check_type(const lv_type *type, lv_error *err)
{
    if (type->kind == LV_TYPE_MAP && type->fields[0].type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "a MAP in JSON has STRING keys");
    for (int f = 0; f < type->field_count; f++)
        LV_TRY(check_type(type->fields[f].type, err));
    return LV_OK;
}

lv_status lv_json_decoder_new(const lv_type *schema, const bool *wanted, const lv_json_options *options, lv_json_decoder **decoder, lv_error *err)
{
    LV_TRY(check_type(schema, err));
    if (!lv_type_is_nested(schema))
        return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "from_json makes a STRUCT, an ARRAY or a MAP");
    lv_json_decoder *d = calloc(1, sizeof *d);
    LV_ASSERT(d != NULL && options->zone != NULL);
    lv_arena_init(&d->arena);
    d->schema = schema;
    d->options = *options;
    d->corrupt_column = -1;
    if (schema->kind == LV_TYPE_STRUCT) {
        lv_str corrupt = options->corrupt_column.len ? options->corrupt_column : LV_STR("_corrupt_record");
        d->column_count = schema->field_count;
        d->columns = LV_NEW_ARRAY(&d->arena, column, schema->field_count);
        for (int i = 0; i < d->column_count; i++) {
            column *c = &d->columns[i];
            c->type = schema->fields[i].type;
            c->wanted = wanted == NULL || wanted[i];
            c->is_corrupt_record = c->type->kind == LV_TYPE_STRING && lv_str_eq(schema->fields[i].name, corrupt);
            if (c->is_corrupt_record)
                d->corrupt_column = i;
            if (c->type->kind == LV_TYPE_STRING)
                c->dict = lv_dict_new();
        }
        d->retired = LV_NEW_ARRAY(&d->arena, lv_dict *, d->column_count);
        d->retired_before = LV_NEW_ARRAY(&d->arena, lv_dict *, d->column_count);
    }
    *decoder = d;
    return LV_OK;
}

void lv_json_decoder_free(lv_json_decoder *d)
{
    if (d == NULL)
        return;
    for (int i = 0; i < d->column_count; i++)
        lv_dict_free(d->columns[i].dict);
    for (int i = 0; i < d->retired_count; i++)
        lv_dict_free(d->retired[i]);
    for (int i = 0; i < d->retired_before_count; i++)
        lv_dict_free(d->retired_before[i]);
    lv_arena_release(&d->arena);
    free(d);
}

void lv_json_decoder_set_now(lv_json_decoder *d, int64_t now_us)
{
    d->options.now_us = now_us;
}

/* ---- columns --------------------------------------------------------------------------------------- */

/* Dictionaries that grew too large make room; those replaced two calls ago are no longer in use. */
static void renew_dictionaries(lv_json_decoder *d)
{
    for (int i = 0; i < d->retired_before_count; i++)
        lv_dict_free(d->retired_before[i]);
    lv_dict **free_list = d->retired_before;
    d->retired_before = d->retired;
    d->retired_before_count = d->retired_count;
    d->retired = free_list;
    d->retired_count = 0;
    for (int i = 0; i < d->column_count; i++) {
        column *c = &d->columns[i];
        if (c->dict == NULL || c->dict->count < DICT_VALUES_MAX)
            continue;
        d->retired[d->retired_count++] = c->dict;
        c->dict = lv_dict_new();
    }
}

static void begin_columns(lv_json_decoder *d, lv_arena *arena, int64_t rows)
{
    for (int i = 0; i < d->column_count; i++) {
        column *c = &d->columns[i];
        if (!c->wanted)
            continue;
        if (lv_type_is_nested(c->type)) {
            lv_builder_init(&c->builder, arena, c->type, rows);
            continue;
        }
        bool codes = c->dict != NULL && !c->as_slices;
        size_t size = codes ? sizeof(uint32_t) : lv_type_value_size(c->type);
        c->data = lv_arena_zalloc(arena, size * (size_t)LV_MAX(rows, 1));
        c->validity = lv_validity_new(arena, rows, false);
        c->dict_count_before = c->dict ? c->dict->count : 0;
    }
}

static void end_column(column *c, lv_arena *arena, int64_t rows, lv_vector *out)
{
    if (!c->wanted) {
        lv_vector_init_null(out, arena, c->type, rows);
        return;
    }
    if (lv_type_is_nested(c->type)) {
        lv_builder_finish(&c->builder, out);
        return;
    }
    bool all_valid = lv_bits_count(c->validity, rows) == rows;
    *out = (lv_vector){.type = c->type, .encoding = LV_FLAT, .length = rows, .data = c->data, .validity = all_valid ? NULL : c->validity};
    if (c->dict == NULL || c->as_slices)
        return;
    out->encoding = LV_DICTIONARY;
    out->dict = c->dict;
    if (c->dict->count == 0)
        lv_dict_intern(c->dict, LV_STR("")); /* code 0 of null rows must exist */
    uint32_t added = c->dict->count - c->dict_count_before;
    c->as_slices = c->dict->count > DICT_VALUES_MAX / 4 && added > rows / 2;
}

/* ---- values ------------------------------------------------------------------------------------------ */

static void put_string(column *c, int64_t row, lv_str s)
{
    if (c->as_slices)
        ((lv_str *)c->data)[row] = s;
    else
        ((uint32_t *)c->data)[row] = lv_dict_intern(c->dict, s);
    lv_bit_set(c->validity, row);
}

/* hh:mm:ss as microseconds, -1 if it is not that. */
static int64_t time_of_day_us(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    const uint64_t pattern = 0x30303A30303A3030u; /* "00:00:00", first byte lowest */
    uint64_t x = word ^ pattern;
    if ((x & 0xF0F0FFF0F0FFF0F0u) != 0)
        return -1;
    /* digits above 9 carry into the high nibble when 6 is added */
    if (((x + 0x0606000606000606u) & 0xF0F0FFF0F0FFF0F0u) != 0)
        return -1;
    unsigned h = (unsigned)(x & 15) * 10 + (unsigned)(x >> 8 & 15), m = (unsigned)(x >> 24 & 15) * 10 + (unsigned)(x >> 32 & 15);
    unsigned s = (unsigned)(x >> 48 & 15) * 10 + (unsigned)(x >> 56 & 15);
    if (h > 23 || m > 59 || s > 59)
        return -1;
    return (int64_t)(h * 3600 + m * 60 + s) * 1000000;
}

/* "YYYY-MM-DDThh:mm:ss[.fraction]Z", the form that machines write; anything else is left to the slow way. */
static bool read_utc_timestamp(lv_json_decoder *d, lv_cursor *c, int64_t *us)
{
    const char *p = c->p + 1;
    if (c->end - p < 21)
        return false;
    if (memcmp(p, d->date_text, 11) != 0) {
        int32_t days;
        if (p[10] != 'T' || !lv_date_parse((lv_str){p, 10}, &days) || p[4] != '-' || p[7] != '-')
            return false;
        memcpy(d->date_text, p, 11);
        d->date_us = (int64_t)days * 86400000000;
    }
    int64_t time_us = time_of_day_us(p + 11);
    if (time_us < 0)
        return false;
    p += 19;
    int64_t fraction = 0, unit = 100000;
    if (*p == '.')
        for (p++; p < c->end && *p >= '0' && *p <= '9'; p++, unit /= 10)
            fraction += unit * (*p - '0');
    if (c->end - p < 2 || p[0] != 'Z' || p[1] != '"')
        return false;
    *us = d->date_us + time_us + fraction;
    c->p = p + 2;
    return true;
}

static const double negative_powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* The forms that nearly all values have; false leaves the cursor where it is. */
static inline bool read_fast(lv_json_decoder *d, lv_cursor *cursor, column *c, int64_t row)
{
    int64_t number;
    int fraction;
    switch (c->type->kind) {
    case LV_TYPE_DOUBLE:
        if (!lv_read_short_decimal(cursor, &number, &fraction))
            return false;
        ((double *)c->data)[row] = (double)number / negative_powers[fraction];
        break;
    case LV_TYPE_TIMESTAMP:
        if (*cursor->p != '"' || !read_utc_timestamp(d, cursor, &number))
            return false;
        ((int64_t *)c->data)[row] = number;
        break;
    default:
        return false;
    }
    lv_bit_set(c->validity, row);
    return true;
}

/* The value under the cursor into a column; BAD keeps what an earlier equal key gave. */
static lv_outcome read_column(lv_json_decoder *d, lv_cursor *cursor, column *c, int64_t row)
{
    if (cursor->p == cursor->end)
        return LV_VALUE_MALFORMED;
    if (lv_type_is_nested(c->type)) {
        if (c->builder.length > row) { /* a repeated key: rare, so simply start over */
            lv_cursor probe = *cursor;
            lv_builder trial;
            lv_builder_init(&trial, cursor->arena, c->type, 1);
            lv_outcome result = lv_read_value(&probe, c->type, &trial);
            if (result == LV_VALUE_MALFORMED || result == LV_VALUE_BAD) {
                cursor->p = probe.p;
                return result;
            }
            lv_builder_truncate(&c->builder, row);
        }
        return lv_read_value(cursor, c->type, &c->builder);
    }
    lv_scalar value;
    lv_outcome result = lv_read_scalar(cursor, c->type, &value);
    if (result == LV_VALUE_NULL)
        lv_bit_clear(c->validity, row);
    if (result != LV_VALUE_OK)
        return result;
    if (c->dict != NULL) {
        put_string(c, row, value.str);
        return LV_VALUE_OK;
    }
    size_t size = lv_type_value_size(c->type);
    memcpy((char *)c->data + (size_t)row * size, &value, size);
    lv_bit_set(c->validity, row);
    return LV_VALUE_OK;
}

/* ---- the object ----------------------------------------------------------------------------------------- */

/* Whether the key bytes expected here stand under the cursor. */
static inline bool matches(const lv_cursor *c, const expected_key *key)
{
    if (key->length == 0 || c->end - c->p < KEY_BYTES)
        return false;
    __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)c->p), _mm_loadu_si128((const __m128i *)key->bytes));
    if ((_mm_movemask_epi8(low) & key->mask_low) != key->mask_low)
        return false;
    if (key->mask_high == 0)
        return true;
    __m128i high = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(c->p + 16)), _mm_loadu_si128((const __m128i *)(key->bytes + 16)));
    return (_mm_movemask_epi8(high) & key->mask_high) == key->mask_high;
}

/* Remembers the key text from..to ("name":) for position `at`. */
static void learn(lv_json_decoder *d, int at, const char *from, const char *to, int column_index)
{
    if (at >= ORDER_MAX)
        return;
    expected_key *key = &d->order[at];
    ptrdiff_t length = to - from;
    key->length = 0;
    if (length > KEY_BYTES || memchr(from, '\\', (size_t)length) != NULL)
        return;
    memcpy(key->bytes, from, (size_t)length);
    key->length = (int)length;
    key->mask_low = length >= 16 ? 0xFFFF : (1 << length) - 1;
    key->mask_high = length <= 16 ? 0 : length == 32 ? 0xFFFF : (1 << (length - 16)) - 1;
    key->column = column_index;
}

static int find_column(const lv_json_decoder *d, lv_str name)
{
    for (int i = 0; i < d->column_count; i++)
        if (lv_str_eq(d->schema->fields[i].name, name))
            return d->columns[i].wanted && !d->columns[i].is_corrupt_record ? i : UNWANTED;
    return UNWANTED;
}

/* Reads a key and its colon; the column it names, or UNWANTED. False: malformed. */
static bool read_key(lv_json_decoder *d, lv_cursor *c, int at, int *column_index)
{
    const char *from = c->p;
    lv_str name;
    bool quoted = c->p < c->end && (*c->p == '"' || (*c->p == '\'' && !c->options->no_single_quotes));
    if (!quoted || !lv_read_string(c, &name))
        return false;
    *column_index = find_column(d, name);
    bool adjacent = c->p < c->end && *c->p == ':';
    lv_cursor_skip_blanks(c);
    if (c->p == c->end || *c->p++ != ':')
        return false;
    if (adjacent)
        learn(d, at, from, c->p, *column_index);
    return true;
}

/* The object under the cursor, into row `row` of all columns. */
static lv_outcome read_object(lv_json_decoder *d, lv_cursor *c, int64_t row)
{
    bool bad = false;
    c->p++;
    lv_cursor_skip_blanks(c);
    if (c->p < c->end && *c->p == '}') {
        c->p++;
        return LV_VALUE_OK;
    }
    for (int at = 0;; at++) {
        int index;
        lv_cursor_skip_blanks(c);
        if (at < ORDER_MAX && LV_LIKELY(matches(c, &d->order[at]))) {
            index = d->order[at].column;
            c->p += d->order[at].length;
        } else if (!read_key(d, c, at, &index)) {
            return LV_VALUE_MALFORMED;
        }
        lv_cursor_skip_blanks(c);
        lv_outcome result = LV_VALUE_OK;
        if (index == UNWANTED)
            result = lv_skip_value(c) ? LV_VALUE_OK : LV_VALUE_MALFORMED;
        else if (c->p == c->end || !read_fast(d, c, &d->columns[index], row))
            result = read_column(d, c, &d->columns[index], row);
        if (result == LV_VALUE_MALFORMED)
            return result;
        bad |= result == LV_VALUE_BAD;
        lv_cursor_skip_blanks(c);
        if (c->p == c->end)
            return LV_VALUE_MALFORMED;
        char next = *c->p++;
        if (next == '}')
            return bad || c->bad_inside ? LV_VALUE_BAD : LV_VALUE_OK;
        if (next != ',')
            return LV_VALUE_MALFORMED;
    }
}

/* Makes every field of a row null, whatever was read of it. */
static void clear_row(lv_json_decoder *d, int64_t row)
{
    for (int i = 0; i < d->column_count; i++) {
        column *c = &d->columns[i];
        if (!c->wanted)
            continue;
        if (!lv_type_is_nested(c->type)) {
            lv_bit_clear(c->validity, row);
            continue;
        }
        lv_builder_truncate(&c->builder, row);
    }
}

/* Fields that the row did not have. */
static void pad_row(lv_json_decoder *d, int64_t row)
{
    for (int i = 0; i < d->column_count; i++) {
        column *c = &d->columns[i];
        if (c->wanted && lv_type_is_nested(c->type) && c->builder.length == row)
            lv_builder_null(&c->builder);
    }
}

static lv_status malformed(lv_str payload, lv_error *err)
{
    return LV_FAIL(err, LV_MALFORMED_RECORD,
                   "malformed records are detected in record parsing: %.*s; parse mode FAILFAST [CANNOT_PARSE_JSON_FIELD]. "
                   "To process them as null results set the option mode to PERMISSIVE",
                   (int)LV_MIN(payload.len, 500), payload.ptr);
}

/* One payload into row `row`. *null: there was no value at all. */
static lv_status decode_row(lv_json_decoder *d, lv_arena *arena, lv_str payload, int64_t row, bool *null, lv_error *err)
{
    lv_cursor c = {.p = payload.ptr, .end = payload.ptr + payload.len, .arena = arena, .options = &d->options};
    lv_cursor_skip_blanks(&c);
    *null = c.p == c.end;
    if (*null) {
        pad_row(d, row);
        return LV_OK;
    }
    lv_outcome result = *c.p == '{' ? read_object(d, &c, row) : LV_VALUE_MALFORMED;
    if (LV_UNLIKELY(result != LV_VALUE_OK)) {
        if (d->options.fail_fast)
            return malformed(payload, err);
        if (result == LV_VALUE_MALFORMED)
            clear_row(d, row);
        if (d->corrupt_column >= 0 && d->columns[d->corrupt_column].wanted)
            put_string(&d->columns[d->corrupt_column], row, payload);
    }
    pad_row(d, row);
    return LV_OK;
}

/* ---- vectors ------------------------------------------------------------------------------------------------ */

static lv_status decode_structs(lv_json_decoder *d, lv_arena *arena, const lv_vector *payloads, lv_vector *out, lv_error *err)
{
    int64_t rows = payloads->length;
    uint64_t *validity = NULL;
    renew_dictionaries(d);
    begin_columns(d, arena, rows);
    for (int64_t row = 0; row < rows; row++) {
        bool null = lv_vector_is_null(payloads, row);
        if (null)
            pad_row(d, row);
        else
            LV_TRY(decode_row(d, arena, lv_vector_str(payloads, row), row, &null, err));
        if (null && validity == NULL)
            validity = lv_validity_new(arena, rows, true);
        if (null)
            lv_bit_clear(validity, row);
    }
    *out = (lv_vector){.type = d->schema, .encoding = LV_FLAT, .length = rows, .validity = validity, .child_count = d->column_count};
    out->children = LV_NEW_ARRAY(arena, lv_vector, d->column_count);
    for (int i = 0; i < d->column_count; i++)
        end_column(&d->columns[i], arena, rows, &out->children[i]);
    return LV_OK;
}

/* An ARRAY or MAP at the top: null where the text is not one. */
static lv_status decode_other(lv_json_decoder *d, lv_arena *arena, const lv_vector *payloads, lv_vector *out, lv_error *err)
{
    lv_builder b;
    lv_builder_init(&b, arena, d->schema, payloads->length);
    for (int64_t row = 0; row < payloads->length; row++) {
        lv_str payload = lv_vector_is_null(payloads, row) ? LV_STR_NONE : lv_vector_str(payloads, row);
        lv_cursor c = {.p = payload.ptr, .end = payload.ptr + payload.len, .arena = arena, .options = &d->options};
        lv_cursor_skip_blanks(&c);
        if (c.p == c.end) {
            lv_builder_null(&b);
            continue;
        }
        bool is_array = d->schema->kind == LV_TYPE_ARRAY && (*c.p == '[' || *c.p == '{');
        lv_outcome result = is_array ? lv_read_array(&c, d->schema, &b, true) : lv_read_value(&c, d->schema, &b);
        if (d->options.fail_fast && (result == LV_VALUE_BAD || result == LV_VALUE_MALFORMED || c.bad_inside))
            return malformed(payload, err);
        if (result == LV_VALUE_MALFORMED) {
            lv_builder_truncate(&b, row);
            lv_builder_null(&b);
        }
    }
    lv_builder_finish(&b, out);
    return LV_OK;
}

lv_status lv_json_decode(lv_json_decoder *d, lv_arena *arena, const lv_vector *payloads, lv_vector *out, lv_error *err)
{
    LV_ASSERT(lv_type_is_string_like(payloads->type));
    return d->schema->kind == LV_TYPE_STRUCT ? decode_structs(d, arena, payloads, out, err)
                                             : decode_other(d, arena, payloads, out, err);
}
