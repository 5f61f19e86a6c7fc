/* json_write.c: values as JSON, in the forms of Spark's JacksonGenerator. */
#include <math.h>

#include "base/check.h"
#include "base/datetime.h"
#include "base/double.h"
#include "base/utf8.h"
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

/* Where a value is written: how deep in objects it lies counts for pretty text. */
typedef struct writer {
    lv_sbuf *out;
    const lv_json_write_options *options;
    int depth;
    lv_status status; /* of the first time that could not be printed */
    lv_error *err;
} writer;

static void write_value(writer *w, const lv_vector *v, int64_t i);

static void write_string(writer *w, lv_str s)
{
    size_t begin = w->out->len;
    lv_sbuf_add_json_string(w->out, s);
    if (!w->options->ascii)
        return;
    lv_sbuf plain = LV_SBUF_INIT;
    lv_sbuf_add(&plain, w->out->ptr + begin, w->out->len - begin);
    w->out->len = begin;
    for (size_t i = 0; i < plain.len;) {
        size_t n;
        uint32_t code = lv_utf8_decode(plain.ptr + i, &n);
        if (code < 0x80)
            lv_sbuf_add_char(w->out, (char)code);
        else if (code < 0x10000)
            lv_sbuf_printf(w->out, "\\u%04X", (unsigned)code);
        else
            lv_sbuf_printf(w->out, "\\u%04X\\u%04X", (unsigned)(0xD800 + ((code - 0x10000) >> 10)),
                           (unsigned)(0xDC00 + (code & 0x3FF)));
        i += n;
    }
    lv_sbuf_release(&plain);
}

static void new_line(writer *w)
{
    lv_sbuf_printf(w->out, "\n%*s", w->depth * 2, "");
}

/* Opens an object, or goes to its next member. */
static void begin_member(writer *w, bool first)
{
    lv_sbuf_add_char(w->out, first ? '{' : ',');
    w->depth += first;
    if (w->options->pretty)
        new_line(w);
}

static void end_object(writer *w, bool empty)
{
    if (empty) {
        lv_sbuf_add_cstr(w->out, w->options->pretty ? "{ }" : "{}");
        return;
    }
    w->depth--;
    if (w->options->pretty)
        new_line(w);
    lv_sbuf_add_char(w->out, '}');
}

static void write_struct(writer *w, const lv_vector *v, int64_t row)
{
    bool any = false;
    for (int f = 0; f < v->child_count; f++) {
        if (!w->options->keep_nulls && lv_vector_is_null(&v->children[f], row))
            continue;
        begin_member(w, !any);
        any = true;
        write_string(w, v->type->fields[f].name);
        lv_sbuf_add_cstr(w->out, w->options->pretty ? " : " : ":");
        write_value(w, &v->children[f], row);
    }
    end_object(w, !any);
}

static void write_array(writer *w, const lv_vector *v, int64_t row)
{
    bool pretty = w->options->pretty;
    lv_sbuf_add_char(w->out, '[');
    for (int32_t e = v->offsets[row]; e < v->offsets[row + 1]; e++) {
        if (e > v->offsets[row])
            lv_sbuf_add_char(w->out, ',');
        if (pretty)
            lv_sbuf_add_char(w->out, ' ');
        write_value(w, &v->children[0], e);
    }
    lv_sbuf_add_cstr(w->out, pretty ? " ]" : "]");
}

static lv_status print_time(const writer *w, const lv_vector *v, int64_t i)
{
    const lv_time_formats *times = &w->options->times;
    if (v->type->kind == LV_TYPE_DATE)
        return lv_time_formats_print_date(times, LV_AT(int32_t, v, i), w->out, w->err);
    return v->type->kind == LV_TYPE_TIMESTAMP
               ? lv_time_formats_print_timestamp(times, LV_AT(int64_t, v, i), w->out, w->err)
               : lv_time_formats_print_timestamp_ntz(times, LV_AT(int64_t, v, i), w->out, w->err);
}

/* What a pattern prints may have to be escaped. */
static void write_time(writer *w, const lv_vector *v, int64_t i)
{
    size_t begin = w->out->len;
    lv_sbuf_add_char(w->out, '"');
    lv_status status = w->status == LV_OK ? print_time(w, v, i) : LV_OK;
    w->status = status != LV_OK ? status : w->status;
    lv_str text = {w->out->ptr + begin + 1, w->out->len - begin - 1};
    bool plain = lv_utf8_is_ascii(text.ptr, text.len);
    for (size_t k = 0; k < text.len && plain; k++)
        plain = text.ptr[k] >= ' ' && text.ptr[k] != '"' && text.ptr[k] != '\\';
    if (plain) {
        lv_sbuf_add_char(w->out, '"');
        return;
    }
    lv_sbuf odd = LV_SBUF_INIT;
    lv_sbuf_add_str(&odd, text);
    w->out->len = begin;
    write_string(w, lv_sbuf_str(&odd));
    lv_sbuf_release(&odd);
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

/* A key as text: times as the numbers that they are inside. */
static void write_key(writer *w, const lv_vector *keys, int64_t e)
{
    lv_vector shown = *keys;
    if (keys->type->kind == LV_TYPE_DATE)
        shown.type = lv_type_of(LV_TYPE_INT);
    if (keys->type->kind == LV_TYPE_TIMESTAMP || keys->type->kind == LV_TYPE_TIMESTAMP_NTZ)
        shown.type = lv_type_of(LV_TYPE_BIGINT);
    bool quoted = keys->type->kind == LV_TYPE_STRING;
    if (!quoted)
        lv_sbuf_add_char(w->out, '"');
    write_value(w, &shown, e);
    if (!quoted)
        lv_sbuf_add_char(w->out, '"');
}

static void write_map(writer *w, const lv_vector *v, int64_t row)
{
    for (int32_t e = v->offsets[row]; e < v->offsets[row + 1]; e++) {
        begin_member(w, e == v->offsets[row]);
        write_key(w, &v->children[0], e);
        lv_sbuf_add_cstr(w->out, w->options->pretty ? " : " : ":");
        write_value(w, &v->children[1], e);
    }
    end_object(w, v->offsets[row] == v->offsets[row + 1]);
}

static void write_value(writer *w, const lv_vector *v, int64_t i)
{
    lv_sbuf *out = w->out;
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
    case LV_TYPE_STRING: write_string(w, lv_vector_str(v, i)); break;
    case LV_TYPE_BINARY: write_base64(out, lv_vector_str(v, i)); break;
    case LV_TYPE_DATE:
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ: write_time(w, v, i); break;
    case LV_TYPE_MONTHS:
    case LV_TYPE_MICROS:
    case LV_TYPE_INTERVAL: write_interval(out, v, i); break;
    case LV_TYPE_STRUCT: write_struct(w, v, row); break;
    case LV_TYPE_ARRAY: write_array(w, v, row); break;
    case LV_TYPE_MAP: write_map(w, v, row); break;
    default: lv_sbuf_add_cstr(out, "null"); break;
    }
}

lv_status lv_json_print_value(lv_sbuf *out, const lv_vector *v, int64_t i,
                              const lv_json_write_options *options, lv_error *err)
{
    writer w = {.out = out, .options = options, .status = LV_OK, .err = err};
    write_value(&w, v, i);
    return w.status;
}

void lv_json_write_value(lv_sbuf *out, const lv_vector *v, int64_t i,
                         const lv_json_write_options *options)
{
    lv_status status = lv_json_print_value(out, v, i, options, NULL);
    LV_ASSERT(status == LV_OK);
}
