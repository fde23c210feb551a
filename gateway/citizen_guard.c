/* What a form shows of the guards: nothing, until it came back over a limit; then a challenge that the page's script solves, and a
 * sentence for everyone else. */
#include "citizen_part.h"
#include "guard.h"

enum refusal guard_form(struct gateway *g, const struct http_in *in, const struct webform *form,
                        instant issued, struct arena *a, struct submission *sub, span *wait_r)
{
    const struct guard_ask ask = {.peer = in->peer,
                                  .agent = http_header_get(in, STR("user-agent")),
                                  .proof = webform_get(form, a, "altcha"),
                                  .issued = issued,
                                  .now = in->at,
                                  .trapped = webform_get(form, a, "website").n > 0,
                                  .arena = a};
    return guard_check(g, &ask, sub, wait_r);
}

void guard_put(struct page *p, enum refusal r)
{
    struct text challenge;
    if (r != REFUSE_PROVE) return;
    text_init(&challenge, 2000);
    guard_challenge(p->g, clock_now(), &challenge);
    page_copy(p, "challenge", text_str(&challenge));
    text_free(&challenge);
    page_put(p, "pow", asset_path("pow.js"));
}
