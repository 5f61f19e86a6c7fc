/* base64.h: RFC 4648 with padding, as BINARY values stand in JSON. */
#ifndef LV_JSON_BASE64_H
#define LV_JSON_BASE64_H

#include "base/str.h"

void lv_base64_encode(lv_str bytes, lv_sbuf *out);
/** Strict: length a multiple of 4, padding at the end only. The bytes are in `arena`; false if it is no base64. */
bool lv_base64_decode(lv_arena *arena, lv_str text, lv_str *out);

/** The six bits that a character stands for, -1 if it stands for none. */
int lv_base64_value(char c);

#endif
