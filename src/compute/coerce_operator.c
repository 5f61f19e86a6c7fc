/* coerce_operator.c: what the two operands of an operator become, and why they cannot be.
 *
 * Text meets another type halfway: under ANSI it becomes that type (BIGINT or DOUBLE for numbers),
 * else arithmetic takes it for a DOUBLE. What then are two types that the operator takes is left to
 * its own bind function; what is not is told apart as Spark does: two types that differ, or one
 * type that is the wrong one. Source: BinaryOperator.checkInputDataTypes, TypeCoercion,
 * AnsiTypeCoercion, DecimalPrecision. */
#include "compute/compute_int.h"

static bool is_fraction(const lv_type *t)
{
    return t->kind == LV_TYPE_FLOAT || t->kind == LV_TYPE_DOUBLE;
}

static bool accepts(lv_operands what, const lv_type *type)
{
    switch (what) {
    case LV_OPERANDS_NUMBERS: return lv_type_is_numeric(type);
    case LV_OPERANDS_WHOLE: return lv_type_is_integral(type) || type->kind == LV_TYPE_DECIMAL;
    case LV_OPERANDS_BITS: return lv_type_is_integral(type);
    default: return type->kind == LV_TYPE_BOOLEAN;
    }
}

/* What two NULLs are taken for. */
static const lv_type *default_type(lv_operands what)
{
    static const lv_type_kind kinds[] = {[LV_OPERANDS_NUMBERS] = LV_TYPE_DOUBLE,
                                         [LV_OPERANDS_WHOLE] = LV_TYPE_BIGINT,
                                         [LV_OPERANDS_BITS] = LV_TYPE_INT,
                                         [LV_OPERANDS_LOGIC] = LV_TYPE_BOOLEAN};
    return lv_type_of(kinds[what]);
}

bool lv_operands_promote_text(const lv_type **types)
{
    bool left = types[0]->kind == LV_TYPE_STRING, right = types[1]->kind == LV_TYPE_STRING;
    const lv_type *other = left ? types[1] : types[0];
    if (left == right || lv_type_is_nested(other))
        return false;
    if (other->kind == LV_TYPE_VOID)
        other = lv_type_of(LV_TYPE_STRING);
    else if (lv_type_is_integral(other))
        other = lv_type_of(LV_TYPE_BIGINT);
    else if (lv_type_is_numeric(other))
        other = lv_type_of(LV_TYPE_DOUBLE);
    types[0] = types[1] = other;
    return true;
}

static void promote(lv_bind *bind, lv_operands what)
{
    const lv_type **types = bind->arg_types;
    if (bind->ansi)
        lv_operands_promote_text(types);
    for (int i = 0; i < 2 && !bind->ansi && what != LV_OPERANDS_LOGIC; i++)
        if (types[i]->kind == LV_TYPE_STRING)
            types[i] = lv_type_of(LV_TYPE_DOUBLE);
    for (int i = 0; i < 2; i++)
        if (is_fraction(types[i]) && types[1 - i]->kind == LV_TYPE_DECIMAL)
            types[1 - i] = lv_type_of(LV_TYPE_DOUBLE);
    if (types[0]->kind == LV_TYPE_VOID && types[1]->kind == LV_TYPE_VOID)
        types[0] = types[1] = default_type(what);
    for (int i = 0; i < 2; i++)
        if (types[i]->kind == LV_TYPE_VOID && accepts(what, types[1 - i]))
            types[i] = types[1 - i];
}

bool lv_type_contains(const lv_type *type, lv_type_kind kind)
{
    for (int f = 0; f < type->field_count; f++)
        if (lv_type_contains(type->fields[f].type, kind))
            return true;
    return type->kind == kind;
}

lv_status lv_operands_differ(const lv_bind *bind, lv_error *err)
{
    return LV_FAIL(err, LV_DATATYPE_MISMATCH_BINARY,
                   "the left and right operands of the binary operator have incompatible types "
                   "(\"%s\" and \"%s\")",
                   lv_type_name(bind->arena, bind->arg_types[0]),
                   lv_type_name(bind->arena, bind->arg_types[1]));
}

static lv_status fail(const lv_bind *bind, lv_operands what, lv_error *err)
{
    static const char *const wanted[] = {[LV_OPERANDS_NUMBERS] = "(\"NUMERIC\" or \"INTERVAL\")",
                                         [LV_OPERANDS_WHOLE] =
                                             "(\"DECIMAL\" or \"BIGINT\" or \"INTERVAL\")",
                                         [LV_OPERANDS_BITS] = "\"INTEGRAL\"",
                                         [LV_OPERANDS_LOGIC] = "\"BOOLEAN\""};
    const lv_type *types[2] = {bind->arg_types[0], bind->arg_types[1]};
    for (int i = 0; i < 2;
         i++) /* a DECIMAL makes an integer one too, even if the operator takes none */
        if (types[1 - i]->kind == LV_TYPE_DECIMAL && lv_type_is_integral(types[i]))
            types[i] = lv_decimal_for(bind->arena, types[i], lv_bind_written(bind, i));
    if (!lv_type_equal(types[0], types[1]))
        return lv_operands_differ(bind, err);
    return LV_FAIL(err, LV_DATATYPE_MISMATCH_BINARY_TYPE,
                   "the binary operator requires the input type %s, not \"%s\"", wanted[what],
                   lv_type_name(bind->arena, types[0]));
}

lv_status lv_bind_operands(lv_bind *bind, lv_operands what, lv_error *err)
{
    promote(bind, what);
    if (accepts(what, bind->arg_types[0]) && accepts(what, bind->arg_types[1]))
        return LV_OK;
    return fail(bind, what, err);
}

/* Without ANSI text gives way to whatever it is compared with, and truth to numbers where it is asked whether they are
 * equal. */
static const lv_type *comparable(const lv_bind *bind, bool equality)
{
    const lv_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    if (lv_type_equal(a, b) || lv_same_structure(a, b))
        return a;
    for (int i = 0; i < 2 && !bind->ansi; i++) {
        const lv_type *other = bind->arg_types[1 - i];
        if (bind->arg_types[i]->kind == LV_TYPE_STRING && other->kind == LV_TYPE_DECIMAL)
            return lv_type_of(LV_TYPE_DOUBLE); /* no DECIMAL would hold the text */
        if (bind->arg_types[i]->kind == LV_TYPE_STRING && other->kind != LV_TYPE_VOID)
            return lv_type_is_nested(other) || lv_type_is_interval(other) ? NULL : other;
        if (bind->arg_types[i]->kind == LV_TYPE_BOOLEAN && equality && lv_type_is_numeric(other))
            return other;
    }
    if (a->kind == LV_TYPE_STRING || b->kind == LV_TYPE_STRING ||
        (lv_type_is_numeric(a) && lv_type_is_numeric(b)))
        return lv_type_common(bind->arena, a, b, bind->ansi);
    return lv_type_tightest(bind->arena, a, b, bind->ansi);
}

lv_status lv_bind_comparable(const lv_function *function, lv_bind *bind, bool equality,
                             lv_error *err)
{
    const lv_type *type = comparable(bind, equality);
    if (type == NULL)
        return lv_operands_differ(bind, err);
    LV_TRY(lv_bind_orderable(function, bind, type, err));
    bind->arg_types[0] = bind->arg_types[1] = type;
    return LV_OK;
}
