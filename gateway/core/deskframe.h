/* What a dashboard says on /ws/dashboard (mashangdu.dashboard.v1), read at the door. Called by the hub for each frame; it
 * knows nothing of cases, persons or sockets.
 *   {"type":"subscribe","since":n}                          events after n; one that cannot be had is answered by reload
 *   {"type":"presence","case":n,"doing":"look"|"write"}     this page has the case open, or its person is writing
 *   {"type":"leave"}                                        it has none open
 *   {"type":"pong"} */
#pragma once
#include "base/str.h"

#define DESKFRAME_MAX 512 /* bytes of one frame */

enum deskframe_kind {
    DESKFRAME_SUBSCRIBE,
    DESKFRAME_PRESENCE,
    DESKFRAME_LEAVE,
    DESKFRAME_PONG,
};
struct deskframe {
    enum deskframe_kind kind;
    i64 since;   /* of subscribe: -1 when none was named, or none that could be one */
    u64 case_id; /* of presence: never 0 */
    bool writes; /* of presence */
};

/* False for anything that is none of these; keys beside those named are passed over. */
bool deskframe_read(struct str text, struct deskframe *f_r) MUST_CHECK;
