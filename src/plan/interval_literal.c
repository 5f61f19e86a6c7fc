/* interval_literal.c: INTERVAL literals and types.
 *
 *     INTERVAL '1 02:03' DAY TO MINUTE      a text between two units
 *     INTERVAL 1 DAY -2 HOURS               a list of values and units
 *     INTERVAL '1 day -2 hours'             the same as a text
 *
 * A list of years and months is an INTERVAL YEAR TO MONTH, one of smaller units an INTERVAL DAY TO SECOND, from
 * the largest unit named to the smallest. Source: AstBuilder.visitInterval. */
#include "plan_int.h"

static lv_status fail_at(lv_build *build, const lv_ast *at, lv_status status)
{
    lv_error_at(build->err, at->offset, at->length);
    return status;
}

static lv_expr *literal(lv_build *build, const lv_ast *ast, const lv_type *type, int64_t value)
{
    int32_t months = (int32_t)value;
    const void *of = type->kind == LV_TYPE_MONTHS ? (const void *)&months : &value;
    return lv_expr_literal(build->arena, lv_constant(build->arena, type, of), ast->offset,
                           ast->length);
}

/* "DAY TO SECOND" */
static const lv_type *type_of_units(lv_str text)
{
    ptrdiff_t blank = lv_str_find(text, ' ', 0);
    lv_str from = text, to = text;
    if (blank > 0) {
        from = lv_str_sub(text, 0, (size_t)blank);
        size_t behind = (size_t)blank + sizeof " TO " - 1;
        to = lv_str_sub(text, behind, text.len - behind);
    }
    return lv_type_interval(lv_unit_find(from), lv_unit_find(to));
}

static lv_status build_from_to(lv_build *build, const lv_ast *ast, const lv_ast *unit,
                               lv_expr **expr)
{
    const lv_type *type = type_of_units(unit->text);
    lv_str text = unit->first->text;
    int64_t us = 0;
    int32_t months = 0;
    lv_error own = LV_ERROR_INIT;
    lv_status status;
    if (unit->first->kind != LV_AST_STRING)
        return fail_at(build, ast,
                       LV_FAIL(build->err, LV_INTERVAL_FROM_TO_VALUE,
                               "The value of from-to unit must be a string"));
    if (type == NULL || type->precision == type->scale)
        return fail_at(
            build, ast,
            LV_FAIL(build->err, LV_INTERVAL_FROM_TO,
                    "Error parsing '%.*s' to interval. Cannot support (interval '%.*s' %.*s) "
                    "expression",
                    LV_STR_ARG(text), LV_STR_ARG(text), LV_STR_ARG(unit->text)));
    lv_unit first = (lv_unit)type->precision, last = (lv_unit)type->scale;
    status = type->kind == LV_TYPE_MONTHS
                 ? lv_interval_parse_months(text, first, last, &months, &own)
                 : lv_interval_parse_us(text, first, last, &us, &own);
    if (status == LV_INTERVAL_PARSING && type->kind == LV_TYPE_MICROS)
        status = LV_INTERVAL_RANGE;
    if (status != LV_OK)
        return fail_at(build, ast, LV_FAIL(build->err, status, "%s", own.message));
    *expr = literal(build, ast, type, type->kind == LV_TYPE_MONTHS ? months : us);
    return LV_OK;
}

static lv_status build_sum(lv_build *build, const lv_ast *ast, const lv_interval *sum,
                           unsigned units, lv_expr **expr)
{
    const unsigned months = 1u << LV_UNIT_YEAR | 1u << LV_UNIT_MONTH;
    if ((units & months) != 0 && (units & ~months) != 0)
        return fail_at(
            build, ast,
            LV_FAIL(build->err, LV_INTERVAL_MIXED, "Cannot mix year-month and day-time fields"));
    lv_unit first = (lv_unit)__builtin_ctz(units), last = (lv_unit)(31 - __builtin_clz(units));
    int64_t value = sum->months;
    if ((units & months) == 0 &&
        (__builtin_mul_overflow((int64_t)sum->days, lv_unit_size(LV_UNIT_DAY), &value) ||
         __builtin_add_overflow(value, sum->us, &value)))
        return fail_at(build, ast,
                       LV_FAIL(build->err, LV_INTERVAL_OVERFLOW,
                               "Integer overflow while operating with intervals. Try devising "
                               "appropriate values for the interval parameters"));
    *expr = literal(build, ast, lv_type_interval(first, last), value);
    return LV_OK;
}

static lv_status build_text(lv_build *build, const lv_ast *ast, lv_str text, lv_expr **expr)
{
    lv_interval sum;
    unsigned units;
    if (lv_interval_parse_units(text, &sum, &units, NULL) != LV_OK)
        return fail_at(build, ast,
                       LV_FAIL(build->err, LV_INVALID_TYPED_LITERAL,
                               "The value of the typed literal \"INTERVAL\" is invalid: '%.*s'",
                               LV_STR_ARG(text)));
    return build_sum(build, ast, &sum, units, expr);
}

/* Whether a value may stand before a unit: digits with a sign and a point. */
static bool is_plain_number(lv_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("0123456789.+- \t\r\n", text.ptr[i]) == NULL || text.ptr[i] == '\0')
            return false;
    return text.len > 0;
}

static lv_status check_value(lv_build *build, const lv_ast *value)
{
    if (is_plain_number(value->text))
        return LV_OK;
    if (value->kind != LV_AST_STRING)
        return fail_at(build, value,
                       LV_FAIL(build->err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near '%.*s'",
                               LV_STR_ARG(value->text)));
    return fail_at(build, value,
                   LV_FAIL(build->err, LV_INTERVAL_VALUE,
                           "Can only use numbers in the interval value part for multiple unit "
                           "value pairs interval form, but got invalid value: %.*s",
                           LV_STR_ARG(value->text)));
}

lv_status lv_build_interval(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    const lv_ast *unit = ast->first;
    if (unit->text.len == 0)
        return build_text(build, ast, unit->first->text, expr);
    if (lv_str_find(unit->text, ' ', 0) > 0)
        return build_from_to(build, ast, unit, expr);
    lv_sbuf list = LV_SBUF_INIT;
    lv_interval sum;
    unsigned units;
    lv_status status = LV_OK;
    for (; unit != NULL && status == LV_OK; unit = unit->next) {
        status = check_value(build, unit->first);
        lv_sbuf_printf(&list, " %.*s %.*s", LV_STR_ARG(unit->first->text), LV_STR_ARG(unit->text));
    }
    if (status == LV_OK)
        status = lv_interval_parse_units(lv_sbuf_str(&list), &sum, &units, build->err);
    lv_sbuf_release(&list);
    if (status != LV_OK)
        return fail_at(build, ast, status);
    return build_sum(build, ast, &sum, units, expr);
}

lv_status lv_build_interval_type(const lv_ast *ast, const lv_type **type, lv_error *err)
{
    if (ast->count == 0) {
        *type = lv_type_of(LV_TYPE_INTERVAL);
        return LV_OK;
    }
    *type = lv_type_interval(lv_unit_find(ast->first->text), lv_unit_find(ast->last->text));
    if (*type != NULL && (ast->count == 1 || (*type)->precision != (*type)->scale))
        return LV_OK;
    lv_error_at(err, ast->first->offset, ast->first->length);
    return LV_FAIL(err, LV_PARSE_SYNTAX_ERROR, "There is no type INTERVAL %.*s%s%.*s",
                   LV_STR_ARG(ast->first->text), ast->count > 1 ? " TO " : "",
                   ast->count > 1 ? (int)ast->last->text.len : 0, ast->last->text.ptr);
}
