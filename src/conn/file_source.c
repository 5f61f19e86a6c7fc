/* file_source.c: files that arrive in a folder, as a stream: Spark's FileStreamSource.
 *
 * When the driver asks how far a batch may read, the source lists the folder, takes the files it has not seen, oldest
 * first, within the limits, and writes them to its log; the offset is the log's newest batch. So what a batch reads is
 * on disk before the query's own offset is, and a batch that is repeated reads the same files. */
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "base/path.h"
#include "base/vec.h"
#include "column/vector.h"
#include "conn/conn_int.h"
#include "conn/file_log.h"
#include "files/files.h"
#include "os/os.h"
#include "json/json.h"

enum {
    POLL_US = 50000,
    ROW_BYTES = 100, /* about what a row takes, to share work out */
};

typedef struct file_limits {
    int64_t max_files, max_bytes; /* 0: none */
    bool latest_first, file_name_only;
    int64_t max_age_ms;
} file_limits;

typedef struct file_source {
    lv_source base;
    lv_arena arena;
    lv_arena work; /* of one call */
    lv_str description;
    lv_file_relation *relation;
    file_limits limits;
    lv_file_log *log;
    lv_dict *seen; /* paths or names of files taken; seen_ms by their codes */
    LV_VEC(int64_t) seen_ms;
    int64_t newest_ms, too_old_ms;
    lv_arena frozen_arena;
    lv_file *frozen; /* available now: all files there will be */
    int frozen_count;
    bool is_frozen, no_limit;
} file_source;

/* ---- options --------------------------------------------------------------------------------- */

static lv_status read_count(const lv_options *options, const char *name, int64_t *out,
                            lv_error *err)
{
    lv_str text = lv_option_get(options, name, LV_STR_NONE);
    *out = 0;
    if (text.ptr != NULL && (!lv_str_to_i64(text, out) || *out <= 0))
        return LV_FAIL(err, LV_USAGE,
                       "Invalid value '%.*s' for option '%s', must be a positive integer",
                       LV_STR_ARG(text), name);
    return LV_OK;
}

static lv_status read_flag(const lv_options *options, const char *name, bool *out, lv_error *err)
{
    lv_str text = lv_option_get(options, name, LV_STR("false"));
    *out = lv_str_eq_nocase(text, LV_STR("true"));
    if (!*out && !lv_str_eq_nocase(text, LV_STR("false")))
        return LV_FAIL(err, LV_USAGE, "Invalid value '%.*s' for option '%s', must be true or false",
                       LV_STR_ARG(text), name);
    return LV_OK;
}

/* A number and a unit, as in 7d, 10min, 30s. */
static lv_status read_age(const lv_options *options, int64_t *ms, lv_error *err)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000}, {"min", 60000},
                 {"h", 3600000}, {"d", 86400000}, {"", 1}};
    lv_str text = lv_str_trim(lv_option_get(options, "maxFileAge", LV_STR("7d")));
    size_t digits = 0;
    int64_t number;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    lv_str unit = lv_str_trim(lv_str_sub(text, digits, text.len - digits));
    if (lv_str_to_i64(lv_str_sub(text, 0, digits), &number))
        for (size_t i = 0; i < LV_COUNT_OF(units); i++)
            if (lv_str_eq_nocase(unit, lv_str_of(units[i].unit)) &&
                !__builtin_mul_overflow(number, units[i].ms, ms))
                return LV_OK;
    return LV_FAIL(err, LV_USAGE, "Invalid value '%.*s' for option 'maxFileAge', must be like 7d",
                   LV_STR_ARG(text));
}

static lv_status read_limits(const lv_options *options, file_limits *limits, lv_error *err)
{
    LV_TRY(read_count(options, "maxFilesPerTrigger", &limits->max_files, err));
    LV_TRY(read_count(options, "maxBytesPerTrigger", &limits->max_bytes, err));
    LV_TRY(read_flag(options, "latestFirst", &limits->latest_first, err));
    LV_TRY(read_flag(options, "fileNameOnly", &limits->file_name_only, err));
    LV_TRY(read_age(options, &limits->max_age_ms, err));
    bool is_limited = limits->max_files > 0 || limits->max_bytes > 0;
    if (limits->max_files > 0 && limits->max_bytes > 0)
        return LV_FAIL(err, LV_USAGE,
                       "Options 'maxFilesPerTrigger' and 'maxBytesPerTrigger' can't be both set at "
                       "the same time");
    if (limits->latest_first && is_limited) /* else what waits would grow too old to be read */
        limits->max_age_ms = INT64_MAX;
    return LV_OK;
}

/* ---- schema ---------------------------------------------------------------------------------- */

/* A schema that was inferred stays as it is: the first run leaves it beside its log, where Spark does not look. */
static const char *schema_path(lv_arena *arena, const char *log_dir)
{
    return lv_path_join(arena, log_dir, "_schema.json");
}

/* The options, with the schema that an earlier run inferred. */
static lv_status with_kept_schema(lv_arena *arena, const lv_options *options, const char *log_dir,
                                  lv_options *out, lv_error *err)
{
    *out = *options;
    if (log_dir == NULL || lv_option_get(options, "schema", LV_STR_NONE).len > 0 ||
        !lv_path_exists(schema_path(arena, log_dir)))
        return LV_OK;
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(schema_path(arena, log_dir), &text, err);
    lv_option *items = LV_NEW_ARRAY(arena, lv_option, options->count + 1);
    for (int i = 0; i < options->count; i++)
        items[i] = options->items[i];
    items[options->count] =
        (lv_option){LV_STR("schema"), lv_str_dup(arena, lv_sbuf_str(&text)), -1};
    *out = (lv_options){items, options->count + 1};
    lv_sbuf_release(&text);
    return status;
}

static lv_status keep_schema(lv_arena *arena, const lv_options *options,
                             const lv_source_context *context, lv_error *err)
{
    const lv_type *schema = context->schema;
    int count = schema->field_count;
    const char *path = schema_path(arena, context->log_dir);
    if (lv_option_get(options, "schema", LV_STR_NONE).len > 0 || lv_path_exists(path))
        return LV_OK;
    while (count > 0 && lv_str_is(schema->fields[count - 1].metadata, LV_HIDDEN_COLUMN))
        count--;
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_json(lv_type_struct(arena, schema->fields, count), &text);
    lv_status status = lv_dir_make(context->log_dir, err);
    if (status == LV_OK)
        status = lv_file_publish(path, text.ptr, text.len, true, context->durable, err);
    lv_sbuf_release(&text);
    return status;
}

static lv_status files_schema(lv_arena *arena, const lv_options *options, const char *log_dir,
                              const lv_type **schema, lv_error *err)
{
    file_limits limits;
    lv_options own;
    lv_file_relation *relation;
    LV_TRY(lv_file_options_check(options, err));
    LV_TRY(read_limits(options, &limits, err));
    LV_TRY(with_kept_schema(arena, options, log_dir, &own, err));
    LV_TRY(lv_file_relation_open(LV_STR_NONE, &own, NULL, LV_FILES_STREAM, &relation, err));
    *schema = lv_type_copy(arena, lv_file_relation_schema(relation));
    lv_file_relation_close(relation);
    return LV_OK;
}

/* ---- files seen ------------------------------------------------------------------------------ */

static lv_str seen_key(const file_source *s, lv_str uri)
{
    size_t begin = s->limits.file_name_only ? uri.len : 0;
    while (begin > 0 && uri.ptr[begin - 1] != '/')
        begin--;
    return lv_str_sub(uri, begin, uri.len - begin);
}

static void add_seen(file_source *s, lv_str uri, int64_t timestamp_ms)
{
    uint32_t code = lv_dict_intern(s->seen, seen_key(s, uri));
    if (code == s->seen_ms.count)
        LV_VEC_PUSH(&s->arena, s->seen_ms, timestamp_ms);
    s->seen_ms.at[code] = timestamp_ms;
    s->newest_ms = LV_MAX(s->newest_ms, timestamp_ms);
}

/* From now on files older than the newest by more than maxFileAge are neither read nor remembered. */
static void forget_old(file_source *s)
{
    if (s->limits.max_age_ms < INT64_MAX)
        s->too_old_ms = LV_MAX(s->too_old_ms, s->newest_ms - s->limits.max_age_ms);
}

/* Looking up a file that is new adds it to the dictionary, as one seen before all time. */
static bool is_new(file_source *s, lv_str uri, int64_t timestamp_ms)
{
    if (timestamp_ms < s->too_old_ms)
        return false;
    uint32_t code = lv_dict_intern(s->seen, seen_key(s, uri));
    if (code == s->seen_ms.count)
        LV_VEC_PUSH(&s->arena, s->seen_ms, INT64_MIN);
    return s->seen_ms.at[code] == INT64_MIN || s->seen_ms.at[code] < s->too_old_ms;
}

static lv_str uri_of(lv_arena *arena, lv_str path)
{
    lv_sbuf uri = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&uri, "file://");
    lv_path_encode(path, &uri);
    lv_str copy = lv_str_dup(arena, lv_sbuf_str(&uri));
    lv_sbuf_release(&uri);
    return copy;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void files_close(lv_source *base)
{
    file_source *s = (file_source *)base;
    lv_file_log_close(s->log);
    lv_file_relation_close(s->relation);
    lv_dict_free(s->seen);
    lv_arena_release(&s->frozen_arena);
    lv_arena_release(&s->work);
    lv_arena_release(&s->arena);
    free(s);
}

static lv_status open_files(file_source *s, const lv_options *options,
                            const lv_source_context *context, lv_error *err)
{
    LV_ASSERT(context != NULL && context->log_dir != NULL);
    LV_TRY(read_limits(options, &s->limits, err));
    LV_TRY(lv_file_relation_open(LV_STR_NONE, options, context->schema, LV_FILES_STREAM,
                                 &s->relation, err));
    lv_str location = lv_file_relation_location(s->relation);
    s->description =
        lv_str_of(lv_arena_printf(&s->arena, "FileStreamSource[%.*s]", LV_STR_ARG(location)));
    LV_TRY(keep_schema(&s->arena, options, context, err));
    LV_TRY(lv_file_log_open(context->log_dir, context->durable, &s->log, err));
    int64_t count;
    const lv_logged_file *taken = lv_file_log_entries(s->log, &count);
    for (int64_t i = 0; i < count; i++)
        add_seen(s, taken[i].path, taken[i].timestamp_ms);
    forget_old(s);
    return LV_OK;
}

static lv_status files_open(const lv_options *options, const lv_source_context *context,
                            lv_source **source, lv_error *err)
{
    file_source *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    lv_arena_init(&s->arena);
    lv_arena_init(&s->work);
    lv_arena_init(&s->frozen_arena);
    s->seen = lv_dict_new();
    s->too_old_ms = INT64_MIN;
    lv_status status = open_files(s, options, context, err);
    if (status != LV_OK) {
        files_close(&s->base);
        return status;
    }
    *source = &s->base;
    return LV_OK;
}

static lv_str files_description(const lv_source *base)
{
    return ((const file_source *)base)->description;
}

/* ---- offsets --------------------------------------------------------------------------------- */

static lv_status parse_offset(file_source *s, lv_str json, int64_t *offset, lv_error *err)
{
    lv_json *root;
    *offset = -1;
    if (json.len == 0)
        return LV_OK;
    bool good = lv_json_parse(&s->work, lv_str_dup(&s->work, json), &root, NULL) == LV_OK;
    good = good && (root->kind == LV_JSON_OBJECT ? lv_json_get_i64(root, "logOffset", offset)
                                                 : lv_json_to_i64(root, offset)); /* Spark 2.0 */
    if (!good)
        return LV_FAIL(err, LV_MALFORMED_LOG_FILE,
                       "the offset of a stream of files is {\"logOffset\":N}, not %.*s",
                       LV_STR_ARG(json));
    return LV_OK;
}

static int by_age(const void *a, const void *b)
{
    const lv_file *x = a, *y = b;
    int order = (x->modified_ms > y->modified_ms) - (x->modified_ms < y->modified_ms);
    return order != 0 ? order : lv_str_cmp(x->path, y->path);
}

static int by_youth(const void *a, const void *b)
{
    return by_age(b, a);
}

/* The files that no batch has taken, in the order in which they are to be. */
static lv_status find_new(file_source *s, lv_file **files, int *count, lv_error *err)
{
    lv_file *found = s->frozen;
    int n = s->frozen_count;
    if (!s->is_frozen)
        LV_TRY(lv_file_relation_list(s->relation, &s->work, &found, &n, err));
    *files = LV_NEW_ARRAY(&s->work, lv_file, n);
    *count = 0;
    for (int i = 0; i < n; i++)
        if (is_new(s, uri_of(&s->work, found[i].path), found[i].modified_ms))
            (*files)[(*count)++] = found[i];
    if (*count > 1)
        qsort(*files, (size_t)*count, sizeof(lv_file), s->limits.latest_first ? by_youth : by_age);
    return LV_OK;
}

/* How many of them one batch takes: at least one. */
static int within_limits(const file_source *s, const lv_file *files, int count)
{
    int64_t bytes = 0;
    if (s->no_limit)
        return count;
    if (s->limits.max_files > 0)
        return (int)LV_MIN((int64_t)count, s->limits.max_files);
    for (int i = 0; s->limits.max_bytes > 0 && i < count; i++) {
        bytes += files[i].size_bytes;
        if (i > 0 && bytes > s->limits.max_bytes)
            return i;
    }
    return count;
}

static lv_status take(file_source *s, const lv_file *files, int count, lv_error *err)
{
    lv_logged_file *taken = LV_NEW_ARRAY(&s->work, lv_logged_file, count);
    for (int i = 0; i < count; i++)
        taken[i] = (lv_logged_file){uri_of(&s->work, files[i].path), files[i].modified_ms, 0};
    LV_TRY(lv_fault_point("files.before_log", err));
    LV_TRY(lv_file_log_add(s->log, taken, count, err));
    LV_TRY(lv_fault_point("files.after_log", err));
    for (int i = 0; i < count; i++)
        add_seen(s, taken[i].path, taken[i].timestamp_ms);
    forget_old(s);
    return LV_OK;
}

static lv_status files_prepare_available_now(lv_source *base, bool no_limit, lv_error *err)
{
    file_source *s = (file_source *)base;
    LV_TRY(lv_file_relation_list(s->relation, &s->frozen_arena, &s->frozen, &s->frozen_count, err));
    s->is_frozen = true;
    s->no_limit = no_limit;
    return LV_OK;
}

static lv_status files_end_offset(lv_source *base, lv_str start, lv_sbuf *end, lv_sbuf *latest,
                                  lv_error *err)
{
    file_source *s = (file_source *)base;
    lv_file *files;
    int count;
    int64_t begin;
    lv_arena_reset(&s->work);
    LV_TRY(parse_offset(s, start, &begin, err));
    LV_TRY(find_new(s, &files, &count, err));
    count = within_limits(s, files, count);
    if (count > 0)
        LV_TRY(take(s, files, count, err));
    int64_t offset = LV_MAX(lv_file_log_latest(s->log), begin);
    if (offset >= 0)
        lv_sbuf_printf(end, "{\"logOffset\":%lld}", (long long)offset);
    return LV_OK;
}

static lv_status files_wait_for_data(lv_source *base, lv_str position, int64_t timeout_ms,
                                     lv_error *err)
{
    file_source *s = (file_source *)base;
    int64_t deadline_ns = lv_mono_ns() + timeout_ms * 1000000;
    for (;;) {
        lv_file *files;
        int count = 0;
        int64_t began_ns = lv_mono_ns();
        lv_arena_reset(&s->work);
        LV_TRY(find_new(s, &files, &count, err));
        if (count > 0)
            return LV_OK;
        /* A large folder takes a while to list: most of the time is spent waiting even so. */
        int64_t now_ns = lv_mono_ns(), pause_us = (now_ns - began_ns) / 1000 * 4;
        pause_us = LV_MIN(LV_MAX(pause_us, (int64_t)POLL_US), (deadline_ns - now_ns) / 1000);
        if (pause_us <= 0)
            return LV_OK;
        lv_sleep_us(pause_us);
    }
}

/* A file that is gone has no rows, as in Spark. */
static lv_status files_split(lv_source *base, lv_str start, lv_str end, lv_arena *arena,
                             lv_split **splits, int *count, lv_error *err)
{
    file_source *s = (file_source *)base;
    int64_t from, until, total;
    lv_arena_reset(&s->work);
    LV_TRY(parse_offset(s, start, &from, err));
    LV_TRY(parse_offset(s, end, &until, err));
    const lv_logged_file *taken = lv_file_log_entries(s->log, &total);
    LV_VEC(lv_split) found = {0};
    for (int64_t i = 0; i < total; i++) {
        if (taken[i].batch_id <= from || taken[i].batch_id > until)
            continue;
        lv_file file;
        lv_str path = lv_str_dup(arena, lv_path_key(&s->work, taken[i].path));
        lv_status status = lv_file_relation_find(s->relation, &s->work, path, &file, NULL);
        if (status == LV_NOT_FOUND) {
            lv_log(LV_LOG_WARN, "files", "file %.*s is gone before it was read", LV_STR_ARG(path));
            continue;
        }
        int64_t rows = status == LV_OK ? file.size_bytes / ROW_BYTES + 1 : 1;
        LV_VEC_PUSH(arena, found, (lv_split){path, 0, 0, rows});
    }
    *splits = found.at;
    *count = (int)found.count;
    return LV_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct file_source_reader {
    lv_source_reader base;
    const lv_file_relation *relation;
    lv_file_reader *reader; /* made when it is known which columns are wanted */
    lv_arena arena;         /* the files to read */
    lv_file *files;
    int count;
    bool begun;
} file_source_reader;

static lv_status files_reader_new(lv_source *base, lv_source_reader **reader, lv_error *err)
{
    file_source_reader *r = calloc(1, sizeof *r);
    LV_ASSERT(r != NULL);
    lv_arena_init(&r->arena);
    r->relation = ((file_source *)base)->relation;
    *reader = &r->base;
    return LV_OK;
}

static void files_reader_free(lv_source_reader *base)
{
    file_source_reader *r = (file_source_reader *)base;
    lv_file_reader_free(r->reader);
    lv_arena_release(&r->arena);
    free(r);
}

static lv_status files_reader_open(lv_source_reader *base, const lv_split *splits, int count,
                                   lv_error *err)
{
    file_source_reader *r = (file_source_reader *)base;
    if (r->reader != NULL)
        lv_file_reader_open(r->reader, NULL, 0);
    lv_arena_reset(&r->arena);
    r->files = LV_NEW_ARRAY(&r->arena, lv_file, count);
    r->count = 0;
    r->begun = false;
    for (int i = 0; i < count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_status status = lv_file_relation_find(r->relation, &r->arena, splits[i].name,
                                                 &r->files[r->count], &own);
        if (status != LV_OK && status != LV_NOT_FOUND)
            return LV_FAIL(err, status, "%s", own.message);
        r->count += status == LV_OK;
    }
    return LV_OK;
}

static lv_status files_reader_next(lv_source_reader *base, lv_arena *arena, const bool *wanted,
                                   lv_batch *batch, bool *done, lv_error *err)
{
    file_source_reader *r = (file_source_reader *)base;
    if (r->reader == NULL)
        LV_TRY(lv_file_reader_new(r->relation, wanted, NULL, &r->reader, err));
    if (!r->begun)
        lv_file_reader_open(r->reader, r->files, r->count);
    r->begun = true;
    return lv_file_reader_next(r->reader, arena, batch, done, err);
}

const lv_source_class lv_source_files = {.format = "files",
                                         .schema = files_schema,
                                         .open = files_open,
                                         .close = files_close,
                                         .description = files_description,
                                         .prepare_available_now = files_prepare_available_now,
                                         .end_offset = files_end_offset,
                                         .wait_for_data = files_wait_for_data,
                                         .split = files_split,
                                         .reader_new = files_reader_new,
                                         .reader_free = files_reader_free,
                                         .reader_open = files_reader_open,
                                         .reader_next = files_reader_next};
