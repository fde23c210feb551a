/* Pictures over libvips: decode, turn upright, into sRGB, bounded, encoded anew without any metadata. The only file that includes
 * vips. Called by the worker alone, after picture_start and inside the sandbox. */
#pragma once
#include "core/mediajob.h"

/* Loads and warms the library up: everything that it opens, it opens here. False: it cannot be used. */
bool picture_start(const char *program) MUST_CHECK;
bool picture_reads(enum media_type t); /* the library was built with a loader for it */

struct picture {
    enum media_type clean_type;
    u32 width, height;
    u8 *clean, *thumb; /* valid until the process ends */
    size_t n_clean, n_thumb;
};
enum media_end picture_make(struct str bytes, enum media_type type, const struct media_ask *limits,
                            struct picture *out) MUST_CHECK;
