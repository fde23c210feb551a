/* Notices to a DingTalk (钉钉) group by its own robot.
 *
 * Settings: url (as shown when the robot is made, with access_token), secret ("加签"; without it the robot must be protected by a
 * word or by addresses), format (text, or markdown: then the words are taken as such), mention ("all", or members' mobile numbers).
 * The robot takes 20 notices a minute and is silent for ten minutes after more: set the channel's rate accordingly. */
#include "adapters/notice/bot.h"
#include "base/code.h"
#include "base/utf8.h"

#define WORDS_MAX 16000 /* bytes; the whole request may have 20,000 */
#define BODY_MAX  65536
#define TITLE_MAX 200

static void put_mention(const struct channel *ch, struct text *body)
{
    struct text list;
    if (channel_setting(ch, STR("mention")).n == 0) return;
    text_init(&list, READ_FIELD_MAX);
    bool all = bot_mentions(ch, &list);
    text_addf(body, ",\"at\":{\"atMobiles\":%.*s,\"isAtAll\":%s}", STR_ARG(text_str(&list)),
              all ? "true" : "false");
    text_free(&list);
}

static void put_body(const struct channel *ch, const struct message *m, bool markdown, struct text *body)
{
    struct text words, title;
    text_init(&words, WORDS_MAX);
    text_init(&title, TITLE_MAX);
    if (markdown) {
        bot_cut(m->title.n ? m->title : m->text, TITLE_MAX, &title);
        bot_cut(m->text, WORDS_MAX, &words);
        text_addz(body, "{\"msgtype\":\"markdown\",\"markdown\":{\"title\":");
        json_put(body, text_str(&title));
        text_addz(body, ",\"text\":");
    } else {
        bot_words(m, WORDS_MAX, &words);
        text_addz(body, "{\"msgtype\":\"text\",\"text\":{\"content\":");
    }
    json_put(body, text_str(&words));
    text_addc(body, '}');
    put_mention(ch, body);
    text_addc(body, '}');
    text_free(&words);
    text_free(&title);
}

/* &timestamp=<ms>&sign=<base64 of HMAC-SHA256 under the secret over "<ms>\n<secret>"> */
static struct str signed_url(const struct channel *ch, const struct message *m, struct arena *arena)
{
    struct str url = channel_setting(ch, STR("url")), secret = channel_setting(ch, STR("secret"));
    struct text stamp, b64, whole;
    u8 mac[DIGEST_MAX];
    if (secret.n == 0) return url;
    text_init(&stamp, 32);
    text_init(&b64, 64);
    text_init(&whole, READ_FIELD_MAX);
    text_addf(&stamp, "%lld", (long long)(m->now.us / 1000));
    struct str said = bot_stamp_text(arena, text_str(&stamp), secret);
    digest_hmac(DIGEST_SHA256, secret, said, mac);
    b64_put(&b64, mac, digest_size(DIGEST_SHA256));
    text_add(&whole, url);
    text_addc(&whole, str_find(url, STR("?")) == SIZE_MAX ? '?' : '&');
    text_addf(&whole, "timestamp=%.*s&sign=", STR_ARG(text_str(&stamp)));
    percent_put(&whole, text_str(&b64));
    struct str kept = whole.overflow || !said.p ? STR_NONE : arena_str(arena, text_str(&whole));
    text_free(&stamp);
    text_free(&b64);
    text_free(&whole);
    return kept;
}

static bool dingtalk_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                             struct http_out *out, const char **reason_r)
{
    struct str format = channel_setting(ch, STR("format"));
    const bool markdown = str_eq(format, STR("markdown"));
    struct text body;
    if (format.n && !markdown && !str_eq(format, STR("text")))
        return *reason_r = "format is neither text nor markdown", false;
    if (m->text.n + m->title.n == 0 || !utf8_valid(m->text) || !utf8_valid(m->title))
        return *reason_r = "no words", false;
    text_init(&body, BODY_MAX);
    put_body(ch, m, markdown, &body);
    return bot_call(signed_url(ch, m, arena), &body, arena, out, reason_r);
}

static const struct outcome_word words[] = {
    {"-1", SENT_RETRY, CAUSE_NONE, "DingTalk is busy"},
    {"130101", SENT_RETRY, CAUSE_RATE,
     "more than 20 notices in a minute; DingTalk blocks the robot for a while"},
    {"410100", SENT_RETRY, CAUSE_RATE,
     "more than 20 notices in a minute; DingTalk blocks the robot for a while"},
    {"310000", SENT_REFUSED, CAUSE_SETTINGS,
     "the robot's protection refused it: secret, word or address (or this computer's clock)"},
    {"300001", SENT_REFUSED, CAUSE_SETTINGS, "the robot's access_token is wrong"},
    {"300005", SENT_REFUSED, CAUSE_SETTINGS, "the robot's access_token is wrong"},
    {"400013", SENT_REFUSED, CAUSE_GONE, "the group was dissolved"},
    {"400101", SENT_REFUSED, CAUSE_SETTINGS, "the robot's access_token is wrong"},
    {"400102", SENT_REFUSED, CAUSE_SETTINGS, "the robot is stopped"},
    {"430101", SENT_REFUSED, CAUSE_NONE, "DingTalk takes a link for unsafe"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void dingtalk_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                           struct sent_outcome *out)
{
    (void)ch;
    bot_judge(reply, arena, "errcode", NULL, words, out);
}

static const char *const setting_names[] = {"!url", "!secret", "format", "mention", NULL};

const struct adapter adapter_dingtalk = {
    .name = "dingtalk",
    .verify = bot_verify,
    .parse = bot_parse,
    .compose = dingtalk_compose,
    .judge = dingtalk_judge,
    .send_setting = "url",
    .setting_names = setting_names,
    .use = USE_NOTICE,
};
