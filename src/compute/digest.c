/* digest.c: md5, sha1, sha2 and crc32 of bytes, by OpenSSL and zlib. */
#include <openssl/evp.h>

#include "base/check.h"
#include "base/hash.h"
#include "compute/compute_int.h"

static const char hex_digits[] = "0123456789abcdef";

/* NULL: sha2 has no digest of so many bits. */
static const EVP_MD *algorithm(int op, int bits)
{
    if (op == DIGEST_MD5)
        return EVP_md5();
    if (op == DIGEST_SHA1)
        return EVP_sha1();
    switch (bits) {
    case 0:
    case 256: return EVP_sha256();
    case 224: return EVP_sha224();
    case 384: return EVP_sha384();
    case 512: return EVP_sha512();
    default: return NULL;
    }
}

static lv_str digest(lv_arena *arena, EVP_MD_CTX *context, const EVP_MD *md, lv_str s)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int done = EVP_DigestInit_ex(context, md, NULL) && EVP_DigestUpdate(context, s.ptr, s.len) &&
               EVP_DigestFinal_ex(context, bytes, &size);
    LV_ASSERT(done);
    char *text = lv_arena_alloc(arena, 2 * (size_t)size);
    for (unsigned i = 0; i < size; i++) {
        text[2 * i] = hex_digits[bytes[i] >> 4];
        text[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
    return (lv_str){text, 2 * (size_t)size};
}

static lv_status kernel_digest(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    LV_ASSERT(context != NULL);
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        const EVP_MD *md =
            algorithm(call->function->op, call->arg_count == 2 ? LV_AT(int32_t, &args[1], i) : 0);
        if (md == NULL)
            lv_result_set_null(eval->arena, out, i, &owned);
        else
            *value = digest(eval->arena, context, md, lv_strs_at(&in, i));
    }
    EVP_MD_CTX_free(context);
    return LV_OK;
}

lv_status lv_bind_digest(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BINARY), err));
    if (bind->arg_count == 2)
        LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_digest);
    bind->nullable = bind->nullable || function->op == DIGEST_SHA2;
    return LV_OK;
}

static lv_status kernel_crc32(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str s = lv_row_valid(out->validity, i) ? lv_strs_at(&in, i) : LV_STR("");
        ((int64_t *)out->data)[i] = lv_crc32(0, s.len ? s.ptr : "", s.len);
    }
    return LV_OK;
}

lv_status lv_bind_crc32(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BINARY), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_crc32);
    return LV_OK;
}
