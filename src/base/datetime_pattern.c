/* datetime_pattern.c: making a pattern: a list of items; optional parts are an item that says how many items follow
 * in it. See datetime_pattern.h. */
#include "base/datetime_pattern_int.h"
#include "base/vec.h"

/* ---- what Spark calls wrong ------------------------------------------------------------------ */

/* Letters and the most of them in a row, for reading and printing, or for printing only. */
static int letters_max(char letter, bool printing)
{
    static const struct {
        const char *letters;
        int max;
        bool printing;
    } rules[] = {{"y", 6, false},      {"ML", 4, false}, {"d", 2, false}, {"D", 3, false},
                 {"HhkKms", 2, false}, {"S", 9, false},  {"a", 1, false}, {"G", 4, false},
                 {"V", 2, false},      {"z", 4, false},  {"O", 4, false}, {"Xx", 5, false},
                 {"Z", 5, false},      {"E", 4, true},   {"Qq", 4, true}, {"F", 1, true}};
    for (size_t i = 0; i < LV_COUNT_OF(rules); i++)
        if (strchr(rules[i].letters, letter) != NULL)
            return rules[i].printing && !printing ? 0 : rules[i].max;
    return 0;
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static size_t run_at(lv_str text, size_t i)
{
    size_t n = 1;
    while (i + n < text.len && text.ptr[i + n] == text.ptr[i])
        n++;
    return n;
}

/* Whether java.text.SimpleDateFormat, which Spark used before version 3, takes the pattern. */
static bool was_legal(lv_str text)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\'')
            quoted = !quoted;
        else if (!quoted && is_letter(c) &&
                 (strchr("GyYMLwWDdFEuaHkKhmsSzZX", c) == NULL ||
                  (c == 'X' && run_at(text, i) > 3 && (i == 0 || text.ptr[i - 1] != 'X'))))
            return false;
    }
    return !quoted;
}

static lv_status refuse(lv_str text, lv_status status, lv_error *err)
{
    return LV_FAIL(err, was_legal(text) ? LV_DATETIME_PATTERN : status,
                   "'%.*s' is no datetime pattern that can be used", LV_STR_ARG(text));
}

/* The status of a run of letters that no rule allows. */
static lv_status letters_status(char letter, size_t count, bool printing)
{
    if (strchr("YWwuec", letter) != NULL)
        return LV_DATETIME_PATTERN_WEEK;
    if (strchr(printing ? "ABnNp" : "ABnNpEFqQ", letter) != NULL)
        return LV_DATETIME_PATTERN_LETTER;
    bool long_text = strchr("GMLEQq", letter) != NULL && count >= 5;
    return long_text || (letter == 'y' && count >= 7) ? LV_DATETIME_PATTERN_LENGTH
                                                      : LV_DATETIME_PATTERN_WRONG;
}

/* The status of the first letter that Spark allows nowhere, which it looks for before all else, or LV_OK. */
static lv_status find_illegal(lv_str text, bool printing)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        quoted ^= text.ptr[i] == '\'';
        if (quoted || !is_letter(text.ptr[i]))
            continue;
        lv_status status = letters_status(text.ptr[i], 1, printing);
        if (status == LV_DATETIME_PATTERN_WEEK || status == LV_DATETIME_PATTERN_LETTER)
            return status;
    }
    return LV_OK;
}

/* ---- items ----------------------------------------------------------------------------------- */

typedef LV_VEC(lv_pattern_item) item_list;

/* The quoted text from `i` on, whose quote is at text.ptr[i]; two quotes are one. */
static bool add_quoted(lv_arena *arena, item_list *items, lv_str text, size_t *i)
{
    size_t begin = ++*i;
    for (; *i < text.len; ++*i) {
        bool quote = text.ptr[*i] == '\'';
        if (quote && *i + 1 < text.len && text.ptr[*i + 1] == '\'' && *i > begin)
            ++*i;
        else if (quote)
            break;
        LV_VEC_PUSH(arena, *items, (lv_pattern_item){.literal = text.ptr[*i]});
    }
    if (*i == text.len)
        return false;
    if (*i == begin)
        LV_VEC_PUSH(arena, *items, (lv_pattern_item){.literal = '\''});
    ++*i;
    return true;
}

static bool is_fixed_number(const lv_pattern_item *it)
{
    return lv_pattern_is_number(it) && it->letter != 'y' && it->count > 1;
}

static void reserve_digits(item_list *items)
{
    int behind = 0;
    for (size_t k = items->count; k-- > 0;) {
        lv_pattern_item *it = &items->at[k];
        it->reserved = behind;
        behind = is_fixed_number(it) ? behind + it->count : 0;
    }
}

lv_status lv_datetime_pattern_make(lv_arena *arena, lv_str text, bool printing,
                                   lv_datetime_pattern **pattern, lv_error *err)
{
    enum { OPTIONAL_DEPTH_MAX = 16 };
    item_list items = {0};
    size_t open[OPTIONAL_DEPTH_MAX], depth = 0;
    lv_datetime_pattern *p = LV_NEW(arena, lv_datetime_pattern);
    lv_status illegal = find_illegal(text, printing);
    if (illegal != LV_OK)
        return refuse(text, illegal, err);
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        if (is_letter(c)) {
            size_t count = run_at(text, i);
            if ((int64_t)count > letters_max(c, printing) || (c == 'V' && count == 1))
                return refuse(text, letters_status(c, count, printing), err);
            p->has_zone |= strchr("VzOXxZ", c) != NULL;
            p->has_era |= c == 'G';
            LV_VEC_PUSH(arena, items, (lv_pattern_item){.letter = c, .count = (int)count});
            i += count;
        } else if (c == '\'') {
            if (!add_quoted(arena, &items, text, &i))
                return refuse(text, LV_DATETIME_PATTERN_WRONG, err);
        } else if (c == '['   ? depth == OPTIONAL_DEPTH_MAX
                   : c == ']' ? depth == 0
                              : c == '{' || c == '}' || c == '#') {
            return refuse(text, LV_DATETIME_PATTERN_WRONG, err);
        } else {
            if (c == '[')
                open[depth++] = items.count;
            else if (c == ']')
                items.at[open[depth - 1]].count = (int)(items.count - open[depth - 1]), depth--;
            LV_VEC_PUSH(arena, items,
                        (lv_pattern_item){.letter = c == '[' || c == ']' ? c : 0, .literal = c});
            i++;
        }
    }
    while (depth-- > 0) /* parts left open end with the pattern */
        items.at[open[depth]].count = (int)(items.count - open[depth]) - 1;
    reserve_digits(&items);
    p->items = items.at;
    p->count = (int)items.count;
    *pattern = p;
    return LV_OK;
}

/* Adds the items from..to to `out`, without parts that have one of `letters`; false: others have one. */
static bool copy_without(const lv_datetime_pattern *p, int from, int to, const char *letters,
                         lv_datetime_pattern *out)
{
    for (int i = from; i < to; i++) {
        const lv_pattern_item *it = &p->items[i];
        if (it->letter == '[') {
            int begin = out->count, end = i + 1 + it->count;
            if (!copy_without(p, i + 1, end, letters, out))
                out->count = begin;
            i = end - 1;
        } else if (it->letter != 0 && strchr(letters, it->letter) != NULL) {
            return false;
        } else if (it->letter != ']') {
            out->items[out->count++] = *it;
        }
    }
    return true;
}

lv_datetime_pattern *lv_datetime_pattern_without(lv_arena *arena,
                                                 const lv_datetime_pattern *pattern,
                                                 const char *letters)
{
    lv_datetime_pattern *out = LV_NEW(arena, lv_datetime_pattern);
    *out = *pattern;
    out->items = LV_NEW_ARRAY(arena, lv_pattern_item, pattern->count);
    out->count = 0;
    return copy_without(pattern, 0, pattern->count, letters, out) ? out : NULL;
}

const lv_datetime_pattern *lv_datetime_pattern_none(void)
{
    static const lv_datetime_pattern none = {.fits_nothing = true};
    return &none;
}

bool lv_datetime_pattern_has_zone(const lv_datetime_pattern *pattern)
{
    return pattern->has_zone;
}
