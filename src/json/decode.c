/* decode.c: payloads to columns, driven by the schema.
 *
 * Rows are decoded in blocks of 64: one word of validity, and few enough that the bytes of their
 * strings are still near when the strings become codes of a dictionary, one per column, because what
 * groups and compresses well downstream is codes. Each row goes the fast way first (decode_row.inc.h)
 * and, where that gives up, the exact way (decode_token.c, decode_value.c) from its beginning. */
#include <stdlib.h>

#include "base/check.h"
#include "base/datetime.h"
#include "base/utf8.h"
#include "os/os.h"
#include "json/decode_int.h"

enum { DICT_VALUES_MAX = 1 << 16 /* a larger dictionary is given up for a new one */ };

/* ---- making one ------------------------------------------------------------------------------ */

static lv_status check_type(const lv_type *type, lv_error *err)
{
    if (type->kind == LV_TYPE_MAP && type->fields[0].type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "a MAP in JSON has STRING keys");
    for (int f = 0; f < type->field_count; f++)
        LV_TRY(check_type(type->fields[f].type, err));
    return LV_OK;
}

static bool has_decimal(const lv_type *type)
{
    bool has = type->kind == LV_TYPE_DECIMAL;
    for (int f = 0; f < type->field_count && !has; f++)
        has = has_decimal(type->fields[f].type);
    return has;
}

/* Locales differ in how decimals and the names of months are written. */
static lv_status check_locale(const lv_type *schema, const lv_json_options *o, lv_error *err)
{
    bool has_pattern =
        o->times.timestamp != NULL || o->times.timestamp_ntz != NULL || o->times.date != NULL;
    if (o->locale.len == 0 || lv_str_eq_nocase(o->locale, LV_STR("en-US")) ||
        !(has_pattern || has_decimal(schema)))
        return LV_OK;
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "the locale %.*s of from_json; use en-US",
                   LV_STR_ARG(o->locale));
}

static lv_status check_schema(const lv_type *schema, lv_str corrupt, lv_error *err)
{
    if (!lv_type_is_nested(schema))
        return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "from_json makes a STRUCT, an ARRAY or a MAP");
    LV_TRY(check_type(schema, err));
    for (int i = 0; i < schema->field_count && schema->kind == LV_TYPE_STRUCT; i++) {
        const lv_field *f = &schema->fields[i];
        if (!lv_str_eq(f->name, corrupt) || f->type->kind == LV_TYPE_STRING)
            continue;
        lv_sbuf type = LV_SBUF_INIT;
        lv_type_print_sql(f->type, &type);
        LV_FAIL(err, LV_INVALID_CORRUPT_RECORD_TYPE,
                "The column `%.*s` for corrupt records must have the nullable STRING type, but got "
                "\"%s\"",
                LV_STR_ARG(corrupt), type.ptr);
        lv_sbuf_release(&type);
        return LV_INVALID_CORRUPT_RECORD_TYPE;
    }
    return LV_OK;
}

static bool has_equal_names(const lv_type *type)
{
    bool has = false;
    for (int a = 0; a < type->field_count && !has; a++) {
        has = has_equal_names(type->fields[a].type);
        for (int b = 0; b < a && !has && type->kind == LV_TYPE_STRUCT; b++)
            has = lv_str_eq(type->fields[a].name, type->fields[b].name);
    }
    return has;
}

/* Fields by hash of their names, those of one name last field first. */
static void make_field_slots(lv_json_decoder *d)
{
    uint32_t size = 16;
    while (size < (uint32_t)d->column_count * 2)
        size *= 2;
    d->field_mask = size - 1;
    d->field_slots = LV_NEW_ARRAY(&d->arena, uint32_t, size);
    for (int i = d->column_count - 1; i >= 0; i--) {
        lv_str name = d->schema->fields[i].name;
        uint64_t at = lv_hash_bytes(name.ptr, name.len, 0);
        while (d->field_slots[at & d->field_mask] != 0)
            at++;
        d->field_slots[at & d->field_mask] = (uint32_t)i + 1;
    }
}

static void make_columns(lv_json_decoder *d, const bool *wanted, lv_str corrupt)
{
    int count = d->column_count = d->schema->field_count;
    d->columns = LV_NEW_ARRAY(&d->arena, lv_json_column, count);
    d->wanted = LV_NEW_ARRAY(&d->arena, bool, count);
    for (int i = 0; i < count; i++) {
        const lv_field *field = &d->schema->fields[i];
        lv_json_column *c = &d->columns[i];
        c->type = field->type;
        c->kind = field->type->kind;
        c->wanted = wanted == NULL || wanted[i];
        if (lv_str_eq(field->name, corrupt))
            d->corrupt_column = i;
        d->wanted[i] = c->wanted && d->corrupt_column != i;
        if (c->kind == LV_TYPE_STRING && c->wanted)
            c->dict = lv_dict_new();
        d->has_nested |= c->wanted && lv_type_is_nested(c->type);
        if (c->wanted && lv_type_is_nested(c->type) && !has_equal_names(c->type))
            c->fast = lv_fast_type_make(&d->arena, c->type);
    }
    make_field_slots(d);
    for (int k = 0; k < 2; k++)
        d->retired[k] = LV_NEW_ARRAY(&d->arena, lv_dict *, count);
}

static void make_digit_forms(lv_json_decoder *d)
{
    double power = 1;
    for (int rest = 0; rest < 18; rest++) {
        power *= rest > 1 ? 10 : 1;
        for (int whole = 0; whole < 17; whole++) {
            lv_digit_form *form = &d->digit_forms[whole][rest];
            int digits = whole + LV_MAX(rest - 1, 0);
            bool fits = whole > 0 && digits <= 15 && rest != 1; /* a point wants digits */
            form->powers[0] = power;
            form->powers[1] = -power;
            memset(form->places, LV_NO_DIGIT, sizeof form->places);
            for (int i = 0; i < digits && fits; i++)
                form->places[16 - digits + i] = (uint8_t)(i + (i >= whole));
        }
    }
}

static void make_constants(lv_row_constants *c)
{
    memset(c->quotes, '"', sizeof c->quotes);
    memset(c->backslashes, '\\', sizeof c->backslashes);
    memset(c->blanks, ' ', sizeof c->blanks);
    memset(c->zeros, '0', sizeof c->zeros);
    memset(c->dots, '.', sizeof c->dots);
    memset(c->digits_to_least, 256 - 128 - '0', sizeof c->digits_to_least);
    memset(c->least_nine, 9 - 128, sizeof c->least_nine);
}

/* The first key of all and the last one have no bytes to be found by: 32 zeros do not begin a good payload. */
static void init_keys(lv_json_decoder *d)
{
    d->key_count = 1;
    for (int i = 0; i <= LV_KEYS_MAX; i++)
        d->keys[i] = (lv_json_key){
            .mask = UINT32_MAX, .column = LV_UNWANTED, .next = {&d->keys[0], &d->keys[0]}};
}

lv_status lv_json_decoder_new(const lv_type *schema, const bool *wanted,
                              const lv_json_options *options, lv_json_decoder **decoder,
                              lv_error *err)
{
    lv_str corrupt =
        options->corrupt_column.len ? options->corrupt_column : LV_STR("_corrupt_record");
    LV_TRY(check_schema(schema, corrupt, err));
    LV_TRY(check_locale(schema, options, err));
    lv_json_decoder *d = aligned_alloc(64, LV_ALIGN_UP(sizeof *d, 64));
    LV_ASSERT(d != NULL && options->times.zone != NULL);
    memset(d, 0, sizeof *d);
    lv_arena_init(&d->arena);
    lv_arena_init(&d->scratch);
    d->schema = schema;
    d->options = *options;
    d->corrupt_column = -1;
    d->make_doubles = lv_cpu_has_avx2() ? lv_make_doubles_avx2 : lv_make_doubles_sse;
    d->decode_rows = lv_cpu_has_avx2() ? lv_decode_row_avx2 : lv_decode_row_sse;
    d->reader.options = &d->options;
    d->reader.levels = LV_NEW_ARRAY(&d->arena, lv_level, LV_JSON_DEPTH_MAX + 1);
    d->reader.failure = options->fail_fast ? d->failure : NULL;
    make_digit_forms(d);
    make_constants(&d->constants);
    init_keys(d);
    if (schema->kind == LV_TYPE_STRUCT)
        make_columns(d, wanted, corrupt);
    *decoder = d;
    return LV_OK;
}

void lv_json_decoder_free(lv_json_decoder *d)
{
    if (d == NULL)
        return;
    for (int i = 0; i < d->column_count; i++)
        lv_dict_free(d->columns[i].dict);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < d->retired_count[k]; i++)
            lv_dict_free(d->retired[k][i]);
    lv_arena_release(&d->scratch);
    lv_arena_release(&d->arena);
    free(d->padded);
    free(d);
}

void lv_json_decoder_set_now(lv_json_decoder *d, int64_t now_us)
{
    d->options.times.now_us = now_us;
}

void lv_json_decoder_set_padded(lv_json_decoder *d, bool padded)
{
    d->options.padded = padded;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* The last field of that name that the JSON may set. */
static int find_column(const lv_json_decoder *d, lv_str name)
{
    uint64_t at = lv_hash_bytes(name.ptr, name.len, 0);
    for (; d->field_slots[at & d->field_mask] != 0; at++) {
        int i = (int)d->field_slots[at & d->field_mask] - 1;
        if (lv_str_eq(d->schema->fields[i].name, name))
            return d->wanted[i] ? i : LV_UNWANTED;
    }
    return LV_UNWANTED;
}

static lv_row_action action_of(const lv_json_decoder *d, int column)
{
    if (column == LV_UNWANTED)
        return LV_ROW_SKIP;
    switch (d->columns[column].kind) {
    case LV_TYPE_STRING: return LV_ROW_TEXT;
    case LV_TYPE_DOUBLE: return LV_ROW_DOUBLE;
    case LV_TYPE_TIMESTAMP:
        return d->options.times.timestamp == NULL ? LV_ROW_TIME : LV_ROW_GENERAL;
    case LV_TYPE_BOOLEAN:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT:
    case LV_TYPE_FLOAT: return LV_ROW_OTHER;
    default: return LV_ROW_GENERAL;
    }
}

/* The remembered key with these bytes, made if there is room; else the last one, which is nobody's. */
static lv_json_key *remember_key(lv_json_decoder *d, lv_str bytes, lv_str name)
{
    lv_json_key *key = &d->keys[LV_KEYS_MAX];
    if (bytes.len <= LV_KEY_BYTES) {
        uint16_t *slot;
        uint64_t at = lv_hash_bytes(bytes.ptr, bytes.len, 0);
        for (; *(slot = &d->key_slots[at % LV_COUNT_OF(d->key_slots)]) != 0; at++) {
            lv_json_key *known = &d->keys[*slot];
            if (lv_str_eq((lv_str){known->bytes, known->length}, bytes))
                return known;
        }
        if (d->key_count < LV_KEYS_MAX) {
            key = &d->keys[ *slot = (uint16_t)d->key_count++];
            memcpy(key->bytes, bytes.ptr, bytes.len);
            key->length = (uint32_t)bytes.len;
            key->mask = bytes.len >= 32 ? UINT32_MAX : ((uint32_t)1 << bytes.len) - 1;
        }
    }
    key->column = find_column(d, name);
    key->to = key->column == LV_UNWANTED ? NULL : &d->columns[key->column];
    key->action = action_of(d, key->column);
    return key;
}

/* Expects `key` behind `before` from now on, and what was expected so far as the second guess. */
static const lv_json_key *learn_next(const lv_json_decoder *d, lv_json_key *before,
                                     lv_json_key *key)
{
    const lv_json_key *nobodys = &d->keys[LV_KEYS_MAX];
    if (key != nobodys && before != nobodys && before->next[0] != key) {
        before->next[1] = before->next[0];
        before->next[0] = key;
    }
    return key;
}

const lv_json_key *lv_row_find_key(lv_json_decoder *d, lv_json_key *before, const char *p,
                                   const char *end, const char **value)
{
    lv_json_key *second = before->next[1];
    if (p >= end)
        return NULL;
    if (second != d->keys && (size_t)(end - p) > second->length &&
        memcmp(p, second->bytes, second->length) == 0) {
        *value = p + second->length;
        return learn_next(d, before, second);
    }
    const char *from = p;
    bool first = before == d->keys;
    p = skip_blanks(p, end);
    if (p < end && *p == '}' && !first)
        return d->keys;
    if (p == end || *p++ != (first ? '{' : ','))
        return NULL;
    p = skip_blanks(p, end);
    if (p < end && *p == '}' && first)
        return d->keys;
    if (p == end || *p++ != '"')
        return NULL;
    const char *name = p;
    while (p < end && *p != '"' && *p != '\\' && (signed char)*p >= ' ')
        p++;
    if (p == end || *p != '"')
        return NULL;
    lv_str text = {name, (size_t)(p - name)};
    p = skip_blanks(p + 1, end);
    if (p == end || *p++ != ':')
        return NULL;
    *value = skip_blanks(p, end);
    return learn_next(d, before, remember_key(d, (lv_str){from, (size_t)(*value - from)}, text));
}

/* ---- values ---------------------------------------------------------------------------------- */

bool lv_row_learn_date(lv_json_decoder *d, const char *p)
{
    int32_t days;
    if (p[10] != 'T' || p[4] != '-' || p[7] != '-' || !lv_date_parse((lv_str){p, 10}, &days))
        return false;
    memcpy(d->date_text, p, 11);
    d->date_us = (int64_t)days * 86400000000;
    return true;
}

static void put(lv_json_column *c, int at, const lv_scalar *value)
{
    if (c->kind == LV_TYPE_STRING) {
        ((lv_str *)c->block)[at] = value->str;
    } else {
        size_t size = lv_type_value_size(c->type);
        memcpy((char *)c->block + (size_t)at * size, value, size);
    }
    if (c->kind == LV_TYPE_DOUBLE)
        c->decimals.powers[at] = 0;
    c->valid |= (uint64_t)1 << at;
}

/* The rows that a nested column has from the block's rows before `at`, plus those of earlier blocks. */
static bool has_value(const lv_json_column *c, int at)
{
    return c->builder.length > c->block_begin + at;
}

/* The scalar under the reader into a column; false: leave it to the exact way. */
static bool read_scalar_column(lv_reader *r, lv_json_column *c, int at, bool *bad)
{
    lv_scalar value;
    if (r->current == LV_TOKEN_NULL) {
        c->valid &= ~((uint64_t)1 << at);
        return true;
    }
    if (r->current == LV_TOKEN_STRING && c->kind != LV_TYPE_BINARY && !lv_reader_string(r))
        return false;
    bool is_text = c->kind == LV_TYPE_STRING && r->current == LV_TOKEN_STRING;
    lv_outcome result = is_text ? LV_VALUE_OK : lv_read_scalar(r, c->type, &value);
    if (is_text)
        value.str = r->text;
    if (result == LV_VALUE_OK)
        put(c, at, &value);
    else
        *bad = true;
    return !r->string_unread && (result == LV_VALUE_OK || lv_reader_skip(r));
}

/* A value that is well-formed and of the column's type; NULL: it may not be. */
static const char *read_fast(lv_json_decoder *d, lv_arena *arena, int column, const char *p,
                             const char *end, ptrdiff_t delta, int at)
{
    if (column == LV_UNWANTED)
        return lv_fast_skip(p, end);
    lv_json_column *c = &d->columns[column];
    if (c->kind == LV_TYPE_STRING) {
        lv_scalar value;
        const char *next = lv_fast_text(arena, p, end, delta, &value.str);
        if (next != NULL)
            put(c, at, &value);
        return next;
    }
    if (c->fast == NULL || has_value(c, at))
        return NULL;
    return lv_fast_read(d, arena, p, end, delta, c->fast, &c->builder);
}

const char *lv_row_read_value(lv_json_decoder *d, lv_arena *arena, int column, const char *p,
                              const char *end, ptrdiff_t delta, int at, bool *bad)
{
    const char *next = read_fast(d, arena, column, p, end, delta, at);
    if (LV_LIKELY(next != NULL))
        return next;
    lv_reader *r = &d->reader;
    r->arena = arena;
    lv_reader_begin_inside(r, p + delta, end + delta);
    if (lv_reader_next(r) == LV_TOKEN_ERROR)
        return NULL;
    bool ok;
    if (column == LV_UNWANTED) {
        ok = r->current == LV_TOKEN_STRING ? lv_reader_string(r) : lv_reader_skip(r);
    } else if (!lv_type_is_nested(d->columns[column].type)) {
        ok = read_scalar_column(r, &d->columns[column], at, bad);
    } else {
        lv_json_column *c = &d->columns[column];
        if (has_value(c, at))
            return NULL; /* a repeated key */
        lv_outcome result = lv_read_value(r, c->type, &c->builder);
        *bad |= result == LV_VALUE_PARTIAL;
        ok = result != LV_VALUE_BAD;
    }
    return ok && r->depth == 1 ? r->p - delta : NULL;
}

const char *lv_row_read_exponent(lv_json_decoder *d, lv_arena *arena, const lv_json_key *key,
                                 const char *p, const char *value, const char *end, ptrdiff_t delta,
                                 int at)
{
    bool bad = false;
    if ((*p | 32) != 'e' || key->action != LV_ROW_DOUBLE)
        return NULL;
    const char *next = lv_row_read_value(d, arena, key->column, value, end, delta, at, &bad);
    return bad || next <= p ? NULL : next;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* Forgets what was set of row `at`. */
static void clear_row(lv_json_decoder *d, int at)
{
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        c->valid &= ~((uint64_t)1 << at);
        if (c->wanted && lv_type_is_nested(c->type) && has_value(c, at))
            lv_builder_truncate(&c->builder, c->block_begin + at);
    }
}

/* Nested fields that the row did not have. */
static void pad_row(lv_json_decoder *d, int at)
{
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        if (c->wanted && lv_type_is_nested(c->type) && !has_value(c, at))
            lv_builder_null(&c->builder);
    }
}

/* The one row of `row`, a STRUCT, into row `at` of the block. */
static void put_row(lv_json_decoder *d, const lv_vector *row, int at)
{
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        const lv_vector *value = &row->children[i];
        if (!d->wanted[i] || lv_vector_is_null(value, 0))
            continue;
        if (lv_type_is_nested(c->type)) {
            lv_builder_append(&c->builder, value, 0);
            continue;
        }
        lv_scalar scalar;
        memcpy(&scalar, value->data, lv_type_value_size(c->type));
        put(c, at, &scalar);
    }
}

/* The first row of `v` as Spark shows an internal row: [1,null,[x]]; a list is the one column of its row. */
static void print_row(const lv_vector *v, const lv_timezone *zone, lv_sbuf *out)
{
    lv_json_write_options options = {.times = {.zone = zone}, .keep_nulls = true};
    lv_sbuf_add_char(out, '[');
    bool is_struct = v->type->kind == LV_TYPE_STRUCT;
    for (int i = 0; i < (is_struct ? v->child_count : 1); i++) {
        const lv_vector *value = is_struct ? &v->children[i] : v;
        if (i > 0)
            lv_sbuf_add_char(out, ',');
        if (!lv_vector_is_null(value, 0) && value->type->kind == LV_TYPE_STRUCT)
            print_row(value, zone, out);
        else if (!lv_vector_is_null(value, 0) && value->type->kind == LV_TYPE_STRING)
            lv_sbuf_add_str(out, lv_vector_str(value, 0));
        else
            lv_json_write_value(out, value, 0, &options);
    }
    lv_sbuf_add_char(out, ']');
}

static lv_status malformed(lv_json_decoder *d, lv_str payload, const lv_vector *row, lv_error *err)
{
    static const char advice[] = "Parse Mode: FAILFAST. To process malformed records as null "
                                 "result, try setting the option 'mode' as 'PERMISSIVE'";
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status;
    print_row(row, d->options.times.zone, &text);
    if (d->schema->kind == LV_TYPE_STRUCT && d->reader.current == LV_TOKEN_ARRAY &&
        d->reader.depth == 1 && d->failure[0] == '\0')
        status = LV_FAIL(err, LV_MALFORMED_RECORD_ARRAY,
                         "Malformed records are detected in record parsing: %.*s. %s. Parsing JSON "
                         "arrays as structs is forbidden",
                         (int)LV_MIN(payload.len, 500), payload.ptr, advice);
    else
        status = LV_FAIL(err, LV_MALFORMED_RECORD,
                         "Malformed records are detected in record parsing: %.*s. %s. Cause: %s",
                         (int)LV_MIN(text.len, 500), text.ptr, advice,
                         d->failure[0] ? d->failure
                                       : "the root of the record is not what the schema says");
    lv_sbuf_release(&text);
    return status;
}

/* Reads the payload exactly, as one row of the schema's type in the scratch arena. *present: there is a value. */
static lv_outcome read_exactly(lv_json_decoder *d, lv_arena *arena, lv_str payload, lv_vector *row,
                               bool *present)
{
    lv_reader *r = &d->reader;
    lv_builder b;
    lv_outcome result = LV_VALUE_BAD;
    lv_arena_reset(&d->scratch);
    lv_builder_init(&b, &d->scratch, d->schema, 1);
    r->arena = arena;
    d->failure[0] = '\0';
    lv_reader_begin(r, payload);
    lv_token token = lv_reader_next(r);
    *present = token != LV_TOKEN_NONE;
    lv_type_kind kind = d->schema->kind;
    if (kind == LV_TYPE_STRUCT && token == LV_TOKEN_OBJECT)
        result = lv_read_struct(r, d->schema, d->wanted, &b);
    else if (kind == LV_TYPE_ARRAY && token == LV_TOKEN_OBJECT &&
             d->schema->fields[0].type->kind == LV_TYPE_STRUCT)
        result = lv_read_lone_struct(r, d->schema, &b);
    else if (kind != LV_TYPE_STRUCT && (token == LV_TOKEN_OBJECT || token == LV_TOKEN_ARRAY))
        result = lv_read_value(r, d->schema, &b);
    if (result == LV_VALUE_BAD) {
        lv_builder_truncate(&b, 0);
        lv_builder_null(&b);
    }
    lv_builder_finish(&b, row);
    return result;
}

lv_str lv_row_pad(lv_json_decoder *d, lv_str payload)
{
    if (LV_UNLIKELY(payload.len + LV_JSON_PADDING > d->padded_size)) {
        d->padded_size = (payload.len + LV_JSON_PADDING) * 2;
        free(d->padded);
        d->padded = malloc(d->padded_size);
        LV_ASSERT(d->padded != NULL);
    }
    memcpy(d->padded, payload.ptr, payload.len);
    memset(d->padded + payload.len, 0, LV_JSON_PADDING);
    return (lv_str){d->padded, payload.len};
}

/* Ends row `at` of the block, at which the fast way stopped: `bad` as it says. *present: it had a value at all. */
static lv_status end_row(lv_json_decoder *d, lv_arena *arena, lv_str payload, int at, bool bad,
                         bool *present, lv_error *err)
{
    *present = true;
    if (!bad || d->options.fail_fast) {
        lv_vector row;
        clear_row(d, at);
        bad = read_exactly(d, arena, payload, &row, present) >= LV_VALUE_PARTIAL;
        if (bad && *present && d->options.fail_fast)
            return malformed(d, payload, &row, err);
        put_row(d, &row, at);
    }
    if (bad && *present && d->corrupt_column >= 0 && d->columns[d->corrupt_column].wanted)
        put(&d->columns[d->corrupt_column], at, &(lv_scalar){.str = payload});
    return LV_OK;
}

/* The first row behind `at` whose bit is not set, at most `most`. */
static int end_of_run(uint64_t present, int at, int most)
{
    uint64_t absent = ~present >> at;
    return absent == 0 ? most : LV_MIN(most, at + __builtin_ctzll(absent));
}

/* One block. *present has a bit for each row whose payload is not null; those of rows without a value are cleared. */
static lv_status decode_block(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads,
                              int count, uint64_t *present, lv_error *err)
{
    for (int at = 0; at < count;) {
        int to = end_of_run(*present, at, d->has_nested ? at + 1 : count), stop = to;
        bool bad = false, has = true;
        if (LV_LIKELY(to > at))
            stop = d->decode_rows(d, arena, payloads, at, to, &bad);
        if (LV_UNLIKELY(stop < to)) {
            LV_TRY(end_row(d, arena, payloads[stop], stop, bad, &has, err));
            *present &= ~((uint64_t)!has << stop);
        }
        at = stop < to || to == at ? stop + 1 : to; /* to == at: the payload is null */
        if (d->has_nested)
            pad_row(d, at - 1);
    }
    return LV_OK;
}

/* The payloads of a block as an array, which may be in `room`; *present: a bit for each that is not null. */
static const lv_str *block_payloads(const lv_vector *payloads, int64_t begin, int count,
                                    lv_str room[LV_BLOCK_ROWS], uint64_t *present)
{
    *present = UINT64_MAX;
    for (int i = 0; i < count && lv_vector_may_be_null(payloads); i++)
        if (lv_vector_is_null(payloads, begin + i))
            *present &= ~((uint64_t)1 << i);
    if (payloads->encoding == LV_FLAT)
        return (const lv_str *)payloads->data + begin;
    for (int i = 0; i < count; i++)
        room[i] = *present >> i & 1 ? lv_vector_str(payloads, begin + i) : LV_STR_NONE;
    return room;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* Dictionaries that grew too large make room; those replaced two calls ago are no longer in use. */
static void renew_dictionaries(lv_json_decoder *d)
{
    for (int i = 0; i < d->retired_count[1]; i++)
        lv_dict_free(d->retired[1][i]);
    lv_dict **list = d->retired[1];
    d->retired[1] = d->retired[0];
    d->retired_count[1] = d->retired_count[0];
    d->retired[0] = list;
    d->retired_count[0] = 0;
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        if (c->dict == NULL || c->dict->count < DICT_VALUES_MAX)
            continue;
        d->retired[0][d->retired_count[0]++] = c->dict;
        c->dict = lv_dict_new();
    }
}

static bool has_codes(const lv_json_column *c)
{
    return c->dict != NULL && !c->as_slices;
}

static void begin_columns(lv_json_decoder *d, lv_arena *arena, int64_t rows)
{
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        if (!c->wanted)
            continue;
        if (lv_type_is_nested(c->type)) {
            lv_builder_init(&c->builder, arena, c->type, rows);
            continue;
        }
        size_t size = has_codes(c) ? sizeof(uint32_t) : lv_type_value_size(c->type);
        c->data = lv_arena_alloc(arena, size * (size_t)LV_ALIGN_UP(rows, LV_BLOCK_ROWS));
        c->validity = lv_arena_alloc(arena, LV_BITMAP_WORDS(rows) * sizeof(uint64_t));
        c->all_valid = true;
        c->dict_count_before = c->dict ? c->dict->count : 0;
    }
}

static void begin_block(lv_json_decoder *d, int64_t begin)
{
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        c->valid = 0;
        c->block_begin = begin;
        if (c->wanted && !lv_type_is_nested(c->type))
            c->block = has_codes(c) ? (void *)c->strings
                                    : (char *)c->data + (size_t)begin * lv_type_value_size(c->type);
    }
}

/* Values of null rows become zero, so that they can be read. */
static void clear_nulls(lv_json_column *c, uint64_t nulls)
{
    size_t size = lv_type_value_size(c->type);
    for (; nulls != 0; nulls &= nulls - 1)
        memset((char *)c->block + (size_t)__builtin_ctzll(nulls) * size, 0, size);
}

static void end_block(lv_json_decoder *d, int64_t begin, int rows)
{
    uint64_t all = lv_bits_tail_mask(rows);
    for (int i = 0; i < d->column_count; i++) {
        lv_json_column *c = &d->columns[i];
        if (!c->wanted || lv_type_is_nested(c->type))
            continue;
        c->validity[begin / LV_BLOCK_ROWS] = c->valid;
        c->all_valid &= c->valid == all;
        if (c->kind == LV_TYPE_DOUBLE)
            d->make_doubles(c);
        if (has_codes(c))
            lv_dict_intern_many(c->dict, c->strings, c->valid, rows, (uint32_t *)c->data + begin);
        else if (LV_UNLIKELY(c->valid != all))
            clear_nulls(c, all & ~c->valid);
    }
}

static void end_column(lv_json_column *c, lv_arena *arena, int64_t rows, lv_vector *out)
{
    if (!c->wanted) {
        lv_vector_init_null(out, arena, c->type, rows);
        return;
    }
    if (lv_type_is_nested(c->type)) {
        lv_builder_finish(&c->builder, out);
        return;
    }
    *out = (lv_vector){.type = c->type,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .data = c->data,
                       .validity = c->all_valid ? NULL : c->validity};
    if (!has_codes(c))
        return;
    out->encoding = LV_DICTIONARY;
    out->dict = c->dict;
    if (c->dict->count == 0)
        lv_dict_intern(c->dict, LV_STR("")); /* code 0 of null rows must exist */
    uint32_t added = c->dict->count - c->dict_count_before;
    c->as_slices = c->dict->count > DICT_VALUES_MAX / 4 && added > rows / 2;
}

/* ---- vectors --------------------------------------------------------------------------------- */

static lv_status decode_structs(lv_json_decoder *d, lv_arena *arena, const lv_vector *payloads,
                                lv_vector *out, lv_error *err)
{
    int64_t rows = payloads->length;
    uint64_t *validity = NULL;
    renew_dictionaries(d);
    begin_columns(d, arena, rows);
    for (int64_t begin = 0; begin < rows; begin += LV_BLOCK_ROWS) {
        int count = (int)LV_MIN(rows - begin, LV_BLOCK_ROWS);
        lv_str room[LV_BLOCK_ROWS];
        uint64_t present;
        const lv_str *list = block_payloads(payloads, begin, count, room, &present);
        begin_block(d, begin);
        LV_TRY(decode_block(d, arena, list, count, &present, err));
        end_block(d, begin, count);
        if (LV_LIKELY(present == UINT64_MAX))
            continue;
        if (validity == NULL)
            validity = lv_validity_new(arena, rows, true);
        validity[begin / LV_BLOCK_ROWS] &= present;
    }
    *out = (lv_vector){.type = d->schema,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .validity = validity,
                       .child_count = d->column_count};
    out->children = LV_NEW_ARRAY(arena, lv_vector, d->column_count);
    for (int i = 0; i < d->column_count; i++)
        end_column(&d->columns[i], arena, rows, &out->children[i]);
    return LV_OK;
}

/* An ARRAY or MAP at the top: null where the text is not one. */
static lv_status decode_lists(lv_json_decoder *d, lv_arena *arena, const lv_vector *payloads,
                              lv_vector *out, lv_error *err)
{
    lv_builder b;
    lv_builder_init(&b, arena, d->schema, payloads->length);
    for (int64_t i = 0; i < payloads->length; i++) {
        lv_vector row;
        bool present = false;
        if (lv_vector_is_null(payloads, i)) {
            lv_builder_null(&b);
            continue;
        }
        lv_str payload = lv_vector_str(payloads, i);
        lv_outcome result = read_exactly(d, arena, payload, &row, &present);
        if (present && result >= LV_VALUE_PARTIAL && d->options.fail_fast)
            return malformed(d, payload, &row, err);
        lv_builder_append(&b, &row, 0);
    }
    lv_builder_finish(&b, out);
    return LV_OK;
}

lv_status lv_json_decode(lv_json_decoder *d, lv_arena *arena, const lv_vector *payloads,
                         lv_vector *out, lv_error *err)
{
    LV_ASSERT(lv_type_is_string_like(payloads->type));
    return d->schema->kind == LV_TYPE_STRUCT ? decode_structs(d, arena, payloads, out, err)
                                             : decode_lists(d, arena, payloads, out, err);
}
