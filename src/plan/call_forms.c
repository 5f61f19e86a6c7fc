/* call_forms.c: calls that SQL writes in a form of their own, and the arguments that Spark puts in where they are left
 * out: months_between(a, b) is months_between(a, b, true), also in the name of its column. */
#include "plan_int.h"

/* ---- defaults -------------------------------------------------------------------------------- */

enum { DEFAULTS_MAX = 7 };

static const struct {
    const char *name;
    int in_front;                       /* arguments that may be left out at the front */
    const char *defaults[DEFAULTS_MAX]; /* by position; NULL: it has to be given */
} rules[] = {
    {"unix_timestamp", 0, {"current_timestamp()", "'yyyy-MM-dd HH:mm:ss'"}},
    {"to_unix_timestamp", 0, {NULL, "'yyyy-MM-dd HH:mm:ss'"}},
    {"from_unixtime", 0, {NULL, "'yyyy-MM-dd HH:mm:ss'"}},
    {"months_between", 0, {NULL, NULL, "true"}},
    {"make_interval", 0, {"0", "0", "0", "0", "0", "0", "0.000000"}},
    {"try_make_interval", 0, {"0", "0", "0", "0", "0", "0", "0.000000"}},
    {"make_dt_interval", 0, {"0", "0", "0", "0.000000"}},
    {"make_ym_interval", 0, {"0", "0"}},
    {"convert_timezone", 1, {"current_timezone()", NULL, NULL}},
};

static lv_status default_argument(lv_analyzer *az, const char *sql, lv_expr **arg)
{
    lv_build build = {.arena = az->arena, .err = az->err};
    const lv_ast *ast;
    LV_TRY(lv_sql_parse_expression(az->arena, lv_str_of(sql), &ast, az->err));
    LV_TRY(lv_build_expr(&build, ast, arg));
    (*arg)->sql_offset = (*arg)->sql_length = -1; /* it stands nowhere in the text */
    return LV_OK;
}

lv_status lv_call_with_defaults(lv_analyzer *az, const lv_expr *expr, const lv_expr **full)
{
    size_t r = 0;
    *full = expr;
    while (r < LV_COUNT_OF(rules) &&
           (expr->name_count != 1 || !lv_str_eq_nocase(expr->names[0], lv_str_of(rules[r].name))))
        r++;
    if (r == LV_COUNT_OF(rules))
        return LV_OK;
    lv_expr *args[DEFAULTS_MAX];
    int count = 0, given = 0, most = DEFAULTS_MAX;
    while (most > 0 && rules[r].defaults[most - 1] == NULL && rules[r].in_front == 0)
        most--;
    if (rules[r].in_front > 0) {
        if (expr->arg_count != 2)
            return LV_OK;
        LV_TRY(default_argument(az, rules[r].defaults[0], &args[count++]));
        most = 3;
    }
    if (expr->arg_count + count > most)
        return LV_OK; /* too many: the function says so */
    for (; given < expr->arg_count; given++)
        args[count++] = expr->args[given];
    for (; count < most; count++) {
        if (rules[r].defaults[count] == NULL)
            return LV_OK; /* too few */
        LV_TRY(default_argument(az, rules[r].defaults[count], &args[count]));
    }
    lv_expr *copy = LV_NEW(az->arena, lv_expr);
    *copy = *expr;
    copy->args = LV_NEW_ARRAY(az->arena, lv_expr *, count);
    memcpy(copy->args, args, sizeof *args * (size_t)count);
    copy->arg_count = count;
    *full = copy;
    return LV_OK;
}

/* ---- units ----------------------------------------------------------------------------------- */

static bool is_unit(lv_str name)
{
    static const char *const units[] = {"YEAR",   "QUARTER",     "MONTH",      "WEEK",
                                        "DAY",    "DAYOFYEAR",   "HOUR",       "MINUTE",
                                        "SECOND", "MILLISECOND", "MICROSECOND"};
    for (size_t i = 0; i < LV_COUNT_OF(units); i++)
        if (lv_str_eq_nocase(name, lv_str_of(units[i])))
            return true;
    return false;
}

lv_status lv_build_unit_call(lv_build *build, const lv_ast *arguments, lv_expr *call)
{
    static const char *const names[][2] = {
        {"timestampadd", "timestampadd"}, {"dateadd", "timestampadd"},
        {"date_add", "timestampadd"},     {"timestampdiff", "timestampdiff"},
        {"datediff", "timestampdiff"},    {"date_diff", "timestampdiff"},
        {"timediff", "timestampdiff"}};
    size_t n = 0;
    while (n < LV_COUNT_OF(names) && !lv_str_eq_nocase(call->names[0], lv_str_of(names[n][0])))
        n++;
    if (n == LV_COUNT_OF(names) || call->name_count != 1)
        return LV_OK;
    const lv_ast *first = arguments->first;
    bool three = call->arg_count == 3;
    if (three && first->kind == LV_AST_STRING) {
        lv_error_at(build->err, first->offset, first->length);
        return LV_FAIL(build->err, LV_INVALID_DATETIME_UNIT,
                       "The value of parameter(s) `unit` in `%s` is invalid: expects a unit such "
                       "as YEAR, DAY or HOUR without quotes, but got '%.*s'",
                       names[n][0], LV_STR_ARG(first->text));
    }
    if (three && first->kind == LV_AST_NAME && first->count == 0 && is_unit(first->text)) {
        lv_str *name = LV_NEW(build->arena, lv_str);
        *name = lv_str_of(names[n][1]);
        call->names = name;
        call->args[0] = lv_expr_string(build->arena, first->text, first->offset, first->length);
        return LV_OK;
    }
    /* the others have another form too; these are no functions without a unit */
    if (lv_str_starts(lv_str_of(names[n][0]), LV_STR("time"))) {
        lv_error_at(build->err, call->sql_offset, call->sql_length);
        return LV_FAIL(build->err, LV_UNRESOLVED_ROUTINE,
                       "Cannot resolve routine `%s`: it takes a unit such as DAY and two values",
                       names[n][0]);
    }
    return LV_OK;
}
