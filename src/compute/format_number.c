/* format_number.c: format_number(number, places or pattern). Numbers are rounded half to even from their
 * exact value, as java.text.DecimalFormat does; of its patterns those of # , 0 and one point are here.
 * Source: FormatNumber, java.text.DecimalFormat. */
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "compute/cast_int.h"
#include "compute/format_digits.h"

enum { PLACES_MAX = 340 }; /* DecimalFormat's own limit */

typedef struct number_format {
    int whole_min;
    int places_min;
    int places_max;
    int group; /* digits between commas; 0: no commas */
} number_format;

/* #,##0.0#: false if it is not of that kind. */
static bool parse_pattern(lv_str pattern, number_format *f)
{
    *f = (number_format){0};
    bool point = false, comma = false;
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c == '.' && !point) {
            point = true;
        } else if (c == ',' && !point) {
            comma = true;
            f->group = 0;
        } else if (c == '0' && !point) {
            f->whole_min++;
            f->group++;
        } else if (c == '#' && !point && f->whole_min == 0) {
            f->group++;
        } else if (c == '0' && f->places_min == f->places_max) {
            f->places_min++;
            f->places_max++;
        } else if (c == '#' && point) {
            f->places_max++;
        } else {
            return false;
        }
    }
    if (!comma)
        f->group = 0;
    return f->places_max <= PLACES_MAX && f->whole_min <= PLACES_MAX && !(comma && f->group == 0);
}

/* `text` is digits[.digits], without a sign. */
static void put(const number_format *f, bool negative, lv_str text, lv_sbuf *out)
{
    ptrdiff_t point = lv_str_find(text, '.', 0);
    int whole = (int)(point < 0 ? (ptrdiff_t)text.len : point);
    int places = point < 0 ? 0 : (int)text.len - whole - 1;
    while (places > f->places_min && text.ptr[whole + places] == '0')
        places--;
    int shown = LV_MAX(whole, f->whole_min);
    if (negative)
        lv_sbuf_add_char(out, '-');
    for (int i = shown; i > 0; i--) {
        lv_sbuf_add_char(out, i <= whole ? text.ptr[whole - i] : '0');
        if (f->group > 0 && i > 1 && (i - 1) % f->group == 0)
            lv_sbuf_add_char(out, ',');
    }
    if (places > 0)
        lv_sbuf_add_char(out, '.');
    for (int i = 0; i < places; i++)
        lv_sbuf_add_char(out, text.ptr[whole + 1 + i]);
}

static void put_double(const number_format *f, double value, lv_sbuf *out)
{
    char text[LV_DIGITS_MAX + PLACES_MAX];
    if (isnan(value)) {
        lv_sbuf_add_cstr(out, "NaN");
    } else if (isinf(value)) {
        lv_sbuf_add_cstr(out, value < 0 ? "-\xE2\x88\x9E" : "\xE2\x88\x9E");
    } else { /* C rounds the exact value half to even */
        int len = snprintf(text, sizeof text, "%.*f", f->places_max, fabs(value));
        LV_ASSERT(len > 0 && len < (int)sizeof text);
        put(f, signbit(value), (lv_str){text, (size_t)len}, out);
    }
}

static void put_decimal(const number_format *f, __int128 value, int scale, lv_sbuf *out)
{
    lv_digits d = lv_digits_of_decimal(value, scale);
    lv_sbuf text = LV_SBUF_INIT;
    lv_digits_round(&d, f->places_max, true);
    lv_digits_print(&d, f->places_max, false, &text);
    put(f, value < 0, lv_sbuf_str(&text), out);
    lv_sbuf_release(&text);
}

static void put_value(const number_format *f, const lv_vector *v, int64_t i, lv_sbuf *out)
{
    int64_t at = lv_vector_index(v, i);
    switch (v->type->kind) {
    case LV_TYPE_DOUBLE: put_double(f, ((const double *)v->data)[at], out); break;
    case LV_TYPE_FLOAT: put_double(f, (double)((const float *)v->data)[at], out); break;
    case LV_TYPE_DECIMAL:
        put_decimal(f, ((const __int128 *)v->data)[at], v->type->scale, out);
        break;
    default: put_decimal(f, lv_load_int(v->type->kind, v->data, at), 0, out); break;
    }
}

/* The format of row `i`; *null if it makes null. */
static lv_status format_of(const lv_vector *how, int64_t i, number_format *f, bool *null,
                           lv_error *err)
{
    *f = (number_format){.whole_min = 1, .group = 3};
    *null = false;
    if (how->type->kind == LV_TYPE_INT) {
        int32_t places = LV_AT(int32_t, how, i);
        *null = places < 0;
        f->places_min = f->places_max = LV_MIN(places, (int32_t)PLACES_MAX);
        return LV_OK;
    }
    lv_str pattern = lv_vector_str(how, i);
    if (pattern.len == 0 || parse_pattern(pattern, f))
        return LV_OK;
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                   "The feature is not supported: the pattern '%.*s' of format_number",
                   LV_STR_ARG(pattern));
}

static lv_status kernel_format_number(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = LV_OK;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows && status == LV_OK; i++) {
        lv_str *value = (lv_str *)out->data + i;
        number_format f;
        bool null;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        status = format_of(&args[1], i, &f, &null, err);
        if (status != LV_OK)
            break;
        if (null) {
            lv_result_set_null(eval->arena, out, i, &owned);
            continue;
        }
        lv_sbuf_clear(&text);
        put_value(&f, &args[0], i, &text);
        *value = lv_str_dup(eval->arena, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_bind_format_number(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_of(LV_TYPE_DOUBLE);
    else if (!lv_type_is_numeric(bind->arg_types[0]))
        return lv_bind_mismatch(function, bind, 0, "\"NUMERIC\"", err);
    lv_type_kind how = bind->arg_types[1]->kind;
    if (how == LV_TYPE_TINYINT || how == LV_TYPE_SMALLINT || how == LV_TYPE_VOID)
        bind->arg_types[1] = lv_type_of(LV_TYPE_INT);
    else if (how != LV_TYPE_INT && how != LV_TYPE_STRING)
        return lv_bind_mismatch(function, bind, 1, "(\"INT\" or \"STRING\")", err);
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_format_number);
    bind->nullable = true;
    return LV_OK;
}
