/* log_clean.c: drops what no version within the log's retention needs.
 *
 * The cut is the newest checkpoint whose commit is older than the retention (which ends at a
 * midnight of UTC, as Spark has it): that checkpoint, its commit and all that follows stay;
 * commits, checkpoints and checksums before it go. Sidecars are left alone. A log file that cannot
 * be deleted is tried again next time. Source: MetadataCleanup.scala. */
#include "delta/log_segment.h"
#include "delta/properties.h"

static const int64_t DAY_MS = 86400000;

/* Version of the checkpoint that may become the log's beginning; -1 none. */
static int64_t find_cut(const lv_store_entry *entries, size_t count, int64_t cutoff_ms)
{
    int64_t expired = -1, cut = -1;
    for (size_t i = 0; i < count; i++) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        if (name.kind == LV_LOG_COMMIT) {
            if (entries[i].modified_ms >= cutoff_ms)
                break; /* this version and all later ones are within the retention */
            expired = name.version;
        }
    }
    for (size_t i = 0; i < count; i++) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        if (name.kind == LV_LOG_CHECKPOINT && name.parts == 1 && name.version <= expired)
            cut = name.version;
    }
    return cut;
}

static lv_status clean(lv_store *store, lv_arena *arena, int64_t cutoff_ms, lv_error *err)
{
    lv_store_entry *entries;
    size_t count;
    LV_TRY(lv_store_list(store, "_delta_log", LV_STR_NONE, arena, &entries, &count, err));
    int64_t cut = find_cut(entries, count, cutoff_ms);
    for (size_t i = 0; i < count; i++) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        if (name.kind != LV_LOG_OTHER && name.version < cut)
            LV_TRY(lv_store_remove(
                store, lv_arena_printf(arena, "_delta_log/%s", entries[i].name.ptr), err));
    }
    return LV_OK;
}

lv_status lv_log_clean(lv_store *store, const lv_metadata *metadata, int64_t now_ms, lv_error *err)
{
    if (!lv_property_bool(metadata, "delta.enableExpiredLogCleanup", true))
        return LV_OK;
    int64_t retention =
        lv_property_interval_ms(metadata, "delta.logRetentionDuration", 30 * DAY_MS);
    int64_t cutoff = (now_ms - retention) / DAY_MS * DAY_MS;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = clean(store, &arena, cutoff, err);
    lv_arena_release(&arena);
    return status;
}
