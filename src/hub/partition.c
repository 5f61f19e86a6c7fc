/* partition.c: appending, reading, rolling, recovery and retention of one partition. */
#include "hub/partition.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "kafka/protocol.h"
#include "os/os.h"

#define LOG_SUFFIX             ".log"
#define PRODUCERS_SUFFIX       ".producers"
#define PRODUCER_EXPIRATION_MS ((int64_t)24 * 60 * 60 * 1000)
enum { PRODUCER_CHECK_MS = 10 * 60 * 1000 };

/* ---- segments -------------------------------------------------------------------------------- */

static void add_segment(lv_partition *partition, lv_segment *segment)
{
    if (partition->segment_count == partition->segment_capacity) {
        partition->segment_capacity = LV_MAX(partition->segment_capacity * 2, 8u);
        partition->segments = realloc(partition->segments,
                                      partition->segment_capacity * sizeof partition->segments[0]);
        LV_ASSERT(partition->segments != NULL);
    }
    partition->segments[partition->segment_count++] = segment;
}

static void drop_oldest_segment(lv_partition *partition)
{
    lv_segment *oldest = partition->segments[0];
    if (partition->warm == oldest)
        partition->warm = NULL;
    lv_segment_remove(oldest);
    lv_segment_unref(oldest);
    partition->segment_count--;
    memmove(partition->segments, partition->segments + 1,
            partition->segment_count * sizeof partition->segments[0]);
}

/* Index of the segment that may hold `offset`, which is not below the start. */
static size_t segment_of(const lv_partition *partition, int64_t offset)
{
    size_t low = 0;
    size_t high = partition->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (partition->segments[middle]->base_offset <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Readers mostly stay in one old segment at a time, so one keeps its indexes in memory. */
static void warm_up(lv_partition *partition, lv_segment *segment)
{
    if (segment == partition->warm || segment == lv_partition_active(partition))
        return;
    if (partition->warm)
        lv_segment_unload(partition->warm);
    partition->warm = segment;
}

/* ---- the producers' snapshots ---------------------------------------------------------------- */

static char *snapshot_path(lv_arena *arena, const lv_partition *partition, int64_t offset)
{
    return lv_arena_printf(arena, "%s/%020" PRId64 PRODUCERS_SUFFIX, partition->dir, offset);
}

/* The base offset in a file name of 20 digits and `suffix`; -1 for other names. */
static int64_t offset_of_name(lv_str name, lv_str suffix)
{
    enum { DIGITS = 20 };
    int64_t offset;
    if (name.len != DIGITS + suffix.len || !lv_str_ends(name, suffix) ||
        !lv_str_to_i64(lv_str_sub(name, 0, DIGITS), &offset))
        return -1;
    return offset;
}

/* Snapshots are a short cut, so failing to write one only costs time at the next start. */
static void save_producers(lv_partition *partition)
{
    lv_arena arena;
    lv_arena_init(&arena);
    int64_t at = lv_partition_active(partition)->next_offset;
    lv_dir_entry *entries;
    size_t count;
    if (lv_dir_list(partition->dir, &arena, &entries, &count, NULL) == LV_OK) {
        for (size_t i = 0; i < count; i++) {
            int64_t offset = offset_of_name(entries[i].name, LV_STR(PRODUCERS_SUFFIX));
            if (offset >= 0 && offset != at)
                unlink(snapshot_path(&arena, partition, offset));
        }
    }
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_producers_encode(&partition->producers, &bytes);
    lv_error err = LV_ERROR_INIT;
    if (lv_file_publish(snapshot_path(&arena, partition, at), bytes.ptr, bytes.len, true, false,
                        &err) != LV_OK)
        lv_log(LV_LOG_WARN, "hub", "%s", err.message);
    lv_sbuf_release(&bytes);
    lv_arena_release(&arena);
}

static lv_producer_claim claim_of(const lv_stored_batch *batch)
{
    return (lv_producer_claim){batch->producer_id, batch->producer_epoch, batch->base_sequence,
                               batch->record_count};
}

/* When a producer was last seen is not in the log (a batch's time may be the sensors'): now is safe. */
static void visit_producer(void *arg, int64_t position, const lv_stored_batch *batch)
{
    lv_producer_claim claim = claim_of(batch);
    lv_producers_record(arg, &claim, batch->base_offset, lv_now_us() / 1000);
}

/* The newest snapshot that can be read, then the headers of the log behind it. */
static lv_status restore_producers(lv_partition *partition, const lv_dir_entry *entries,
                                   size_t count, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_sbuf bytes = LV_SBUF_INIT;
    int64_t from = lv_partition_start_offset(partition);
    for (size_t i = count; i-- > 0;) {
        int64_t offset = offset_of_name(entries[i].name, LV_STR(PRODUCERS_SUFFIX));
        if (offset < from || offset > lv_partition_active(partition)->next_offset)
            continue;
        lv_sbuf_clear(&bytes);
        if (lv_file_read_all(snapshot_path(&arena, partition, offset), &bytes, NULL) == LV_OK &&
            lv_producers_decode(&partition->producers, lv_sbuf_str(&bytes), NULL) == LV_OK) {
            from = offset;
            break;
        }
    }
    lv_status status = LV_OK;
    for (size_t i = segment_of(partition, from); i < partition->segment_count && status == LV_OK;
         i++) {
        lv_segment *segment = partition->segments[i];
        status = lv_segment_walk(segment, LV_MAX(from, segment->base_offset), visit_producer,
                                 &partition->producers, err);
        if (i + 1 < partition->segment_count)
            lv_segment_unload(segment);
    }
    lv_sbuf_release(&bytes);
    lv_arena_release(&arena);
    return status;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static lv_status open_segments(lv_partition *partition, const lv_dir_entry *entries, size_t count,
                               lv_error *err)
{
    for (size_t i = 0; i < count; i++) {
        int64_t base = offset_of_name(entries[i].name, LV_STR(LOG_SUFFIX));
        if (base < 0)
            continue;
        lv_segment *segment;
        LV_TRY(lv_segment_open(partition->dir, base, &segment, err));
        add_segment(partition, segment);
    }
    if (partition->segment_count == 0) {
        lv_segment *first;
        LV_TRY(lv_segment_open(partition->dir, 0, &first, err));
        add_segment(partition, first);
    }
    return LV_OK;
}

/* The last segment always, and the one before it after a crash, may end in a torn batch: the new
 * file's name can reach the disk before the end of the old file does. */
static lv_status recover_segments(lv_partition *partition, bool trusted, int64_t *torn_bytes,
                                  lv_error *err)
{
    size_t last = partition->segment_count - 1;
    *torn_bytes = 0;
    for (size_t i = 0; i <= last; i++) {
        lv_segment *segment = partition->segments[i];
        int64_t torn = 0;
        if (i == last || (i + 1 == last && !trusted))
            LV_TRY(lv_segment_recover(segment, trusted, &torn, err));
        else
            LV_TRY(lv_segment_load(segment, partition->segments[i + 1]->base_offset, err));
        *torn_bytes += torn;
        if (i < last && segment->next_offset != partition->segments[i + 1]->base_offset)
            lv_log(LV_LOG_ERROR, "hub", "%s: offsets %" PRId64 " to %" PRId64 " are missing",
                   partition->dir, segment->next_offset,
                   partition->segments[i + 1]->base_offset - 1);
        if (i + 1 == last && !trusted)
            lv_segment_seal(segment);
    }
    return LV_OK;
}

lv_status lv_partition_open(const char *dir, const lv_topic_config *config, lv_syncer *syncer,
                            bool trusted, lv_partition **partition, int64_t *torn_bytes,
                            lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_partition *p = calloc(1, sizeof *p);
    LV_ASSERT(p != NULL);
    p->dir = strdup(dir);
    p->config = config;
    p->syncer = syncer;
    LV_ASSERT(p->dir != NULL);
    lv_dir_entry *entries;
    size_t count;
    lv_status status = lv_dir_make(dir, err);
    if (status == LV_OK)
        status = lv_dir_list(dir, &arena, &entries, &count, err);
    if (status == LV_OK)
        status = open_segments(p, entries, count, err);
    if (status == LV_OK)
        status = recover_segments(p, trusted, torn_bytes, err);
    if (status == LV_OK)
        status = restore_producers(p, entries, count, err);
    lv_arena_release(&arena);
    if (status != LV_OK) {
        lv_partition_close(p, false);
        return status;
    }
    lv_partition_publish(p);
    *partition = p;
    return LV_OK;
}

void lv_partition_close(lv_partition *partition, bool clean)
{
    if (partition == NULL)
        return;
    LV_ASSERT(partition->waiters == NULL);
    if (clean) {
        save_producers(partition);
        lv_syncer_add(partition->syncer, lv_partition_active(partition)->fd);
    }
    for (size_t i = 0; i < partition->segment_count; i++)
        lv_segment_unref(partition->segments[i]);
    free(partition->segments);
    lv_producers_release(&partition->producers);
    free(partition->dir);
    free(partition);
}

/* ---- appending ------------------------------------------------------------------------------- */

lv_status lv_partition_sync(lv_partition *partition, lv_error *err)
{
    lv_segment *active = lv_partition_active(partition);
    return lv_file_sync(active->fd, active->path, err);
}

void lv_partition_publish(lv_partition *partition)
{
    lv_segment *active = lv_partition_active(partition);
    partition->high_watermark = active->next_offset;
    partition->visible_bytes_total += active->size_bytes - partition->visible_bytes;
    partition->visible_bytes = active->size_bytes;
}

/* Seals the last segment and begins the next one. */
static lv_status roll(lv_partition *partition, lv_error *err)
{
    lv_segment *old = lv_partition_active(partition);
    if (partition->sync_on_roll)
        LV_TRY(lv_partition_sync(partition, err));
    lv_segment *next;
    int64_t torn;
    LV_TRY(lv_segment_open(partition->dir, old->next_offset, &next, err));
    lv_status status = lv_segment_recover(next, false, &torn, err);
    if (status == LV_OK && partition->sync_on_roll)
        status = lv_dir_sync(partition->dir, err);
    if (status != LV_OK) {
        lv_segment_unref(next);
        return status;
    }
    lv_partition_publish(partition);
    lv_segment_seal(old);
    lv_syncer_add(partition->syncer, old->fd);
    lv_syncer_add_path(partition->syncer, old->offsets.path);
    lv_syncer_add_path(partition->syncer, old->times.path);
    lv_syncer_add_path(partition->syncer, partition->dir);
    add_segment(partition, next);
    partition->visible_bytes = 0;
    save_producers(partition);
    return LV_OK;
}

static bool must_roll(const lv_partition *partition, const lv_stored_batch *batch)
{
    const lv_segment *active = lv_partition_active(partition);
    return active->size_bytes > 0 &&
           (active->size_bytes + batch->size_bytes > partition->config->segment_bytes ||
            active->next_offset + batch->last_offset_delta - active->base_offset > INT32_MAX);
}

int16_t lv_partition_append(lv_partition *partition, uint8_t *bytes, lv_stored_batch *batch,
                            int64_t now_ms, int64_t *base_offset)
{
    lv_producer_claim claim = claim_of(batch);
    int16_t verdict = lv_producers_check(&partition->producers, &claim, base_offset);
    if (verdict == LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER)
        return LV_KAFKA_ERROR_NONE;
    if (verdict != LV_KAFKA_ERROR_NONE)
        return verdict;
    lv_error err = LV_ERROR_INIT;
    if (must_roll(partition, batch) && roll(partition, &err) != LV_OK) {
        lv_log(LV_LOG_ERROR, "hub", "%s", err.message);
        return LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
    }
    lv_segment *active = lv_partition_active(partition);
    lv_stored_batch_stamp(bytes, batch, active->next_offset,
                          partition->config->append_time ? now_ms : -1);
    if (lv_segment_append(active, (lv_str){(const char *)bytes, (size_t)batch->size_bytes}, batch,
                          &err) != LV_OK) {
        lv_log(LV_LOG_ERROR, "hub", "%s", err.message);
        return LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
    }
    lv_producers_record(&partition->producers, &claim, batch->base_offset, now_ms);
    *base_offset = batch->base_offset;
    return LV_KAFKA_ERROR_NONE;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int16_t storage_error(const lv_error *err)
{
    lv_log(LV_LOG_ERROR, "hub", "%s", err->message);
    return LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
}

/* Where readers of segment `i` must stop. */
static int64_t visible_end(const lv_partition *partition, size_t i)
{
    return i + 1 == partition->segment_count ? partition->visible_bytes
                                             : partition->segments[i]->size_bytes;
}

int16_t lv_partition_read(lv_partition *partition, int64_t offset, int64_t max_bytes,
                          bool at_least_one, lv_log_slice *slice)
{
    *slice = (lv_log_slice){NULL, 0, 0};
    if (offset < lv_partition_start_offset(partition) || offset > partition->high_watermark)
        return LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE;
    lv_error err = LV_ERROR_INIT;
    for (size_t i = segment_of(partition, offset);
         offset < partition->high_watermark && i < partition->segment_count; i++) {
        lv_segment *segment = partition->segments[i];
        lv_stored_batch batch;
        bool found;
        int64_t from;
        int64_t end;
        warm_up(partition, segment);
        if (lv_segment_find(segment, offset, &found, &from, &batch, &err) != LV_OK)
            return storage_error(&err);
        if (!found)
            continue;
        int64_t limit = LV_MIN(visible_end(partition, i), from + LV_MAX(max_bytes, 0));
        if (lv_segment_find_end(segment, from, limit, &end, &err) != LV_OK)
            return storage_error(&err);
        if (end == from && at_least_one)
            end = from + batch.size_bytes;
        if (end > from)
            *slice = (lv_log_slice){lv_segment_ref(segment), from, end - from};
        break;
    }
    return LV_KAFKA_ERROR_NONE;
}

int16_t lv_partition_find_time(lv_partition *partition, int64_t timestamp_ms, lv_log_slice *slice,
                               lv_stored_batch *batch)
{
    *slice = (lv_log_slice){NULL, 0, 0};
    lv_error err = LV_ERROR_INIT;
    for (size_t i = 0; i < partition->segment_count; i++) {
        lv_segment *segment = partition->segments[i];
        if (segment->timestamp_max < timestamp_ms)
            continue;
        bool found;
        int64_t position;
        warm_up(partition, segment);
        if (lv_segment_find_time(segment, timestamp_ms, &found, &position, batch, &err) != LV_OK)
            return storage_error(&err);
        if (found && batch->base_offset < partition->high_watermark)
            *slice = (lv_log_slice){lv_segment_ref(segment), position, batch->size_bytes};
        if (found)
            break;
    }
    return LV_KAFKA_ERROR_NONE;
}

/* ---- retention ------------------------------------------------------------------------------- */

static int64_t total_bytes(const lv_partition *partition)
{
    int64_t sum = 0;
    for (size_t i = 0; i < partition->segment_count; i++)
        sum += partition->segments[i]->size_bytes;
    return sum;
}

static bool is_expired(const lv_partition *partition, const lv_segment *segment, int64_t now_ms)
{
    return partition->config->retention_ms >= 0 && segment->size_bytes > 0 &&
           segment->timestamp_max >= 0 &&
           now_ms - segment->timestamp_max > partition->config->retention_ms;
}

void lv_partition_retain(lv_partition *partition, int64_t now_ms)
{
    lv_error err = LV_ERROR_INIT;
    /* A segment that still grows can go only after another one has begun. */
    if (is_expired(partition, lv_partition_active(partition), now_ms) && !partition->changed &&
        roll(partition, &err) != LV_OK)
        lv_log(LV_LOG_ERROR, "hub", "%s", err.message);
    while (partition->segment_count > 1 && is_expired(partition, partition->segments[0], now_ms))
        drop_oldest_segment(partition);
    int64_t limit = partition->config->retention_bytes;
    int64_t total = total_bytes(partition);
    while (limit >= 0 && partition->segment_count > 1 &&
           total - partition->segments[0]->size_bytes >= limit) {
        total -= partition->segments[0]->size_bytes;
        drop_oldest_segment(partition);
    }
    if (now_ms - partition->producers_expired_ms >= PRODUCER_CHECK_MS) {
        partition->producers_expired_ms = now_ms;
        lv_producers_expire(&partition->producers, now_ms - PRODUCER_EXPIRATION_MS);
    }
}

void lv_waiter_add(lv_partition *partition, lv_waiter *waiter)
{
    waiter->next = partition->waiters;
    waiter->link = &partition->waiters;
    if (waiter->next)
        waiter->next->link = &waiter->next;
    partition->waiters = waiter;
}

void lv_waiter_remove(lv_waiter *waiter)
{
    if (waiter->link == NULL)
        return;
    *waiter->link = waiter->next;
    if (waiter->next)
        waiter->next->link = waiter->link;
    waiter->link = NULL;
}
