/* Notices to a Feishu (飞书, Lark) group by its own robot.
 *
 * Settings: url (as shown when the robot is made), secret ("签名校验"; without it a word or addresses must protect the robot),
 * mention (only "all"). Plain text; the robot takes 100 notices a minute and 5 a second. */
#include "adapters/notice/bot.h"
#include "base/code.h"
#include "base/utf8.h"

#define WORDS_MAX 16000 /* bytes; the whole request may have 20 KB */
#define BODY_MAX  65536

/* The odd one: the HMAC's key is "<s>\n<secret>" and its message is empty. */
static void put_sign(const struct message *m, struct str secret, struct arena *arena, struct text *body)
{
    struct text stamp;
    u8 mac[DIGEST_MAX];
    if (secret.n == 0) return;
    text_init(&stamp, 32);
    text_addf(&stamp, "%lld", (long long)(m->now.us / 1000000));
    struct str key = bot_stamp_text(arena, text_str(&stamp), secret);
    digest_hmac(DIGEST_SHA256, key, STR(""), mac);
    text_addf(body, "\"timestamp\":\"%.*s\",\"sign\":\"", STR_ARG(text_str(&stamp)));
    b64_put(body, mac, digest_size(DIGEST_SHA256));
    text_addz(body, "\",");
    if (!key.p) body->overflow = true;
    text_free(&stamp);
}

static bool feishu_compose(const struct channel *ch, const struct message *m, struct arena *arena,
                           struct http_out *out, const char **reason_r)
{
    struct text body, words;
    if (m->text.n + m->title.n == 0 || !utf8_valid(m->text) || !utf8_valid(m->title))
        return *reason_r = "no words", false;
    text_init(&body, BODY_MAX);
    text_init(&words, BODY_MAX);
    if (str_eq(channel_setting(ch, STR("mention")), STR("all")))
        text_addz(&words, "<at user_id=\"all\">所有人</at> ");
    bot_words(m, WORDS_MAX, &words);
    text_addc(&body, '{');
    put_sign(m, channel_setting(ch, STR("secret")), arena, &body);
    text_addz(&body, "\"msg_type\":\"text\",\"content\":{\"text\":");
    json_put(&body, text_str(&words));
    text_addz(&body, "}}");
    text_free(&words);
    return bot_call(channel_setting(ch, STR("url")), &body, arena, out, reason_r);
}

static const struct outcome_word words[] = {
    {"9499", SENT_RETRY, CAUSE_RATE, "too fast for the robot"},
    {"11232", SENT_RETRY, CAUSE_RATE, "too fast for the robot"},
    {"19001", SENT_REFUSED, CAUSE_SETTINGS, "the robot's address is wrong"},
    {"19021", SENT_REFUSED, CAUSE_SETTINGS, "the robot's secret is wrong, or this computer's clock"},
    {"19022", SENT_REFUSED, CAUSE_SETTINGS, "the robot does not take notices from our address"},
    {"19024", SENT_REFUSED, CAUSE_SETTINGS, "the word that protects the robot is missing"},
    {NULL, SENT_UNKNOWN, CAUSE_NONE, NULL},
};

static void feishu_judge(const struct channel *ch, const struct http_reply *reply, struct arena *arena,
                         struct sent_outcome *out)
{
    (void)ch;
    bot_judge(reply, arena, "code", "StatusCode", words, out);
}

static const char *const setting_names[] = {"!url", "!secret", "mention", NULL};

const struct adapter adapter_feishu = {
    .name = "feishu",
    .verify = bot_verify,
    .parse = bot_parse,
    .compose = feishu_compose,
    .judge = feishu_judge,
    .send_setting = "url",
    .setting_names = setting_names,
    .use = USE_NOTICE,
};
