/* module: compute
 * fuzz_text_functions.c: text from outside through every cast and every function of text. The first
 * byte chooses the function, the second where the text is cut into arguments. Nothing may crash; a
 * whole vector and its rows must agree. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "compute/compute.h"

static const char *const functions[] = {"upper",
                                        "lower",
                                        "initcap",
                                        "reverse",
                                        "length",
                                        "trim",
                                        "btrim",
                                        "substring",
                                        "left",
                                        "right",
                                        "lpad",
                                        "replace",
                                        "translate",
                                        "contains",
                                        "instr",
                                        "like",
                                        "ilike",
                                        "split_part",
                                        "hex",
                                        "ascii",
                                        "get_json_object",
                                        "to_timestamp",
                                        "to_date",
                                        "int",
                                        "double",
                                        "boolean",
                                        "concat_ws",
                                        "date_trunc",
                                        "date_format",
                                        "to_timestamp_ntz",
                                        "unix_timestamp",
                                        "from_unixtime",
                                        "next_day",
                                        "trunc",
                                        "to_utc_timestamp",
                                        "rlike",
                                        "split",
                                        "regexp_replace",
                                        "regexp_extract_all",
                                        "regexp_count",
                                        "format_string",
                                        "format_number",
                                        "parse_url",
                                        "url_decode",
                                        "unbase64",
                                        "unhex",
                                        "encode",
                                        "decode",
                                        "conv",
                                        "levenshtein",
                                        "soundex",
                                        "overlay",
                                        "substring_index",
                                        "mask",
                                        "quote",
                                        "sha2",
                                        "xxhash64"};

static lv_vector text_vector(lv_arena *arena, lv_str text)
{
    lv_vector v;
    lv_vector_init_flat(&v, arena, lv_type_of(LV_TYPE_STRING), 2);
    ((lv_str *)v.data)[0] = text;
    ((lv_str *)v.data)[1] = LV_STR("abc");
    return v;
}

static void run_function(lv_eval *eval, const lv_function *function, lv_vector *args, int count)
{
    const lv_type *types[3];
    for (int i = 0; i < count; i++)
        types[i] = args[i].type;
    lv_bind bind = {
        .arena = eval->arena, .ansi = eval->ansi, .arg_count = count, .arg_types = types};
    lv_error err = LV_ERROR_INIT;
    lv_vector out;
    if (lv_function_bind(function, &bind, &err) != LV_OK)
        return;
    for (int i = 0; i < count; i++) {
        lv_vector cast;
        if (lv_cast(eval, &args[i], types[i], LV_CAST_TRY, LV_STR_NONE, &cast, &err) != LV_OK)
            return;
        if (types[i]->kind == LV_TYPE_INT) /* lengths: small ones */
            for (int64_t row = 0; row < cast.length; row++)
                ((int32_t *)cast.data)[row] %= 1000;
        args[i] = cast;
    }
    lv_call *call = lv_call_make(function, &bind);
    if (function->open != NULL && function->open(call, NULL, &err) != LV_OK)
        return;
    if (lv_call_run(call, eval, args, 2, &out, &err) == LV_OK)
        lv_vector_check(&out);
    if (function->close != NULL)
        function->close(call);
}

static void run_casts(lv_eval *eval, const lv_vector *text)
{
    for (int kind = LV_TYPE_BOOLEAN; kind < LV_TYPE_ARRAY; kind++) {
        const lv_type *to = kind == LV_TYPE_DECIMAL ? lv_type_decimal(eval->arena, 20, 5)
                                                    : lv_type_of((lv_type_kind)kind);
        lv_vector out, back;
        lv_error err = LV_ERROR_INIT;
        lv_status status = lv_cast(eval, text, to, LV_CAST_TRY, LV_STR_NONE, &out, &err);
        LV_ASSERT(status == LV_OK);
        lv_vector_check(&out);
        /* what was read can be printed, and then reads as the same */
        status = lv_cast(eval, &out, lv_type_of(LV_TYPE_STRING), LV_CAST_EXPLICIT, LV_STR_NONE,
                         &back, &err);
        LV_ASSERT(status == LV_OK);
        lv_vector again;
        status = lv_cast(eval, &back, to, LV_CAST_TRY, LV_STR_NONE, &again, &err);
        LV_ASSERT(status == LV_OK);
        bool time =
            kind >= LV_TYPE_DATE &&
            kind <= LV_TYPE_TIMESTAMP_NTZ; /* years beyond six digits are printed but not read */
        LV_ASSERT(time || lv_value_compare(&out, 0, &again, 0) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_eval eval = {.arena = &arena, .zone = lv_timezone_utc(), .ansi = data[0] & 128};
    char *copy =
        malloc(size - 2 + 1); /* exactly as long as the text, so that reading behind it is found */
    memcpy(copy, data + 2, size - 2);
    lv_str text = {copy, size - 2}, rest = text;
    size_t cut = text.len ? data[1] % (text.len + 1) : 0;
    rest = lv_str_sub(text, cut, text.len - cut);
    text.len = cut;
    lv_vector args[3] = {text_vector(&arena, text), text_vector(&arena, rest),
                         text_vector(&arena, LV_STR("3"))};
    run_casts(&eval, &args[0]);
    const lv_function *function =
        lv_function_find(lv_str_of(functions[data[0] % LV_COUNT_OF(functions)]));
    run_function(&eval, function, args, function->max_args < 0 ? 3 : LV_MIN(function->max_args, 3));
    free(copy);
    lv_arena_release(&arena);
    return 0;
}
