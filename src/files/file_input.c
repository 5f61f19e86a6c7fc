/* file_input.c: bytes of files, decompressed by what their names end in: .gz, .deflate, .zst.
 *
 * A compressed file may be several streams one behind the other, as gzip allows. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "files/files_int.h"
#include "os/os.h"

enum { INPUT_BYTES = 256 << 10 };

typedef enum codec { PLAIN, ZLIB, ZSTD, UNKNOWN } codec;

static const struct {
    const char *suffix;
    codec codec;
} suffixes[] = {{".gz", ZLIB},     {".deflate", ZLIB}, {".zst", ZSTD},       {".zstd", ZSTD},
                {".bz2", UNKNOWN}, {".lz4", UNKNOWN},  {".snappy", UNKNOWN}, {".xz", UNKNOWN}};

struct lv_file_input {
    char *path;
    int fd;
    int64_t offset;
    codec codec;
    z_stream zlib;
    ZSTD_DStream *zstd;
    char *compressed;
    size_t begin, end; /* of what is left in `compressed` */
    bool in_stream;    /* a compressed stream has begun and not ended */
};

static codec codec_of(lv_str path, size_t *suffix)
{
    *suffix = 0;
    for (size_t i = 0; i < LV_COUNT_OF(suffixes); i++)
        if (lv_str_ends(path, lv_str_of(suffixes[i].suffix))) {
            *suffix = strlen(suffixes[i].suffix);
            return suffixes[i].codec;
        }
    return PLAIN;
}

lv_str lv_file_extension(lv_str path)
{
    size_t suffix;
    codec_of(path, &suffix);
    path.len -= suffix;
    for (size_t i = path.len; i > 0 && path.ptr[i - 1] != '/'; i--)
        if (path.ptr[i - 1] == '.')
            return lv_str_sub(path, i, path.len - i);
    return LV_STR("");
}

static lv_status open_codec(lv_file_input *in, lv_error *err)
{
    if (in->codec == UNKNOWN)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: the compression of %s; gzip, deflate and "
                       "zstd are",
                       in->path);
    if (in->codec == ZLIB && inflateInit2(&in->zlib, 15 + 32) != Z_OK)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "no memory to decompress %s", in->path);
    if (in->codec == ZSTD)
        in->zstd = ZSTD_createDStream();
    if (in->codec != PLAIN)
        in->compressed = malloc(INPUT_BYTES);
    LV_ASSERT(in->codec == PLAIN || in->compressed != NULL);
    LV_ASSERT(in->codec != ZSTD || in->zstd != NULL);
    return LV_OK;
}

lv_status lv_file_input_open(lv_str path, lv_file_input **input, lv_error *err)
{
    size_t suffix;
    int fd;
    LV_TRY(lv_file_open(path.ptr, O_RDONLY, &fd, err));
    lv_file_input *in = calloc(1, sizeof *in);
    LV_ASSERT(in != NULL);
    in->fd = fd;
    in->path = strdup(path.ptr);
    in->codec = codec_of(path, &suffix);
    lv_status status = open_codec(in, err);
    if (status != LV_OK) {
        in->codec = in->codec == UNKNOWN ? PLAIN : in->codec;
        lv_file_input_close(in);
        return status;
    }
    *input = in;
    return LV_OK;
}

void lv_file_input_close(lv_file_input *in)
{
    if (in == NULL)
        return;
    if (in->codec == ZLIB)
        inflateEnd(&in->zlib);
    ZSTD_freeDStream(in->zstd);
    close(in->fd);
    free(in->compressed);
    free(in->path);
    free(in);
}

static lv_status read_some(lv_file_input *in, void *out, size_t room, size_t *got, lv_error *err)
{
    ssize_t n = pread(in->fd, out, room, in->offset);
    if (n < 0)
        return LV_FAIL(err, LV_IO, "cannot read %s", in->path);
    in->offset += n;
    *got = (size_t)n;
    return LV_OK;
}

static lv_status damaged(const lv_file_input *in, const char *why, lv_error *err)
{
    return LV_FAIL(err, LV_CORRUPT, "%s does not decompress: %s", in->path, why);
}

/* One step of inflate; *got may be 0 without the end being there. */
static lv_status inflate_some(lv_file_input *in, void *out, size_t room, size_t *got, lv_error *err)
{
    z_stream *z = &in->zlib;
    z->next_in = (Bytef *)in->compressed + in->begin;
    z->avail_in = (uInt)(in->end - in->begin);
    z->next_out = out;
    z->avail_out = (uInt)LV_MIN(room, (size_t)INT32_MAX);
    in->in_stream = true;
    int result = inflate(z, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
        in->in_stream = false;
        inflateReset(z);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return damaged(in, z->msg ? z->msg : "the stream is broken", err);
    }
    in->begin = in->end - z->avail_in;
    *got = (size_t)((char *)z->next_out - (char *)out);
    return LV_OK;
}

static lv_status unzstd_some(lv_file_input *in, void *out, size_t room, size_t *got, lv_error *err)
{
    ZSTD_inBuffer source = {in->compressed, in->end, in->begin};
    ZSTD_outBuffer target = {out, room, 0};
    size_t result = ZSTD_decompressStream(in->zstd, &target, &source);
    if (ZSTD_isError(result))
        return damaged(in, ZSTD_getErrorName(result), err);
    in->begin = source.pos;
    in->in_stream = result != 0;
    *got = target.pos;
    return LV_OK;
}

lv_status lv_file_input_read(lv_file_input *in, void *out, size_t room, size_t *got, lv_error *err)
{
    *got = 0;
    if (in->codec == PLAIN)
        return read_some(in, out, room, got, err);
    while (*got == 0) {
        size_t more = 0;
        if (in->begin == in->end) {
            LV_TRY(read_some(in, in->compressed, INPUT_BYTES, &more, err));
            in->begin = 0;
            in->end = more;
            if (more == 0 && !in->in_stream)
                return LV_OK;
        }
        LV_TRY((in->codec == ZLIB ? inflate_some : unzstd_some)(in, out, room, got, err));
        if (*got == 0 && in->begin == in->end && more == 0 && in->in_stream)
            return damaged(in, "it ends early", err);
    }
    return LV_OK;
}
