/* utf8.h: UTF-8 by RFC 3629 (no surrogates, no overlong forms, up to U+10FFFF). */
#ifndef LV_BASE_UTF8_H
#define LV_BASE_UTF8_H

#include "base/compiler.h"

/** Length in bytes (1-4) of the well-formed character at `text`, 0 if there is none. */
size_t lv_utf8_valid_prefix(const char *text, size_t len);
/** Whether all of it is well-formed. */
bool lv_utf8_is_valid(const char *p, size_t len);
/** Number of characters of a well-formed text. */
size_t lv_utf8_length(const char *p, size_t len);
/** Writes `codepoint` (not a surrogate) as 1-4 bytes; returns how many. */
size_t lv_utf8_encode(uint32_t codepoint, char out[4]);
/** Reads the well-formed character at `text`; its length goes to `*used`. */
uint32_t lv_utf8_decode(const char *text, size_t *used);

#endif
