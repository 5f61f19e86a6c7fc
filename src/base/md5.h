/* md5.h: MD5 (RFC 1321), where a format demands it; good for nothing else. */
#ifndef LV_BASE_MD5_H
#define LV_BASE_MD5_H

#include "base/compiler.h"

/** The digest of `len` bytes as 32 hexadecimal digits and NUL. */
void lv_md5_hex(const void *bytes, size_t len, char out[33]);

#endif
