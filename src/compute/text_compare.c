/* text_compare.c: how near texts are, and where one stands in a list: levenshtein, soundex, luhn_check,
 * find_in_set. Source: UTF8String, ExpressionImplUtils.isLuhnNumber. */
#include "base/utf8.h"
#include "compute/compute_int.h"

/* ---- levenshtein ----------------------------------------------------------------------------- */

/* Texts longer than this are refused: the work grows with the product of two lengths. */
enum { LEVENSHTEIN_MAX = 1 << 16 };

static uint32_t *code_points(lv_arena *arena, lv_str s, int32_t *count)
{
    uint32_t *points = lv_arena_alloc(arena, sizeof *points * (s.len + 1));
    *count = 0;
    for (size_t i = 0, used = 1; i < s.len; i += used, used = 1)
        points[(*count)++] = lv_utf8_valid_prefix(s.ptr + i, s.len - i)
                                 ? lv_utf8_decode(s.ptr + i, &used)
                                 : 0x110000u + (unsigned char)s.ptr[i];
    return points;
}

/* Row by row of the table of distances, of which one row is kept. */
static int32_t distance(lv_arena *arena, lv_str s, lv_str t)
{
    int32_t m, n;
    const uint32_t *a = code_points(arena, s, &m), *b = code_points(arena, t, &n);
    int32_t *row = lv_arena_alloc(arena, sizeof *row * (size_t)(n + 1));
    for (int32_t j = 0; j <= n; j++)
        row[j] = j;
    for (int32_t i = 1; i <= m; i++) {
        int32_t diagonal = row[0];
        row[0] = i;
        for (int32_t j = 1; j <= n; j++) {
            int32_t changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = LV_MIN(changed, LV_MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

static lv_status kernel_levenshtein(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in[2] = {lv_strs_of(&args[0]), lv_strs_of(&args[1])};
    lv_arena scratch;
    lv_arena_init(&scratch);
    lv_status status = LV_OK;
    for (int64_t i = 0; i < rows && status == LV_OK; i++) {
        int32_t *value = (int32_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str s = lv_strs_at(&in[0], i), t = lv_strs_at(&in[1], i);
        if (s.len > LEVENSHTEIN_MAX || t.len > LEVENSHTEIN_MAX) {
            status = LV_FAIL(err, LV_INVALID_FUNCTION_VALUE,
                             "levenshtein compares texts of at most %d bytes", LEVENSHTEIN_MAX);
            break;
        }
        *value = distance(&scratch, s, t);
        if (call->arg_count == 3 && *value > LV_AT(int32_t, &args[2], i))
            *value = -1;
        lv_arena_reset(&scratch);
    }
    lv_arena_release(&scratch);
    return status;
}

lv_status lv_bind_levenshtein(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(
            lv_bind_want(function, bind, i, lv_type_of(i < 2 ? LV_TYPE_STRING : LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), false, kernel_levenshtein);
    return LV_OK;
}

/* ---- soundex --------------------------------------------------------------------------------- */

/* A letter's code: a digit, 0 for a vowel, 7 for H and W, which do not part equal codes. */
static char soundex_code(char upper)
{
    static const char codes[] = "01230127022455012623017202";
    return upper >= 'A' && upper <= 'Z' ? codes[upper - 'A'] : 0;
}

static lv_str soundex(lv_arena *arena, lv_str s)
{
    char first = s.len ? (char)(s.ptr[0] & ~32) : 0;
    if (s.len == 0 || first < 'A' || first > 'Z' || (unsigned char)s.ptr[0] >= 0x80)
        return s;
    char *code = lv_arena_alloc(arena, 4), last = soundex_code(first);
    size_t n = 1;
    memcpy(code, "?000", 4);
    code[0] = first;
    for (size_t i = 1; i < s.len && n < 4; i++) {
        char c = s.ptr[i], upper = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        char digit = soundex_code(upper);
        if (digit == '7')
            continue;
        if (digit == 0) { /* no letter: parts equal codes as a vowel does */
            last = '0';
            continue;
        }
        if (digit != '0' && digit != last)
            code[n++] = digit;
        last = digit;
    }
    return (lv_str){code, 4};
}

/* ---- luhn_check ------------------------------------------------------------------------------ */

static bool is_luhn(lv_str s)
{
    int sum = 0;
    for (size_t i = s.len; i-- > 0;) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        if ((s.len - 1 - i) % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum = (sum + digit) % 10;
    }
    return s.len > 0 && sum == 0;
}

static lv_status kernel_text_check(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    bool sound = call->type->kind == LV_TYPE_STRING;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str s = lv_row_valid(out->validity, i) ? lv_strs_at(&in, i) : LV_STR("");
        if (sound)
            ((lv_str *)out->data)[i] = soundex(eval->arena, s);
        else
            ((uint8_t *)out->data)[i] = is_luhn(s);
    }
    return LV_OK;
}

lv_status lv_bind_soundex(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_text_check);
    return LV_OK;
}

lv_status lv_bind_luhn_check(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_text_check);
    bind->nullable = true;
    return LV_OK;
}

/* ---- find_in_set ----------------------------------------------------------------------------- */

static int32_t find_in_set(lv_str word, lv_str set)
{
    if (word.len > 0 && memchr(word.ptr, ',', word.len) != NULL)
        return 0;
    lv_str rest = set.ptr ? set : LV_STR(""), part;
    for (int32_t n = 1; lv_str_split(&rest, ',', &part); n++)
        if (lv_str_eq(part, word))
            return n;
    return 0;
}

static lv_status kernel_find_in_set(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs words = lv_strs_of(&args[0]), sets = lv_strs_of(&args[1]);
    for (int64_t i = 0; i < rows; i++)
        ((int32_t *)out->data)[i] = lv_row_valid(out->validity, i)
                                        ? find_in_set(lv_strs_at(&words, i), lv_strs_at(&sets, i))
                                        : 0;
    return LV_OK;
}

lv_status lv_bind_find_in_set(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_find_in_set);
    return LV_OK;
}
