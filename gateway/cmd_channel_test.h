/* `mashangdu channel test`: one message through a channel of the running gateway, the same way as every other, and what became
 * of it. Called by cmd_channel.c. */
#pragma once
#include "cmd.h"

/* to: a telephone number or mail address; NULL for groups and subscribers. True when the provider took it; a sentence is
 * printed otherwise. */
bool channel_test(const struct config *cfg, struct db_tool *db, const struct keys *k, const char *name,
                  const char *to) MUST_CHECK;
