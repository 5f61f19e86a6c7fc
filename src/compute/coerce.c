/* coerce.c: which types become which: casts allowed, store assignment, implicit casts, common
 * types. Source: Cast.canCast, canAnsiCast, canANSIStoreAssign; TypeCoercion, AnsiTypeCoercion;
 * DecimalType. */
#include "base/check.h"
#include "column/decimal.h"
#include "compute/compute_int.h"

static bool is_fraction(const lv_type *t)
{
    return t->kind == LV_TYPE_FLOAT || t->kind == LV_TYPE_DOUBLE;
}
static bool is_timestamp(const lv_type *t)
{
    return t->kind == LV_TYPE_TIMESTAMP || t->kind == LV_TYPE_TIMESTAMP_NTZ;
}
static bool is_time(const lv_type *t)
{
    return t->kind == LV_TYPE_DATE || is_timestamp(t);
}

/* ---- explicit casts -------------------------------------------------------------------------- */

static bool atomic_allowed(const lv_type *from, const lv_type *to, bool ansi)
{
    lv_type_kind f = from->kind;
    switch (to->kind) {
    case LV_TYPE_BOOLEAN:
        return f == LV_TYPE_STRING || lv_type_is_numeric(from) ||
               (!ansi && (f == LV_TYPE_DATE || f == LV_TYPE_TIMESTAMP));
    case LV_TYPE_BINARY: return f == LV_TYPE_STRING || (!ansi && lv_type_is_integral(from));
    case LV_TYPE_TIMESTAMP:
        return f == LV_TYPE_STRING || is_time(from) || lv_type_is_numeric(from) ||
               (!ansi && f == LV_TYPE_BOOLEAN);
    case LV_TYPE_TIMESTAMP_NTZ:
    case LV_TYPE_DATE: return f == LV_TYPE_STRING || is_time(from);
    case LV_TYPE_MONTHS:
    case LV_TYPE_MICROS:
        return f == LV_TYPE_STRING || f == to->kind || f == LV_TYPE_DECIMAL ||
               lv_type_is_integral(from);
    case LV_TYPE_INTERVAL: return f == LV_TYPE_STRING;
    default:
        if (lv_type_is_ansi_interval(from))
            return lv_type_is_integral(to) || to->kind == LV_TYPE_DECIMAL;
        return lv_type_is_numeric(to) &&
               (f == LV_TYPE_STRING || f == LV_TYPE_BOOLEAN || f == LV_TYPE_TIMESTAMP ||
                lv_type_is_numeric(from) || (!ansi && f == LV_TYPE_DATE));
    }
}

/* `allowed` for the parts of nested types of one kind, by position. */
static bool parts_allowed(const lv_type *from, const lv_type *to, bool ansi)
{
    if (from->kind != to->kind || from->field_count != to->field_count)
        return false;
    for (int i = 0; i < from->field_count; i++)
        if (!lv_cast_allowed(from->fields[i].type, to->fields[i].type, ansi))
            return false;
    return true;
}

bool lv_cast_allowed(const lv_type *from, const lv_type *to, bool ansi)
{
    if (lv_type_equal(from, to) || from->kind == LV_TYPE_VOID || to->kind == LV_TYPE_STRING)
        return true;
    if (lv_type_is_nested(from) || lv_type_is_nested(to))
        return parts_allowed(from, to, ansi);
    return atomic_allowed(from, to, ansi);
}

bool lv_cast_assignable(const lv_type *from, const lv_type *to)
{
    if (lv_type_equal(from, to) || from->kind == LV_TYPE_VOID)
        return true;
    if (lv_type_is_nested(from) || lv_type_is_nested(to)) {
        bool same = from->kind == to->kind && from->field_count == to->field_count;
        for (int i = 0; same && i < from->field_count; i++)
            same = lv_cast_assignable(from->fields[i].type, to->fields[i].type);
        return same;
    }
    if (lv_type_is_numeric(from) && lv_type_is_numeric(to))
        return true;
    return to->kind == LV_TYPE_STRING || (is_time(from) && is_time(to)) ||
           (lv_type_is_ansi_interval(from) && from->kind == to->kind);
}

bool lv_cast_implicit(const lv_type *from, const lv_type *to, bool ansi)
{
    if (lv_type_equal(from, to) || from->kind == LV_TYPE_VOID)
        return true;
    if (from->kind == LV_TYPE_STRING)
        return !lv_type_is_nested(to) && (ansi || to->kind != LV_TYPE_BOOLEAN);
    if (!ansi) {
        if (from->kind == LV_TYPE_BINARY || to->kind == LV_TYPE_BOOLEAN)
            return to->kind == LV_TYPE_STRING && !lv_type_is_nested(from);
        if (lv_type_is_numeric(to))
            return lv_type_is_numeric(from);
        if (to->kind == LV_TYPE_STRING)
            return !lv_type_is_nested(from);
        return (is_time(from) && is_time(to)) ||
               (lv_type_is_ansi_interval(from) && from->kind == to->kind);
    }
    if (is_timestamp(from) && to->kind == LV_TYPE_DATE)
        return false;
    return lv_cast_assignable(from, to);
}

/* ---- decimals -------------------------------------------------------------------------------- */

static int integer_digits(lv_type_kind kind)
{
    static const int digits[] = {
        [LV_TYPE_TINYINT] = 3, [LV_TYPE_SMALLINT] = 5, [LV_TYPE_INT] = 10, [LV_TYPE_BIGINT] = 20};
    return digits[kind];
}

static int64_t integer_literal(const lv_vector *literal)
{
    switch (literal->type->kind) {
    case LV_TYPE_TINYINT: return LV_AT(int8_t, literal, 0);
    case LV_TYPE_SMALLINT: return LV_AT(int16_t, literal, 0);
    case LV_TYPE_INT: return LV_AT(int32_t, literal, 0);
    default: return LV_AT(int64_t, literal, 0);
    }
}

const lv_type *lv_decimal_for(lv_arena *arena, const lv_type *type, const lv_vector *literal)
{
    if (type->kind == LV_TYPE_DECIMAL)
        return type;
    if (!lv_type_is_integral(type))
        return NULL;
    if (literal == NULL || literal->type->kind == LV_TYPE_TINYINT)
        return lv_type_decimal(arena, integer_digits(type->kind), 0);
    int digits = 1;
    while (!lv_decimal_fits(integer_literal(literal), digits))
        digits++;
    return lv_type_decimal(arena, digits, 0);
}

const lv_type *lv_decimal_adjust(lv_arena *arena, int precision, int scale)
{
    if (precision > 38) {
        int whole = precision - scale;
        scale = LV_MAX(38 - whole, LV_MIN(scale, 6));
        precision = 38;
    }
    return lv_type_decimal(arena, LV_MAX(precision, 1), scale);
}

/* The DECIMAL that holds both; 38 digits at most, whole digits first
 * (DecimalPrecision.widerDecimalType). */
static const lv_type *wider_decimal(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    int scale = LV_MAX(a->scale, b->scale);
    int whole = LV_MAX(a->precision - a->scale, b->precision - b->scale);
    if (whole + scale > 38) /* DecimalType.boundedPreferIntegralDigits */
        scale = LV_MAX(0, 38 - whole);
    return lv_type_decimal(arena, LV_MIN(whole + scale, 38), scale);
}

/* ---- common types ---------------------------------------------------------------------------- */

static const lv_type *common_number(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi)
{
    if (a->kind == LV_TYPE_DECIMAL || b->kind == LV_TYPE_DECIMAL) {
        if (is_fraction(a) || is_fraction(b))
            return lv_type_of(LV_TYPE_DOUBLE);
        return wider_decimal(arena, lv_decimal_for(arena, a, NULL), lv_decimal_for(arena, b, NULL));
    }
    lv_type_kind wider = LV_MAX(a->kind, b->kind);
    if (ansi && wider == LV_TYPE_FLOAT && a->kind != b->kind)
        wider = LV_TYPE_DOUBLE; /* FLOAT does not hold every integer */
    return lv_type_of(wider);
}

static const lv_type *common_with_text(const lv_type *other, bool ansi)
{
    if (lv_type_is_nested(other) || (ansi && lv_type_is_interval(other)))
        return NULL;
    if (!ansi)
        return other->kind == LV_TYPE_BINARY || other->kind == LV_TYPE_BOOLEAN
                   ? NULL
                   : lv_type_of(LV_TYPE_STRING);
    if (lv_type_is_integral(other))
        return lv_type_of(LV_TYPE_BIGINT);
    return lv_type_is_numeric(other) ? lv_type_of(LV_TYPE_DOUBLE) : other;
}

/* How far types may move to meet. */
typedef enum reach {
    REACH_TIGHT, /* no values lost, text stays text, decimals only where one holds the other */
    REACH_PLAIN, /* as WIDE, but text is no other type's */
    REACH_WIDE
} reach;

static const lv_type *common(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi,
                             reach how);

static const lv_type *common_nested(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi,
                                    reach how)
{
    if (a->kind != b->kind || a->field_count != b->field_count)
        return NULL;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, a->field_count);
    for (int i = 0; i < a->field_count; i++) {
        if (a->kind == LV_TYPE_STRUCT && !lv_str_eq_nocase(a->fields[i].name, b->fields[i].name))
            return NULL;
        fields[i] = a->fields[i];
        fields[i].nullable = a->fields[i].nullable || b->fields[i].nullable;
        fields[i].type = common(arena, a->fields[i].type, b->fields[i].type, ansi, how);
        if (fields[i].type == NULL)
            return NULL;
    }
    if (a->kind == LV_TYPE_ARRAY)
        return lv_type_array(arena, fields[0].type, fields[0].nullable);
    if (a->kind == LV_TYPE_MAP)
        return lv_type_map(arena, fields[0].type, fields[1].type, fields[1].nullable);
    return lv_type_struct(arena, fields, a->field_count);
}

/* An integer and a DECIMAL that holds all of its type are that DECIMAL. */
static const lv_type *tight_number(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi)
{
    if (a->kind != LV_TYPE_DECIMAL && b->kind != LV_TYPE_DECIMAL)
        return common_number(arena, a, b, ansi);
    const lv_type *decimal = a->kind == LV_TYPE_DECIMAL ? a : b, *other = decimal == a ? b : a;
    bool holds = lv_type_is_integral(other) &&
                 decimal->precision - decimal->scale >= integer_digits(other->kind);
    return holds ? decimal : NULL;
}

static const lv_type *common(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi,
                             reach how)
{
    if (a->kind == LV_TYPE_VOID || lv_type_equal(a, b))
        return b->kind == LV_TYPE_VOID ? a : b;
    if (b->kind == LV_TYPE_VOID)
        return a;
    if (lv_type_is_numeric(a) && lv_type_is_numeric(b))
        return how == REACH_TIGHT ? tight_number(arena, a, b, ansi)
                                  : common_number(arena, a, b, ansi);
    if (a->kind == LV_TYPE_STRING || b->kind == LV_TYPE_STRING)
        return how == REACH_WIDE ? common_with_text(a->kind == LV_TYPE_STRING ? b : a, ansi) : NULL;
    if (is_time(a) && is_time(b)) /* DATE gives way to a timestamp, NTZ to one with zone */
        return a->kind == LV_TYPE_TIMESTAMP || b->kind == LV_TYPE_TIMESTAMP
                   ? lv_type_of(LV_TYPE_TIMESTAMP)
                   : lv_type_of(LV_TYPE_TIMESTAMP_NTZ);
    if (lv_type_is_ansi_interval(a) && a->kind == b->kind) /* all units of both */
        return lv_type_interval((lv_unit)LV_MIN(a->precision, b->precision),
                                (lv_unit)LV_MAX(a->scale, b->scale));
    return common_nested(arena, a, b, ansi, how);
}

const lv_type *lv_type_common(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi)
{
    return common(arena, a, b, ansi, REACH_WIDE);
}

const lv_type *lv_type_common_plain(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi)
{
    return common(arena, a, b, ansi, REACH_PLAIN);
}

const lv_type *lv_type_tightest(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi)
{
    return common(arena, a, b, ansi, REACH_TIGHT);
}

bool lv_same_structure(const lv_type *a, const lv_type *b)
{
    if (!lv_type_is_nested(a))
        return lv_type_equal(a, b);
    if (a->kind != b->kind || a->field_count != b->field_count)
        return false;
    for (int f = 0; f < a->field_count; f++)
        if (!lv_same_structure(a->fields[f].type, b->fields[f].type))
            return false;
    return true;
}

static bool has_kind(const lv_type *type, lv_type_kind kind)
{
    bool found = type->kind == kind;
    for (int f = 0; f < type->field_count; f++)
        found = found || has_kind(type->fields[f].type, kind);
    return found;
}

lv_status lv_bind_key_type(const lv_bind *bind, const lv_type *key, lv_error *err)
{
    if (has_kind(key, LV_TYPE_MAP))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_MAP_KEY, "the key of map cannot be/contain \"%s\"",
                       lv_type_name(bind->arena, key));
    return LV_OK;
}

lv_status lv_bind_orderable(const lv_function *function, const lv_bind *bind, const lv_type *type,
                            lv_error *err)
{
    if (has_kind(type, LV_TYPE_MAP) || has_kind(type, LV_TYPE_INTERVAL))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_ORDERING,
                       "the `%s` does not support ordering on type \"%s\"", function->name,
                       lv_type_name(bind->arena, type));
    return LV_OK;
}

/* ---- what a cast may do ---------------------------------------------------------------------- */

static bool decimal_can_fail(const lv_type *from, const lv_type *to)
{
    int whole =
        from->kind == LV_TYPE_DECIMAL ? from->precision - from->scale : integer_digits(from->kind);
    bool rounds_up = from->kind == LV_TYPE_DECIMAL && from->scale > to->scale; /* 9.9 becomes 10 */
    return to->precision - to->scale < whole + rounds_up;
}

bool lv_cast_can_fail(const lv_type *from, const lv_type *to)
{
    if (lv_type_equal(from, to) || from->kind == LV_TYPE_VOID || to->kind == LV_TYPE_STRING)
        return false;
    if (lv_type_is_nested(from) || lv_type_is_nested(to)) {
        for (int i = 0; i < from->field_count && i < to->field_count; i++)
            if (lv_cast_can_fail(from->fields[i].type, to->fields[i].type))
                return true;
        return from->kind != to->kind;
    }
    if (lv_type_is_ansi_interval(from) && from->kind == to->kind)
        return false;
    if (from->kind == LV_TYPE_DATE && !is_time(to))
        return true; /* a date is no number: null */
    if (to->kind == LV_TYPE_BINARY || (to->kind == LV_TYPE_BOOLEAN && from->kind != LV_TYPE_STRING))
        return false;
    if (from->kind == LV_TYPE_BOOLEAN)
        return to->kind == LV_TYPE_DECIMAL && to->precision == to->scale;
    if (lv_type_is_interval(from) || lv_type_is_interval(to))
        return true;
    if (to->kind == LV_TYPE_DECIMAL && (from->kind == LV_TYPE_DECIMAL || lv_type_is_integral(from)))
        return decimal_can_fail(from, to);
    if (lv_type_is_numeric(from) && is_fraction(to))
        return false;
    if (lv_type_is_integral(from) && lv_type_is_integral(to))
        return from->kind > to->kind;
    if (from->kind == LV_TYPE_TIMESTAMP && (to->kind == LV_TYPE_BIGINT || is_fraction(to)))
        return false;
    return !(is_time(from) && is_time(to)) &&
           !(lv_type_is_integral(from) && to->kind == LV_TYPE_TIMESTAMP);
}
