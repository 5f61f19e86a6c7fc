/* json_write.c: values as JSON, in the forms of Spark's JacksonGenerator. */
#include <math.h>

#include "base/datetime.h"
#include "base/double.h"
#include "column/decimal.h"
#include "json/base64.h"
#include "json/json.h"

static void write_number(lv_sbuf *out, double value, const char *text)
{
    if (isfinite(value))
        lv_sbuf_add_cstr(out, text);
    else
        lv_sbuf_printf(out, "\"%s\"", text);
}

static void write_base64(lv_sbuf *out, lv_str bytes)
{
    lv_sbuf_add_char(out, '"');
    lv_base64_encode(bytes, out);
    lv_sbuf_add_char(out, '"');
}

static void write_struct(lv_sbuf *out, const lv_vector *v, int64_t row,
                         const lv_json_write_options *options)
{
    bool any = false;
    lv_sbuf_add_char(out, '{');
    for (int f = 0; f < v->child_count; f++) {
        if (!options->keep_nulls && lv_vector_is_null(&v->children[f], row))
            continue;
        if (any)
            lv_sbuf_add_char(out, ',');
        any = true;
        lv_sbuf_add_json_string(out, v->type->fields[f].name);
        lv_sbuf_add_char(out, ':');
        lv_json_write_value(out, &v->children[f], row, options);
    }
    lv_sbuf_add_char(out, '}');
}

static void write_list(lv_sbuf *out, const lv_vector *v, int64_t row,
                       const lv_json_write_options *options)
{
    bool is_map = v->type->kind == LV_TYPE_MAP;
    lv_sbuf_add_char(out, is_map ? '{' : '[');
    for (int32_t e = v->offsets[row]; e < v->offsets[row + 1]; e++) {
        if (e > v->offsets[row])
            lv_sbuf_add_char(out, ',');
        if (is_map) {
            bool quoted = v->children[0].type->kind == LV_TYPE_STRING;
            if (!quoted)
                lv_sbuf_add_char(out, '"');
            lv_json_write_value(out, &v->children[0], e, options);
            lv_sbuf_add_cstr(out, quoted ? ":" : "\":");
        }
        lv_json_write_value(out, &v->children[is_map], e, options);
    }
    lv_sbuf_add_char(out, is_map ? '}' : ']');
}

/* As CAST to STRING prints it. */
static void write_interval(lv_sbuf *out, const lv_vector *v, int64_t i)
{
    lv_unit first = (lv_unit)v->type->precision, last = (lv_unit)v->type->scale;
    lv_sbuf_add_char(out, '"');
    if (v->type->kind == LV_TYPE_MONTHS)
        lv_interval_print_months(LV_AT(int32_t, v, i), first, last, out);
    else if (v->type->kind == LV_TYPE_MICROS)
        lv_interval_print_us(LV_AT(int64_t, v, i), first, last, out);
    else
        lv_interval_print(&LV_AT(lv_interval, v, i), out);
    lv_sbuf_add_char(out, '"');
}

void lv_json_write_value(lv_sbuf *out, const lv_vector *v, int64_t i,
                         const lv_json_write_options *options)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    int64_t row = lv_vector_index(v, i);
    if (lv_vector_is_null(v, i)) {
        lv_sbuf_add_cstr(out, "null");
        return;
    }
    switch (v->type->kind) { /* dispatch */
    case LV_TYPE_BOOLEAN: lv_sbuf_add_cstr(out, LV_AT(bool, v, i) ? "true" : "false"); break;
    case LV_TYPE_TINYINT: lv_sbuf_printf(out, "%d", LV_AT(int8_t, v, i)); break;
    case LV_TYPE_SMALLINT: lv_sbuf_printf(out, "%d", LV_AT(int16_t, v, i)); break;
    case LV_TYPE_INT: lv_sbuf_printf(out, "%d", LV_AT(int32_t, v, i)); break;
    case LV_TYPE_BIGINT: lv_sbuf_printf(out, "%lld", (long long)LV_AT(int64_t, v, i)); break;
    case LV_TYPE_FLOAT:
        lv_float_print(LV_AT(float, v, i), text);
        write_number(out, LV_AT(float, v, i), text);
        break;
    case LV_TYPE_DOUBLE:
        lv_double_print(LV_AT(double, v, i), text);
        write_number(out, LV_AT(double, v, i), text);
        break;
    case LV_TYPE_DECIMAL: lv_decimal_print_short(LV_AT(__int128, v, i), v->type->scale, out); break;
    case LV_TYPE_STRING: lv_sbuf_add_json_string(out, lv_vector_str(v, i)); break;
    case LV_TYPE_BINARY: write_base64(out, lv_vector_str(v, i)); break;
    case LV_TYPE_DATE:
        lv_date_print(LV_AT(int32_t, v, i), text);
        lv_sbuf_printf(out, "\"%s\"", text);
        break;
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
        lv_timestamp_print_iso(LV_AT(int64_t, v, i),
                               v->type->kind == LV_TYPE_TIMESTAMP ? options->zone : NULL, text);
        lv_sbuf_printf(out, "\"%s\"", text);
        break;
    case LV_TYPE_MONTHS:
    case LV_TYPE_MICROS:
    case LV_TYPE_INTERVAL: write_interval(out, v, i); break;
    case LV_TYPE_STRUCT: write_struct(out, v, row, options); break;
    case LV_TYPE_ARRAY:
    case LV_TYPE_MAP: write_list(out, v, row, options); break;
    default: lv_sbuf_add_cstr(out, "null"); break;
    }
}
