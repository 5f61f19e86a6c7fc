/* utf8.h: UTF-8 by RFC 3629 (no surrogates, no overlong forms, up to U+10FFFF). */
#ifndef LV_BASE_UTF8_H
#define LV_BASE_UTF8_H

#include "base/str.h"

/** Length in bytes (1-4) of the well-formed character at `text`, 0 if there is none. */
size_t lv_utf8_valid_prefix(const char *text, size_t len);
/** Whether all of it is well-formed. */
bool lv_utf8_is_valid(const char *p, size_t len);
/** Whether all bytes are below 0x80. */
bool lv_utf8_is_ascii(const char *p, size_t len);
/** Bytes of the ill-formed sequence at `text` that become one U+FFFD: its longest part that could begin a character
 *  (The Unicode Standard, "U+FFFD Substitution of Maximal Subparts"). Only where lv_utf8_valid_prefix gives 0. */
size_t lv_utf8_bad_prefix(const char *text, size_t len);
/** The same as Java's decoder counts them, which takes a surrogate's three bytes as one. */
size_t lv_utf8_bad_prefix_java(const char *text, size_t len);
/** `text`, or if it is not well-formed a copy in the arena with U+FFFD for what is not. */
lv_str lv_utf8_repair(lv_arena *arena, lv_str text);
/** Number of characters of a well-formed text. */
size_t lv_utf8_length(const char *p, size_t len);
/** Writes `codepoint` (not a surrogate) as 1-4 bytes; returns how many. */
size_t lv_utf8_encode(uint32_t codepoint, char out[4]);
/** Reads the well-formed character at `text`; its length goes to `*used`. */
uint32_t lv_utf8_decode(const char *text, size_t *used);

#endif
