/* delta_stats.c: see delta_stats.h.
 *
 * Columns come as leaves with paths, depth first; the JSON nests objects as the schema does.
 * Strings are cut to a prefix: a minimum simply, a maximum with a character behind that is larger
 * than anything that was cut off. Times are cut down to milliseconds, which readers know. */
#include "delta/delta_stats.h"

#include <math.h>

#include "base/datetime.h"
#include "base/double.h"
#include "base/utf8.h"
#include "column/decimal.h"

typedef enum stats_kind { STATS_MIN, STATS_MAX, STATS_NULLS } stats_kind;

/* Bytes of the first `chars` UTF-16 units of a text; never half a surrogate pair. */
static size_t prefix_bytes(lv_str s, int chars)
{
    size_t i = 0, used;
    int units = 0;
    while (i < s.len && lv_utf8_valid_prefix(s.ptr + i, s.len - i) > 0) {
        units += lv_utf8_decode(s.ptr + i, &used) >= 0x10000 ? 2 : 1;
        if (units > chars)
            break;
        i += used;
    }
    return i;
}

/* The prefix of a maximum with what exceeds everything that may follow it; false if there is no
 * such text. */
static bool print_max_string(lv_str s, int prefix, lv_sbuf *out)
{
    size_t cut = prefix_bytes(s, prefix), used;
    if (cut >= s.len) {
        lv_sbuf_add_json_string(out, s);
        return true;
    }
    /* the tie-breaker must exceed the first character cut off */
    size_t at = cut;
    while (at < s.len && lv_utf8_decode(s.ptr + at, &used) == 0x10FFFF)
        at += used;
    if (at >= s.len) {
        lv_sbuf_add_json_string(out, s);
        return true;
    }
    if (at - cut > 4 * (size_t)prefix)
        return false;
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add(&text, s.ptr, at);
    lv_sbuf_add_cstr(&text, lv_utf8_decode(s.ptr + at, &used) < 0x7F ? "\x7F" : "\xF4\x8F\xBF\xBF");
    lv_sbuf_add_json_string(out, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return true;
}

static bool print_string(lv_str s, stats_kind kind, int prefix, lv_sbuf *out)
{
    if (!lv_utf8_is_valid(s.ptr, s.len))
        return false;
    if (kind == STATS_MAX)
        return print_max_string(s, prefix, out);
    lv_sbuf_add_json_string(out, lv_str_sub(s, 0, prefix_bytes(s, prefix)));
    return true;
}

static void print_time(int64_t us, const lv_timezone *zone, lv_sbuf *out)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    lv_timestamp_print_iso(us, zone, false, text);
    lv_sbuf_printf(out, "\"%s\"", text);
}

/* Adds a bound; false if this type or value has none. */
static bool print_value(const lv_type *type, const lv_parquet_value *v, stats_kind kind, int prefix,
                        lv_sbuf *out)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    switch (type->kind) { /* dispatch */
    case LV_TYPE_TINYINT: lv_sbuf_printf(out, "%d", v->i8); return true;
    case LV_TYPE_SMALLINT: lv_sbuf_printf(out, "%d", v->i16); return true;
    case LV_TYPE_INT: lv_sbuf_printf(out, "%d", v->i32); return true;
    case LV_TYPE_BIGINT: lv_sbuf_printf(out, "%lld", (long long)v->i64); return true;
    case LV_TYPE_FLOAT:
        if (!isfinite(v->f32))
            return false;
        lv_float_print(v->f32, text);
        lv_sbuf_add_cstr(out, text);
        return true;
    case LV_TYPE_DOUBLE:
        if (!isfinite(v->f64))
            return false;
        lv_double_print(v->f64, text);
        lv_sbuf_add_cstr(out, text);
        return true;
    case LV_TYPE_DECIMAL: lv_decimal_print(v->i128, type->scale, out); return true;
    case LV_TYPE_DATE:
        lv_date_print(v->i32, text);
        lv_sbuf_printf(out, "\"%s\"", text);
        return true;
    case LV_TYPE_TIMESTAMP: print_time(v->i64, lv_timezone_utc(), out); return true;
    case LV_TYPE_TIMESTAMP_NTZ: print_time(v->i64, NULL, out); return true;
    case LV_TYPE_STRING: return print_string(v->str, kind, prefix, out);
    default: return false; /* BOOLEAN and BINARY have no bounds in Delta */
    }
}

/* The value of one leaf; false: it is left out. A NaN is larger than every number, so a column with
 * one has no maximum that JSON could hold. */
static bool print_leaf(const lv_parquet_column_stats *c, stats_kind kind, int prefix, lv_sbuf *out)
{
    if (kind == STATS_NULLS) {
        lv_sbuf_printf(out, "%lld", (long long)c->null_count);
        return c->has_null_count;
    }
    if (!c->has_min_max || (kind == STATS_MAX && c->nan_count > 0))
        return false;
    return print_value(c->type, kind == STATS_MIN ? &c->min : &c->max, kind, prefix, out);
}

/* How many names above the leaf two paths begin with in common. */
static int shared_depth(const lv_parquet_column_stats *a, const lv_parquet_column_stats *b)
{
    int n = 0;
    while (n < a->path_length - 1 && n < b->path_length - 1 && lv_str_eq(a->path[n], b->path[n]))
        n++;
    return n;
}

static void print_object(const lv_parquet_file_info *info, const bool *indexed, stats_kind kind,
                         int prefix, lv_sbuf *out)
{
    const lv_parquet_column_stats *open = NULL; /* the leaf printed last: its parents are open */
    lv_sbuf value = LV_SBUF_INIT;
    lv_sbuf_add_char(out, '{');
    for (int i = 0; i < info->column_count; i++) {
        const lv_parquet_column_stats *c = &info->columns[i];
        lv_sbuf_clear(&value);
        if (!indexed[i] || !print_leaf(c, kind, prefix, &value))
            continue;
        int shared = open ? shared_depth(open, c) : 0;
        for (int d = open ? open->path_length - 1 : 0; d > shared; d--)
            lv_sbuf_add_char(out, '}');
        if (open != NULL)
            lv_sbuf_add_char(out, ',');
        for (int d = shared; d < c->path_length; d++) {
            lv_sbuf_add_json_string(out, c->path[d]);
            lv_sbuf_add_cstr(out, d + 1 < c->path_length ? ":{" : ":");
        }
        lv_sbuf_add_str(out, lv_sbuf_str(&value));
        open = c;
    }
    for (int d = open ? open->path_length - 1 : 0; d > 0; d--)
        lv_sbuf_add_char(out, '}');
    lv_sbuf_add_char(out, '}');
    lv_sbuf_release(&value);
}

void lv_delta_stats_print(const lv_parquet_file_info *info, const bool *indexed, int prefix,
                          lv_sbuf *out)
{
    static const struct {
        const char *name;
        stats_kind kind;
    } parts[] = {{"minValues", STATS_MIN}, {"maxValues", STATS_MAX}, {"nullCount", STATS_NULLS}};
    lv_sbuf_printf(out, "{\"numRecords\":%lld", (long long)info->row_count);
    for (size_t i = 0; i < LV_COUNT_OF(parts); i++) {
        lv_sbuf_printf(out, ",\"%s\":", parts[i].name);
        print_object(info, indexed, parts[i].kind, prefix, out);
    }
    lv_sbuf_add_char(out, '}');
}
