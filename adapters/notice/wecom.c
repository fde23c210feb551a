/* Notices to a WeCom (企业微信) group by its own robot. Nothing is signed: the key in the address is the secret.
 *
 * Settings: url (as shown when the robot is made, with key), format (text, or markdown: then the words are taken as such), mention
 * ("all", or members' mobile numbers; of text only). The robot takes 20 notices a minute. */
#include "adapters/notice/bot.h"
#include "base/code.h"
#include "base/utf8.h"

#define TEXT_MAX     2048 /* bytes of the words */
#define MARKDOWN_MAX 4096
#define BODY_MAX     65536

static void put_mention(const struct channel *ch, struct text *body)
{
    struct text list;
    if (channel_setting(ch, STR("mention")).n == 0) return;
    text_init(&list, READ_FIELD_MAX);
    if (bot_mentions(ch, &list)) {
        text_clear(&list);
        text_addz(&list, "[\"@all\"]");
    }
    text_addf(body, ",\"mentioned_mobile_list\":%.*s", STR_ARG(text_str(&list)));
    text_free(&list);
}

static bool wecom_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                          struct http_out *out, const char **reason_r)
{
    struct str format = channel_setting(ch, STR("format"));
    const bool markdown = str_eq(format, STR("markdown"));
    struct text body, words;
    if (format.n && !markdown && !str_eq(format, STR("text")))
        return *reason_r = "format is neither text nor markdown", false;
    if (m->text.n + m->title.n == 0 || !utf8_valid(m->text) || !utf8_valid(m->title))
        return *reason_r = "no words", false;
    text_init(&body, BODY_MAX);
    text_init(&words, MARKDOWN_MAX);
    if (markdown)
        bot_cut(m->text.n ? m->text : m->title, MARKDOWN_MAX, &words);
    else
        bot_words(m, TEXT_MAX, &words);
    text_addf(&body, "{\"msgtype\":\"%s\",\"%s\":{\"content\":", markdown ? "markdown" : "text",
              markdown ? "markdown" : "text");
    json_put(&body, text_str(&words));
    if (!markdown) put_mention(ch, &body);
    text_addz(&body, "}}");
    text_free(&words);
    return bot_call(channel_setting(ch, STR("url")), &body, arena, out, reason_r);
}

static const struct outcome_word words[] = {
    {"-1", SENT_RETRY, CAUSE_NONE, "WeCom is busy"},
    {"45009", SENT_RETRY, CAUSE_RATE, "more than 20 notices in a minute"},
    {"45033", SENT_RETRY, CAUSE_RATE, "too many calls at the same time"},
    {"40008", SENT_REFUSED, CAUSE_NONE, "WeCom does not know this kind of message"},
    {"40058", SENT_REFUSED, CAUSE_NONE, "WeCom cannot read the notice"},
    {"93000", SENT_REFUSED, CAUSE_SETTINGS,
     "the robot's key is wrong, or the robot was removed from the group"},
    {"93004", SENT_REFUSED, CAUSE_SETTINGS, "the robot is stopped"},
    {"93008", SENT_REFUSED, CAUSE_SETTINGS, "the robot is not in the group"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void wecom_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                        struct sent_outcome *out)
{
    (void)ch;
    bot_judge(reply, arena, "errcode", NULL, words, out);
}

static const char *const setting_names[] = {"!url", "format", "mention", NULL};

const struct adapter adapter_wecom = {
    .name = "wecom",
    .verify = bot_verify,
    .parse = bot_parse,
    .compose = wecom_compose,
    .judge = wecom_judge,
    .send_setting = "url",
    .setting_names = setting_names,
    .use = USE_NOTICE,
};
