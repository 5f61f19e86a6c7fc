/* extract.c: see extract.h.
 *
 * A path is followed while the text is read, once and without a tree. Where a path has [*], what matches is
 * written as an array, and how deep it nests depends on how many match: that is Hive's doing, which Spark keeps. */
#include "json/extract.h"

#include "base/check.h"
#include "json/decode_int.h"

/* ---- paths ----------------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static lv_str skip_spaces(lv_str s)
{
    while (s.len > 0 && is_space(s.ptr[0]))
        s = lv_str_sub(s, 1, s.len - 1);
    return s;
}

static bool cut(lv_str *s, const char *prefix)
{
    lv_str p = lv_str_of(prefix);
    if (!lv_str_starts(*s, p))
        return false;
    *s = lv_str_sub(*s, p.len, s->len - p.len);
    return true;
}

/* The text before any of the bytes in `stops`, cut off; false if it is empty. */
static bool cut_until(lv_str *s, const char *stops, lv_str *text)
{
    size_t n = 0;
    while (n < s->len && strchr(stops, s->ptr[n]) == NULL)
        n++;
    *text = lv_str_sub(*s, 0, n);
    *s = lv_str_sub(*s, n, s->len - n);
    return n > 0;
}

/* Blanks are allowed where Spark's parser has texts of more than one character, not before the others. */
static bool parse_step(lv_str *rest, bool any_case, lv_json_step *step)
{
    lv_str s = skip_spaces(*rest), digits;
    *step = (lv_json_step){.kind = LV_STEP_NEVER};
    if (cut(&s, ".*") || cut(&s, "['*']")) {
        *rest = s;
        return true;
    }
    step->kind = LV_STEP_NAME;
    if (cut(&s, "['")) {
        *rest = s;
        return cut_until(rest, "'", &step->name) && (*rest = skip_spaces(*rest), cut(rest, "']"));
    }
    if (cut(rest, ".")) {
        *rest = skip_spaces(*rest);
        step->any_case = any_case;
        return cut_until(rest, ".[", &step->name);
    }
    if (!cut(rest, "["))
        return false;
    step->kind = LV_STEP_EACH;
    if (cut(rest, "*"))
        return cut(rest, "]");
    step->kind = LV_STEP_INDEX;
    *rest = skip_spaces(*rest);
    return cut_until(rest, "]", &digits) && digits.ptr[0] >= '0' && digits.ptr[0] <= '9' &&
           lv_str_to_i64(digits, &step->index) && cut(rest, "]");
}

bool lv_json_path_parse(lv_arena *arena, lv_str text, bool any_case, lv_json_path *path)
{
    *path = (lv_json_path){.steps = LV_NEW_ARRAY(arena, lv_json_step, text.len / 2 + 1)};
    if (!cut(&text, "$"))
        return false;
    while (skip_spaces(text).len > 0)
        if (!parse_step(&text, any_case, &path->steps[path->count++]))
            return false;
    return true;
}

/* ---- following a path ------------------------------------------------------------------------ */

typedef enum style {
    RAW,    /* no array around: a string goes without quotes */
    QUOTED, /* in an array */
    FLAT    /* in an array that takes the items of matching arrays in */
} style;

/* Where matches are written. */
typedef struct sink {
    lv_sbuf *out;
    bool in_array, any;
    bool plain; /* Jackson writes into characters here, elsewhere into bytes: see lv_reader */
} sink;

struct lv_json_extractor {
    lv_arena *arena;
    lv_reader reader;
    lv_json_options options;
    bool broken;
};

lv_json_extractor *lv_json_extractor_make(lv_arena *arena)
{
    lv_json_extractor *x = LV_NEW(arena, lv_json_extractor);
    x->arena = arena;
    x->options = (lv_json_options){.unquoted_control_chars = true, .no_non_numeric = true};
    x->reader = (lv_reader){.options = &x->options,
                            .arena = arena,
                            .levels = LV_NEW_ARRAY(arena, lv_level, LV_JSON_DEPTH_MAX + 1)};
    return x;
}

static void begin_value(sink *to)
{
    if (to->in_array && to->any)
        lv_sbuf_add_char(to->out, ',');
    to->any = true;
}

static lv_token next(lv_json_extractor *x)
{
    lv_token token = lv_reader_next(&x->reader);
    x->broken |= token == LV_TOKEN_ERROR || token == LV_TOKEN_NONE;
    return token;
}

static void skip(lv_json_extractor *x)
{
    lv_reader *r = &x->reader;
    if (r->current == LV_TOKEN_STRING ? !lv_reader_string(r) : !lv_reader_skip(r))
        x->broken = true;
}

static bool follow(lv_json_extractor *x, const lv_json_step *steps, int count, style how, sink *to);

/* Adds the current value. */
static bool take(lv_json_extractor *x, style how, sink *to)
{
    lv_reader *r = &x->reader;
    bool any = false;
    if (how == FLAT && r->current == LV_TOKEN_ARRAY) {
        while (!x->broken && next(x) != LV_TOKEN_ARRAY_END)
            any |= follow(x, NULL, 0, how, to);
        return any;
    }
    begin_value(to);
    if (how == RAW && r->current == LV_TOKEN_STRING) {
        x->broken |= !lv_reader_string(r);
        lv_sbuf_add_str(to->out, r->text);
    } else {
        r->plain_copies = to->plain;
        x->broken |= !lv_reader_copy(r, to->out);
    }
    return true;
}

static bool is_named(const lv_json_step *step, lv_str name)
{
    return step->any_case ? lv_str_eq_nocase(step->name, name) : lv_str_eq(step->name, name);
}

/* The first member of that name with a match. */
static bool follow_name(lv_json_extractor *x, const lv_json_step *steps, int count, style how,
                        sink *to)
{
    bool found = false;
    while (!x->broken && next(x) != LV_TOKEN_OBJECT_END) {
        bool wanted = !found && is_named(steps, lv_reader_name(&x->reader));
        lv_token value = next(x);
        if (!wanted || value == LV_TOKEN_NULL)
            skip(x);
        else if (!x->broken)
            found = follow(x, steps + 1, count - 1, how, to);
    }
    return found;
}

static bool follow_index(lv_json_extractor *x, const lv_json_step *steps, int count, style how,
                         sink *to)
{
    bool found = false;
    if (count > 1 && steps[1].kind == LV_STEP_EACH)
        how = QUOTED;
    for (int64_t i = 0; !x->broken && next(x) != LV_TOKEN_ARRAY_END; i++)
        if (i == steps->index)
            found = follow(x, steps + 1, count - 1, how, to);
        else
            skip(x);
    return found;
}

/* What matches in the items, as an array. */
static bool follow_items(lv_json_extractor *x, const lv_json_step *steps, int count, style how,
                         sink *to)
{
    bool found = false;
    begin_value(to);
    lv_sbuf_add_char(to->out, '[');
    sink items = {.out = to->out, .in_array = true, .plain = to->plain};
    while (!x->broken && next(x) != LV_TOKEN_ARRAY_END)
        found |= follow(x, steps, count, how, &items);
    lv_sbuf_add_char(to->out, ']');
    return found;
}

/* The same, but without the array where but one item has matches. */
static bool follow_items_loosely(lv_json_extractor *x, const lv_json_step *steps, int count,
                                 style how, sink *to)
{
    lv_sbuf text = LV_SBUF_INIT;
    sink items = {.out = &text, .in_array = true, .plain = true};
    int64_t matches = 0;
    while (!x->broken && next(x) != LV_TOKEN_ARRAY_END)
        matches += follow(x, steps, count, how == RAW ? QUOTED : how, &items);
    if (matches > 0) {
        begin_value(to);
        if (matches > 1)
            lv_sbuf_add_char(to->out, '[');
        lv_sbuf_add_str(to->out, lv_sbuf_str(&text));
        if (matches > 1)
            lv_sbuf_add_char(to->out, ']');
    }
    lv_sbuf_release(&text);
    return matches > 0;
}

/* Adds what is at the path in the current value, and goes to its end. */
static bool follow(lv_json_extractor *x, const lv_json_step *steps, int count, style how, sink *to)
{
    lv_token token = x->reader.current;
    if (x->broken)
        return false;
    if (count == 0)
        return take(x, how, to);
    if (token == LV_TOKEN_OBJECT && steps->kind == LV_STEP_NAME)
        return follow_name(x, steps, count, how, to);
    if (token == LV_TOKEN_ARRAY && steps->kind == LV_STEP_INDEX)
        return follow_index(x, steps, count, how, to);
    if (token != LV_TOKEN_ARRAY || steps->kind != LV_STEP_EACH) {
        skip(x);
        return false;
    }
    if (count > 1 && steps[1].kind == LV_STEP_EACH)
        return follow_items(x, steps + 2, count - 2, FLAT, to);
    if (how != QUOTED)
        return follow_items_loosely(x, steps + 1, count - 1, how, to);
    return follow_items(x, steps + 1, count - 1, QUOTED, to);
}

static lv_token begin(lv_json_extractor *x, lv_str text)
{
    x->broken = false;
    lv_reader_begin(&x->reader, text);
    return next(x);
}

bool lv_json_extract_path(lv_json_extractor *x, lv_str text, const lv_json_path *path, lv_str *out)
{
    lv_sbuf found = LV_SBUF_INIT;
    sink to = {.out = &found};
    begin(x, text);
    bool any = follow(x, path->steps, path->count, RAW, &to) && !x->broken;
    if (any)
        *out = lv_str_dup(x->arena, lv_sbuf_str(&found));
    lv_sbuf_release(&found);
    return any;
}

/* ---- members, names, items ------------------------------------------------------------------- */

static lv_str value_text(lv_json_extractor *x)
{
    lv_sbuf text = LV_SBUF_INIT;
    sink to = {.out = &text};
    take(x, RAW, &to);
    lv_str copy = lv_str_dup(x->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return copy;
}

bool lv_json_extract_members(lv_json_extractor *x, lv_str text, const lv_str *names, int count,
                             lv_str *out)
{
    for (int i = 0; i < count; i++)
        out[i] = LV_STR_NONE;
    if (begin(x, text) != LV_TOKEN_OBJECT)
        return false;
    while (!x->broken && next(x) != LV_TOKEN_OBJECT_END) {
        lv_str name = lv_reader_name(&x->reader), value = LV_STR_NONE;
        lv_token token = next(x);
        for (int i = 0; i < count && token != LV_TOKEN_NULL && !x->broken; i++)
            if (lv_str_eq(names[i], name))
                out[i] = value = value.ptr != NULL ? value : value_text(x);
        if (value.ptr == NULL)
            skip(x);
    }
    return !x->broken;
}

bool lv_json_extract_keys(lv_json_extractor *x, lv_str text, lv_builder *names)
{
    int64_t before = names->length;
    if (begin(x, text) != LV_TOKEN_OBJECT)
        return false;
    while (!x->broken && next(x) != LV_TOKEN_OBJECT_END) {
        lv_builder_str_copy(names, lv_reader_name(&x->reader));
        next(x);
        skip(x);
    }
    if (x->broken)
        lv_builder_truncate(names, before);
    return !x->broken;
}

bool lv_json_extract_length(lv_json_extractor *x, lv_str text, int32_t *length)
{
    *length = 0;
    if (begin(x, text) != LV_TOKEN_ARRAY)
        return false;
    for (; !x->broken && next(x) != LV_TOKEN_ARRAY_END; ++*length)
        skip(x);
    return !x->broken;
}
