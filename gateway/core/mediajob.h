/* What the gateway and its media worker say to each other over one socket: one ask, one answer, then the worker ends. Both are
 * of one build, so the structs go as they are. The worker's answer is still not believed: the gateway checks every number. */
#pragma once
#include "core/filetype.h"

#define MEDIA_JOB_MAGIC 0x314a4d4dU

struct media_ask {
    u32 magic, pixels_max;   /* width × height of a picture, before it is decoded */
    u32 side_max, thumb_max; /* longest sides of the clean copy and the thumbnail */
    u64 n;                   /* bytes that follow */
};

enum media_end {
    MEDIA_DONE,
    MEDIA_END_TYPE,   /* none of ours, or this build cannot read it */
    MEDIA_END_PIXELS, /* more than pixels_max */
    MEDIA_END_BROKEN, /* of a known type, but not readable */
    MEDIA_ENDS_N
};
struct media_answer {
    u32 magic, end; /* enum media_end */
    u32 type, clean_type;
    u32 width, height;    /* of the clean copy; of a video as its header says, 0 unknown */
    u64 n_clean, n_thumb; /* bytes that follow */
};
