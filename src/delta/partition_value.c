/* partition_value.c: partition values as text, both ways; see delta_path.h.
 *
 * The log holds every partition value as text; null, and for every type also the empty text, is
 * null. */
#include "base/datetime.h"
#include "base/double.h"
#include "column/decimal.h"
#include "delta/delta_path.h"

static const char default_partition[] = "__HIVE_DEFAULT_PARTITION__";

/* Timestamps in UTC with all six digits, as Spark writes them. */
static void print_timestamp(int64_t us, const char *zone, lv_sbuf *out)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    int64_t micros = ((us % 1000000) + 1000000) % 1000000;
    lv_timestamp_print(us - micros, lv_timezone_utc(), text);
    char *blank = strchr(text + 1, ' ');
    if (*zone && blank)
        *blank = 'T';
    lv_sbuf_add_cstr(out, text);
    if (micros != 0 || *zone)
        lv_sbuf_printf(out, ".%06d", (int)micros);
    lv_sbuf_add_cstr(out, zone);
}

bool lv_partition_value_print(const lv_vector *v, int64_t i, lv_sbuf *out)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    if (lv_vector_is_null(v, i))
        return false;
    switch (v->type->kind) { /* dispatch */
    case LV_TYPE_BOOLEAN: lv_sbuf_add_cstr(out, LV_AT(bool, v, i) ? "true" : "false"); break;
    case LV_TYPE_TINYINT: lv_sbuf_printf(out, "%d", LV_AT(int8_t, v, i)); break;
    case LV_TYPE_SMALLINT: lv_sbuf_printf(out, "%d", LV_AT(int16_t, v, i)); break;
    case LV_TYPE_INT: lv_sbuf_printf(out, "%d", LV_AT(int32_t, v, i)); break;
    case LV_TYPE_BIGINT: lv_sbuf_printf(out, "%lld", (long long)LV_AT(int64_t, v, i)); break;
    case LV_TYPE_FLOAT:
        lv_float_print_java(LV_AT(float, v, i), text);
        lv_sbuf_add_cstr(out, text);
        break;
    case LV_TYPE_DOUBLE:
        lv_double_print_java(LV_AT(double, v, i), text);
        lv_sbuf_add_cstr(out, text);
        break;
    case LV_TYPE_DECIMAL: lv_decimal_print(LV_AT(__int128, v, i), v->type->scale, out); break;
    case LV_TYPE_DATE:
        lv_date_print(LV_AT(int32_t, v, i), text);
        lv_sbuf_add_cstr(out, text);
        break;
    case LV_TYPE_TIMESTAMP: print_timestamp(LV_AT(int64_t, v, i), "Z", out); break;
    case LV_TYPE_TIMESTAMP_NTZ: print_timestamp(LV_AT(int64_t, v, i), "", out); break;
    default: {
        lv_str s = lv_vector_str(v, i);
        if (s.len == 0 || lv_str_is(s, default_partition))
            return false;
        lv_sbuf_add_str(out, s);
    }
    }
    return true;
}

/* Integers of all widths, in the C type of `type`. */
static bool parse_integer(const lv_type *type, lv_str text, void *out)
{
    int64_t v;
    if (!lv_str_to_i64(text, &v))
        return false;
    switch (lv_type_value_size(type)) {
    case 1: *(int8_t *)out = (int8_t)v; return v == (int8_t)v;
    case 2: *(int16_t *)out = (int16_t)v; return v == (int16_t)v;
    case 4: *(int32_t *)out = (int32_t)v; return v == (int32_t)v;
    default: *(int64_t *)out = v; return true;
    }
}

static bool parse_value(lv_arena *arena, const lv_type *type, lv_str text, void *out)
{
    double number;
    switch (type->kind) { /* dispatch */
    case LV_TYPE_BOOLEAN:
        *(bool *)out = lv_str_eq_nocase(text, LV_STR("true"));
        return *(bool *)out || lv_str_eq_nocase(text, LV_STR("false"));
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT: return parse_integer(type, text, out);
    case LV_TYPE_FLOAT:
        if (!lv_double_parse(text, &number))
            return false;
        *(float *)out = (float)number;
        return true;
    case LV_TYPE_DOUBLE: return lv_double_parse(text, out);
    case LV_TYPE_DECIMAL: return lv_decimal_parse(text, type->precision, type->scale, out);
    case LV_TYPE_DATE: return lv_date_parse(text, out);
    case LV_TYPE_TIMESTAMP: return lv_timestamp_parse(text, lv_timezone_utc(), 0, out);
    case LV_TYPE_TIMESTAMP_NTZ: return lv_timestamp_ntz_parse(text, true, out);
    case LV_TYPE_STRING:
    case LV_TYPE_BINARY: *(lv_str *)out = lv_str_dup(arena, text); return true;
    default: return false;
    }
}

lv_status lv_partition_value_parse(lv_arena *arena, const lv_type *type, lv_str text, bool is_null,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    if (is_null || text.len == 0) {
        lv_vector_init_null(out, arena, type, rows);
        return LV_OK;
    }
    lv_vector_init_flat(out, arena, type, 1);
    if (out->data == NULL || !parse_value(arena, type, text, out->data))
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "'%.*s' is no value of a partition column",
                       LV_STR_ARG(text));
    out->encoding = LV_CONSTANT;
    out->length = rows;
    return LV_OK;
}
