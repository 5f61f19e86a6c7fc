/* regex_functions.c: rlike, split, regexp_replace and the other functions of regular expressions.
 *
 * The pattern is nearly always a constant: each thread's state holds the one compiled last, and a
 * row with another pattern compiles anew. Source: regexpExpressions.scala, java.util.regex.Matcher,
 * String.split. */
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"
#include "compute/compute_int.h"
#include "compute/regex.h"

typedef struct regex_state {
    lv_regex *regex;
    lv_sbuf text;
} regex_state;

/* What bind decides. */
typedef struct regex_param {
    bool constant; /* the pattern */
} regex_param;

lv_status lv_regex_call_open(lv_call *call, const bool *wanted, lv_error *err)
{
    regex_state *state = calloc(1, sizeof *state);
    LV_ASSERT(state != NULL);
    call->state = state;
    return LV_OK;
}

void lv_regex_call_close(lv_call *call)
{
    regex_state *state = call->state;
    lv_regex_free(state->regex);
    lv_sbuf_release(&state->text);
    free(state);
    call->state = NULL;
}

static lv_status use_pattern(const lv_call *call, lv_str pattern, lv_error *err)
{
    static const char *const names[] = {[REGEX_SUBSTR] = "regexp_extract",
                                        [REGEX_COUNT] = "regexp_extract_all",
                                        [REGEX_SPLIT] = "split"};
    regex_state *state = call->state;
    const regex_param *param = call->param;
    int op = call->function->op;
    if (state->regex != NULL && lv_regex_is_of(state->regex, pattern))
        return LV_OK;
    lv_regex_free(state->regex);
    state->regex = NULL;
    const char *name = op < (int)LV_COUNT_OF(names) && names[op] ? names[op] : call->function->name;
    return lv_regex_new(pattern, param->constant, name, &state->regex, err);
}

/* What a row is computed from. */
typedef struct row {
    lv_regex *re;
    lv_subject s;
    lv_str with;    /* regexp_replace */
    int32_t number; /* group, position or limit */
} row;

static lv_str group_of(const row *r, int group)
{
    size_t begin, end;
    if (!lv_regex_group(r->re, group, &begin, &end))
        return LV_STR("");
    return lv_str_sub(r->s.text, begin, end - begin);
}

static lv_status check_group(const lv_call *call, const row *r, lv_error *err)
{
    int count = lv_regex_group_count(r->re);
    if (r->number >= 0 && r->number <= count)
        return LV_OK;
    return LV_FAIL(
        err, LV_INVALID_REGEX_GROUP,
        "The value of parameter(s) `idx` in `%s` is invalid: Expects group index between "
        "0 and %d, but got %d",
        call->function->name, count, (int)r->number);
}

/* ---- numbers of matches ---------------------------------------------------------------------- */

static lv_status count_matches(const row *r, int32_t *count, lv_error *err)
{
    size_t from = 0;
    for (*count = 0;; ++*count) {
        bool found;
        LV_TRY(lv_regex_find(r->re, &r->s, from, &found, err));
        if (!found)
            return LV_OK;
        from = lv_regex_next(r->re, &r->s);
    }
}

/* Characters of four bytes are two UTF-16 units. */
static size_t utf16_length(lv_str s)
{
    size_t units = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        units += (c & 0xC0) != 0x80;
        units += c >= 0xF0;
    }
    return units;
}

/* Bytes before UTF-16 unit `unit`, all of them if there are not so many. */
static size_t utf16_offset(lv_str s, size_t unit)
{
    size_t at = 0;
    for (size_t units = 0; at < s.len && units < unit;
         at += lv_utf8_valid_prefix(s.ptr + at, s.len - at))
        units += (unsigned char)s.ptr[at] >= 0xF0 ? 2 : 1;
    return at;
}

/* ---- replacing ------------------------------------------------------------------------------- */

/* The group that `$` at `*at` names; moves behind it. -1: there is none. */
static int referred_group(const row *r, size_t *at)
{
    lv_str with = r->with;
    size_t i = *at + 1;
    int group = -1, count = lv_regex_group_count(r->re);
    if (i < with.len && with.ptr[i] == '{') {
        ptrdiff_t end = lv_str_find(with, '}', i);
        if (end < 0)
            return -1;
        *at = (size_t)end + 1;
        return lv_regex_group_named(r->re, lv_str_sub(with, i + 1, (size_t)end - i - 1));
    }
    for (; i < with.len && with.ptr[i] >= '0' && with.ptr[i] <= '9'; i++) {
        int longer = LV_MAX(group, 0) * 10 + (with.ptr[i] - '0');
        if (longer > count)
            break;
        group = longer;
    }
    *at = i;
    return group;
}

/* What replaces the match found last; false if the replacement is malformed. */
static bool add_replacement(const row *r, lv_sbuf *out)
{
    lv_str with = r->with;
    for (size_t i = 0; i < with.len;) {
        if (with.ptr[i] == '$') {
            int group = referred_group(r, &i);
            if (group < 0)
                return false;
            lv_sbuf_add_str(out, group_of(r, group));
            continue;
        }
        if (with.ptr[i] == '\\' && ++i == with.len)
            return false;
        lv_sbuf_add_char(out, with.ptr[i++]);
    }
    return true;
}

/* Matches see nothing before the position: it is the beginning for them. */
static lv_status replace_matches(const lv_call *call, lv_eval *eval, const row *whole, lv_str *out,
                                 lv_error *err)
{
    regex_state *state = call->state;
    lv_sbuf *text = &state->text;
    row r = *whole;
    lv_str s = r.s.text;
    size_t start = r.number <= 1 ? 0 : utf16_offset(s, (size_t)r.number - 1);
    *out = s;
    if (start > 0 && start == s.len)
        return LV_OK;
    r.s.text = lv_str_sub(s, start, s.len - start);
    bool found;
    LV_TRY(lv_regex_find(r.re, &r.s, 0, &found, err));
    if (!found)
        return LV_OK;
    lv_sbuf_clear(text);
    lv_sbuf_add_str(text, lv_str_sub(s, 0, start));
    size_t done = 0, begin, end;
    while (found) {
        lv_regex_group(r.re, 0, &begin, &end);
        lv_sbuf_add_str(text, lv_str_sub(r.s.text, done, begin - done));
        if (!add_replacement(&r, text))
            return LV_FAIL(err, LV_INVALID_REGEXP_REPLACE,
                           "Could not perform regexp_replace for source = \"%.*s\", replacement = "
                           "\"%.*s\" and position = %d",
                           LV_STR_ARG(s), LV_STR_ARG(r.with), (int)LV_MAX(r.number, 1));
        done = end;
        LV_TRY(lv_regex_find(r.re, &r.s, lv_regex_next(r.re, &r.s), &found, err));
    }
    lv_sbuf_add_str(text, lv_str_sub(r.s.text, done, r.s.text.len - done));
    *out = lv_str_dup(eval->arena, lv_sbuf_str(text));
    return LV_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static lv_status extract_all(const lv_call *call, const row *r, lv_builder *out, lv_error *err)
{
    size_t from = 0;
    for (bool checked = false;; checked = true) {
        bool found;
        LV_TRY(lv_regex_find(r->re, &r->s, from, &found, err));
        if (!found)
            return LV_OK;
        if (!checked)
            LV_TRY(check_group(call, r, err));
        lv_builder_str(out, group_of(r, r->number));
        from = lv_regex_next(r->re, &r->s);
    }
}

/* An empty pattern: character by character. Source: UTF8String.split. */
static void split_characters(const row *r, lv_builder *out)
{
    lv_str s = r->s.text;
    int32_t parts = 1;
    size_t at = 0;
    for (; r->number <= 0 || parts < r->number; parts++) {
        size_t n = lv_utf8_valid_prefix(s.ptr + at, s.len - at);
        if (at + n >= s.len)
            break;
        lv_builder_str(out, lv_str_sub(s, at, n));
        at += n;
    }
    lv_builder_str(out, lv_str_sub(s, at, s.len - at));
}

/* An empty match at the beginning splits nothing. */
static lv_status split_text(const row *r, bool empty_pattern, lv_builder *out, lv_error *err)
{
    lv_str s = r->s.text;
    if (empty_pattern && s.len > 0) {
        split_characters(r, out);
        return LV_OK;
    }
    size_t from = 0, done = 0, begin, end;
    for (int32_t parts = 1; r->number <= 0 || parts < r->number;) {
        bool found;
        LV_TRY(lv_regex_find(r->re, &r->s, from, &found, err));
        if (!found)
            break;
        lv_regex_group(r->re, 0, &begin, &end);
        from = lv_regex_next(r->re, &r->s);
        if (end == 0)
            continue;
        lv_builder_str(out, lv_str_sub(s, done, begin - done));
        done = end;
        parts++;
    }
    lv_builder_str(out, lv_str_sub(s, done, s.len - done));
    return LV_OK;
}

/* ---- kernels --------------------------------------------------------------------------------- */

/* The arguments of one call, read row by row. */
typedef struct reader {
    lv_strs text;
    lv_strs pattern;
    lv_strs with;
    const lv_vector *number;
    int32_t number_default;
} reader;

static reader read_args(const lv_call *call, const lv_vector *args)
{
    int op = call->function->op, number = op == REGEX_REPLACE ? 3 : 2;
    reader in = {.text = lv_strs_of(&args[0]), .pattern = lv_strs_of(&args[1])};
    if (op == REGEX_REPLACE)
        in.with = lv_strs_of(&args[2]);
    if (call->arg_count > number)
        in.number = &args[number];
    in.number_default = op == REGEX_EXTRACT || op == REGEX_EXTRACT_ALL ? 1 : 0;
    return in;
}

static lv_status read_row(const lv_call *call, lv_eval *eval, const reader *in, int64_t i, row *r,
                          lv_error *err)
{
    const regex_state *state = call->state;
    LV_TRY(use_pattern(call, lv_strs_at(&in->pattern, i), err));
    r->re = state->regex;
    r->s = lv_subject_of(eval->arena, lv_strs_at(&in->text, i));
    r->number = in->number ? LV_AT(int32_t, in->number, i) : in->number_default;
    if (call->function->op == REGEX_REPLACE)
        r->with = lv_utf8_repair(eval->arena, lv_strs_at(&in->with, i));
    return LV_OK;
}

static lv_status kernel_regex_number(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    reader in = read_args(call, args);
    int op = call->function->op;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        row r;
        bool found = false;
        int32_t value = 0;
        if (lv_row_valid(out->validity, i)) {
            LV_TRY(read_row(call, eval, &in, i, &r, err));
            if (op == REGEX_COUNT)
                LV_TRY(count_matches(&r, &value, err));
            else
                LV_TRY(lv_regex_find(r.re, &r.s, 0, &found, err));
        }
        if (op == REGEX_LIKE) {
            ((uint8_t *)out->data)[i] = found;
            continue;
        }
        size_t begin, end;
        if (found && lv_regex_group(r.re, 0, &begin, &end))
            value = (int32_t)utf16_length(lv_str_sub(r.s.text, 0, begin)) + 1;
        ((int32_t *)out->data)[i] = value;
    }
    return LV_OK;
}

static lv_status kernel_regex_text(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    reader in = read_args(call, args);
    int op = call->function->op;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        row r;
        bool found;
        *value = LV_STR("");
        if (!lv_row_valid(out->validity, i))
            continue;
        LV_TRY(read_row(call, eval, &in, i, &r, err));
        if (op == REGEX_REPLACE) {
            LV_TRY(replace_matches(call, eval, &r, value, err));
            continue;
        }
        LV_TRY(lv_regex_find(r.re, &r.s, 0, &found, err));
        if (found && op == REGEX_EXTRACT)
            LV_TRY(check_group(call, &r, err));
        if (found)
            *value = group_of(&r, op == REGEX_EXTRACT ? r.number : 0);
        if (op == REGEX_SUBSTR && value->len == 0)
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

static lv_status kernel_regex_list(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    reader in = read_args(call, args);
    uint64_t *validity = lv_validity_merge(eval->arena, args, call->arg_count, rows);
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        row r;
        if (!lv_row_valid(validity, i)) {
            lv_builder_null(&b);
            continue;
        }
        LV_TRY(read_row(call, eval, &in, i, &r, err));
        if (call->function->op == REGEX_SPLIT)
            LV_TRY(split_text(&r, lv_strs_at(&in.pattern, i).len == 0, &b.children[0], err));
        else
            LV_TRY(extract_all(call, &r, &b.children[0], err));
        lv_builder_end_list(&b);
    }
    lv_builder_finish(&b, out);
    return LV_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

static lv_status check_position(const lv_bind *bind, lv_error *err)
{
    const lv_vector *position = bind->arg_count == 4 ? lv_bind_literal(bind, 3) : NULL;
    if (position == NULL || position->type->kind != LV_TYPE_INT || LV_AT(int32_t, position, 0) > 0)
        return LV_OK;
    return LV_FAIL(err, LV_DATATYPE_MISMATCH_RANGE,
                   "The position must be between (0, 2147483647] (current value = %d)",
                   (int)LV_AT(int32_t, position, 0));
}

lv_status lv_bind_regex(const lv_function *function, lv_bind *bind, lv_error *err)
{
    int op = function->op, texts = op == REGEX_REPLACE ? 3 : 2;
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(i < texts ? LV_TYPE_STRING : LV_TYPE_INT),
                            err));
    if (op == REGEX_REPLACE)
        LV_TRY(check_position(bind, err));
    regex_param *param = LV_NEW(bind->arena, regex_param);
    param->constant = lv_bind_literal(bind, 1) != NULL;
    if (op == REGEX_LIKE)
        lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), false, kernel_regex_number);
    else if (op == REGEX_COUNT || op == REGEX_INSTR)
        lv_bind_result(bind, lv_type_of(LV_TYPE_INT), false, kernel_regex_number);
    else if (op == REGEX_SPLIT || op == REGEX_EXTRACT_ALL)
        lv_bind_result(bind,
                       lv_type_array(bind->arena, lv_type_of(LV_TYPE_STRING), op != REGEX_SPLIT),
                       false, kernel_regex_list);
    else
        lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_regex_text);
    bind->nullable = bind->nullable || op == REGEX_SUBSTR;
    bind->param = param;
    return LV_OK;
}
