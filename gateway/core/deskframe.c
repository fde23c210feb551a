#include "core/deskframe.h"
#include "base/json.h"

static bool presence(const struct json *doc, struct deskframe *f)
{
    i64 id;
    struct str doing = json_str(json_get(doc, "doing"));
    if (!json_int(json_get(doc, "case"), &id) || id <= 0) return false;
    f->case_id = (u64)id;
    f->writes = str_eq(doing, STR("write"));
    return f->writes || str_eq(doing, STR("look"));
}

bool deskframe_read(struct str text, struct deskframe *f_r)
{
    const char *why;
    bool good = true;
    *f_r = (struct deskframe){.since = -1};
    struct json *doc = json_parse(text, DESKFRAME_MAX, &why);
    if (!doc) return false;
    struct str type = json_str(json_get(doc, "type"));
    if (str_eq(type, STR("subscribe"))) {
        f_r->kind = DESKFRAME_SUBSCRIBE;
        if (!json_int(json_get(doc, "since"), &f_r->since) || f_r->since < 0) f_r->since = -1;
    } else if (str_eq(type, STR("presence"))) {
        f_r->kind = DESKFRAME_PRESENCE;
        good = presence(doc, f_r);
    } else if (str_eq(type, STR("leave"))) {
        f_r->kind = DESKFRAME_LEAVE;
    } else if (str_eq(type, STR("pong"))) {
        f_r->kind = DESKFRAME_PONG;
    } else {
        good = false;
    }
    json_free(&doc);
    return good;
}
