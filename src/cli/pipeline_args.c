/* pipeline_args.c: see pipeline_args.h. */
#include "cli/pipeline_args.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/spec.h"

static bool has_key(const lv_cli_pairs *pairs, lv_str key)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (lv_str_eq(pairs->at[i].name, key))
            return true;
    return false;
}

void lv_cli_add_environment(lv_arena *arena, lv_cli_pairs *parameters)
{
    const lv_str prefix = LV_STR("LEVADA_PARAM_");
    for (char **variable = environ; *variable != NULL; variable++) {
        lv_str text = lv_str_of(*variable);
        ptrdiff_t equals = lv_str_find(text, '=', prefix.len);
        if (!lv_str_starts(text, prefix) || equals <= (ptrdiff_t)prefix.len)
            continue;
        lv_str key = lv_str_sub(text, prefix.len, (size_t)equals - prefix.len);
        lv_option pair = {key, lv_str_after(text, (size_t)equals + 1), -1};
        if (!has_key(parameters, key))
            LV_VEC_PUSH(arena, *parameters, pair);
    }
}

/* Takes a spec over: its files, and what no flag says. */
static lv_status add_spec(lv_cli_pipeline *args, const char *path, lv_error *err)
{
    lv_spec spec;
    LV_TRY(lv_spec_load(&args->arena, path, args->options.on_error, args->options.context, &spec,
                        err));
    for (int i = 0; i < spec.file_count; i++)
        LV_VEC_PUSH(&args->arena, args->files, spec.files[i]);
    if (args->storage == NULL)
        args->storage = spec.storage;
    args->options.catalog = spec.catalog;
    args->options.schema = spec.database;
    lv_cli_pairs conf = {0};
    for (int i = 0; i < spec.configuration.count; i++)
        LV_VEC_PUSH(&args->arena, conf, spec.configuration.items[i]);
    for (size_t i = 0; i < args->conf.count; i++)
        LV_VEC_PUSH(&args->arena, conf, args->conf.at[i]);
    args->conf = conf;
    return LV_OK;
}

static lv_status add_operands(lv_cli_pipeline *args, char *const *operands, int count,
                              lv_error *err)
{
    if (count == 0) {
        const char *path;
        lv_status status = lv_spec_find(&args->arena, &path, err);
        if (status != LV_OK) {
            args->options.on_error(args->options.context, NULL, LV_STR_NONE, err);
            return status;
        }
        return add_spec(args, path, err);
    }
    for (int i = 0; i < count; i++) {
        if (lv_spec_is_one(operands[i]))
            LV_TRY(add_spec(args, operands[i], err));
        else
            LV_VEC_PUSH(&args->arena, args->files, operands[i]);
    }
    return LV_OK;
}

lv_status lv_cli_pipeline_open(lv_cli_pipeline *args, char *const *operands, int count,
                               lv_pipeline **pipeline, lv_error *err)
{
    LV_TRY(add_operands(args, operands, count, err));
    lv_cli_add_environment(&args->arena, &args->parameters);
    args->options.storage = args->storage != NULL ? args->storage : ".";
    args->options.parameters = lv_cli_options(&args->parameters);
    args->options.conf = lv_cli_options(&args->conf);
    return lv_pipeline_open(args->files.at, (int)args->files.count, &args->options, pipeline, err);
}
