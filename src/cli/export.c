/* export.c: see export.h. */
#include "cli/export.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/render.h"
#include "os/os.h"
#include "parquet/parquet.h"

struct lv_export {
    const char *path;
    char *partial;
    FILE *file;
    lv_renderer *renderer; /* of the text formats */
    lv_parquet_writer *parquet;
    lv_parquet_fd fd;
    int64_t rows;
};

static const struct {
    const char *ending;
    bool parquet;
    lv_output_format format;
} kinds[] = {
    {".parquet", true, 0},
    {".jsonl", false, LV_OUTPUT_JSONL},
    {".json", false, LV_OUTPUT_JSON},
    {".csv", false, LV_OUTPUT_CSV},
    {".md", false, LV_OUTPUT_MARKDOWN},
};

static int kind_of(const char *path)
{
    for (size_t i = 0; i < LV_COUNT_OF(kinds); i++)
        if (lv_str_ends(lv_str_of(path), lv_str_of(kinds[i].ending)))
            return (int)i;
    return -1;
}

lv_status lv_export_check(const char *path, lv_error *err)
{
    if (kind_of(path) >= 0)
        return LV_OK;
    return LV_FAIL(err, LV_USAGE,
                   "the ending of '%s' says no format; there are .parquet, .jsonl, .json, .csv "
                   "and .md",
                   path);
}

/* ".name.partial" beside the file: hidden from those who read the folder. */
static char *partial_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    char *name;
    LV_ASSERT(asprintf(&name, "%.*s.%s.partial", folder, path, path + folder) >= 0);
    return name;
}

lv_status lv_export_open(const char *path, const lv_type *schema, const lv_timezone *zone,
                         lv_export **out, lv_error *err)
{
    LV_TRY(lv_export_check(path, err));
    int kind = kind_of(path);
    lv_export *x = calloc(1, sizeof *x);
    LV_ASSERT(x != NULL);
    *x = (lv_export){.path = path, .partial = partial_name(path)};
    x->file = fopen(x->partial, "we");
    lv_status status = LV_OK;
    if (x->file == NULL)
        status = LV_FAIL(err, LV_IO, "cannot write %s: %m", path);
    else if (kinds[kind].parquet)
        status = lv_parquet_writer_new(&x->parquet, schema, NULL, err);
    else
        x->renderer = lv_renderer_new(&(lv_render_options){.format = kinds[kind].format}, schema,
                                      zone, x->file);
    if (status == LV_OK && x->parquet != NULL) {
        x->fd = (lv_parquet_fd){fileno(x->file), x->partial};
        status = lv_parquet_writer_open(x->parquet, lv_parquet_sink_fd(&x->fd), err);
    }
    if (status != LV_OK) {
        lv_export_abandon(x);
        return status;
    }
    *out = x;
    return LV_OK;
}

lv_status lv_export_add(lv_export *x, const lv_batch *batch, lv_error *err)
{
    x->rows += batch->length;
    if (x->parquet != NULL)
        return lv_parquet_write(x->parquet, batch, err);
    lv_renderer_add(x->renderer, batch);
    return LV_OK;
}

static lv_status finish(lv_export *x, int64_t *size_bytes, lv_error *err)
{
    if (x->parquet != NULL) {
        LV_TRY(lv_parquet_writer_close(x->parquet, NULL, err));
    } else {
        lv_renderer *renderer = x->renderer;
        x->renderer = NULL;
        LV_TRY(lv_renderer_finish(renderer, err));
    }
    LV_TRY(lv_file_size(fileno(x->file), x->path, size_bytes, err));
    LV_TRY(lv_file_sync(fileno(x->file), x->path, err));
    if (rename(x->partial, x->path) != 0)
        return LV_FAIL(err, LV_IO, "cannot write %s: %m", x->path);
    free(x->partial);
    x->partial = NULL;
    return LV_OK;
}

lv_status lv_export_finish(lv_export *x, int64_t *rows, int64_t *size_bytes, lv_error *err)
{
    *rows = x->rows;
    lv_status status = finish(x, size_bytes, err);
    lv_export_abandon(x);
    return status;
}

void lv_export_abandon(lv_export *x)
{
    if (x == NULL)
        return;
    lv_parquet_writer_free(x->parquet);
    if (x->renderer != NULL)
        lv_renderer_free(x->renderer);
    if (x->file != NULL)
        fclose(x->file);
    if (x->partial != NULL)
        unlink(x->partial);
    free(x->partial);
    free(x);
}
