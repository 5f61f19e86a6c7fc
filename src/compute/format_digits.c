/* format_digits.c: see format_digits.h. */
#include "compute/format_digits.h"

#include <math.h>

#include "base/double.h"

static void trim_zeros(lv_digits *d)
{
    int zeros = 0;
    while (zeros < d->count && d->digit[zeros] == '0')
        zeros++;
    memmove(d->digit, d->digit + zeros, (size_t)(d->count - zeros));
    d->count -= zeros;
    d->point -= zeros;
    while (d->count > 0 && d->digit[d->count - 1] == '0')
        d->count--;
    if (d->count == 0)
        d->point = 0;
}

lv_digits lv_digits_of_double(double value)
{
    char text[LV_DOUBLE_TEXT_SIZE];
    int len = lv_double_print(fabs(value), text), exponent = 0;
    lv_digits d = {.negative = signbit(value) != 0, .point = -1};
    for (int i = 0; i < len; i++) {
        if (text[i] == '.') {
            d.point = d.count;
        } else if (text[i] == 'E') {
            int64_t written = 0;
            lv_str_to_i64((lv_str){text + i + 1, (size_t)(len - i - 1)}, &written);
            exponent = (int)written;
            break;
        } else {
            d.digit[d.count++] = text[i];
        }
    }
    d.point = (d.point < 0 ? d.count : d.point) + exponent;
    trim_zeros(&d);
    return d;
}

lv_digits lv_digits_of_decimal(__int128 value, int scale)
{
    lv_digits d = {.negative = value < 0};
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    char text[40];
    int at = sizeof text;
    for (; rest > 0; rest /= 10)
        text[--at] = (char)('0' + (int)(rest % 10));
    d.count = (int)sizeof text - at;
    memcpy(d.digit, text + at, (size_t)d.count);
    d.point = d.count - scale;
    trim_zeros(&d);
    return d;
}

void lv_digits_round(lv_digits *d, int places, bool half_even)
{
    int keep = d->point + places;
    if (keep >= d->count)
        return;
    bool up = keep >= 0 && d->digit[keep] >= '5';
    if (up && half_even && d->digit[keep] == '5' && keep + 1 == d->count)
        up = keep > 0 && (d->digit[keep - 1] - '0') % 2 == 1;
    d->count = keep > 0 ? keep : 0;
    if (keep < 0 || (keep == 0 && !up)) {
        d->count = d->point = 0;
        return;
    }
    int i = d->count - 1;
    for (; up && i >= 0; i--) {
        if (d->digit[i] != '9') {
            d->digit[i]++;
            break;
        }
        d->digit[i] = '0';
    }
    if (up && i < 0) { /* 9.99 became 10.0 */
        memmove(d->digit + 1, d->digit, (size_t)d->count);
        d->digit[0] = '1';
        d->count++;
        d->point++;
    }
    trim_zeros(d);
}

static char digit_at(const lv_digits *d, int i)
{
    return i >= 0 && i < d->count ? d->digit[i] : '0';
}

void lv_digits_print(const lv_digits *d, int places, bool group, lv_sbuf *out)
{
    int whole = d->point > 0 ? d->point : 1;
    for (int i = 0; i < whole; i++) {
        lv_sbuf_add_char(out, digit_at(d, d->point > 0 ? i : -1));
        if (group && (whole - 1 - i) % 3 == 0 && i + 1 < whole)
            lv_sbuf_add_char(out, ',');
    }
    if (places > 0)
        lv_sbuf_add_char(out, '.');
    for (int i = 0; i < places; i++)
        lv_sbuf_add_char(out, digit_at(d, d->point + i));
}
