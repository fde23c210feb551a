/* What the two files of 登记 share: staff_entry.c, which stores what a citizen says at a window or by telephone, and staff_entry_alike.c,
 * which looks for open cases that may be the same. Included by these alone. */
#pragma once
#include "staff_part.h"
#include "core/route.h"
#include "core/submission.h"

/* Posts that write down; those of the office, who may also join it to an open case that they see. */
#define ENTRY_OFFICE  (ROLE_BIT(ROLE_COORDINATOR) | ROLE_BIT(ROLE_REGISTRY) | ROLE_BIT(ROLE_CALLBACK))
#define ENTRY_WRITERS (ENTRY_OFFICE | ROLE_BIT(ROLE_HANDLER))

/* What the words would be routed to, in memory: text, nature and door of `s`; unit: the one it is about, 0 when none was named. False: the
 * register is not loaded yet, or the words have no shape that can be read. Views live as long as the arena. */
bool entry_decide(struct gateway *g, const struct submission *s, int unit, struct arena *a,
                  struct decision *d_r) MUST_CHECK;
