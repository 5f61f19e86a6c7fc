/* literal.c: numbers and typed literals of SQL as one-row constants.
 *
 * 1 is INT, or BIGINT or DECIMAL if it must be; 1.5 is DECIMAL(2,1); 1e3 is DOUBLE; suffixes say
 * otherwise (Source: AstBuilder.visitIntegerLiteral and its siblings). */
#include "base/datetime.h"
#include "base/double.h"
#include "plan_int.h"

static lv_expr *constant(lv_build *build, const lv_ast *ast, lv_type_kind kind, const void *value)
{
    return lv_expr_literal(build->arena, lv_constant(build->arena, lv_type_of(kind), value),
                           ast->offset, ast->length);
}

/* ---- decimals -------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** The digits of a number as unscaled value and scale; false if they do not fit DECIMAL(38). */
static bool read_decimal(lv_str text, __int128 *unscaled, int *precision, int *scale)
{
    __int128 value = 0;
    int64_t point = 0;
    int64_t exponent = 0;
    int digits = 0;
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t i = negative;
    bool dotted = false;
    for (; i < text.len && (is_digit(text.ptr[i]) || text.ptr[i] == '.'); i++) {
        if (text.ptr[i] == '.') {
            dotted = true;
            continue;
        }
        point += dotted;
        if (value == 0 && text.ptr[i] == '0')
            continue;
        if (++digits > 38)
            return false;
        value = value * 10 + (text.ptr[i] - '0');
    }
    if (i < text.len && !lv_str_to_i64(lv_str_sub(text, i + 1, text.len - i - 1), &exponent))
        return false;
    int64_t scaled = point - exponent;
    for (; scaled < 0; scaled++) {
        if (value != 0 && ++digits > 38)
            return false;
        value *= 10;
    }
    if (scaled > 38)
        return false;
    *unscaled = negative ? -value : value;
    *scale = (int)scaled;
    *precision = LV_MAX(LV_MAX(digits, *scale), 1);
    return true;
}

static lv_status fail_range(lv_build *build, const lv_ast *ast, const char *type, const char *low,
                            const char *high)
{
    lv_error_at(build->err, ast->offset, ast->length);
    return LV_FAIL(build->err, LV_NUMERIC_LITERAL_OUT_OF_RANGE,
                   "Numeric literal %.*s is outside the valid range for %s with minimum value of "
                   "%s and maximum value of %s. "
                   "Please adjust the value accordingly",
                   LV_STR_ARG(ast->text), type, low, high);
}

static lv_status build_decimal(lv_build *build, const lv_ast *ast, lv_str digits, lv_expr **expr)
{
    __int128 value;
    int precision;
    int scale;
    if (!read_decimal(digits, &value, &precision, &scale)) {
        lv_error_at(build->err, ast->offset, ast->length);
        return LV_FAIL(build->err, LV_DECIMAL_PRECISION_EXCEEDS_MAX,
                       "Decimal precision of %.*s exceeds max precision 38", LV_STR_ARG(digits));
    }
    const lv_type *type = lv_type_decimal(build->arena, precision, scale);
    *expr = lv_expr_literal(build->arena, lv_constant(build->arena, type, &value), ast->offset,
                            ast->length);
    return LV_OK;
}

/* ---- integers and floating point ------------------------------------------------------------- */

static lv_status build_integer(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    int64_t value;
    if (!lv_str_to_i64(ast->text, &value))
        return build_decimal(build, ast, ast->text, expr);
    int32_t small = (int32_t)value;
    *expr = small == value ? constant(build, ast, LV_TYPE_INT, &small)
                           : constant(build, ast, LV_TYPE_BIGINT, &value);
    return LV_OK;
}

static lv_status build_double(lv_build *build, const lv_ast *ast, lv_str digits, bool is_float,
                              lv_expr **expr)
{
    double value;
    bool ok = lv_double_parse(digits, &value);
    if (!ok && digits.len > 0 && digits.ptr[digits.len - 1] == '.')
        ok = lv_double_parse(lv_str_sub(digits, 0, digits.len - 1), &value);
    float narrow = (float)value;
    if (!ok || value - value != 0)
        return fail_range(build, ast, "double", "-1.7976931348623157E308",
                          "1.7976931348623157E308");
    if (is_float && narrow - narrow != 0)
        return fail_range(build, ast, "float", "-3.4028234663852886E38", "3.4028234663852886E38");
    *expr = is_float ? constant(build, ast, LV_TYPE_FLOAT, &narrow)
                     : constant(build, ast, LV_TYPE_DOUBLE, &value);
    return LV_OK;
}

static lv_status build_sized(lv_build *build, const lv_ast *ast, lv_str digits, char suffix,
                             lv_expr **expr)
{
    int64_t value;
    bool fits = lv_str_to_i64(digits, &value);
    if (suffix == 'L') {
        if (!fits)
            return fail_range(build, ast, "bigint", "-9223372036854775808", "9223372036854775807");
        *expr = constant(build, ast, LV_TYPE_BIGINT, &value);
    } else if (suffix == 'S') {
        int16_t small = (int16_t)value;
        if (!fits || small != value)
            return fail_range(build, ast, "smallint", "-32768", "32767");
        *expr = constant(build, ast, LV_TYPE_SMALLINT, &small);
    } else {
        int8_t tiny = (int8_t)value;
        if (!fits || tiny != value)
            return fail_range(build, ast, "tinyint", "-128", "127");
        *expr = constant(build, ast, LV_TYPE_TINYINT, &tiny);
    }
    return LV_OK;
}

lv_status lv_build_number(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_str text = ast->text;
    char last = (char)(text.ptr[text.len - 1] & ~0x20);
    bool big_decimal = last == 'D' && text.len > 1 && (text.ptr[text.len - 2] & ~0x20) == 'B';
    lv_str digits = lv_str_sub(text, 0, text.len - (big_decimal ? 2 : 1));
    if (big_decimal)
        return build_decimal(build, ast, digits, expr);
    if (last == 'F' || last == 'D')
        return build_double(build, ast, digits, last == 'F', expr);
    if (last == 'L' || last == 'S' || last == 'Y')
        return build_sized(build, ast, digits, last, expr);
    bool exponent = false;
    bool dotted = false;
    for (size_t i = 0; i < text.len; i++) {
        exponent |= (text.ptr[i] | 0x20) == 'e';
        dotted |= text.ptr[i] == '.';
    }
    if (exponent)
        return build_double(build, ast, text, false, expr);
    return dotted ? build_decimal(build, ast, text, expr) : build_integer(build, ast, expr);
}

/* ---- DATE '...', TIMESTAMP '...', X'...' ----------------------------------------------------- */

static int hex_digit(char c)
{
    return is_digit(c)                              ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

static bool read_binary(lv_arena *arena, lv_str text, lv_str *bytes)
{
    char *out = lv_arena_alloc(arena, text.len / 2 + 1);
    size_t n = 0;
    size_t i = 0;
    if (text.len % 2 == 1) { /* an odd number of digits begins with half a byte */
        out[n++] = (char)hex_digit(text.ptr[i]);
        if (hex_digit(text.ptr[i++]) < 0)
            return false;
    }
    for (; i < text.len; i += 2) {
        int high = hex_digit(text.ptr[i]);
        int low = hex_digit(text.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[n++] = (char)(high << 4 | low);
    }
    *bytes = (lv_str){out, n};
    return true;
}

lv_status lv_resolve_typed(lv_analyzer *az, const lv_expr *expr, lv_expr **resolved)
{
    lv_str type = expr->names[0];
    lv_str text = expr->names[1];
    int32_t days;
    int64_t us;
    lv_str bytes;
    const lv_vector *value = NULL;
    bool is_ntz = lv_str_eq_nocase(type, LV_STR("TIMESTAMP_NTZ"));
    if (lv_str_eq_nocase(type, LV_STR("DATE"))) {
        if (lv_date_parse(text, &days))
            value = lv_constant(az->arena, lv_type_of(LV_TYPE_DATE), &days);
    } else if (lv_str_eq_nocase(type, LV_STR("TIMESTAMP")) ||
               lv_str_eq_nocase(type, LV_STR("TIMESTAMP_LTZ"))) {
        if (lv_timestamp_parse(text, az->zone, az->now_us, &us))
            value = lv_constant(az->arena, lv_type_of(LV_TYPE_TIMESTAMP), &us);
    } else if (is_ntz) {
        if (lv_timestamp_ntz_parse(text, true, &us))
            value = lv_constant(az->arena, lv_type_of(LV_TYPE_TIMESTAMP_NTZ), &us);
    } else if (read_binary(az->arena, text, &bytes)) {
        value = lv_constant(az->arena, lv_type_of(LV_TYPE_BINARY), &bytes);
    }
    if (value == NULL) {
        lv_error_at(az->err, expr->sql_offset, expr->sql_length);
        return LV_FAIL(az->err, LV_INVALID_TYPED_LITERAL,
                       "The value of the typed literal \"%.*s\" is invalid: '%.*s'",
                       LV_STR_ARG(type), LV_STR_ARG(text));
    }
    *resolved = lv_expr_literal(az->arena, value, expr->sql_offset, expr->sql_length);
    lv_str *printed = LV_NEW(az->arena, lv_str); /* it is printed as a time of the session's zone */
    lv_sbuf out = LV_SBUF_INIT;
    lv_print_value(value, 0, az->zone, &out);
    *printed = lv_str_dup(az->arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    (*resolved)->names = printed;
    (*resolved)->name_count = value->type->kind == LV_TYPE_TIMESTAMP;
    return LV_OK;
}
