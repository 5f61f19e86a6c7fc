/* log_segment.c: see log_segment.h.
 *
 *   00000000000000000007.json                                            commit
 *   00000000000000000007.checkpoint.parquet                              classic checkpoint
 *   00000000000000000007.checkpoint.0000000001.0000000002.parquet        one of two parts
 *   00000000000000000007.checkpoint.80a083e8-7026-…-dbe.(json|parquet)   V2 checkpoint
 *   00000000000000000004.00000000000000000007.compacted.json             log compaction
 * Source: PROTOCOL.md, "Checkpoints", "Last Checkpoint File". */
#include "delta/log_segment.h"

enum { VERSION_DIGITS = 20, PART_DIGITS = 10, UUID_CHARS = 36, PARTS_MAX = 100000 };

static bool parse_digits(lv_str *rest, size_t count, int64_t *value)
{
    if (rest->len < count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (rest->ptr[i] < '0' || rest->ptr[i] > '9')
            return false;
    bool fits = lv_str_to_i64(lv_str_sub(*rest, 0, count), value);
    *rest = lv_str_sub(*rest, count, rest->len - count);
    return fits;
}

static bool skip(lv_str *rest, const char *text)
{
    lv_str prefix = lv_str_of(text);
    if (!lv_str_starts(*rest, prefix))
        return false;
    *rest = lv_str_sub(*rest, prefix.len, rest->len - prefix.len);
    return true;
}

/* Number of files of the checkpoint that `rest` (what follows ".checkpoint") names one of; 0: no
 * checkpoint. */
static int checkpoint_parts(lv_str rest)
{
    int64_t part, parts;
    if (lv_str_is(rest, ".parquet"))
        return 1;
    lv_str multi = rest;
    if (skip(&multi, ".") && parse_digits(&multi, PART_DIGITS, &part) && skip(&multi, ".") &&
        parse_digits(&multi, PART_DIGITS, &parts) && lv_str_is(multi, ".parquet"))
        return part >= 1 && part <= parts && parts <= PARTS_MAX ? (int)parts : 0;
    bool v2 = rest.len > UUID_CHARS && rest.ptr[0] == '.' && rest.ptr[UUID_CHARS + 1] == '.';
    if (!v2)
        return 0;
    lv_str extension = lv_str_sub(rest, UUID_CHARS + 1, rest.len - UUID_CHARS - 1);
    return lv_str_is(extension, ".json") || lv_str_is(extension, ".parquet") ? 1 : 0;
}

lv_log_name lv_log_name_parse(lv_str name)
{
    lv_log_name out = {.kind = LV_LOG_OTHER, .version = -1};
    lv_str rest = name;
    int64_t end;
    if (!parse_digits(&rest, VERSION_DIGITS, &out.version))
        return out;
    lv_str compacted = rest;
    if (lv_str_is(rest, ".json")) {
        out.kind = LV_LOG_COMMIT;
    } else if (lv_str_is(rest, ".crc")) {
        out.kind = LV_LOG_CHECKSUM;
    } else if (skip(&compacted, ".") && parse_digits(&compacted, VERSION_DIGITS, &end) &&
               lv_str_is(compacted, ".compacted.json")) {
        out.kind = LV_LOG_COMPACTED;
    } else if (skip(&rest, ".checkpoint")) {
        out.parts = checkpoint_parts(rest);
        out.kind = out.parts > 0 ? LV_LOG_CHECKPOINT : LV_LOG_OTHER;
    }
    return out;
}

/* Adds the checkpoint whose first file is entries[i], if it is complete. Parts of one checkpoint
 * differ in their number only, so they follow each other. Returns how many files were looked at. */
static size_t add_checkpoint(lv_arena *arena, const lv_store_entry *entries, size_t count, size_t i,
                             lv_log_listing *listing)
{
    lv_log_name first = lv_log_name_parse(entries[i].name);
    if (first.parts == 1) {
        lv_str *name = LV_NEW(arena, lv_str);
        *name = entries[i].name;
        LV_VEC_PUSH(arena, listing->checkpoints, (lv_log_checkpoint_files){first.version, name, 1});
        return 1;
    }
    LV_VEC(lv_str) names = {0};
    size_t n = 0;
    for (; i + n < count; n++) {
        lv_log_name next = lv_log_name_parse(entries[i + n].name);
        if (next.kind != LV_LOG_CHECKPOINT || next.version != first.version || next.parts == 1)
            break;
        if (next.parts == first.parts)
            LV_VEC_PUSH(arena, names, entries[i + n].name);
    }
    if ((int)names.count == first.parts)
        LV_VEC_PUSH(arena, listing->checkpoints,
                    (lv_log_checkpoint_files){first.version, names.at, first.parts});
    return n;
}

static lv_status list_from(lv_store *store, lv_arena *arena, lv_str from, int64_t at_most,
                           lv_log_listing *listing, lv_error *err)
{
    lv_store_entry *entries;
    size_t count;
    *listing = (lv_log_listing){0};
    lv_error cause = LV_ERROR_INIT;
    lv_status status = lv_store_list(store, "_delta_log", from, arena, &entries, &count, &cause);
    if (status == LV_NOT_FOUND)
        return LV_OK; /* a listing of nothing */
    if (status != LV_OK)
        return LV_FAIL(err, status, "%s", cause.message);
    for (size_t i = 0; i < count;) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        size_t used = 1;
        if (name.kind != LV_LOG_OTHER && name.version <= at_most) {
            if (name.kind == LV_LOG_COMMIT)
                LV_VEC_PUSH(arena, listing->commits, name.version);
            if (name.kind == LV_LOG_CHECKPOINT)
                used = add_checkpoint(arena, entries, count, i, listing);
        }
        i += used;
    }
    return LV_OK;
}

lv_status lv_log_list_all(lv_store *store, lv_arena *arena, int64_t at_most,
                          lv_log_listing *listing, lv_error *err)
{
    return list_from(store, arena, LV_STR_NONE, at_most, listing, err);
}

/* The version that _last_checkpoint names; -1 if it says nothing that helps. */
static int64_t read_hint(lv_store *store, lv_arena *arena)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_json *hint;
    int64_t version = -1;
    if (lv_store_get(store, "_delta_log/_last_checkpoint", &text, NULL) == LV_OK &&
        lv_json_parse(arena, lv_sbuf_str(&text), &hint, NULL) == LV_OK &&
        (!lv_json_get_i64(hint, "version", &version) || version < 0))
        version = -1;
    lv_sbuf_release(&text);
    return version;
}

lv_status lv_log_list(lv_store *store, lv_arena *arena, int64_t at_most, lv_log_listing *listing,
                      lv_error *err)
{
    int64_t hint = read_hint(store, arena);
    if (hint >= 0 && hint <= at_most) {
        char *from = lv_arena_printf(arena, "%020lld", (long long)hint);
        LV_TRY(list_from(store, arena, lv_str_of(from), at_most, listing, err));
        if (listing->checkpoints.count > 0)
            return LV_OK; /* the hint was true, or too modest */
    }
    return lv_log_list_all(store, arena, at_most, listing, err);
}
