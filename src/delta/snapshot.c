/* snapshot.c: see snapshot.h. */
#include "delta/snapshot.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "delta/delta_path.h"

enum { REBUILD_MIN = 65536 };

void lv_snapshot_init(lv_snapshot *s)
{
    *s = (lv_snapshot){.version = -1, .rebuild_at = REBUILD_MIN};
    lv_arena_init(&s->arena);
}

void lv_snapshot_release(lv_snapshot *s)
{
    free(s->slots);
    lv_arena_release(&s->arena);
    lv_snapshot_init(s);
}

/* ---- files ----------------------------------------------------------------------------------- */

static lv_file_entry *file_at(const lv_snapshot *s, size_t i)
{
    return &s->chunks.at[i / LV_FILE_CHUNK][i % LV_FILE_CHUNK];
}

static uint32_t find_slot(const lv_snapshot *s, lv_str key, lv_str dv)
{
    uint32_t at = (uint32_t)lv_hash_bytes(key.ptr, key.len, 0) & s->slot_mask;
    for (; s->slots[at] >= 0; at = (at + 1) & s->slot_mask) {
        const lv_file_entry *file = file_at(s, (size_t)s->slots[at]);
        if (lv_str_eq(file->key, key) && lv_str_eq(file->dv, dv))
            break;
    }
    return at;
}

static void grow_slots(lv_snapshot *s)
{
    uint32_t old_count = s->slots == NULL ? 0 : s->slot_mask + 1;
    uint32_t count = old_count == 0 ? 256 : old_count * 2;
    int32_t *old = s->slots;
    s->slots = malloc(sizeof *s->slots * count);
    LV_ASSERT(s->slots != NULL);
    memset(s->slots, 0xFF, sizeof *s->slots * count);
    s->slot_mask = count - 1;
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i] >= 0) {
            const lv_file_entry *file = file_at(s, (size_t)old[i]);
            s->slots[find_slot(s, file->key, file->dv)] = old[i];
        }
    free(old);
}

/* Most files have the partition values of the one before, "{}" above all. */
static lv_str keep_values(lv_snapshot *s, lv_str values)
{
    if (s->file_count > 0) {
        lv_str last = file_at(s, s->file_count - 1)->add.partition_values;
        if (lv_str_eq(last, values))
            return last;
    }
    return lv_str_dup(&s->arena, values);
}

static lv_str keep(lv_snapshot *s, lv_str text)
{
    return text.len > 0 ? lv_str_dup(&s->arena, text) : LV_STR_NONE;
}

static void count_file(lv_snapshot *s, const lv_file_entry *file, int sign)
{
    if (!file->live)
        return;
    s->live_count += sign;
    s->size_bytes += sign * file->add.size_bytes;
    s->live_dv_count += file->dv.len > 0 ? sign : 0;
}

static lv_file_entry *append_file(lv_snapshot *s, const lv_file_entry *from)
{
    if (s->file_count % LV_FILE_CHUNK == 0)
        LV_VEC_PUSH(&s->arena, s->chunks, LV_NEW_ARRAY(&s->arena, lv_file_entry, LV_FILE_CHUNK));
    lv_str path = lv_str_dup(&s->arena, from->add.path);
    lv_str key = lv_path_key(&s->arena, path);
    lv_str values = keep_values(s, from->add.partition_values);
    lv_file_entry *file = file_at(s, s->file_count++);
    file->add = from->add;
    file->add.path = path;
    file->add.partition_values = values;
    file->add.stats = keep(s, from->add.stats);
    file->tags = keep(s, from->tags);
    file->dv = keep(s, from->dv);
    file->key = key;
    file->live = from->live;
    file->deleted_ms = from->deleted_ms;
    atomic_init(&file->replaced, INT64_MAX);
    return file;
}

void lv_snapshot_put_file(lv_snapshot *s, const lv_file_entry *from, int64_t version)
{
    if (s->slots == NULL || s->slots_used * 2 > s->slot_mask)
        grow_slots(s);
    lv_file_entry *file = append_file(s, from);
    uint32_t slot = find_slot(s, file->key, file->dv);
    if (s->slots[slot] < 0) {
        s->slots_used++;
    } else {
        lv_file_entry *old = file_at(s, (size_t)s->slots[slot]);
        atomic_store_explicit(&old->replaced, version, memory_order_relaxed);
        count_file(s, old, -1);
    }
    s->slots[slot] = (int32_t)(s->file_count - 1);
    count_file(s, file, 1);
}

const lv_file_entry *lv_snapshot_find(const lv_snapshot *s, lv_str path)
{
    lv_arena scratch;
    lv_arena_init(&scratch);
    int32_t found =
        s->slots ? s->slots[find_slot(s, lv_path_key(&scratch, path), LV_STR_NONE)] : -1;
    lv_arena_release(&scratch);
    return found < 0 ? NULL : file_at(s, (size_t)found);
}

lv_str lv_deletion_vector_id(lv_arena *arena, lv_str storage_type, lv_str path_or_inline,
                             int64_t offset)
{
    char *text = offset < 0 ? lv_arena_printf(arena, "%.*s%.*s", LV_STR_ARG(storage_type),
                                              LV_STR_ARG(path_or_inline))
                            : lv_arena_printf(arena, "%.*s%.*s@%lld", LV_STR_ARG(storage_type),
                                              LV_STR_ARG(path_or_inline), (long long)offset);
    return lv_str_of(text);
}

/* ---- txns, protocol, metadata ---------------------------------------------------------------- */

void lv_snapshot_put_txn(lv_snapshot *s, lv_txn_entry txn)
{
    for (size_t i = 0; i < s->txns.count; i++)
        if (lv_str_eq(s->txns.at[i].app_id, txn.app_id)) {
            s->txns.at[i].version = txn.version;
            s->txns.at[i].last_updated_ms = txn.last_updated_ms;
            return;
        }
    txn.app_id = lv_str_dup(&s->arena, txn.app_id);
    LV_VEC_PUSH(&s->arena, s->txns, txn);
}

int64_t lv_snapshot_txn_version(const lv_snapshot *s, lv_str app_id)
{
    for (size_t i = 0; i < s->txns.count; i++)
        if (lv_str_eq(s->txns.at[i].app_id, app_id))
            return s->txns.at[i].version;
    return -1;
}

static const lv_str *keep_list(lv_snapshot *s, const lv_str *list, int count)
{
    lv_str *kept = LV_NEW_ARRAY(&s->arena, lv_str, count);
    for (int i = 0; i < count; i++)
        kept[i] = lv_str_dup(&s->arena, list[i]);
    return kept;
}

void lv_snapshot_put_protocol(lv_snapshot *s, const lv_protocol *protocol)
{
    lv_protocol *p = LV_NEW(&s->arena, lv_protocol);
    *p = *protocol;
    p->reader_features = keep_list(s, p->reader_features, p->reader_feature_count);
    p->writer_features = keep_list(s, p->writer_features, p->writer_feature_count);
    s->protocol = p;
}

lv_status lv_snapshot_put_metadata(lv_snapshot *s, const lv_metadata *metadata, lv_error *err)
{
    lv_metadata *m = LV_NEW(&s->arena, lv_metadata);
    lv_json *configuration;
    *m = *metadata;
    m->id = lv_str_dup(&s->arena, m->id);
    m->name = m->name.ptr ? lv_str_dup(&s->arena, m->name) : LV_STR_NONE;
    m->description = m->description.ptr ? lv_str_dup(&s->arena, m->description) : LV_STR_NONE;
    m->schema_string = lv_str_dup(&s->arena, m->schema_string);
    m->partition_columns = keep_list(s, m->partition_columns, m->partition_count);
    m->configuration_text =
        m->configuration_text.len ? lv_str_dup(&s->arena, m->configuration_text) : LV_STR("{}");
    lv_error cause = LV_ERROR_INIT;
    if (lv_json_parse(&s->arena, m->configuration_text, &configuration, &cause) != LV_OK)
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "damaged table configuration: %s", cause.message);
    m->configuration = configuration;
    s->metadata = m;
    return LV_OK;
}

lv_str lv_metadata_property(const lv_metadata *metadata, const char *name, lv_str otherwise)
{
    lv_str value = metadata ? lv_json_get_str(metadata->configuration, name) : LV_STR_NONE;
    return value.ptr ? value : otherwise;
}

/* ---- views and garbage ----------------------------------------------------------------------- */

void lv_snapshot_freeze(const lv_snapshot *s, lv_arena *arena, lv_snapshot_view *view)
{
    lv_file_entry **chunks = LV_NEW_ARRAY(arena, lv_file_entry *, s->chunks.count);
    lv_txn_entry *txns = LV_NEW_ARRAY(arena, lv_txn_entry, s->txns.count);
    if (s->chunks.count > 0)
        memcpy(chunks, s->chunks.at, sizeof *chunks * s->chunks.count);
    if (s->txns.count > 0)
        memcpy(txns, s->txns.at, sizeof *txns * s->txns.count);
    *view = (lv_snapshot_view){.version = s->version,
                               .protocol = s->protocol,
                               .metadata = s->metadata,
                               .chunks = chunks,
                               .file_count = s->file_count,
                               .txns = txns,
                               .txn_count = s->txns.count,
                               .live_count = s->live_count,
                               .size_bytes = s->size_bytes};
}

void lv_snapshot_rebuild(lv_snapshot *s, int64_t expired_ms)
{
    if (s->file_count < s->rebuild_at)
        return;
    lv_snapshot fresh;
    lv_snapshot_init(&fresh);
    fresh.version = s->version;
    lv_snapshot_put_protocol(&fresh, s->protocol);
    lv_status status = lv_snapshot_put_metadata(&fresh, s->metadata, NULL);
    LV_ASSERT(status == LV_OK); /* it was put before */
    fresh.schema = lv_type_copy(&fresh.arena, s->schema);
    fresh.schema_source = fresh.metadata->schema_string;
    for (size_t i = 0; i < s->txns.count; i++)
        lv_snapshot_put_txn(&fresh, s->txns.at[i]);
    for (size_t i = 0; i < s->file_count; i++) {
        const lv_file_entry *file = file_at(s, i);
        if (file->replaced > s->version && (file->live || file->deleted_ms >= expired_ms))
            lv_snapshot_put_file(&fresh, file, s->version);
    }
    fresh.rebuild_at = fresh.file_count * 2 + REBUILD_MIN;
    lv_snapshot_release(s);
    *s = fresh;
}
