/* sparse_index.c: sorted pairs in a file, searched by either member. */
#include "hub/sparse_index.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "os/os.h"

enum { VALUE_SIZE = 4 };

static size_t entry_size(const lv_sparse_index *index)
{
    return (size_t)index->key_size + VALUE_SIZE;
}

static lv_index_entry entry_at(const lv_sparse_index *index, size_t i)
{
    lv_rd rd = lv_rd_of(index->entries + i * entry_size(index), entry_size(index));
    int64_t key = index->key_size == sizeof(int32_t) ? lv_rd_i32be(&rd) : lv_rd_i64be(&rd);
    return (lv_index_entry){key, lv_rd_i32be(&rd)};
}

void lv_sparse_index_init(lv_sparse_index *index, const char *path, uint8_t key_size)
{
    LV_ASSERT(key_size == sizeof(int32_t) || key_size == sizeof(int64_t));
    *index = (lv_sparse_index){.path = strdup(path), .fd = -1, .key_size = key_size};
    LV_ASSERT(index->path != NULL);
}

void lv_sparse_index_seal(lv_sparse_index *index)
{
    if (index->fd >= 0)
        close(index->fd);
    index->fd = -1;
}

void lv_sparse_index_unload(lv_sparse_index *index)
{
    if (index->fd >= 0)
        return;
    free(index->entries);
    index->entries = NULL;
    index->count = index->capacity = 0;
}

void lv_sparse_index_release(lv_sparse_index *index)
{
    lv_sparse_index_seal(index);
    lv_sparse_index_unload(index);
    free(index->path);
    index->path = NULL;
}

static void reserve(lv_sparse_index *index, size_t count)
{
    if (count <= index->capacity && index->entries)
        return;
    index->capacity = LV_MAX(count, LV_MAX(index->capacity * 2, 64u));
    index->entries = realloc(index->entries, index->capacity * entry_size(index));
    LV_ASSERT(index->entries != NULL);
}

static lv_status check_ascending(const lv_sparse_index *index, lv_error *err)
{
    lv_index_entry last = {-1, -1};
    for (size_t i = 0; i < index->count; i++) {
        lv_index_entry entry = entry_at(index, i);
        if (entry.key < last.key || entry.value < last.value)
            return LV_FAIL(err, LV_CORRUPT, "%s: entry %zu is below the one before it", index->path,
                           i);
        last = entry;
    }
    return LV_OK;
}

lv_status lv_sparse_index_load(lv_sparse_index *index, lv_error *err)
{
    if (index->entries)
        return LV_OK;
    lv_sbuf bytes = LV_SBUF_INIT;
    if (lv_path_exists(index->path)) {
        lv_status status = lv_file_read_all(index->path, &bytes, err);
        if (status != LV_OK) {
            lv_sbuf_release(&bytes);
            return status;
        }
    }
    size_t count = bytes.len / entry_size(index);
    reserve(index, count);
    if (count > 0)
        memcpy(index->entries, bytes.ptr, count * entry_size(index));
    index->count = count;
    lv_sbuf_release(&bytes);
    lv_status status = check_ascending(index, err);
    if (status != LV_OK)
        lv_sparse_index_unload(index);
    return status;
}

lv_status lv_sparse_index_open(lv_sparse_index *index, bool fresh, lv_error *err)
{
    LV_ASSERT(index->fd < 0);
    if (fresh) {
        lv_sparse_index_unload(index);
        reserve(index, 0);
    }
    LV_TRY(lv_sparse_index_load(index, err));
    int fd;
    LV_TRY(lv_file_open(index->path, O_WRONLY | O_CREAT, &fd, err));
    off_t end = (off_t)(index->count * entry_size(index));
    if (ftruncate(fd, end) != 0) {
        close(fd);
        return LV_FAIL(err, LV_IO, "cannot truncate %s", index->path);
    }
    index->fd = fd;
    return LV_OK;
}

void lv_sparse_index_append(lv_sparse_index *index, int64_t key, int32_t value)
{
    LV_ASSERT(index->fd >= 0);
    lv_index_entry last;
    if (lv_sparse_index_last(index, &last) && key <= last.key)
        return;
    reserve(index, index->count + 1);
    uint8_t *entry = index->entries + index->count * entry_size(index);
    if (index->key_size == sizeof(int32_t)) {
        uint32_t narrow = __builtin_bswap32((uint32_t)key);
        memcpy(entry, &narrow, sizeof narrow);
    } else {
        uint64_t wide = __builtin_bswap64((uint64_t)key);
        memcpy(entry, &wide, sizeof wide);
    }
    uint32_t swapped = __builtin_bswap32((uint32_t)value);
    memcpy(entry + index->key_size, &swapped, sizeof swapped);
    /* What cannot be written leaves a hole of zeros, which the next load reports as CORRUPT. */
    ssize_t written =
        pwrite(index->fd, entry, entry_size(index), (off_t)(index->count * entry_size(index)));
    (void)written;
    index->count++;
}

/* The last entry whose key (or value) is at most `bound`. */
static bool find_floor(const lv_sparse_index *index, bool by_value, int64_t bound,
                       lv_index_entry *entry)
{
    LV_ASSERT(index->entries != NULL);
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        lv_index_entry probe = entry_at(index, middle);
        if ((by_value ? probe.value : probe.key) <= bound)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    *entry = entry_at(index, low - 1);
    return true;
}

bool lv_sparse_index_floor_key(const lv_sparse_index *index, int64_t key, lv_index_entry *entry)
{
    return find_floor(index, false, key, entry);
}

bool lv_sparse_index_floor_value(const lv_sparse_index *index, int32_t value, lv_index_entry *entry)
{
    return find_floor(index, true, value, entry);
}

bool lv_sparse_index_last(const lv_sparse_index *index, lv_index_entry *entry)
{
    if (index->count == 0)
        return false;
    *entry = entry_at(index, index->count - 1);
    return true;
}
