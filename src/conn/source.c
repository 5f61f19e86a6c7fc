/* source.c: streaming sources by their kind. */
#include "conn/conn_int.h"
#include "os/os.h"

static const lv_source_class *const classes[] = {&lv_source_kafka, &lv_source_files};

static lv_status find_class(lv_str format, const lv_source_class **class, lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(classes); i++)
        if (lv_str_eq_nocase(format, lv_str_of(classes[i]->format))) {
            *class = classes[i];
            return LV_OK;
        }
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                   "streaming source '%.*s' is not supported yet; kafka and files are",
                   LV_STR_ARG(format));
}

lv_status lv_source_schema(lv_arena *arena, lv_str format, const lv_options *options,
                           const char *log_dir, const lv_type **schema, lv_error *err)
{
    const lv_source_class *class;
    LV_TRY(find_class(format, &class, err));
    return class->schema(arena, options, log_dir, schema, err);
}

lv_status lv_source_open(lv_str format, const lv_options *options, const lv_source_context *context,
                         lv_source **source, lv_error *err)
{
    const lv_source_class *class;
    LV_TRY(find_class(format, &class, err));
    LV_TRY(class->open(options, context, source, err));
    (*source)->class = class;
    return LV_OK;
}

void lv_source_close(lv_source *source)
{
    if (source != NULL)
        source->class->close(source);
}

lv_str lv_source_description(const lv_source *source)
{
    return source->class->description(source);
}

lv_status lv_source_initial_offset(lv_source *source, lv_sbuf *json, lv_error *err)
{
    return source->class->initial_offset(source, json, err);
}

bool lv_source_keeps_log(const lv_source *source)
{
    return source->class->initial_offset == NULL;
}

lv_status lv_source_prepare_available_now(lv_source *source, bool no_limit, lv_error *err)
{
    return source->class->prepare_available_now(source, no_limit, err);
}

lv_status lv_source_end_offset(lv_source *source, lv_str start, lv_sbuf *end, lv_sbuf *latest,
                               lv_error *err)
{
    return source->class->end_offset(source, start, end, latest, err);
}

lv_status lv_source_wait_for_data(lv_source *source, lv_str position, int64_t timeout_ms,
                                  lv_error *err)
{
    return source->class->wait_for_data(source, position, timeout_ms, err);
}

lv_status lv_source_split(lv_source *source, lv_str start, lv_str end, lv_arena *arena,
                          lv_split **splits, int *count, lv_error *err)
{
    return source->class->split(source, start, end, arena, splits, count, err);
}

lv_status lv_source_reader_new(lv_source *source, lv_source_reader **reader, lv_error *err)
{
    LV_TRY(source->class->reader_new(source, reader, err));
    (*reader)->class = source->class;
    return LV_OK;
}

void lv_source_reader_free(lv_source_reader *reader)
{
    if (reader != NULL)
        reader->class->reader_free(reader);
}

lv_status lv_source_reader_open(lv_source_reader *reader, const lv_split *splits, int count,
                                lv_error *err)
{
    reader->rows = 0;
    return reader->class->reader_open(reader, splits, count, err);
}

lv_status lv_source_reader_next(lv_source_reader *reader, lv_arena *arena, const bool *wanted,
                                lv_batch *batch, bool *done, lv_error *err)
{
    int64_t began = lv_thread_cpu_ns();
    lv_status status = reader->class->reader_next(reader, arena, wanted, batch, done, err);
    reader->cpu_ns += lv_thread_cpu_ns() - began;
    reader->rows += status == LV_OK ? batch->length : 0;
    return status;
}

int64_t lv_source_reader_rows(const lv_source_reader *reader)
{
    return reader->rows;
}

int64_t lv_source_reader_cpu_ns(const lv_source_reader *reader)
{
    return reader->cpu_ns;
}
