/* Inside of `mashangdu plaque`: what cmd_plaque.c (numbers, states, key) and cmd_plaque_print.c (files, addresses) share. Nobody else
 * includes it. */
#pragma once
#include "cmd.h"

#define CMD_PLAQUE "plaque"
/* The words of the command line; NULL or false: not given. */
struct plaque_request {
    const char *unit, *window, *state, *successor, *format, *layout, *dpi, *copies, *output, *why, *version;
    bool all, json;
};
/* What is wanted of one plaque (a CODE or NUMBER), or of all: needs the master key. Exit code. */
enum plaque_press { PRESS_PRINT, PRESS_URL, PRESS_QR };
int cmd_plaque_press(struct db_tool *db, const struct config *cfg, enum plaque_press what,
                     const struct plaque_request *q, const char *word);
