/* Whether the database belongs to this master key. The first gateway leaves its mark; one with another key must not
 * take anything in: its receipts and sealed numbers would be lost to everybody. */
#pragma once
#include "gateway.h"

/* Looks once the database is reachable; on a foreign mark the process logs why and ends with a failure. Harmless to repeat. */
void keymark_check(struct gateway *g);
extern const struct db_stmt stmt_keymark;
