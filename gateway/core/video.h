/* Takes what tells about the person out of a short film without decoding it: place, device, times, titles, tracks that are neither
 * picture nor sound. Works in place and keeps every offset: what goes becomes a `free` box (ISO/IEC 14496-12, 8.1.2) or a
 * Void element (RFC 8794, 11.3.4) of the same size. Only what is known to be needed for playing stays. What the encoder wrote into
 * the compressed pictures themselves is not looked at. Called by the media worker alone. Pure; no recursion, a bounded depth. */
#pragma once
#include "core/filetype.h"

struct video_facts {
    u32 width, height; /* as the header says; 0: it does not */
};
/* False: the structure is not whole, or not one that can be cleaned (encrypted, or fragments of tracks that had to go). The bytes are
 * then half changed and worth nothing. type: MEDIA_MP4 or MEDIA_WEBM. */
bool video_clean(u8 *bytes, size_t n, enum media_type type, struct video_facts *facts_r) MUST_CHECK;
