/* cast_text.c: casts from STRING and to STRING.
 * Source: UTF8String.toLong, Cast.processFloatingPointSpecialLiterals, StringUtils.isTrueString,
 * ToStringBase. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/datetime.h"
#include "base/double.h"
#include "column/decimal.h"
#include "compute/cast_int.h"

lv_str lv_trim_all(lv_str s)
{
    while (s.len > 0 && ((unsigned char)s.ptr[0] <= ' ' || s.ptr[0] == 0x7F)) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && ((unsigned char)s.ptr[s.len - 1] <= ' ' || s.ptr[s.len - 1] == 0x7F))
        s.len--;
    return s;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Not ANSI: a fraction is allowed and cut off. */
static bool parse_integer(lv_str s, bool allow_fraction, int64_t *out)
{
    ptrdiff_t dot = allow_fraction ? lv_str_find(s, '.', 0) : -1;
    if (dot < 0)
        return lv_str_to_i64(s, out);
    for (size_t i = (size_t)dot + 1; i < s.len; i++)
        if (!isdigit((unsigned char)s.ptr[i]))
            return false;
    bool sign = s.ptr[0] == '-' || s.ptr[0] == '+';
    if (dot == sign) { /* ".5", also "." */
        *out = 0;
        return true;
    }
    return lv_str_to_i64(lv_str_sub(s, 0, (size_t)dot), out);
}

static bool parse_special(lv_str s, double *out)
{
    static const struct {
        lv_str text;
        double value;
    } specials[] = {{LV_STR("inf"), INFINITY},
                    {LV_STR("+inf"), INFINITY},
                    {LV_STR("infinity"), INFINITY},
                    {LV_STR("+infinity"), INFINITY},
                    {LV_STR("-inf"), -INFINITY},
                    {LV_STR("-infinity"), -INFINITY},
                    {LV_STR("nan"), NAN}};
    for (size_t i = 0; i < LV_COUNT_OF(specials); i++)
        if (lv_str_eq_nocase(s, specials[i].text)) {
            *out = specials[i].value;
            return true;
        }
    return false;
}

/* Java's Double.valueOf also takes a type suffix. */
static lv_str without_suffix(lv_str s)
{
    if (s.len > 1 && memchr("fFdD", s.ptr[s.len - 1], 4) != NULL)
        s.len--;
    return s;
}

static bool parse_double(lv_str s, double *out)
{
    return lv_double_parse(without_suffix(s), out) || parse_special(s, out);
}

/* Not through double: that would round twice. */
static bool parse_float(lv_str s, float *out)
{
    double d;
    if (!parse_double(s, &d))
        return false;
    char text[64];
    s = without_suffix(s);
    *out = (float)d;
    if (s.len < sizeof text && isfinite(d)) {
        memcpy(text, s.ptr, s.len);
        text[s.len] = '\0';
        *out = strtof(text, NULL);
    }
    return true;
}

static bool parse_boolean(lv_str s, uint8_t *out)
{
    static const char *const words[2][5] = {{"f", "false", "n", "no", "0"},
                                            {"t", "true", "y", "yes", "1"}};
    for (int value = 0; value < 2; value++)
        for (int w = 0; w < 5; w++)
            if (lv_str_eq_nocase(s, lv_str_of(words[value][w]))) {
                *out = (uint8_t)value;
                return true;
            }
    return false;
}

/* One value into row i of out; the status it fails with. */
static lv_status parse_value(lv_cast_job *job, lv_str s, int64_t i)
{
    void *data = job->out->data;
    int64_t integer;
    double real;
    switch (job->to->kind) {
    case LV_TYPE_BOOLEAN:
        return parse_boolean(lv_trim_all(s), (uint8_t *)data + i) ? LV_OK : LV_CAST_INVALID_INPUT;
    case LV_TYPE_FLOAT:
        return parse_float(lv_trim_all(s), (float *)data + i) ? LV_OK : LV_CAST_INVALID_INPUT;
    case LV_TYPE_DOUBLE:
        return parse_double(lv_trim_all(s), (double *)data + i) ? LV_OK : LV_CAST_INVALID_INPUT;
    case LV_TYPE_DECIMAL:
        if (lv_decimal_parse(lv_trim_all(s), job->to->precision, job->to->scale,
                             (__int128 *)data + i))
            return LV_OK;
        if (!lv_double_parse(lv_trim_all(s), &real))
            return LV_CAST_INVALID_INPUT;
        return fabs(real) < 1e38 ? LV_NUMERIC_VALUE_OUT_OF_RANGE
                                 : LV_NUMERIC_OUT_OF_SUPPORTED_RANGE;
    case LV_TYPE_DATE: return lv_date_parse(s, (int32_t *)data + i) ? LV_OK : LV_CAST_INVALID_INPUT;
    case LV_TYPE_TIMESTAMP:
        return lv_timestamp_parse(s, job->eval->zone, job->eval->batch_time_us, (int64_t *)data + i)
                   ? LV_OK
                   : LV_CAST_INVALID_INPUT;
    case LV_TYPE_TIMESTAMP_NTZ:
        return lv_timestamp_ntz_parse(s, true, (int64_t *)data + i) ? LV_OK : LV_CAST_INVALID_INPUT;
    default:
        if (!parse_integer(lv_trim_all(s), job->legacy, &integer) ||
            integer < lv_int_min(job->to->kind) || integer > lv_int_max(job->to->kind))
            return LV_CAST_INVALID_INPUT;
        lv_store_int(job->to->kind, data, i, integer);
        return LV_OK;
    }
}

lv_status lv_cast_from_text(lv_cast_job *job)
{
    const lv_str *in = job->in->data;
    size_t size = lv_type_value_size(job->to);
    for (int64_t i = 0; i < job->out->length; i++) {
        lv_status status =
            lv_row_valid(job->in->validity, i) ? parse_value(job, in[i], i) : LV_INTERNAL;
        if (LV_LIKELY(status == LV_OK))
            continue;
        memset((char *)job->out->data + (size_t)i * size, 0, size);
        if (status != LV_INTERNAL)
            LV_TRY(lv_cast_reject(job, i, status));
    }
    return LV_OK;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void print_int(int64_t value, lv_sbuf *out)
{
    char digits[24];
    int n = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digits[--n] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        digits[--n] = '-';
    lv_sbuf_add(out, digits + n, sizeof digits - (size_t)n);
}

/* How values are printed. */
typedef struct printer {
    const lv_timezone *zone;
    bool pretty;     /* as show() does it: [41 42] for bytes, NULL inside too */
    bool scientific; /* small decimals as 1E-7, as CAST without ANSI does it */
} printer;

static void print_value(const lv_vector *v, int64_t i, const printer *p, lv_sbuf *out);

static void print_item(const lv_vector *v, int64_t i, const printer *p, lv_sbuf *out)
{
    if (lv_vector_is_null(v, i))
        lv_sbuf_add_cstr(out, p->pretty ? "NULL" : "null");
    else
        print_value(v, i, p, out);
}

static void print_bytes(lv_str bytes, const printer *p, lv_sbuf *out)
{
    if (!p->pretty) {
        lv_sbuf_add_str(out, bytes);
        return;
    }
    lv_sbuf_add_char(out, '[');
    for (size_t i = 0; i < bytes.len; i++)
        lv_sbuf_printf(out, i > 0 ? " %02X" : "%02X", (unsigned char)bytes.ptr[i]);
    lv_sbuf_add_char(out, ']');
}

static void print_list(const lv_vector *v, int64_t i, const printer *p, lv_sbuf *out)
{
    bool is_map = v->type->kind == LV_TYPE_MAP;
    lv_sbuf_add_char(out, is_map ? '{' : '[');
    for (int32_t e = v->offsets[i]; e < v->offsets[i + 1]; e++) {
        if (e > v->offsets[i])
            lv_sbuf_add_cstr(out, ", ");
        print_item(&v->children[0], e, p, out);
        if (is_map) {
            lv_sbuf_add_cstr(out, " -> ");
            print_item(&v->children[1], e, p, out);
        }
    }
    lv_sbuf_add_char(out, is_map ? '}' : ']');
}

static void print_struct(const lv_vector *v, int64_t i, const printer *p, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '{');
    for (int f = 0; f < v->child_count; f++) {
        if (f > 0)
            lv_sbuf_add_cstr(out, ", ");
        print_item(&v->children[f], i, p, out);
    }
    lv_sbuf_add_char(out, '}');
}

static void print_value(const lv_vector *v, int64_t i, const printer *p,
                        lv_sbuf *out) /* dispatch */
{
    char text[LV_MAX((int)LV_DOUBLE_TEXT_SIZE, (int)LV_TIMESTAMP_TEXT_SIZE)];
    if (lv_vector_is_null(v, i)) {
        lv_sbuf_add_cstr(out, "NULL");
        return;
    }
    int64_t row = lv_vector_index(v, i);
    switch (v->type->kind) {
    case LV_TYPE_VOID: lv_sbuf_add_cstr(out, "NULL"); break;
    case LV_TYPE_BOOLEAN: lv_sbuf_add_cstr(out, LV_AT(uint8_t, v, i) ? "true" : "false"); break;
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT: print_int(lv_load_int(v->type->kind, v->data, row), out); break;
    case LV_TYPE_FLOAT:
        lv_sbuf_add(out, text, (size_t)lv_float_print_java(LV_AT(float, v, i), text));
        break;
    case LV_TYPE_DOUBLE:
        lv_sbuf_add(out, text, (size_t)lv_double_print_java(LV_AT(double, v, i), text));
        break;
    case LV_TYPE_DECIMAL:
        (p->scientific ? lv_decimal_print_short : lv_decimal_print)(LV_AT(__int128, v, i),
                                                                    v->type->scale, out);
        break;
    case LV_TYPE_STRING: lv_sbuf_add_str(out, lv_vector_str(v, i)); break;
    case LV_TYPE_BINARY: print_bytes(lv_vector_str(v, i), p, out); break;
    case LV_TYPE_DATE:
        lv_sbuf_add(out, text, (size_t)lv_date_print(LV_AT(int32_t, v, i), text));
        break;
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
        lv_sbuf_add(out, text,
                    (size_t)lv_timestamp_print(
                        LV_AT(int64_t, v, i),
                        v->type->kind == LV_TYPE_TIMESTAMP ? p->zone : lv_timezone_utc(), text));
        break;
    case LV_TYPE_MONTHS:
        lv_interval_print_months(LV_AT(int32_t, v, i), (lv_unit)v->type->precision,
                                 (lv_unit)v->type->scale, out);
        break;
    case LV_TYPE_MICROS:
        lv_interval_print_us(LV_AT(int64_t, v, i), (lv_unit)v->type->precision,
                             (lv_unit)v->type->scale, out);
        break;
    case LV_TYPE_INTERVAL: lv_interval_print(&LV_AT(lv_interval, v, i), out); break;
    case LV_TYPE_STRUCT: print_struct(v, row, p, out); break;
    default: print_list(v, row, p, out);
    }
}

void lv_print_value(const lv_vector *v, int64_t i, const lv_timezone *zone, lv_sbuf *out)
{
    print_value(v, i, &(printer){.zone = zone}, out);
}

void lv_print_pretty(const lv_vector *v, int64_t i, const lv_timezone *zone, lv_sbuf *out)
{
    print_value(v, i, &(printer){.zone = zone, .pretty = true}, out);
}

/* All texts are made in one buffer and moved to the arena at the end; until then a slice's ptr
 * holds an offset. */
lv_status lv_cast_to_text(lv_cast_job *job)
{
    lv_str *out = job->out->data;
    printer p = {.zone = job->eval->zone, .scientific = !job->eval->ansi};
    lv_sbuf text = LV_SBUF_INIT;
    for (int64_t i = 0; i < job->out->length; i++) {
        size_t from = text.len;
        if (lv_row_valid(job->in->validity, i))
            print_value(job->in, i, &p, &text);
        out[i] = (lv_str){(const char *)from, text.len - from};
    }
    const char *base = lv_str_dup(job->eval->arena, lv_sbuf_str(&text)).ptr;
    for (int64_t i = 0; i < job->out->length; i++)
        out[i].ptr = base + (uintptr_t)out[i].ptr;
    lv_sbuf_release(&text);
    return LV_OK;
}
