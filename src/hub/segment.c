/* segment.c: a log file with its two indexes. */
#include "hub/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "os/os.h"

enum {
    INDEX_INTERVAL = 4096,
    WALK_CHUNK = 8 * 1024,
    SCAN_CHUNK = 1024 * 1024,
    /* More log than this behind the last index entry means that entries are missing. */
    INDEX_GAP_MAX = 64 * 1024 * 1024,
};

/* ---- reading --------------------------------------------------------------------------------- */

/* A window of the file that moves forward. */
typedef struct log_reader {
    const lv_segment *segment;
    size_t chunk;
    lv_sbuf window;
    int64_t window_start;
} log_reader;

/* `len` bytes at `position`, which the caller knows to be inside the file; valid until the next call. */
static lv_status read_at(log_reader *reader, int64_t position, size_t len, const uint8_t **bytes,
                         lv_error *err)
{
    int64_t window_end = reader->window_start + (int64_t)reader->window.len;
    if (position < reader->window_start || position + (int64_t)len > window_end) {
        int64_t left = reader->segment->size_bytes - position;
        size_t want = LV_MAX(len, (size_t)LV_MIN((int64_t)reader->chunk, left));
        lv_sbuf_clear(&reader->window);
        char *room = lv_sbuf_reserve(&reader->window, want);
        LV_TRY(
            lv_file_pread(reader->segment->fd, reader->segment->path, room, want, position, err));
        reader->window.len = want;
        reader->window_start = position;
    }
    *bytes = (const uint8_t *)reader->window.ptr + (position - reader->window_start);
    return LV_OK;
}

/* The batch header at `position`; `*whole` is false where no whole batch can be. */
static lv_status read_batch(log_reader *reader, int64_t position, lv_stored_batch *batch,
                            bool *whole, lv_error *err)
{
    *whole = false;
    int64_t left = reader->segment->size_bytes - position;
    if (left < LV_BATCH_HEADER_SIZE)
        return LV_OK;
    const uint8_t *bytes;
    LV_TRY(read_at(reader, position, LV_BATCH_HEADER_SIZE, &bytes, err));
    *whole = lv_stored_batch_read(bytes, batch) && batch->size_bytes <= left;
    return LV_OK;
}

/* As read_batch inside a log that was found good, so that anything but a batch is damage. */
static lv_status expect_batch(log_reader *reader, int64_t position, lv_stored_batch *batch,
                              lv_error *err)
{
    bool whole;
    LV_TRY(read_batch(reader, position, batch, &whole, err));
    if (!whole)
        return LV_FAIL(err, LV_CORRUPT, "%s: no record batch at position %" PRId64,
                       reader->segment->path, position);
    return LV_OK;
}

/* Visits batch headers from `position` on until the end of the segment. */
static lv_status walk_from(lv_segment *segment, int64_t position, lv_segment_visit visit, void *arg,
                           lv_error *err)
{
    log_reader reader = {.segment = segment, .chunk = WALK_CHUNK};
    lv_status status = LV_OK;
    while (position < segment->size_bytes) {
        lv_stored_batch batch;
        if ((status = expect_batch(&reader, position, &batch, err)) != LV_OK)
            break;
        visit(arg, position, &batch);
        position += batch.size_bytes;
    }
    lv_sbuf_release(&reader.window);
    return status;
}

/* ---- indexes --------------------------------------------------------------------------------- */

/* Accounts for a batch at `position`; every few KiB one goes into the indexes. */
static void note_batch(lv_segment *segment, int64_t position, const lv_stored_batch *batch)
{
    segment->next_offset = lv_stored_batch_next_offset(batch);
    segment->timestamp_max = LV_MAX(segment->timestamp_max, batch->timestamp_max);
    if (position - segment->indexed_bytes < INDEX_INTERVAL)
        return;
    int32_t relative_offset = (int32_t)(segment->next_offset - 1 - segment->base_offset);
    lv_sparse_index_append(&segment->offsets, relative_offset, (int32_t)position);
    lv_sparse_index_append(&segment->times, segment->timestamp_max, relative_offset);
    segment->indexed_bytes = position;
}

static void visit_note(void *arg, int64_t position, const lv_stored_batch *batch)
{
    note_batch(arg, position, batch);
}

static lv_status open_indexes(lv_segment *segment, lv_error *err)
{
    LV_TRY(lv_sparse_index_open(&segment->offsets, true, err));
    return lv_sparse_index_open(&segment->times, true, err);
}

void lv_segment_seal(lv_segment *segment)
{
    if (segment->size_bytes > 0) {
        int32_t relative_offset = (int32_t)(segment->next_offset - 1 - segment->base_offset);
        lv_sparse_index_append(&segment->times, segment->timestamp_max, relative_offset);
    }
    lv_sparse_index_seal(&segment->offsets);
    lv_sparse_index_seal(&segment->times);
    lv_segment_unload(segment);
}

void lv_segment_unload(lv_segment *segment)
{
    lv_sparse_index_unload(&segment->offsets);
    lv_sparse_index_unload(&segment->times);
}

static lv_status rebuild_indexes(lv_segment *segment, lv_error *err)
{
    lv_segment_unload(segment);
    segment->indexed_bytes = 0;
    LV_TRY(open_indexes(segment, err));
    lv_status status = walk_from(segment, 0, visit_note, segment, err);
    lv_segment_seal(segment);
    return status;
}

static bool indexes_fit(lv_segment *segment)
{
    if (lv_sparse_index_load(&segment->offsets, NULL) != LV_OK ||
        lv_sparse_index_load(&segment->times, NULL) != LV_OK)
        return false;
    lv_index_entry last = {0, 0};
    if (lv_sparse_index_last(&segment->offsets, &last) &&
        (last.value >= segment->size_bytes ||
         segment->base_offset + last.key >= segment->next_offset))
        return false;
    if (segment->size_bytes - last.value > INDEX_GAP_MAX)
        return false;
    return segment->size_bytes == 0 || lv_sparse_index_last(&segment->times, &last);
}

/* Indexes of a sealed segment are read when first needed. */
static lv_status load_indexes(lv_segment *segment, lv_error *err)
{
    if (segment->offsets.entries && segment->times.entries)
        return LV_OK;
    if (indexes_fit(segment))
        return LV_OK;
    LV_TRY(rebuild_indexes(segment, err));
    LV_TRY(lv_sparse_index_load(&segment->offsets, err));
    return lv_sparse_index_load(&segment->times, err);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void init_index(lv_sparse_index *index, const char *dir, int64_t base_offset,
                       const char *suffix, uint8_t key_size)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_sparse_index_init(
        index, lv_arena_printf(&arena, "%s/%020" PRId64 "%s", dir, base_offset, suffix), key_size);
    lv_arena_release(&arena);
}

lv_status lv_segment_open(const char *dir, int64_t base_offset, lv_segment **segment, lv_error *err)
{
    lv_segment *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    *s = (lv_segment){.base_offset = base_offset,
                      .next_offset = base_offset,
                      .timestamp_max = -1,
                      .fd = -1,
                      .refs = 1};
    int made = asprintf(&s->path, "%s/%020" PRId64 ".log", dir, base_offset);
    LV_ASSERT(made > 0);
    init_index(&s->offsets, dir, base_offset, ".index", sizeof(int32_t));
    init_index(&s->times, dir, base_offset, ".timeindex", sizeof(int64_t));
    lv_status status = lv_file_open(s->path, O_RDWR | O_CREAT, &s->fd, err);
    if (status == LV_OK)
        status = lv_file_size(s->fd, s->path, &s->size_bytes, err);
    if (status != LV_OK) {
        lv_segment_unref(s);
        return status;
    }
    *segment = s;
    return LV_OK;
}

lv_status lv_segment_load(lv_segment *segment, int64_t next_offset, lv_error *err)
{
    segment->next_offset = next_offset;
    LV_TRY(load_indexes(segment, err));
    lv_index_entry last;
    if (lv_sparse_index_last(&segment->times, &last))
        segment->timestamp_max = last.key;
    segment->next_offset = next_offset;
    lv_segment_unload(segment);
    return LV_OK;
}

lv_status lv_segment_recover(lv_segment *segment, bool trusted, int64_t *torn_bytes, lv_error *err)
{
    LV_TRY(open_indexes(segment, err));
    log_reader reader = {.segment = segment, .chunk = trusted ? WALK_CHUNK : SCAN_CHUNK};
    int64_t position = 0;
    lv_status status = LV_OK;
    for (;;) {
        lv_stored_batch batch;
        bool good;
        if ((status = read_batch(&reader, position, &batch, &good, err)) != LV_OK)
            goto out;
        if (!good || batch.base_offset < segment->next_offset)
            break;
        const uint8_t *bytes;
        if (!trusted) {
            if ((status = read_at(&reader, position, (size_t)batch.size_bytes, &bytes, err)) !=
                LV_OK)
                goto out;
            if (!lv_stored_batch_crc_fits(bytes, &batch))
                break;
        }
        note_batch(segment, position, &batch);
        position += batch.size_bytes;
    }
    if (position < segment->size_bytes && ftruncate(segment->fd, position) != 0) {
        status =
            LV_FAIL(err, LV_IO, "cannot truncate %s: %s", segment->path, strerrordesc_np(errno));
        goto out;
    }
    *torn_bytes = segment->size_bytes - position;
    segment->size_bytes = position;
out:
    lv_sbuf_release(&reader.window);
    return status;
}

lv_status lv_segment_append(lv_segment *segment, lv_str bytes, const lv_stored_batch *batch,
                            lv_error *err)
{
    LV_ASSERT(batch->base_offset == segment->next_offset);
    size_t done = 0;
    while (done < bytes.len) {
        ssize_t n = pwrite(segment->fd, bytes.ptr + done, bytes.len - done,
                           segment->size_bytes + (int64_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int cause = errno;
            /* If this fails too, recovery will find the torn batch; appending goes over it. */
            int cut = ftruncate(segment->fd, segment->size_bytes);
            (void)cut;
            return LV_FAIL(err, LV_IO, "cannot write %s: %s", segment->path,
                           strerrordesc_np(cause));
        }
        done += (size_t)n;
    }
    note_batch(segment, segment->size_bytes, batch);
    segment->size_bytes += (int64_t)bytes.len;
    return LV_OK;
}

lv_segment *lv_segment_ref(lv_segment *segment)
{
    segment->refs++;
    return segment;
}

void lv_segment_unref(lv_segment *segment)
{
    if (segment == NULL || --segment->refs > 0)
        return;
    if (segment->fd >= 0)
        close(segment->fd);
    lv_sparse_index_release(&segment->offsets);
    lv_sparse_index_release(&segment->times);
    free(segment->path);
    free(segment);
}

void lv_segment_remove(lv_segment *segment)
{
    /* The log goes last: without it the indexes mean nothing, with it they can be made again. */
    unlink(segment->offsets.path);
    unlink(segment->times.path);
    unlink(segment->path);
}

/* ---- lookups --------------------------------------------------------------------------------- */

/* Where to begin walking for the batch that holds `offset`. */
static int64_t index_position(const lv_segment *segment, int64_t offset)
{
    lv_index_entry entry;
    bool found =
        lv_sparse_index_floor_key(&segment->offsets, offset - segment->base_offset, &entry);
    return found ? entry.value : 0;
}

lv_status lv_segment_walk(lv_segment *segment, int64_t from, lv_segment_visit visit, void *arg,
                          lv_error *err)
{
    bool found;
    int64_t position;
    lv_stored_batch batch;
    LV_TRY(lv_segment_find(segment, from, &found, &position, &batch, err));
    return found ? walk_from(segment, position, visit, arg, err) : LV_OK;
}

/* The first batch from `position` on that ends at or after `offset` and is as new as `timestamp_ms`. */
static lv_status find_from(lv_segment *segment, int64_t position, int64_t offset,
                           int64_t timestamp_ms, bool *found, int64_t *at, lv_stored_batch *batch,
                           lv_error *err)
{
    log_reader reader = {.segment = segment, .chunk = WALK_CHUNK};
    lv_status status = LV_OK;
    *found = false;
    while (position < segment->size_bytes) {
        if ((status = expect_batch(&reader, position, batch, err)) != LV_OK)
            break;
        if (lv_stored_batch_next_offset(batch) > offset && batch->timestamp_max >= timestamp_ms) {
            *found = true;
            *at = position;
            break;
        }
        position += batch->size_bytes;
    }
    lv_sbuf_release(&reader.window);
    return status;
}

lv_status lv_segment_find(lv_segment *segment, int64_t offset, bool *found, int64_t *position,
                          lv_stored_batch *batch, lv_error *err)
{
    LV_TRY(load_indexes(segment, err));
    return find_from(segment, index_position(segment, offset), offset, INT64_MIN, found, position,
                     batch, err);
}

lv_status lv_segment_find_time(lv_segment *segment, int64_t timestamp_ms, bool *found,
                               int64_t *position, lv_stored_batch *batch, lv_error *err)
{
    LV_TRY(load_indexes(segment, err));
    /* Everything up to the last entry that is older is older too. */
    lv_index_entry entry;
    int64_t from = 0;
    if (lv_sparse_index_floor_key(&segment->times, timestamp_ms - 1, &entry))
        from = index_position(segment, segment->base_offset + entry.value);
    return find_from(segment, from, INT64_MIN, timestamp_ms, found, position, batch, err);
}

lv_status lv_segment_find_end(lv_segment *segment, int64_t from, int64_t limit, int64_t *end,
                              lv_error *err)
{
    if (limit >= segment->size_bytes) {
        *end = segment->size_bytes;
        return LV_OK;
    }
    LV_TRY(load_indexes(segment, err));
    lv_index_entry entry;
    int64_t position = from;
    if (lv_sparse_index_floor_value(&segment->offsets, (int32_t)limit, &entry))
        position = LV_MAX(position, entry.value);
    log_reader reader = {.segment = segment, .chunk = WALK_CHUNK};
    lv_status status;
    for (;;) {
        lv_stored_batch batch;
        status = expect_batch(&reader, position, &batch, err);
        if (status != LV_OK || position + batch.size_bytes > limit)
            break;
        position += batch.size_bytes;
    }
    lv_sbuf_release(&reader.window);
    if (status == LV_OK)
        *end = position;
    return status;
}
