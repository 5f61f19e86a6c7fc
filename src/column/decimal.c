/* decimal.c: see decimal.h. */
#include "column/decimal.h"

#include "base/check.h"
#include "base/double.h"

#define E18 ((__int128)1000000000000000000)
#define TEN_POWERS(e)                                                                              \
    (e), (e)*10, (e)*100, (e)*1000, (e)*10000, (e)*100000, (e)*1000000, (e)*10000000, (e)*100000000

const __int128 lv_decimal_powers[LV_DECIMAL_DIGITS + 1] = {TEN_POWERS((__int128)1),
                                                           TEN_POWERS((__int128)1000000000),
                                                           TEN_POWERS(E18),
                                                           TEN_POWERS(E18 * 1000000000),
                                                           E18 *E18,
                                                           E18 *E18 * 10,
                                                           E18 *E18 * 100};

/* value / 10^digits, half away from zero. */
static __int128 divide_half_up(__int128 value, int digits)
{
    if (digits > 38)
        return 0;
    __int128 by = lv_decimal_power(digits), quotient = value / by, rest = value % by;
    if (rest < 0)
        rest = -rest;
    if (rest >= by - rest)
        quotient += value < 0 ? -1 : 1;
    return quotient;
}

bool lv_decimal_rescale(__int128 value, int scale, int to_scale, __int128 *out)
{
    if (to_scale <= scale) {
        *out = to_scale == scale ? value : divide_half_up(value, scale - to_scale);
        return true;
    }
    if (to_scale - scale > 38)
        return value == 0 ? (*out = 0, true) : false;
    return !__builtin_mul_overflow(value, lv_decimal_power(to_scale - scale), out) &&
           lv_decimal_fits(*out, 38);
}

/* Sign, digits and exponent of a number's text: value = digits · 10^exponent. */
typedef struct number {
    bool negative;
    __int128 digits;
    int exponent;  /* of the last digit kept */
    bool round_up; /* the first digit dropped was 5 or more */
} number;

static bool read_exponent(lv_str text, size_t *i, int *exponent)
{
    (*i)++;
    bool minus = *i < text.len && text.ptr[*i] == '-';
    if (*i < text.len && (text.ptr[*i] == '-' || text.ptr[*i] == '+'))
        (*i)++;
    int e = 0;
    size_t from = *i;
    for (; *i < text.len && text.ptr[*i] >= '0' && text.ptr[*i] <= '9'; (*i)++)
        e = e < 1000000 ? e * 10 + text.ptr[*i] - '0' : e;
    *exponent += minus ? -e : e;
    return *i > from;
}

static bool read_number(lv_str text, number *n)
{
    *n = (number){0};
    size_t i = 0;
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        n->negative = text.ptr[i++] == '-';
    bool fraction = false, any = false, full = false;
    for (; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        any = true;
        if (!full && n->digits < lv_decimal_power(37)) {
            n->digits = n->digits * 10 + (c - '0');
            n->exponent -= fraction;
            continue;
        }
        if (!full)
            n->round_up = c >= '5';
        full = true;
        n->exponent += !fraction;
    }
    if (!any)
        return false;
    if (i < text.len && (text.ptr[i] == 'e' || text.ptr[i] == 'E') &&
        !read_exponent(text, &i, &n->exponent))
        return false;
    return i == text.len;
}

bool lv_decimal_parse(lv_str text, int precision, int scale, __int128 *out)
{
    number n;
    if (!read_number(text, &n))
        return false;
    __int128 value = n.digits;
    int shift = n.exponent + scale; /* value · 10^shift is the unscaled result */
    if (value == 0) {
        *out = 0;
        return true;
    }
    if (shift > 38)
        return false;
    if (shift > 0) {
        if (__builtin_mul_overflow(value, lv_decimal_power(shift), &value))
            return false;
    } else if (shift < 0) {
        value = divide_half_up(value, -shift);
    } else if (n.round_up) {
        value++;
    }
    if (!lv_decimal_fits(value, precision))
        return false;
    *out = n.negative ? -value : value;
    return true;
}

void lv_decimal_print(__int128 value, int scale, lv_sbuf *out)
{
    char digits[48];
    int n = 0;
    bool negative = value < 0;
    unsigned __int128 rest = negative ? -(unsigned __int128)value : (unsigned __int128)value;
    while (rest > 0 || n <= scale) {
        digits[n++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (negative)
        lv_sbuf_add_char(out, '-');
    while (n > 0) {
        lv_sbuf_add_char(out, digits[--n]);
        if (n == scale && scale > 0)
            lv_sbuf_add_char(out, '.');
    }
}

void lv_decimal_print_short(__int128 value, int scale, lv_sbuf *out)
{
    lv_sbuf digits = LV_SBUF_INIT;
    lv_decimal_print(value, 0, &digits);
    int sign = value < 0, exponent = (int)digits.len - sign - 1 - scale; /* of the first digit */
    if (exponent >= -6) {
        lv_decimal_print(value, scale, out);
    } else {
        lv_sbuf_add(out, digits.ptr, (size_t)sign + 1);
        lv_sbuf_add_cstr(out, digits.len > (size_t)sign + 1 ? "." : "");
        lv_sbuf_add(out, digits.ptr + sign + 1, digits.len - (size_t)sign - 1);
        lv_sbuf_printf(out, "E%d", exponent);
    }
    lv_sbuf_release(&digits);
}

double lv_decimal_to_double(__int128 value, int scale)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_decimal_print(value, scale, &text);
    double result = 0;
    bool ok = lv_double_parse(lv_sbuf_str(&text), &result);
    LV_ASSERT(ok);
    lv_sbuf_release(&text);
    return result;
}
