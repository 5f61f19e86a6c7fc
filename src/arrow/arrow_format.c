/* arrow_format.c: see arrow_format.h. */
#include "arrow/arrow_format.h"

#include <string.h>

enum { PRECISION_MAX = 38 };

#define FORM(layout_, conversion_, size_, kind_)                                                   \
    {                                                                                              \
        .layout = LV_ARROW_##layout_, .conversion = LV_ARROW_##conversion_, .size = (size_),       \
        .kind = LV_TYPE_##kind_                                                                    \
    }

static const struct {
    const char *format;
    lv_arrow_form form;
} forms[] = {
    {"n", FORM(NULLS, COPY, 0, VOID)},     {"b", FORM(BITS, COPY, 0, BOOLEAN)},
    {"c", FORM(FIXED, COPY, 1, TINYINT)},  {"C", FORM(FIXED, U8, 1, SMALLINT)},
    {"s", FORM(FIXED, COPY, 2, SMALLINT)}, {"S", FORM(FIXED, U16, 2, INT)},
    {"i", FORM(FIXED, COPY, 4, INT)},      {"I", FORM(FIXED, U32, 4, BIGINT)},
    {"l", FORM(FIXED, COPY, 8, BIGINT)},   {"L", FORM(FIXED, U64, 8, DECIMAL)},
    {"e", FORM(FIXED, HALF, 2, FLOAT)},    {"f", FORM(FIXED, COPY, 4, FLOAT)},
    {"g", FORM(FIXED, COPY, 8, DOUBLE)},   {"u", FORM(OFFSETS, COPY, 4, STRING)},
    {"U", FORM(OFFSETS, COPY, 8, STRING)}, {"vu", FORM(VIEWS, COPY, 16, STRING)},
    {"z", FORM(OFFSETS, COPY, 4, BINARY)}, {"Z", FORM(OFFSETS, COPY, 8, BINARY)},
    {"vz", FORM(VIEWS, COPY, 16, BINARY)}, {"tdD", FORM(FIXED, COPY, 4, DATE)},
    {"tdm", FORM(FIXED, DAYS, 8, DATE)},   {"+l", FORM(LIST, COPY, 4, ARRAY)},
    {"+L", FORM(LIST, COPY, 8, ARRAY)},    {"+m", FORM(MAP, COPY, 4, MAP)},
    {"+s", FORM(STRUCT, COPY, 0, STRUCT)},
};

/* A number, which ends at `end` or the end of the text. */
static bool take_number(const char **text, char end, int64_t max, int64_t *out)
{
    int64_t value = 0;
    const char *p = *text;
    for (; *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (*p - '0');
        if (value > max)
            return false;
    }
    if (p == *text || (*p != '\0' && *p != end))
        return false;
    *text = p + (*p != '\0');
    *out = value;
    return true;
}

/* d:precision,scale[,bits] */
static bool parse_decimal(const char *text, lv_arrow_form *form)
{
    int64_t precision, scale, bits = 128;
    if (!take_number(&text, ',', PRECISION_MAX, &precision) ||
        !take_number(&text, ',', precision, &scale) || precision == 0)
        return false;
    if (*text != '\0' && !take_number(&text, '\0', 256, &bits))
        return false;
    *form = (lv_arrow_form){.layout = LV_ARROW_FIXED,
                            .conversion = LV_ARROW_DECIMAL,
                            .size = bits / 8,
                            .kind = LV_TYPE_DECIMAL,
                            .precision = (int)precision,
                            .scale = (int)scale};
    return bits == 32 || bits == 64 || bits == 128 || bits == 256;
}

/* ts<unit>:[zone] */
static bool parse_timestamp(const char *text, lv_arrow_form *form)
{
    static const struct {
        char unit;
        lv_arrow_conversion conversion;
        int64_t factor;
    } units[] = {{'s', LV_ARROW_SCALED, 1000000},
                 {'m', LV_ARROW_SCALED, 1000},
                 {'u', LV_ARROW_COPY, 1},
                 {'n', LV_ARROW_DIVIDED, 1000}};
    for (size_t i = 0; i < LV_COUNT_OF(units); i++)
        if (text[0] == units[i].unit && text[1] == ':') {
            *form = (lv_arrow_form){.layout = LV_ARROW_FIXED,
                                    .conversion = units[i].conversion,
                                    .size = 8,
                                    .factor = units[i].factor,
                                    .kind = text[2] != '\0' ? LV_TYPE_TIMESTAMP
                                                            : LV_TYPE_TIMESTAMP_NTZ};
            return true;
        }
    return false;
}

bool lv_arrow_format_parse(const char *format, lv_arrow_form *form)
{
    const char *number = strchr(format, ':');
    for (size_t i = 0; i < LV_COUNT_OF(forms); i++)
        if (strcmp(forms[i].format, format) == 0) {
            *form = forms[i].form;
            if (form->conversion == LV_ARROW_U64)
                form->precision = 20;
            return true;
        }
    if (strncmp(format, "d:", 2) == 0)
        return parse_decimal(format + 2, form);
    if (strncmp(format, "ts", 2) == 0)
        return parse_timestamp(format + 2, form);
    if (strncmp(format, "w:", 2) == 0) {
        *form = (lv_arrow_form)FORM(FIXED, BYTES, 0, BINARY);
        number++;
        return take_number(&number, '\0', INT32_MAX, &form->size);
    }
    if (strncmp(format, "+w:", 3) == 0) {
        *form = (lv_arrow_form)FORM(FIXED_LIST, COPY, 0, ARRAY);
        number++;
        return take_number(&number, '\0', INT32_MAX, &form->size);
    }
    return false;
}
