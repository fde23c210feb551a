/* `mashangdu channel replay`: asks for a replay of events to one subscriber. The running gateways do it; nothing is sent from here. */
#pragma once
#include "cmd.h"

/* from, to: a number of an event, or a time in China ("2026-03-18", "2026-03-18 10:00", "2026-03-18T10:00:00", or with its own zone);
 * to may be NULL: until now. Times are from, and up to but not with. False with a sentence printed. */
bool channel_replay(struct db_tool *db, const char *name, const char *from, const char *to);
