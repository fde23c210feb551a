/* /ws/intake, subprotocol mashangdu.intake.v1: the web socket door for hall tablets, kiosks and chat pages.
 *   → {"type":"submit","id":"…","key":"idempotency key", …the fields of POST /api/v1/feedback}
 *   ← {"type":"accepted","id":"…","receipt":…,"feedback":…,"case":…,"repeated":…}  only after COMMIT (P1)
 *   ← {"type":"refused","id":"…","code":"…","message":"…","retry":seconds}
 *   → {"type":"follow","receipt":"…"}   ← {"type":"status",…} now and whenever the case changes
 *   → {"type":"ping"}                   ← {"type":"pong"}
 * A tablet at a window (kiosk.h):
 *   → {"type":"pair","plaque":"…","code":"8 digits"}   ← {"type":"paired","kiosk":7,"secret":"…"}  once; the secret is the tablet's
 *   → {"type":"kiosk","kiosk":7,"secret":"…"}          ← {"type":"ready","plaque":…,"unit":…,"window":…,"reasons":[{code,name}]}
 *                                                      ← {"type":"refused","code":"kiosk_revoked",…}  it is to be paired again
 *   ← {"type":"prompt","service":"s-…","seconds":n}    a matter was finished: show it for so long, then go back to rest
 *   ← {"type":"rest"}                                  it was rated elsewhere, or is over
 *   → {"type":"submit","key":service,"service":service,"nature":"rate","rating":1..5,"reasons":"code,code","consent":bool}
 *     sent again until it is accepted or refused: the key is the service's, so a tap is stored once
 *   ← {"type":"refused","code":"rated_before"|"service_over",…}  the tap is done with */
#pragma once
#include "gateway.h"

struct live *live_new(struct gateway *g);
void live_free(struct live **l);
int live_ws_open(struct gateway *g, u64 ws, const struct http_in *in);
void live_ws_text(struct gateway *g, u64 ws, struct str text);
struct web_frame *live_ws_writable(struct gateway *g, u64 ws);
void live_ws_closed(struct gateway *g, u64 ws);
bool live_ws_known(const struct live *l, u64 ws);
void live_case_changed(struct gateway *g, u64 case_id); /* the hub read an event of this case */
