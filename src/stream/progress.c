/* progress.c: see progress.h. */
#include "stream/progress.h"

#include <stdio.h>
#include <time.h>

static const char *const phase_names[LV_PHASE_COUNT] = {
    "addBatch",     "commitBatch",   "commitOffsets",    "getBatch",
    "latestOffset", "queryPlanning", "triggerExecution", "walCommit"};

int64_t lv_progress_input_rows(const lv_progress *progress)
{
    int64_t rows = 0;
    for (int i = 0; i < progress->source_count; i++)
        rows += progress->sources[i].input_rows;
    return rows;
}

static void add_timestamp(lv_sbuf *out, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    lv_sbuf_printf(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", utc.tm_year + 1900,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                   (int)(ms % 1000));
}

/* inputRowsPerSecond and processedRowsPerSecond: the first trigger has none before it, so its input rate is 0. */
static void add_rates(const lv_progress *p, int64_t rows, lv_sbuf *out)
{
    double input = 0;
    if (p->previous_timestamp_ms >= 0 && p->timestamp_ms > p->previous_timestamp_ms)
        input = (double)rows * 1000 / (double)(p->timestamp_ms - p->previous_timestamp_ms);
    int64_t trigger_us = p->phase_us[LV_PHASE_TRIGGER_EXECUTION];
    double processed = (double)rows * 1e6 / (double)(trigger_us < 1000 ? 1000 : trigger_us);
    lv_sbuf_printf(out, ",\"inputRowsPerSecond\":%.1f,\"processedRowsPerSecond\":%.1f", input,
                   processed);
}

static void add_offset(lv_sbuf *out, const char *name, lv_str json)
{
    lv_sbuf_printf(out, ",\"%s\":", name);
    lv_sbuf_add_str(out, json.ptr ? json : LV_STR("null"));
}

static void add_source(const lv_progress *p, const lv_source_progress *source, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, "{\"description\":");
    lv_sbuf_add_json_string(out, source->description);
    add_offset(out, "startOffset", source->start);
    add_offset(out, "endOffset", source->end);
    add_offset(out, "latestOffset", source->latest);
    lv_sbuf_printf(out, ",\"numInputRows\":%lld", (long long)source->input_rows);
    add_rates(p, source->input_rows, out);
    lv_sbuf_add_char(out, '}');
}

/* Ours: Spark has no expectations. */
static void add_expectations(const lv_progress *p, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, ",\"expectations\":{");
    for (int i = 0; i < p->expectation_count; i++) {
        const lv_expectation_progress *e = &p->expectations[i];
        lv_sbuf_add_cstr(out, i > 0 ? "," : "");
        lv_sbuf_add_json_string(out, e->name);
        lv_sbuf_printf(out, ":{\"passed\":%lld,\"failed\":%lld,\"action\":\"%s\"}",
                       (long long)e->passed, (long long)e->failed, e->action);
    }
    lv_sbuf_add_char(out, '}');
}

void lv_progress_print_json(const lv_progress *p, lv_sbuf *out)
{
    lv_sbuf_printf(out, "{\"id\":\"%s\",\"runId\":\"%s\",\"name\":", p->id, p->run_id);
    if (p->name)
        lv_sbuf_add_json_string(out, lv_str_of(p->name));
    else
        lv_sbuf_add_cstr(out, "null");
    lv_sbuf_add_cstr(out, ",\"timestamp\":");
    add_timestamp(out, p->timestamp_ms);
    int64_t rows = lv_progress_input_rows(p);
    lv_sbuf_printf(out, ",\"batchId\":%lld,\"batchDuration\":%lld,\"numInputRows\":%lld",
                   (long long)p->batch_id,
                   (long long)(p->phase_us[LV_PHASE_TRIGGER_EXECUTION] / 1000), (long long)rows);
    add_rates(p, rows, out);
    lv_sbuf_add_cstr(out, ",\"durationMs\":{");
    for (int i = 0; i < LV_PHASE_COUNT; i++)
        lv_sbuf_printf(out, "%s\"%s\":%lld", i ? "," : "", phase_names[i],
                       (long long)(p->phase_us[i] / 1000));
    lv_sbuf_add_char(out, '}');
    if (p->has_watermark) {
        lv_sbuf_add_cstr(out, ",\"eventTime\":{\"watermark\":");
        add_timestamp(out, p->watermark_ms);
        lv_sbuf_add_char(out, '}');
    }
    lv_sbuf_add_cstr(out, ",\"stateOperators\":[],\"sources\":[");
    for (int i = 0; i < p->source_count; i++) {
        if (i > 0)
            lv_sbuf_add_char(out, ',');
        add_source(p, &p->sources[i], out);
    }
    lv_sbuf_add_cstr(out, "],\"sink\":{\"description\":");
    lv_sbuf_add_json_string(out, p->sink_description);
    lv_sbuf_printf(out, ",\"numOutputRows\":%lld}", (long long)p->output_rows);
    if (p->expectation_count > 0)
        add_expectations(p, out);
    lv_sbuf_add_char(out, '}');
}
