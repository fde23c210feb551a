/* The door of the screens that hang in halls (大屏), under /screen/: pairing by a code of the desk, and the numbers they show. A screen
 * holds no session of a person, so it does not go dark when one ends: its own secret lies in a cookie that scripts cannot read,
 * stands hashed in the database, and is good until somebody revokes it. What it is told is counted by schema/0031_see.sql, without
 * anything confidential and without small numbers. The page itself is the staff application's #/screen.
 *
 *   POST /screen/pair     {"code":"12345678"} → {"screen":3,"name":"一楼大厅"} and the cookie; 403 screen_code_wrong
 *   GET  /screen/figures  → what to show and how long; 401 screen_unpaired */
#pragma once
#include "gateway.h"

/* True: the path is one of these and the request will be answered once by its ticket. */
bool screen_route(struct gateway *g, u64 ticket, const struct http_in *in);
/* Hash under which a screen's code ("screen-code") or secret ("screen") is stored. */
void screen_hash(const struct gateway *g, const char *what, struct str secret, u8 out[32]);
extern const struct db_stmt stmt_screen_pair, stmt_screen_show;
