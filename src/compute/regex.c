/* regex.c: translated patterns compiled and matched. See regex.h.
 *
 * A pattern has two programs, made when first needed: one for any text, and one for ASCII, where
 * \b and the dot are simpler. No match may take more than MATCH_STEPS_MAX steps, so that no pattern
 * hangs. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "compute/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"

enum {
    MATCH_STEPS_MAX = 20 * 1000 * 1000,
    HEAP_KIB_MAX = 64 * 1024,
    STACK_BYTES_MIN = 32 * 1024,
    STACK_BYTES_MAX = 8 * 1024 * 1024
};

struct lv_regex {
    lv_arena arena;
    lv_str pattern; /* Java's */
    lv_regex_translation translation;
    bool often;
    pcre2_code *code[2]; /* for any text, for ASCII */
    pcre2_compile_context *compiling;
    pcre2_match_context *matching;
    pcre2_match_data *match;
    pcre2_jit_stack *stack;
    const size_t *ovector;
    size_t plain_match[2];
    int found_groups;
};

static lv_status compile(lv_regex *re, bool ascii, lv_error *err)
{
    lv_str text = ascii ? re->translation.ascii : re->translation.any;
    int code = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
                                         PCRE2_UTF | PCRE2_NO_UTF_CHECK, &code, &at, re->compiling);
    if (compiled != NULL) {
        re->code[ascii] = compiled;
        if (re->often)
            pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
        return LV_OK;
    }
    char reason[128];
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                   "The feature is not supported: the regular expression '%.*s': %s",
                   LV_STR_ARG(re->pattern), reason);
}

static lv_status init(lv_regex *re, lv_error *err)
{
    lv_error own = LV_ERROR_INIT;
    lv_status status = lv_regex_translate(&re->arena, re->pattern, &re->translation, &own);
    if (status != LV_OK) {
        if (err != NULL && err->status == LV_OK)
            *err = own;
        return status;
    }
    if (re->translation.is_plain)
        return LV_OK;
    re->compiling = pcre2_compile_context_create(NULL);
    re->matching = pcre2_match_context_create(NULL);
    LV_ASSERT(re->compiling != NULL && re->matching != NULL);
    pcre2_set_newline(re->compiling, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_bsr(re->compiling, PCRE2_BSR_UNICODE);
    pcre2_set_match_limit(re->matching, MATCH_STEPS_MAX);
    pcre2_set_heap_limit(re->matching, HEAP_KIB_MAX);
    LV_TRY(compile(re, false, err));
    re->match = pcre2_match_data_create_from_pattern(re->code[false], NULL);
    re->stack = re->often ? pcre2_jit_stack_create(STACK_BYTES_MIN, STACK_BYTES_MAX, NULL) : NULL;
    LV_ASSERT(re->match != NULL);
    if (re->stack != NULL)
        pcre2_jit_stack_assign(re->matching, NULL, re->stack);
    return LV_OK;
}

lv_status lv_regex_new(lv_str pattern, bool often, const char *function, lv_regex **out,
                       lv_error *err)
{
    lv_regex *re = calloc(1, sizeof *re);
    LV_ASSERT(re != NULL);
    lv_arena_init(&re->arena);
    re->pattern = lv_str_dup(&re->arena, pattern);
    re->often = often;
    lv_error own = LV_ERROR_INIT;
    lv_status status = init(re, &own);
    if (status == LV_INVALID_PATTERN)
        LV_FAIL(err, status, "The value of parameter(s) `regexp` in `%s` is invalid: '%.*s' (%s)",
                function, LV_STR_ARG(pattern), own.message);
    else if (status != LV_OK && err != NULL && err->status == LV_OK)
        *err = own;
    if (status == LV_OK)
        *out = re;
    else
        lv_regex_free(re);
    return status;
}

void lv_regex_free(lv_regex *re)
{
    if (re == NULL)
        return;
    pcre2_code_free(re->code[0]);
    pcre2_code_free(re->code[1]);
    pcre2_match_data_free(re->match);
    pcre2_match_context_free(re->matching);
    pcre2_compile_context_free(re->compiling);
    pcre2_jit_stack_free(re->stack);
    lv_arena_release(&re->arena);
    free(re);
}

bool lv_regex_is_of(const lv_regex *re, lv_str pattern)
{
    return lv_str_eq(re->pattern, pattern);
}

int lv_regex_group_count(const lv_regex *re)
{
    return re->translation.groups;
}

int lv_regex_group_named(const lv_regex *re, lv_str name)
{
    for (const lv_regex_name *n = re->translation.names; n != NULL; n = n->next)
        if (lv_str_eq(n->name, name))
            return n->group;
    return -1;
}

lv_subject lv_subject_of(lv_arena *arena, lv_str raw)
{
    if (raw.ptr == NULL)
        raw = LV_STR("");
    if (lv_utf8_is_ascii(raw.ptr, raw.len))
        return (lv_subject){raw, true};
    return (lv_subject){lv_utf8_repair(arena, raw), false};
}

/* ---- matching -------------------------------------------------------------------------------- */

static bool find_plain(lv_regex *re, lv_str text, size_t from)
{
    lv_str plain = re->translation.plain;
    const char *at = from > text.len ? NULL
                     : plain.len == 0
                         ? text.ptr + from
                         : memmem(text.ptr + from, text.len - from, plain.ptr, plain.len);
    if (at == NULL)
        return false;
    re->plain_match[0] = (size_t)(at - text.ptr);
    re->plain_match[1] = re->plain_match[0] + plain.len;
    re->ovector = re->plain_match;
    re->found_groups = 1;
    return true;
}

lv_status lv_regex_find(lv_regex *re, const lv_subject *s, size_t from, bool *found, lv_error *err)
{
    *found = false;
    if (re->translation.is_plain) {
        *found = find_plain(re, s->text, from);
        return LV_OK;
    }
    if (from > s->text.len)
        return LV_OK;
    if (re->code[s->ascii] == NULL)
        LV_TRY(compile(re, s->ascii, err));
    int count = pcre2_match(re->code[s->ascii], (PCRE2_SPTR)s->text.ptr, s->text.len, from,
                            PCRE2_NO_UTF_CHECK, re->match, re->matching);
    if (count == PCRE2_ERROR_NOMATCH)
        return LV_OK;
    if (count < 0)
        return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE,
                       "the regular expression '%.*s' takes too many steps on a text of %zu bytes",
                       LV_STR_ARG(re->pattern), s->text.len);
    re->ovector = pcre2_get_ovector_pointer(re->match);
    re->found_groups = count;
    *found = true;
    return LV_OK;
}

bool lv_regex_group(const lv_regex *re, int i, size_t *begin, size_t *end)
{
    if (i >= re->found_groups || re->ovector[2 * i] == PCRE2_UNSET)
        return false;
    *begin = re->ovector[2 * i];
    *end = re->ovector[2 * i + 1];
    return true;
}

size_t lv_regex_next(const lv_regex *re, const lv_subject *s)
{
    size_t begin = re->ovector[0], end = re->ovector[1];
    if (end > begin)
        return end;
    size_t n = end < s->text.len ? lv_utf8_valid_prefix(s->text.ptr + end, s->text.len - end) : 1;
    return end + n;
}
