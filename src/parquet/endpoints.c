/* endpoints.c: where files go to and come from: descriptors and memory. */
#include "os/os.h"
#include "parquet/parquet.h"

static lv_status write_fd(void *context, const void *bytes, size_t len, lv_error *err)
{
    const lv_parquet_fd *target = context;
    return lv_file_write(target->fd, target->path, bytes, len, err);
}

lv_parquet_sink lv_parquet_sink_fd(lv_parquet_fd *target)
{
    return (lv_parquet_sink){write_fd, target};
}

static lv_status write_sbuf(void *context, const void *bytes, size_t len, lv_error *err)
{
    lv_sbuf_add(context, bytes, len);
    return LV_OK;
}

lv_parquet_sink lv_parquet_sink_sbuf(lv_sbuf *target)
{
    return (lv_parquet_sink){write_sbuf, target};
}

static lv_status read_fd(void *context, int64_t offset, void *out, size_t len, lv_error *err)
{
    const lv_parquet_fd *target = context;
    return lv_file_pread(target->fd, target->path, out, len, offset, err);
}

lv_parquet_source lv_parquet_source_fd(lv_parquet_fd *target, int64_t size_bytes)
{
    return (lv_parquet_source){read_fd, target, size_bytes, target->path};
}

static lv_status read_bytes(void *context, int64_t offset, void *out, size_t len, lv_error *err)
{
    const lv_str *bytes = context;
    if (offset < 0 || (uint64_t)offset > bytes->len || len > bytes->len - (size_t)offset)
        return LV_FAIL(err, LV_CORRUPT, "%zu bytes at offset %lld are beyond the end", len,
                       (long long)offset);
    memcpy(out, bytes->ptr + offset, len);
    return LV_OK;
}

lv_parquet_source lv_parquet_source_bytes(const lv_str *bytes, const char *name)
{
    return (lv_parquet_source){read_bytes, (void *)(uintptr_t)bytes, (int64_t)bytes->len, name};
}
