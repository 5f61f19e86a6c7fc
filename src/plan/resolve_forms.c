/* resolve_forms.c: calls that are not bound as they stand, because Spark rewrites them first. */
#include "column/decimal.h"
#include "plan_int.h"

/* An integer is compared with a DECIMAL literal as a whole number: i > 1.5 is i > 1 (DecimalPrecision). */
static void compare_with_whole(lv_analyzer *az, const char *op, lv_expr **args)
{
    int at = args[1]->kind == LV_EXPR_LITERAL && args[1]->type->kind == LV_TYPE_DECIMAL ? 1 : 0;
    const lv_expr *decimal = args[at];
    bool order = strcmp(op, "<") == 0 || strcmp(op, "<=") == 0 || strcmp(op, ">") == 0 ||
                 strcmp(op, ">=") == 0;
    if (!order || !lv_type_is_integral(args[1 - at]->type) || decimal->kind != LV_EXPR_LITERAL ||
        decimal->type->kind != LV_TYPE_DECIMAL || lv_expr_is_null_literal(decimal))
        return;
    __int128 value = LV_AT(__int128, decimal->literal, 0);
    __int128 unit = lv_decimal_power(decimal->type->scale);
    bool less = (op[0] == '<') == (at == 1), equal = op[1] == '=';
    bool up = less != equal; /* i < 1.5 is i < 2, i <= 1.5 is i <= 1 */
    __int128 whole = value / unit;
    whole += up ? value % unit > 0 : -(value % unit < 0);
    int64_t narrow = (int64_t)whole;
    if (narrow != whole) /* beyond all integers: left to the comparison of decimals */
        return;
    args[at] =
        lv_expr_literal(az->arena, lv_constant(az->arena, lv_type_of(LV_TYPE_BIGINT), &narrow),
                        decimal->sql_offset, decimal->sql_length);
}

/* nullif(a, b) is if(a = b, NULL, a), so that it has the type of a. */
static lv_status resolve_nullif(lv_analyzer *az, lv_expr **args, const lv_expr *place,
                                lv_expr **resolved)
{
    lv_expr *branches[3] = {NULL, lv_expr_null(az->arena, args[0]->type), args[0]};
    LV_TRY(lv_bind_named(az, "=", args, 2, place, &branches[0]));
    LV_TRY(lv_bind_named(az, "if", branches, 3, place, resolved));
    (*resolved)->label = LV_STR("nullif");
    return LV_OK;
}

lv_status lv_resolve_form(lv_analyzer *az, const lv_function *function, lv_expr **args,
                          const lv_expr *place, bool *done, lv_expr **resolved)
{
    *done = true;
    if (place->arg_count == 2 && strcmp(function->name, "nullif") == 0)
        return resolve_nullif(az, args, place, resolved);
    if (place->arg_count == 2 && strcmp(function->name, "[]") == 0 &&
        args[0]->type->kind != LV_TYPE_ARRAY && args[0]->type->kind != LV_TYPE_MAP)
        return lv_resolve_field(az, args[0], LV_STR_NONE, place, resolved); /* which refuses it */
    *done = false;
    if (place->arg_count == 2 && place->label.len == 0) /* the bounds of BETWEEN stay as they are */
        compare_with_whole(az, function->name, args);
    return LV_OK;
}

void lv_resolve_typeof(lv_analyzer *az, lv_expr *call)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_simple(call->args[0]->type, &text);
    lv_str name = lv_str_dup(az->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    call->literal = lv_constant(az->arena, call->type, &name);
}
