/* What the router knows, as the tools read it over their own connection: units, categories and words as rows for routing_build. Called
 * by cmd_import.c, which compiles what it has just stored, and by cmd_train.c, which learns over it. The gateway itself reads them in
 * register_rows.c. */
#pragma once
#include "cmd.h"
#include "base/arena.h"
#include "core/route.h"

/* Strings and arrays live in the arena; no model. False with a sentence printed. */
bool tool_routing_rows(const char *command, struct db_tool *db, struct arena *a,
                       struct routing_rows *rows_r) MUST_CHECK;
