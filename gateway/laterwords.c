#include "laterwords.h"
#include "intake.h"
#include "register.h"
#include "base/arena.h"
#include "core/route.h"

#define MEMORY ((size_t)4 << 20)

struct laterwords laterwords_read(struct gateway *g, struct str words)
{
    struct laterwords found = {.danger = false};
    struct decision d;
    struct arena a;
    if (str_trim(words).n == 0 || !register_ready(g)) return found;
    arena_init(&a, MEMORY);
    const struct route_input in = {.text = intake_cleaned(g, words, &a),
                                   .nature =
                                       NATURE_APPEAL, /* no report was pressed: whatever alleges is held */
                                   .door = DOOR_WEB};
    if (in.text.p) {
        route_decide(register_routing(g), &in, &a, &d);
        found = (struct laterwords){.danger = d.urgency == URGENCY_CRITICAL, .misconduct = d.held};
    } else {
        found.misconduct = true;
    }
    arena_free(&a);
    return found;
}
