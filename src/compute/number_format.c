/* number_format.c: to_number and try_to_number, which read a number by a format such as '$9,999.99S', and
 * to_char, which writes one.
 *
 * A format is parsed once, at bind time, into at most eight tokens: PR's bracket, MI or S, $, digits before
 * the point, the point, digits after it, MI or S, PR's bracket. Digits are groups between separators; a group
 * that begins with 0 has exactly so many digits, one that begins with 9 at most so many.
 * Source: Spark's answers (tests/golden/spark/number_format.txt). */
#include "base/utf8.h"
#include "base/vec.h"
#include "column/decimal.h"
#include "compute/compute_int.h"

#include <string.h>

typedef enum token_kind {
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_MINUS, /* MI */
    TOKEN_SIGN,  /* S */
    TOKEN_DOLLAR,
    TOKEN_POINT,
    TOKEN_DIGITS,
    TOKEN_OTHER
} token_kind;

typedef struct digit_group {
    int32_t digits;
    bool exact;
} digit_group;

typedef struct token {
    token_kind kind;
    bool gap; /* a separator without digits on both sides */
    int32_t group_count;
    digit_group *groups;
} token;

typedef struct number_format {
    lv_str text;
    token *tokens;
    int count;
    bool brackets;
    bool lenient;            /* try_to_number: null for what does not match */
    int64_t whole, fraction; /* digits before and after the point */
} number_format;

/* ---- the format ------------------------------------------------------------------------------ */

static bool is_digit_mark(char c)
{
    return c == '0' || c == '9';
}

static bool is_separator(char c)
{
    return c == ',' || c == 'G' || c == 'g';
}

/* Digits and separators from `at`; returns where they end. */
static size_t take_digits(lv_arena *arena, lv_str text, size_t at, token *out)
{
    LV_VEC(digit_group) groups = {0};
    digit_group group = {0};
    *out = (token){.kind = TOKEN_DIGITS};
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (is_separator(c)) {
            out->gap |= group.digits == 0;
            LV_VEC_PUSH(arena, groups, group);
            group = (digit_group){0};
        } else if (is_digit_mark(c)) {
            if (group.digits++ == 0)
                group.exact = c == '0';
        } else {
            break;
        }
    }
    out->gap |= group.digits == 0;
    LV_VEC_PUSH(arena, groups, group);
    out->groups = groups.at;
    out->group_count = (int32_t)groups.count;
    return at;
}

/* The token of a mark that is no digit; *length is that of the mark. */
static token_kind mark_at(lv_str text, size_t at, size_t *length)
{
    static const struct {
        const char *mark;
        token_kind kind;
    } marks[] = {{".", TOKEN_POINT}, {"D", TOKEN_POINT},  {"$", TOKEN_DOLLAR},
                 {"S", TOKEN_SIGN},  {"MI", TOKEN_MINUS}, {"PR", TOKEN_CLOSE}};
    for (size_t i = 0; i < LV_COUNT_OF(marks); i++) {
        lv_str mark = lv_str_of(marks[i].mark);
        *length = mark.len;
        if (at + mark.len <= text.len && lv_str_eq_nocase(lv_str_sub(text, at, mark.len), mark))
            return marks[i].kind;
    }
    *length = 1;
    return TOKEN_OTHER;
}

static void tokenize(lv_arena *arena, lv_str text, number_format *f)
{
    LV_VEC(token) tokens = {0};
    token open = {.kind = TOKEN_OPEN};
    LV_VEC_PUSH(arena, tokens, open);
    for (size_t at = 0, length; at < text.len;) {
        token next = {0};
        if (is_digit_mark(text.ptr[at]) || is_separator(text.ptr[at])) {
            at = take_digits(arena, text, at, &next);
        } else {
            next.kind = mark_at(text, at, &length);
            f->brackets |= next.kind == TOKEN_CLOSE;
            at += length;
        }
        LV_VEC_PUSH(arena, tokens, next);
    }
    f->text = text;
    f->tokens = tokens.at + !f->brackets;
    f->count = (int)tokens.count - !f->brackets;
}

/* Where the first token of a kind stands; the count if there is none. */
static int first_of(const number_format *f, token_kind kind)
{
    int i = 0;
    while (i < f->count && f->tokens[i].kind != kind)
        i++;
    return i;
}

static lv_status bad_format(const number_format *f, lv_status status, const char *why,
                            lv_error *err)
{
    return LV_FAIL(err, status, "The format is invalid: '%.*s'. %s", LV_STR_ARG(f->text), why);
}

/* Separators stand between digits, and before the point. */
static lv_status check_separators(const number_format *f, lv_error *err)
{
    int point = first_of(f, TOKEN_POINT);
    for (int i = 0; i < f->count; i++) {
        const token *t = &f->tokens[i];
        if (t->kind != TOKEN_DIGITS || t->group_count == 1)
            continue;
        if (i > point)
            return bad_format(f, LV_FORMAT_SEPARATOR_AFTER_POINT,
                              "Thousands separators (, or G) may not appear after the decimal "
                              "point in the number format",
                              err);
        if (t->gap)
            return bad_format(f, LV_FORMAT_SEPARATOR_GAP,
                              "Thousands separators (, or G) must have digits in between them in "
                              "the number format",
                              err);
    }
    return LV_OK;
}

static lv_status check_once(const number_format *f, lv_error *err)
{
    static const char *const names[] = {
        [TOKEN_OPEN] = NULL,  [TOKEN_CLOSE] = "PR",     [TOKEN_MINUS] = "MI",  [TOKEN_SIGN] = "S",
        [TOKEN_DOLLAR] = "$", [TOKEN_POINT] = ". or D", [TOKEN_DIGITS] = NULL, [TOKEN_OTHER] = NULL,
    };
    int seen[TOKEN_OTHER + 1] = {0};
    for (int i = 0; i < f->count; i++) {
        token_kind kind = f->tokens[i].kind;
        if (names[kind] != NULL && seen[kind]++ > 0)
            return LV_FAIL(err, LV_FORMAT_TOKEN_COUNT,
                           "The format is invalid: '%.*s'. At most one %s is allowed in the number "
                           "format",
                           LV_STR_ARG(f->text), names[kind]);
    }
    return LV_OK;
}

/* Each place of a format may be left out; a token that fits none of those that are left is one too many. */
static lv_status check_order(const number_format *f, lv_error *err)
{
    static const unsigned places[] = {
        1 << TOKEN_OPEN,   1 << TOKEN_MINUS | 1 << TOKEN_SIGN,
        1 << TOKEN_DOLLAR, 1 << TOKEN_DIGITS,
        1 << TOKEN_POINT,  1 << TOKEN_DIGITS,
        1 << TOKEN_DOLLAR, 1 << TOKEN_MINUS | 1 << TOKEN_SIGN | 1 << TOKEN_CLOSE};
    int at = 0;
    for (size_t i = 0; i < LV_COUNT_OF(places) && at < f->count; i++)
        at += (places[i] >> f->tokens[at].kind & 1) != 0;
    if (at == f->count)
        return LV_OK;
    return bad_format(f, LV_FORMAT_UNEXPECTED_TOKEN,
                      "The structure of the format string must match: `[MI|S]` `[$]` "
                      "`[0|9|G|,]*` `[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`",
                      err);
}

static lv_status check_format(const number_format *f, lv_error *err)
{
    int digits = first_of(f, TOKEN_DIGITS), dollar = first_of(f, TOKEN_DOLLAR);
    if (f->text.len == 0)
        return bad_format(f, LV_FORMAT_EMPTY, "The number format string cannot be empty", err);
    if (digits == f->count)
        return bad_format(f, LV_FORMAT_NO_DIGIT,
                          "The format string requires at least one number digit", err);
    if (dollar < f->count && dollar > digits)
        return bad_format(f, LV_FORMAT_CURRENCY_AFTER_DIGIT,
                          "Currency characters must appear before digits in the number format",
                          err);
    if (dollar < f->count && dollar > first_of(f, TOKEN_POINT))
        return bad_format(
            f, LV_FORMAT_CURRENCY_AFTER_POINT,
            "Currency characters must appear before any decimal point in the number format", err);
    LV_TRY(check_separators(f, err));
    LV_TRY(check_once(f, err));
    return check_order(f, err);
}

static void count_digits(number_format *f)
{
    int64_t *digits = &f->whole;
    for (int i = 0; i < f->count; i++) {
        if (f->tokens[i].kind == TOKEN_POINT)
            digits = &f->fraction;
        for (int32_t g = 0; g < f->tokens[i].group_count; g++)
            *digits += f->tokens[i].groups[g].digits;
    }
}

/* A constant as its implicit cast to STRING has it. */
static lv_status text_of(const lv_bind *bind, const lv_vector *literal, lv_str *out, lv_error *err)
{
    const lv_timezone *zone;
    LV_TRY(lv_bind_zone(bind, &zone, err));
    lv_sbuf text = LV_SBUF_INIT;
    lv_print_value(literal, 0, zone, &text);
    *out = lv_str_dup(bind->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return LV_OK;
}

/* Argument 1 as a format; *out is NULL if that is null. */
static lv_status bind_number_format(const lv_function *function, lv_bind *bind, number_format **out,
                                    lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    if (bind->arg_literals == NULL || bind->arg_literals[1] == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the input format should be a foldable \"STRING\" expression");
    const lv_vector *literal = lv_bind_literal(bind, 1);
    *out = NULL;
    if (literal == NULL)
        return LV_OK;
    number_format *f = LV_NEW(bind->arena, number_format);
    *f = (number_format){0};
    lv_str text;
    LV_TRY(text_of(bind, literal, &text, err));
    tokenize(bind->arena, text, f);
    LV_TRY(check_format(f, err));
    count_digits(f);
    *out = f;
    return LV_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reading {
    lv_str in;
    size_t at;
    __int128 value;
    int64_t digits;   /* read at all */
    int64_t fraction; /* of them behind the point */
    bool after_point;
} reading;

/* The groups of digits at hand, blanks skipped, must fit those of the format from the last to the first. `counts` has
 * room for as many as the format has. */
static bool read_digits(reading *r, const token *t, int32_t *counts)
{
    int32_t last = 0;
    counts[0] = 0;
    for (; r->at < r->in.len; r->at++) {
        char c = r->in.ptr[r->at];
        if (c >= '0' && c <= '9') {
            if (++counts[last] > LV_DECIMAL_DIGITS || ++r->digits > LV_DECIMAL_DIGITS)
                return false;
            r->value = r->value * 10 + (c - '0');
            r->fraction += r->after_point;
        } else if (c == ',') {
            if (++last >= t->group_count)
                return false;
            counts[last] = 0;
        } else if (c != ' ' && !(c >= '\t' && c <= '\r') && !(c >= 0x1C && c <= 0x1F)) {
            break;
        }
    }
    for (int32_t i = 0; i < t->group_count; i++) {
        const digit_group *group = &t->groups[t->group_count - 1 - i];
        int32_t count = i <= last ? counts[last - i] : 0;
        if (count > group->digits || (group->exact && !r->after_point && count != group->digits))
            return false;
    }
    return true;
}

static bool take(reading *r, char c)
{
    bool there = r->at < r->in.len && r->in.ptr[r->at] == c;
    r->at += there;
    return there;
}

typedef enum outcome { READ, MISMATCH, TOO_LARGE } outcome;

static outcome read_number(const number_format *f, lv_str in, int32_t *counts, __int128 *out)
{
    reading r = {.in = in};
    bool negative = false, open = false, pointless = false;
    for (int i = 0; i < f->count; i++)
        switch (f->tokens[i].kind) {
        case TOKEN_DIGITS:
            if (!read_digits(&r, &f->tokens[i], counts))
                return MISMATCH;
            break;
        case TOKEN_POINT:
            pointless = !take(&r, '.');
            r.after_point = true;
            break;
        case TOKEN_DOLLAR:
            if (!take(&r, '$'))
                return MISMATCH;
            break;
        case TOKEN_SIGN:
            if (!take(&r, '+'))
                negative ^= take(&r, '-');
            break;
        case TOKEN_MINUS: negative ^= take(&r, '-'); break;
        case TOKEN_OPEN: open = take(&r, '<'); break;
        case TOKEN_CLOSE:
            if (take(&r, '>') != open)
                return MISMATCH;
            negative ^= open;
            break;
        case TOKEN_OTHER: return MISMATCH;
        }
    if (r.at < in.len || r.digits == 0)
        return MISMATCH;
    if (pointless && r.fraction > 0 && r.value != 0) /* 5 by .9 */
        return TOO_LARGE;
    *out = r.value * lv_decimal_power((int)(f->fraction - r.fraction)) * (negative ? -1 : 1);
    return READ;
}

static lv_status kernel_to_number(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    const number_format *f = call->param;
    int32_t counts[LV_DECIMAL_DIGITS + 1]; /* a group has a digit, a format no more of them */
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        __int128 *value = (__int128 *)out->data + i;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str s = lv_strs_at(&in, i);
        outcome got = f == NULL ? MISMATCH : read_number(f, s, counts, value);
        if (got == READ)
            continue;
        if (got == TOO_LARGE)
            return LV_FAIL(err, LV_NUMERIC_VALUE_OUT_OF_RANGE,
                           "%.*s cannot be represented as Decimal(%d, %d)", LV_STR_ARG(s),
                           call->type->precision, call->type->scale);
        if (f != NULL && !f->lenient)
            return LV_FAIL(err, LV_FORMAT_MISMATCH_INPUT,
                           "The format is invalid: %.*s. The input \"STRING\" %.*s does not match "
                           "the format",
                           LV_STR_ARG(f->text), LV_STR_ARG(lv_utf8_repair(eval->arena, s)));
        lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_to_number(const lv_function *function, lv_bind *bind, lv_error *err)
{
    number_format *f;
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(bind_number_format(function, bind, &f, err));
    int64_t precision = f ? f->whole + f->fraction : 10;
    if (precision > LV_DECIMAL_DIGITS)
        return LV_FAIL(err, LV_DECIMAL_PRECISION_EXCEEDS_MAX,
                       "Decimal precision %lld exceeds max precision %d", (long long)precision,
                       LV_DECIMAL_DIGITS);
    if (f != NULL)
        f->lenient = function->op;
    const lv_type *type = lv_type_decimal(bind->arena, (int)precision, f ? (int)f->fraction : 0);
    lv_bind_result(bind, type, false, kernel_to_number);
    bind->nullable = bind->nullable || function->op;
    bind->param = f;
    return LV_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A number's digits as a format wants them: `whole` right-aligned, `fraction` left-aligned, zeros elsewhere. */
typedef struct writing {
    lv_sbuf *out;
    char digits[LV_DECIMAL_DIGITS + 2];
    int whole, fraction;
    bool negative;
    bool too_large;
    bool begun; /* a digit that is not a leading zero was written */
} writing;

static void split_number(const number_format *f, __int128 value, int scale, writing *w)
{
    w->negative = value < 0;
    value = value < 0 ? -value : value;
    for (; scale > 0 && value % 10 == 0; scale--)
        value /= 10;
    int count = 0;
    char reversed[sizeof w->digits];
    for (; value > 0 || count < scale; value /= 10)
        reversed[count++] = (char)('0' + (int)(value % 10));
    for (int i = 0; i < count; i++)
        w->digits[i] = reversed[count - 1 - i];
    w->whole = count - scale;
    w->fraction = scale;
    w->too_large = w->whole > f->whole || w->fraction > f->fraction;
}

static char last_char(const lv_sbuf *out)
{
    return out->len > 0 ? out->ptr[out->len - 1] : '\0';
}

/* A blank, before the bracket and the sign that stand at the end. */
static void put_blank(lv_sbuf *out)
{
    size_t at = out->len;
    lv_sbuf_add_char(out, ' ');
    for (; at > 0 && strchr("+-<", out->ptr[at - 1]) != NULL; at--)
        out->ptr[at] = out->ptr[at - 1];
    out->ptr[at] = ' ';
}

static void put_whole(const number_format *f, const token *t, writing *w)
{
    int64_t at = w->whole - f->whole; /* negative: a zero in front */
    for (int32_t g = 0; g < t->group_count; g++) {
        char last = last_char(w->out);
        if (g > 0 && last >= '0' && last <= '9')
            lv_sbuf_add_char(w->out, ',');
        else if (g > 0)
            put_blank(w->out);
        for (int32_t i = 0; i < t->groups[g].digits; i++, at++) {
            char digit = at >= 0 ? w->digits[at] : '0';
            w->begun |= at >= 0;
            if (w->too_large)
                lv_sbuf_add_char(w->out, '#');
            else if (w->begun || t->groups[g].exact)
                lv_sbuf_add_char(w->out, digit);
            else
                put_blank(w->out);
        }
    }
}

static void put_fraction(const number_format *f, writing *w)
{
    for (int i = 0; i < f->fraction; i++)
        lv_sbuf_add_char(w->out, w->too_large      ? '#'
                                 : i < w->fraction ? w->digits[w->whole + i]
                                                   : '0');
}

static void put_number(const number_format *f, __int128 value, int scale, lv_sbuf *out)
{
    writing w = {.out = out};
    bool after_point = false;
    split_number(f, value, scale, &w);
    for (int i = 0; i < f->count; i++)
        switch (f->tokens[i].kind) {
        case TOKEN_DIGITS:
            if (after_point)
                put_fraction(f, &w);
            else
                put_whole(f, &f->tokens[i], &w);
            break;
        case TOKEN_POINT: /* 0.5 by 9.9 has a zero after all */
            after_point = true;
            if (last_char(out) == ' ')
                out->ptr[out->len - 1] = '0';
            lv_sbuf_add_char(out, f->fraction > 0 ? '.' : ' ');
            break;
        case TOKEN_DOLLAR: lv_sbuf_add_char(out, '$'); break;
        case TOKEN_SIGN: lv_sbuf_add_char(out, w.negative ? '-' : '+'); break;
        case TOKEN_MINUS: lv_sbuf_add_char(out, w.negative ? '-' : ' '); break;
        case TOKEN_OPEN: lv_sbuf_add_cstr(out, w.negative ? "<" : ""); break;
        case TOKEN_CLOSE: lv_sbuf_add_cstr(out, w.negative ? ">" : "  "); break;
        case TOKEN_OTHER: break;
        }
}

static lv_status kernel_to_char(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    const number_format *f = call->param;
    lv_sbuf text = LV_SBUF_INIT;
    bool owned = false;
    (void)err;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        if (f == NULL) {
            lv_result_set_null(eval->arena, out, i, &owned);
            continue;
        }
        lv_sbuf_clear(&text);
        put_number(f, LV_AT(__int128, &args[0], i), args[0].type->scale, &text);
        *value = lv_str_dup(eval->arena, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    return LV_OK;
}

/* The DECIMAL that Spark casts a number to where it wants a DECIMAL of any size; NULL if there is none. */
static const lv_type *as_decimal(lv_arena *arena, const lv_type *type)
{
    switch (type->kind) {
    case LV_TYPE_FLOAT: return lv_type_decimal(arena, 14, 7);
    case LV_TYPE_DOUBLE: return lv_type_decimal(arena, 30, 15);
    case LV_TYPE_STRING:
    case LV_TYPE_VOID: return lv_type_decimal(arena, 38, 18);
    default: return lv_decimal_for(arena, type, NULL);
    }
}

/* to_char(bytes, format) is base64, hex or decode of them, whose kernel asks for `op`: the rows of functions.def have
 * that of decode. */
static lv_status bind_bytes(const lv_function *function, lv_bind *bind, lv_error *err)
{
    static const char *const functions[][2] = {
        {"base64", "base64"}, {"hex", "hex"}, {"utf-8", "decode"}};
    if (bind->arg_types[1]->kind != LV_TYPE_STRING || bind->arg_literals == NULL ||
        bind->arg_literals[1] == NULL)
        return LV_FAIL(err, LV_NON_FOLDABLE_ARGUMENT,
                       "The function `%s` requires the parameter `format` to be a foldable "
                       "expression of the type \"STRING\", but the actual argument is a "
                       "non-foldable",
                       function->name);
    const lv_vector *format = lv_bind_literal(bind, 1);
    if (format == NULL)
        return LV_FAIL(err, LV_INVALID_PARAMETER_NULL,
                       "The value of parameter(s) `format` in `%s` is invalid: expects a non-NULL "
                       "value",
                       function->name);
    for (size_t i = 0; i < LV_COUNT_OF(functions); i++)
        if (lv_str_eq_nocase(lv_vector_str(format, 0), lv_str_of(functions[i][0]))) {
            const lv_function *same = lv_function_find(lv_str_of(functions[i][1]));
            return same->bind(same, bind, err);
        }
    return LV_FAIL(err, LV_INVALID_PARAMETER_BINARY_FORMAT,
                   "The value of parameter(s) `format` in `%s` is invalid: expects one of binary "
                   "formats 'base64', 'hex', 'utf-8', but got '%.*s'",
                   function->name, LV_STR_ARG(lv_vector_str(format, 0)));
}

lv_status lv_bind_to_char(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_type_kind kind = bind->arg_types[0]->kind;
    if (kind == LV_TYPE_BINARY)
        return bind_bytes(function, bind, err);
    if (kind == LV_TYPE_DATE || kind == LV_TYPE_TIMESTAMP || kind == LV_TYPE_TIMESTAMP_NTZ) {
        const lv_function *same = lv_function_find(LV_STR("date_format"));
        return same->bind(same, bind, err);
    }
    const lv_type *type = as_decimal(bind->arena, bind->arg_types[0]);
    if (type == NULL)
        return lv_bind_mismatch(function, bind, 0, "\"DECIMAL\"", err);
    bind->arg_types[0] = type;
    number_format *f;
    LV_TRY(bind_number_format(function, bind, &f, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_to_char);
    bind->param = f;
    return LV_OK;
}
