/* pipeline_args.h: what `run` and `validate` share: which files make a pipeline, and with which
 * parameters and settings. */
#ifndef LV_CLI_PIPELINE_ARGS_H
#define LV_CLI_PIPELINE_ARGS_H

#include "cli/cli.h"
#include "engine/pipeline.h"

typedef struct lv_cli_pipeline {
    lv_arena arena;
    lv_pipeline_options options; /* on_error, on_progress and context are the verb's */
    lv_cli_pairs parameters;     /* --param; then LEVADA_PARAM_* of the environment */
    lv_cli_pairs conf;           /* --conf; the spec's come before them */
    const char *storage;         /* --storage; NULL: the spec's, or . */
    LV_VEC(const char *) files;
} lv_cli_pipeline;

/** Adds LEVADA_PARAM_key=value of the environment for keys that are not given. */
void lv_cli_add_environment(lv_arena *arena, lv_cli_pairs *parameters);
/** Opens the pipeline of SQL files and specs; of the spec around here if there are none. Errors went
 *  to options.on_error. */
LV_MUST_USE lv_status lv_cli_pipeline_open(lv_cli_pipeline *args, char *const *operands, int count,
                                           lv_pipeline **pipeline, lv_error *err);

#endif
