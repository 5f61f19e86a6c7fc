/* format_string.c: format_string and printf, as java.util.Formatter makes text.
 *
 * A constant format is parsed once, when the call is bound. Doubles are rounded half up from their
 * shortest digits, as Java does. Not there: %t (times), %h (hash codes), %a, and %s of binary or nested
 * values, which in Spark show Java's insides. Source: java.util.Formatter, FormatString. */
#include <math.h>

#include "base/double.h"
#include "base/utf8.h"
#include "compute/cast_int.h"
#include "compute/format_digits.h"

enum { WIDTH_MAX = 1 << 20, PRECISION_MAX = 1 << 16 };

enum {
    FLAG_LEFT = 1,
    FLAG_ALTERNATE = 2,
    FLAG_PLUS = 4,
    FLAG_BLANK = 8,
    FLAG_ZERO = 16,
    FLAG_GROUP = 32,
    FLAG_PARENTHESES = 64
};

/* Text that stays, or a directive. */
typedef struct part {
    lv_str text; /* if conversion is 0 */
    char conversion;
    bool upper;
    unsigned flags;
    int width;     /* -1: none */
    int precision; /* -1: none */
    int argument;  /* from 1; 0: none */
} part;

typedef struct format {
    part *parts;
    int count;
} format;

/* ---- parsing --------------------------------------------------------------------------------- */

static lv_status bad(lv_str text, const char *what, lv_error *err)
{
    return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE, "the format '%.*s' is not valid: %s",
                   LV_STR_ARG(text), what);
}

/* Digits at *at as a number; -1 if there are none, or too many. */
static int take_number(lv_str s, size_t *at, int max)
{
    int64_t n = 0;
    size_t start = *at;
    for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; ++*at)
        n = LV_MIN(n * 10 + (s.ptr[*at] - '0'), (int64_t)INT32_MAX);
    return *at == start ? -1 : (int)LV_MIN(n, (int64_t)max + 1);
}

static unsigned flag_of(char c)
{
    static const char flags[] = "-#+ 0,(";
    const char *at = c ? strchr(flags, c) : NULL;
    return at ? 1u << (at - flags) : 0;
}

/* Which flags a conversion takes, and whether it takes a precision. */
static const struct {
    char conversion;
    unsigned flags;
    bool precision;
} conversions[] = {
    {'b', FLAG_LEFT, true},
    {'s', FLAG_LEFT, true},
    {'c', FLAG_LEFT, false},
    {'d', FLAG_LEFT | FLAG_PLUS | FLAG_BLANK | FLAG_ZERO | FLAG_GROUP | FLAG_PARENTHESES, false},
    {'x', FLAG_LEFT | FLAG_ALTERNATE | FLAG_ZERO, false},
    {'o', FLAG_LEFT | FLAG_ALTERNATE | FLAG_ZERO, false},
    {'f', 127, true},
    {'e', 127 & ~FLAG_GROUP, true},
    {'g', 127 & ~FLAG_ALTERNATE, true},
    {'%', FLAG_LEFT, false},
    {'n', 0, false},
};

static lv_status check_part(lv_str text, const part *p, lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(conversions); i++) {
        if (conversions[i].conversion != p->conversion)
            continue;
        if (p->flags & ~conversions[i].flags)
            return bad(text, "a flag does not go with its conversion", err);
        if (p->precision >= 0 && !conversions[i].precision)
            return bad(text, "a precision does not go with its conversion", err);
        if ((p->flags & (FLAG_LEFT | FLAG_ZERO)) && p->width < 0)
            return bad(text, "a width is missing", err);
        if ((p->flags & (FLAG_PLUS | FLAG_BLANK)) == (FLAG_PLUS | FLAG_BLANK) ||
            (p->flags & (FLAG_LEFT | FLAG_ZERO)) == (FLAG_LEFT | FLAG_ZERO))
            return bad(text, "flags contradict each other", err);
        if (p->width > WIDTH_MAX || p->precision > PRECISION_MAX)
            return bad(text, "a width or precision is too large", err);
        return LV_OK;
    }
    if (strchr("tThHaA", p->conversion) != NULL)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: the conversion %%%c of format_string",
                       p->conversion);
    return bad(text, "an unknown conversion", err);
}

/* A directive behind its %. `next` is the ordinary argument that is due, `last` the one used last. */
static lv_status parse_directive(lv_str s, size_t *at, int *next, int *last, part *p, lv_error *err)
{
    *p = (part){.width = -1, .precision = -1};
    size_t back = *at;
    int index = take_number(s, at, INT32_MAX - 1);
    bool indexed = index >= 0 && *at < s.len && s.ptr[*at] == '$';
    bool relative = false;
    if (indexed && index == 0)
        return LV_FAIL(err, LV_ZERO_INDEX,
                       "The value of parameter(s) `strfmt` in `format_string` is invalid: expects "
                       "%%1$, %%2$ and so on, "
                       "but got %%0$");
    *at = indexed ? *at + 1 : back;
    for (; *at < s.len && (flag_of(s.ptr[*at]) || s.ptr[*at] == '<'); ++*at) {
        unsigned flag = flag_of(s.ptr[*at]);
        relative = relative || flag == 0;
        if (flag & p->flags)
            return bad(s, "a flag stands twice", err);
        p->flags |= flag;
    }
    p->width = take_number(s, at, WIDTH_MAX);
    if (*at < s.len && s.ptr[*at] == '.') {
        ++*at;
        p->precision = take_number(s, at, PRECISION_MAX);
        if (p->precision < 0)
            return bad(s, "a precision is missing", err);
    }
    if (*at >= s.len)
        return bad(s, "it ends in a directive", err);
    char c = s.ptr[(*at)++];
    p->upper = c != 0 && strchr("BSCXEG", c) != NULL;
    p->conversion = p->upper ? (char)(c + 32) : c;
    LV_TRY(check_part(s, p, err));
    if (p->conversion == '%' || p->conversion == 'n')
        return LV_OK;
    p->argument = indexed ? index : relative ? *last : (*next)++;
    *last = p->argument;
    return p->argument > 0 ? LV_OK : bad(s, "%< has no argument before it", err);
}

static lv_status parse_format(lv_arena *arena, lv_str s, format *out, lv_error *err)
{
    size_t at = 0;
    int next = 1, last = 0;
    out->parts = LV_NEW_ARRAY(arena, part, s.len + 1);
    out->count = 0;
    while (at < s.len) {
        part *p = &out->parts[out->count++];
        if (s.ptr[at] == '%') {
            at++;
            LV_TRY(parse_directive(s, &at, &next, &last, p, err));
            continue;
        }
        ptrdiff_t percent = lv_str_find(s, '%', at);
        size_t end = percent < 0 ? s.len : (size_t)percent;
        p->text = lv_str_sub(s, at, end - at);
        at = end;
    }
    return LV_OK;
}

/* ---- one directive --------------------------------------------------------------------------- */

/* Blanks around the text from `start` on, up to the width. */
static void justify(const part *p, size_t start, lv_sbuf *out)
{
    size_t have = lv_utf8_length(out->ptr ? out->ptr + start : "", out->len - start);
    if (p->width < 0 || have >= (size_t)p->width)
        return;
    size_t missing = (size_t)p->width - have, bytes = out->len - start;
    lv_sbuf_reserve(out, missing);
    char *text = out->ptr + start;
    if (!(p->flags & FLAG_LEFT))
        memmove(text + missing, text, bytes);
    memset(p->flags & FLAG_LEFT ? text + bytes : text, ' ', missing);
    out->len += missing;
}

static void to_upper(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] >= 'a' && text[i] <= 'z')
            text[i] = (char)(text[i] - 32);
}

/* A number's digits with sign, brackets and zeros as the flags say. */
static void add_signed(const part *p, bool negative, lv_str digits, lv_sbuf *out)
{
    bool brackets = negative && (p->flags & FLAG_PARENTHESES);
    const char *sign = brackets                ? "("
                       : negative              ? "-"
                       : p->flags & FLAG_PLUS  ? "+"
                       : p->flags & FLAG_BLANK ? " "
                                               : "";
    size_t len = strlen(sign) + digits.len + brackets;
    lv_sbuf_add_cstr(out, sign);
    for (; (p->flags & FLAG_ZERO) && p->width >= 0 && len < (size_t)p->width; len++)
        lv_sbuf_add_char(out, '0');
    lv_sbuf_add_str(out, digits);
    if (brackets)
        lv_sbuf_add_char(out, ')');
}

static void add_integer(const part *p, const lv_vector *v, int64_t i, lv_sbuf *out)
{
    int64_t value = lv_load_int(v->type->kind, v->data, lv_vector_index(v, i));
    size_t size = lv_type_value_size(v->type);
    lv_sbuf text = LV_SBUF_INIT;
    if (p->conversion == 'd') {
        lv_digits d = lv_digits_of_decimal(value, 0);
        lv_digits_print(&d, 0, p->flags & FLAG_GROUP, &text);
        add_signed(p, value < 0, lv_sbuf_str(&text), out);
    } else {
        uint64_t bits = size == 8 ? (uint64_t)value : (uint64_t)value & ((1ull << (8 * size)) - 1);
        const char *prefix = !(p->flags & FLAG_ALTERNATE) ? "" : p->conversion == 'x' ? "0x" : "0";
        lv_sbuf_printf(&text, p->conversion == 'x' ? "%llx" : "%llo", (unsigned long long)bits);
        size_t len = strlen(prefix) + text.len;
        lv_sbuf_add_cstr(out, prefix);
        for (; (p->flags & FLAG_ZERO) && p->width >= 0 && len < (size_t)p->width; len++)
            lv_sbuf_add_char(out, '0');
        lv_sbuf_add_str(out, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
}

/* d.ddde+XX */
static void print_scientific(lv_digits d, int precision, lv_sbuf *out)
{
    int exponent = d.count ? d.point - 1 : 0;
    d.point -= exponent;
    lv_digits_round(&d, precision, false);
    if (d.point == 2) { /* 9.99 became 10 */
        d.point = 1;
        exponent++;
    }
    lv_digits_print(&d, precision, false, out);
    lv_sbuf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

static void print_general(lv_digits d, int precision, bool group, lv_sbuf *out)
{
    precision = precision < 0 ? 6 : precision == 0 ? 1 : precision;
    lv_digits rounded = d;
    lv_digits_round(&rounded, precision - d.point, false);
    bool plain = rounded.count == 0 || (rounded.point > -4 && rounded.point <= precision);
    if (plain)
        lv_digits_print(&rounded,
                        rounded.count ? LV_MAX(precision - rounded.point, 0) : precision - 1, group,
                        out);
    else
        print_scientific(d, precision - 1, out);
}

static void add_real(const part *p, double value, lv_sbuf *out)
{
    if (!isfinite(value)) {
        part no_zeros = *p;
        no_zeros.flags &= ~(unsigned)FLAG_ZERO;
        bool negative = !isnan(value) && value < 0;
        if (isnan(value))
            lv_sbuf_add_cstr(out, "NaN");
        else
            add_signed(&no_zeros, negative, LV_STR("Infinity"), out);
        return;
    }
    lv_digits d = lv_digits_of_double(value);
    lv_sbuf text = LV_SBUF_INIT;
    int precision = p->precision < 0 ? 6 : p->precision;
    if (p->conversion == 'e') {
        print_scientific(d, precision, &text);
    } else if (p->conversion == 'g') {
        print_general(d, p->precision, p->flags & FLAG_GROUP, &text);
    } else {
        lv_digits_round(&d, precision, false);
        lv_digits_print(&d, precision, p->flags & FLAG_GROUP, &text);
        if (precision == 0 && (p->flags & FLAG_ALTERNATE))
            lv_sbuf_add_char(&text, '.');
    }
    add_signed(p, signbit(value), lv_sbuf_str(&text), out);
    lv_sbuf_release(&text);
}

static lv_status mismatch(const part *p, const lv_vector *v, lv_error *err)
{
    lv_sbuf type = LV_SBUF_INIT;
    lv_type_print_sql(v->type, &type);
    lv_status status = LV_FAIL(err, LV_INVALID_FUNCTION_VALUE,
                               "the conversion %%%c does not take a value of the type \"%.*s\"",
                               p->conversion, LV_STR_ARG(lv_sbuf_str(&type)));
    lv_sbuf_release(&type);
    return status;
}

/* %s: what Java's toString gives of Spark's insides: dates and timestamps are numbers. */
static lv_status add_text(const part *p, const lv_vector *v, int64_t i, lv_sbuf *out, lv_error *err)
{
    int64_t at = lv_vector_index(v, i);
    switch (v->type->kind) {
    case LV_TYPE_DATE: lv_sbuf_printf(out, "%d", (int)((const int32_t *)v->data)[at]); return LV_OK;
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
        lv_sbuf_printf(out, "%lld", (long long)((const int64_t *)v->data)[at]);
        return LV_OK;
    default:
        if (v->type->kind == LV_TYPE_BINARY || lv_type_is_nested(v->type))
            return LV_FAIL(
                err, LV_UNSUPPORTED_FEATURE,
                "The feature is not supported: binary and nested values in format_string");
        lv_print_value(v, i, lv_timezone_utc(), out);
        return LV_OK;
    }
}

static lv_status add_value(const part *p, const lv_vector *v, int64_t i, lv_sbuf *out,
                           lv_error *err)
{
    lv_type_kind kind = v->type->kind;
    bool null = lv_vector_is_null(v, i);
    if (p->conversion == 'b') {
        lv_sbuf_add_cstr(out, !null && (kind != LV_TYPE_BOOLEAN || LV_AT(uint8_t, v, i)) ? "true"
                                                                                         : "false");
    } else if (null) {
        lv_sbuf_add_cstr(out, "null");
    } else if (p->conversion == 's') {
        return add_text(p, v, i, out, err);
    } else if (strchr("dxo", p->conversion) != NULL) {
        if (!lv_type_is_integral(v->type))
            return mismatch(p, v, err);
        add_integer(p, v, i, out);
    } else if (p->conversion == 'c') {
        char bytes[4];
        if (!lv_type_is_integral(v->type) || kind == LV_TYPE_BIGINT)
            return mismatch(p, v, err);
        int64_t code = lv_load_int(kind, v->data, lv_vector_index(v, i));
        if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return mismatch(p, v, err);
        lv_sbuf_add(out, bytes, lv_utf8_encode((uint32_t)code, bytes));
    } else if (kind == LV_TYPE_DOUBLE || kind == LV_TYPE_FLOAT) {
        add_real(p, kind == LV_TYPE_DOUBLE ? LV_AT(double, v, i) : (double)LV_AT(float, v, i), out);
    } else {
        return mismatch(p, v, err);
    }
    return LV_OK;
}

/* The text from `start` on cut to the precision: only of %s and %b. */
static void cut(const part *p, size_t start, lv_sbuf *out)
{
    if (p->precision < 0 || (p->conversion != 's' && p->conversion != 'b'))
        return;
    size_t at = start;
    for (int n = p->precision; n > 0 && at < out->len; n--)
        do
            at++;
        while (at < out->len && (out->ptr[at] & 0xC0) == 0x80);
    out->len = at;
}

static lv_status add_part(const lv_call *call, const part *p, const lv_vector *args, int64_t i,
                          lv_sbuf *out, lv_error *err)
{
    size_t start = out->len;
    if (p->conversion == 0) {
        lv_sbuf_add_str(out, p->text);
        return LV_OK;
    }
    if (p->conversion == '%' || p->conversion == 'n') {
        lv_sbuf_add_char(out, p->conversion == '%' ? '%' : '\n');
    } else {
        if (p->argument >= call->arg_count)
            return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE, "the format has no argument for %%%c",
                           p->conversion);
        LV_TRY(add_value(p, &args[p->argument], i, out, err));
        cut(p, start, out);
        if (p->upper)
            to_upper(out->ptr + start, out->len - start);
    }
    justify(p, start, out);
    return LV_OK;
}

/* ---- kernel ---------------------------------------------------------------------------------- */

static lv_status kernel_format_string(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    const format *constant = call->param;
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = LV_OK;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    out->validity = lv_validity_flat(eval->arena, args, 1, rows);
    for (int64_t i = 0; i < rows && status == LV_OK; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        format own = {0};
        if (constant == NULL)
            status = parse_format(eval->arena, lv_vector_str(&args[0], i), &own, err);
        const format *f = constant ? constant : &own;
        lv_sbuf_clear(&text);
        for (int k = 0; k < f->count && status == LV_OK; k++)
            status = add_part(call, &f->parts[k], args, i, &text, err);
        *value = lv_str_dup(eval->arena, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_bind_format_string(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    const lv_vector *literal = lv_bind_literal(bind, 0);
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_format_string);
    bind->nullable = bind->arg_nullable == NULL || bind->arg_nullable[0];
    if (literal != NULL && literal->type->kind == LV_TYPE_STRING) {
        format *f = LV_NEW(bind->arena, format);
        lv_error own = LV_ERROR_INIT; /* a bad format fails where a row meets it */
        if (parse_format(bind->arena, lv_str_dup(bind->arena, lv_vector_str(literal, 0)), f,
                         &own) == LV_OK)
            bind->param = f;
    }
    return LV_OK;
}
