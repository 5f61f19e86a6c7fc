/* delta_writer.c: data files of one thread: a Parquet writer per partition value, reused file after
 * file.
 *
 * Without partition columns every batch goes straight on. With them a batch is divided by its
 * partition values, and as many values as FILES_OPEN_MAX have a file open at once. To make room the
 * file longest without rows is ended, and the largest when all together hold too much in memory. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "delta/delta.h"
#include "delta/delta_path.h"
#include "delta/delta_stats.h"
#include "delta/partition_groups.h"
#include "os/os.h"

enum { FILES_OPEN_MAX = 32 };
static const int64_t OPEN_BYTES_MAX = 128 << 20;

/* A file being written. */
typedef struct open_file {
    lv_parquet_writer *parquet; /* kept when the file ends */
    lv_store_writer *out;       /* NULL: no file is open */
    int64_t size_bytes;         /* about, so far */
    lv_sbuf name;               /* in the store */
    lv_sbuf key;                /* partition values as text: finds the file */
    lv_sbuf folders;            /* "p=a/q=b/" */
    lv_sbuf values;             /* partitionValues JSON */
    uint64_t used_at;
} open_file;

struct lv_delta_writer {
    const lv_delta_write_plan *plan;
    int index;
    int file_number;
    uint64_t clock;
    int64_t open_bytes; /* of all open files */
    open_file files[FILES_OPEN_MAX];
    lv_arena arena; /* of adds, until finish */
    LV_VEC(lv_delta_add) adds;
    lv_arena scratch;    /* of one batch */
    int *stored_columns; /* those of file_schema, as indexes into the table's schema */
};

lv_status lv_delta_writer_new(const lv_delta_write_plan *plan, int index, lv_delta_writer **writer,
                              lv_error *err)
{
    lv_delta_writer *w = calloc(1, sizeof *w);
    LV_ASSERT(w != NULL);
    w->plan = plan;
    w->index = index;
    lv_arena_init(&w->arena);
    lv_arena_init(&w->scratch);
    w->stored_columns = calloc((size_t)plan->schema->field_count, sizeof(int));
    LV_ASSERT(w->stored_columns != NULL);
    for (int c = 0, n = 0; c < plan->schema->field_count; c++) {
        bool is_partition = false;
        for (int p = 0; p < plan->partition_count; p++)
            is_partition |= plan->partition_columns[p] == c;
        if (!is_partition)
            w->stored_columns[n++] = c;
    }
    *writer = w;
    return LV_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static lv_status write_sink(void *context, const void *bytes, size_t len, lv_error *err)
{
    return lv_store_write(((open_file *)context)->out, bytes, len, err);
}

static void name_file(lv_delta_writer *w, open_file *f)
{
    char uuid[37];
    lv_uuid_make(uuid);
    lv_sbuf_clear(&f->name);
    lv_sbuf_printf(&f->name, "%.*spart-%05d-%s.c%03d%s.parquet",
                   LV_STR_ARG(lv_sbuf_str(&f->folders)), w->index, uuid, w->file_number++ % 1000,
                   lv_parquet_codec_extension(w->plan->codec));
}

static lv_status begin_file(lv_delta_writer *w, open_file *f, lv_error *err)
{
    if (f->parquet == NULL) {
        lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
        options.codec = w->plan->codec;
        if (w->plan->partition_count > 0)
            options.row_group_bytes = 16 << 20; /* many are open at once */
        LV_TRY(lv_parquet_writer_new(&f->parquet, w->plan->file_schema, &options, err));
    }
    name_file(w, f);
    LV_TRY(lv_store_create(w->plan->store, f->name.ptr, LV_STORE_IN_PLACE, &f->out, err));
    f->size_bytes = 0;
    return lv_parquet_writer_open(f->parquet, (lv_parquet_sink){write_sink, f}, err);
}

/* Forgets the file as open; returns its handle. */
static lv_store_writer *take_out(lv_delta_writer *w, open_file *f)
{
    lv_store_writer *out = f->out;
    w->open_bytes -= out ? f->size_bytes : 0;
    f->out = NULL;
    return out;
}

static void note_add(lv_delta_writer *w, const open_file *f, const lv_parquet_file_info *info)
{
    lv_sbuf path = LV_SBUF_INIT, stats = LV_SBUF_INIT;
    lv_str values = f->values.len ? lv_sbuf_str(&f->values) : LV_STR("{}");
    lv_path_encode(lv_sbuf_str(&f->name), &path);
    lv_delta_stats_print(info, w->plan->indexed_leaves, w->plan->stats_prefix, &stats);
    lv_delta_add add = {lv_str_dup(&w->arena, lv_sbuf_str(&path)), lv_str_dup(&w->arena, values),
                        lv_str_dup(&w->arena, lv_sbuf_str(&stats)), info->size_bytes,
                        lv_now_us() / 1000};
    LV_VEC_PUSH(&w->arena, w->adds, add);
    lv_sbuf_release(&path);
    lv_sbuf_release(&stats);
}

static lv_status end_file(lv_delta_writer *w, open_file *f, lv_error *err)
{
    lv_parquet_file_info info;
    lv_status status = lv_parquet_writer_close(f->parquet, &info, err);
    if (status != LV_OK)
        return status; /* abort deletes it */
    status = lv_store_writer_finish(take_out(w, f), err);
    if (status == LV_OK)
        note_add(w, f, &info);
    return status;
}

static open_file *largest_file(lv_delta_writer *w)
{
    open_file *largest = NULL;
    for (int i = 0; i < FILES_OPEN_MAX; i++) {
        open_file *f = &w->files[i];
        if (f->out != NULL && (largest == NULL || f->size_bytes > largest->size_bytes))
            largest = f;
    }
    return largest;
}

static lv_status write_rows(lv_delta_writer *w, open_file *f, const lv_batch *batch, lv_error *err)
{
    if (f->out == NULL)
        LV_TRY(begin_file(w, f, err));
    f->used_at = ++w->clock;
    LV_TRY(lv_parquet_write(f->parquet, batch, err));
    int64_t size = lv_parquet_writer_size_bytes(f->parquet);
    w->open_bytes += size - f->size_bytes;
    f->size_bytes = size;
    if (size >= w->plan->file_bytes)
        return end_file(w, f, err);
    if (w->plan->partition_count > 0 && w->open_bytes > OPEN_BYTES_MAX)
        return end_file(w, largest_file(w), err);
    return LV_OK;
}

/* ---- partitions ------------------------------------------------------------------------------ */

/* The open file of a key; else a free one, or the one longest without rows, after ending it. */
static lv_status find_file(lv_delta_writer *w, lv_str key, open_file **found, lv_error *err)
{
    open_file *best = NULL;
    for (int i = 0; i < FILES_OPEN_MAX; i++) {
        open_file *f = &w->files[i];
        if (f->out != NULL && lv_str_eq(lv_sbuf_str(&f->key), key)) {
            *found = f;
            return LV_OK;
        }
        if (best == NULL || (best->out != NULL && (f->out == NULL || f->used_at < best->used_at)))
            best = f;
    }
    if (best->out != NULL)
        LV_TRY(end_file(w, best, err));
    *found = best;
    return LV_OK;
}

/* Partition values of a row as one text: each with its length before it, "-" for null. */
static void make_key(const lv_delta_write_plan *plan, const lv_batch *batch, int64_t row,
                     lv_sbuf *key)
{
    lv_sbuf text = LV_SBUF_INIT;
    for (int p = 0; p < plan->partition_count; p++) {
        lv_sbuf_clear(&text);
        if (lv_partition_value_print(&batch->columns[plan->partition_columns[p]], row, &text)) {
            lv_sbuf_printf(key, "%zu:", text.len);
            lv_sbuf_add_str(key, lv_sbuf_str(&text));
        } else {
            lv_sbuf_add_char(key, '-');
        }
    }
    lv_sbuf_release(&text);
}

/* Names the file's partition: folders, partitionValues and key. */
static void name_partition(lv_delta_writer *w, open_file *f, lv_str key, const lv_batch *batch,
                           int64_t row)
{
    const lv_delta_write_plan *plan = w->plan;
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_clear(&f->key);
    lv_sbuf_clear(&f->folders);
    lv_sbuf_clear(&f->values);
    lv_sbuf_add_str(&f->key, key);
    for (int p = 0; p < plan->partition_count; p++) {
        lv_str name = plan->schema->fields[plan->partition_columns[p]].name;
        lv_sbuf_clear(&text);
        bool has_value =
            lv_partition_value_print(&batch->columns[plan->partition_columns[p]], row, &text);
        lv_sbuf_add_char(&f->values, p ? ',' : '{');
        lv_sbuf_add_json_string(&f->values, name);
        lv_sbuf_add_char(&f->values, ':');
        lv_hive_escape(name, &f->folders);
        lv_sbuf_add_char(&f->folders, '=');
        if (has_value) {
            lv_sbuf_add_json_string(&f->values, lv_sbuf_str(&text));
            lv_hive_escape(lv_sbuf_str(&text), &f->folders);
        } else {
            lv_sbuf_add_cstr(&f->values, "null");
            lv_sbuf_add_cstr(&f->folders, "__HIVE_DEFAULT_PARTITION__");
        }
        lv_sbuf_add_char(&f->folders, '/');
    }
    lv_sbuf_add_char(&f->values, '}');
    lv_sbuf_release(&text);
}

static lv_status write_group(lv_delta_writer *w, const lv_batch *batch, const lv_batch *stored,
                             const lv_partition_group *group, lv_error *err)
{
    open_file *f;
    lv_sbuf key = LV_SBUF_INIT;
    make_key(w->plan, batch, group->rows.at[0], &key);
    lv_status status = find_file(w, lv_sbuf_str(&key), &f, err);
    if (status == LV_OK && f->out == NULL)
        name_partition(w, f, lv_sbuf_str(&key), batch, group->rows.at[0]);
    lv_sbuf_release(&key);
    LV_TRY(status);
    if ((int64_t)group->rows.count == batch->length)
        return write_rows(w, f, stored, err);
    lv_batch part = {.schema = stored->schema, .length = (int64_t)group->rows.count};
    part.columns = LV_NEW_ARRAY(&w->scratch, lv_vector, stored->schema->field_count);
    for (int c = 0; c < stored->schema->field_count; c++)
        lv_vector_take(&w->scratch, &stored->columns[c], group->rows.at, part.length,
                       &part.columns[c]);
    return write_rows(w, f, &part, err);
}

static lv_status write_partitioned(lv_delta_writer *w, const lv_batch *batch, lv_error *err)
{
    const lv_delta_write_plan *plan = w->plan;
    lv_batch stored = {.schema = plan->file_schema,
                       .length = batch->length,
                       .columns =
                           LV_NEW_ARRAY(&w->scratch, lv_vector, plan->file_schema->field_count)};
    for (int c = 0; c < plan->file_schema->field_count; c++)
        stored.columns[c] = batch->columns[w->stored_columns[c]];
    lv_partition_groups groups;
    lv_partition_divide(&w->scratch, batch, plan->partition_columns, plan->partition_count,
                        &groups);
    for (size_t g = 0; g < groups.count; g++)
        LV_TRY(write_group(w, batch, &stored, &groups.at[g], err));
    return LV_OK;
}

lv_status lv_delta_write(lv_delta_writer *w, const lv_batch *batch, lv_error *err)
{
    if (batch->length == 0)
        return LV_OK;
    if (w->plan->partition_count == 0)
        return write_rows(w, &w->files[0], batch, err);
    lv_arena_reset(&w->scratch);
    return write_partitioned(w, batch, err);
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void forget_adds(lv_delta_writer *w)
{
    w->adds.at = NULL;
    w->adds.count = w->adds.capacity = 0;
    lv_arena_reset(&w->arena);
}

lv_status lv_delta_writer_finish(lv_delta_writer *w, lv_arena *arena, lv_delta_add **adds,
                                 int64_t *count, lv_error *err)
{
    for (int i = 0; i < FILES_OPEN_MAX; i++)
        if (w->files[i].out != NULL)
            LV_TRY(end_file(w, &w->files[i], err));
    *count = (int64_t)w->adds.count;
    *adds = LV_NEW_ARRAY(arena, lv_delta_add, w->adds.count);
    for (size_t i = 0; i < w->adds.count; i++) {
        lv_delta_add *add = &(*adds)[i];
        *add = w->adds.at[i];
        add->path = lv_str_dup(arena, add->path);
        add->partition_values = lv_str_dup(arena, add->partition_values);
        add->stats = lv_str_dup(arena, add->stats);
    }
    forget_adds(w);
    return LV_OK;
}

void lv_delta_writer_abort(lv_delta_writer *w)
{
    for (int i = 0; i < FILES_OPEN_MAX; i++)
        lv_store_writer_abort(take_out(w, &w->files[i]));
    for (size_t i = 0; i < w->adds.count; i++) {
        lv_str name = lv_path_key(&w->arena, w->adds.at[i].path);
        lv_status status = lv_store_remove(w->plan->store, lv_str_cstr(&w->arena, name), NULL);
        (void)status; /* an orphan is harmless: VACUUM's work */
    }
    forget_adds(w);
}

void lv_delta_writer_free(lv_delta_writer *w)
{
    if (w == NULL)
        return;
    lv_delta_writer_abort(w);
    for (int i = 0; i < FILES_OPEN_MAX; i++) {
        open_file *f = &w->files[i];
        if (f->parquet != NULL)
            lv_parquet_writer_free(f->parquet);
        lv_sbuf_release(&f->name);
        lv_sbuf_release(&f->key);
        lv_sbuf_release(&f->folders);
        lv_sbuf_release(&f->values);
    }
    lv_arena_release(&w->arena);
    lv_arena_release(&w->scratch);
    free(w->stored_columns);
    free(w);
}
