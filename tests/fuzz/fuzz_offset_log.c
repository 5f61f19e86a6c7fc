/* module: stream
 *
 * fuzz_offset_log.c: an offsets/N file of a checkpoint that is not ours. What was read is written and
 * read again, and must then be the same. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "os/os.h"
#include "stream/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/dev/shm/levada-fuzz-XXXXXX";
static lv_checkpoint *checkpoint;
static int64_t batch_id;

static void clean_up(void)
{
    char command[80];
    lv_checkpoint_close(checkpoint);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command) != 0)
        abort();
}

static void open_checkpoint(void)
{
    char *made = mkdtemp(dir);
    LV_ASSERT(made != NULL);
    lv_status status = lv_checkpoint_open(dir, false, &checkpoint, NULL);
    LV_ASSERT(status == LV_OK);
    atexit(clean_up);
}

static void write_and_compare(lv_arena *arena, const lv_offset_entry *entry)
{
    lv_offset_entry back;
    lv_status status = lv_checkpoint_write_offsets(checkpoint, entry, NULL);
    LV_ASSERT(status == LV_OK);
    status = lv_checkpoint_read_offsets(checkpoint, entry->batch_id, arena, &back, NULL);
    LV_ASSERT(status == LV_OK);
    LV_ASSERT(back.watermark_ms == entry->watermark_ms && back.timestamp_ms == entry->timestamp_ms);
    LV_ASSERT(lv_str_eq(back.conf, entry->conf) && back.source_count == entry->source_count);
    for (int i = 0; i < entry->source_count; i++)
        LV_ASSERT(lv_str_eq(back.sources[i], entry->sources[i]));
    status = lv_checkpoint_purge(checkpoint, entry->batch_id + 1, NULL);
    LV_ASSERT(status == LV_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (checkpoint == NULL)
        open_checkpoint();
    /* Memory of exactly this size, so that reads behind it are seen. */
    char *copy = malloc(size);
    if (size > 0)
        memcpy(copy, data, size);
    lv_arena arena;
    lv_arena_init(&arena);
    lv_offset_entry entry;
    if (lv_offset_entry_parse(&arena, (lv_str){copy, size}, ++batch_id, &entry, NULL) == LV_OK)
        write_and_compare(&arena, &entry);
    lv_arena_release(&arena);
    free(copy);
    return 0;
}
