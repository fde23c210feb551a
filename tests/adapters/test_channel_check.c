/* `channel check` itself: all samples pass, and every kind of wrong sample fails. A check that cannot fail proves nothing: each row
 * changes one thing in a sample that passes. */
#include "cmd_channel_check.h"
#include "rows.h"
#include <unistd.h>

static void all_samples_pass(void **state)
{
    (void)state;
    assert_int_equal(channel_check(TREE "/tests/adapters/samples"), 0);
}

/* One file of a folder of its own; `put` copies text with `from` replaced by `to` (NULL: as it is). */
struct copy {
    const char *from, *to;
};
static void file_put(const char *dir, const char *name, const char *text, struct copy copy)
{
    char path[200];
    const char *at = copy.from ? strstr(text, copy.from) : NULL;
    if (copy.from && !at) fail_msg("%s has no %s", name, copy.from);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (at)
        fprintf(f, "%.*s%s%s", (int)(at - text), text, copy.to, at + strlen(copy.from));
    else
        fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void file_copy(const char *dir, const char *folder, const char *name, bool body, struct copy in_case,
                      struct copy in_body)
{
    char *text = file_z(folder, name, ".json"), file[100];
    snprintf(file, sizeof file, "%s.json", name);
    file_put(dir, file, text, in_case);
    free(text);
    if (!body) return;
    text = file_z(folder, name, ".body");
    snprintf(file, sizeof file, "%s.body", name);
    file_put(dir, file, text, in_body);
    free(text);
}

static void folder_end(const char *dir)
{
    char line[100];
    snprintf(line, sizeof line, "rm -rf '%s'", dir);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c): a folder of this test's own */
}

#define SAME                                                                                                 \
    {                                                                                                        \
        NULL, NULL                                                                                           \
    }
static const struct {
    const char *folder, *name;
    bool body;
    struct copy in_case, in_body;
    int result;
} wrong[] = {
    {"aliyun", "01-up-single", true, SAME, SAME, 0},
    {"aliyun", "01-up-single", true, {"\"900000000001\"", "\"900000000002\""}, SAME, 1},
    {"aliyun", "01-up-single", true, {"\"to\": \"1234\"", "\"to\": \"1235\""}, SAME, 1},
    {"aliyun", "01-up-single", true, {"\"opt_out\": false", "\"opt_out\": true"}, SAME, 1},
    {"aliyun", "01-up-single", true, {"\"sign_name\": null", "\"sign_name\": \"x\""}, SAME, 1},
    {"aliyun", "01-up-single", true, {"1773798600", "1773798601"}, SAME, 1},
    {"aliyun", "01-up-single", true, {"\"code\\\":0", "\"code\\\":1"}, SAME, 1},
    {"aliyun",
     "01-up-single",
     true,
     {"/FICTITIOUS-url-token-7f3a9c/", "/FICTITIOUS-url-token-7f3a9d/"},
     SAME,
     1},
    {"aliyun", "01-up-single", true, SAME, {"17", "18"}, 1},
    {"aliyun", "90-bad-token", true, {"\"authentic\": false", "\"authentic\": true"}, SAME, 1},
    {"aliyun", "92-bad-object", true, {"\"parse_error\"", "\"parse_error_not\""}, SAME, 1},
    {"aliyun", "20-report", true, {"09:49:40", "09:49:43"}, SAME, 1},
    {"aliyun", "20-report", true, {"\"delivered\"", "\"sent\""}, SAME, 1},
    {"huawei", "20-status-part1", true, SAME, SAME, 0},
    {"huawei", "20-status-part1", true, {"\"index\": 1", "\"index\": 2"}, SAME, 1},
    {"twilio", "10-mo-mms", true, {"\"media\"", "\"no_media\""}, SAME, 1},
    {"twilio", "04-mo-long", true, {"\"segments\": 6", "\"segments\": 5"}, SAME, 1},
    {"wechat-mp",
     "04-event-subscribe-qr",
     true,
     {"\"scene\": \"MSD-QR-0007\"", "\"scene\": \"MSD-QR-0008\""},
     SAME,
     1},
    {"wechat-mp",
     "07-event-unsubscribe",
     true,
     {"\"event\": \"unsubscribe\"", "\"event\": \"subscribe\""},
     SAME,
     1},
    {"wechat-mp", "01-handshake", false, {"\"body\": \"583", "\"body\": \"584"}, SAME, 1},
    {"wechat-mp", "30-passive-reply", true, SAME, SAME, 0},
    {"wechat-mp", "30-passive-reply", true, {"\"now\": 1773799200", "\"now\": 1773799201"}, SAME, 1},
    {"gammu", "02-multipart", false, {"DECODED_1_TEXT\": \"北", "DECODED_1_TEXT\": \"南"}, SAME, 1},
    {"standard-webhooks", "01-single", true, SAME, SAME, 0},
    {"standard-webhooks",
     "01-single",
     true,
     {"v1,5Ap", "v1,AAAA v2,AAAA v1,5Ap"},
     SAME,
     0}, /* one of several is enough */
    {"standard-webhooks", "01-single", true, {"v1,5Ap", "v1,5Aq"}, SAME, 1},
    {"standard-webhooks", "01-single", true, {"v1,5Ap", "v2,5Ap"}, SAME, 1},
    {"standard-webhooks", "01-single", true, {"\"now\": 1773799200", "\"now\": 1773799501"}, SAME, 1},
    {"standard-webhooks", "01-single", true, {"\"now\": 1773799200", "\"now\": 1773798899"}, SAME, 1},
    {"standard-webhooks", "90-bad-body", true, {"\"authentic\": false", "\"authentic\": true"}, SAME, 1},
    {"outbound", "01-twilio-send", true, SAME, SAME, 0},
    {"outbound", "01-twilio-send", true, {"x-www-form-urlencoded", "x-www-form-urlencodec"}, SAME, 1},
    {"outbound", "01-twilio-send", true, {"\"Content-Type\"", "\"content-type\""}, SAME, 1},
    {"outbound", "01-twilio-send", true, {"\"retry\": true", "\"retry\": false"}, SAME, 1},
    {"outbound", "01-twilio-send", true, {"\"error_code\": \"21211\"", "\"error_code\": \"21212\""}, SAME, 1},
    {"outbound", "01-twilio-send", true, SAME, {"To=%2B", "To=%2b"}, 1},
    {"outbound", "02-aliyun-acs3-query", true, {"\"nonce\": \"3156", "\"nonce\": \"3157"}, SAME, 1},
    {"outbound", "05-tencent-tc3", true, {"\"timestamp\": 1773799200", "\"timestamp\": 1773799201"}, SAME, 1},
    {"outbound",
     "06-huawei-wsse",
     true,
     {"\"error_code\": \"E200037\"", "\"error_code\": \"E200038\""},
     SAME,
     1},
    {"outbound", "13-kannel-sendsms", false, {"dlr-mask=31", "dlr-mask=1"}, SAME, 1},
    {"bots", "01-dingtalk-markdown", true, {"timestamp=1773799200000", "timestamp=1773799200001"}, SAME, 1},
    {"bots", "03-wecom-markdown", true, {"\"errcode\": 0", "\"errcode\": 45009"}, SAME, 1},
    {"altcha", "10-v2-sha256", true, SAME, SAME, 0},
    {"altcha", "10-v2-sha256", true, {"hmac-key-0001", "hmac-key-0002"}, SAME, 1},
    {"altcha", "10-v2-sha256", true, {"\"used\": []", "\"used\": [\"MSD-C-0001\"]"}, SAME, 1},
    {"altcha", "10-v2-sha256", true, {"\"replay_key\": \"MSD", "\"replay_key\": \"MSE"}, SAME, 1},
    {"altcha", "85-v2-no-work", true, {"\"authentic\": false", "\"authentic\": true"}, SAME, 1},
    {"twilio", "01-mo-zh", true, {"\"provider\": \"twilio\"", "\"provider\": \"nobody\""}, SAME, 1},
    {"twilio", "01-mo-zh", true, {"\"kind\": \"mo\"", "\"kind\": \"dlr\""}, SAME, 1},
    {"twilio", "01-mo-zh", true, {"\"kind\": \"mo\"", "\"kind\": \"new\""}, SAME, 1},
    {"twilio", "01-mo-zh", false, SAME, SAME, 1}, /* the body is missing */
    {"twilio", "01-mo-zh", true, {"\"01-mo-zh.body\"", "\"../01-mo-zh.body\""}, SAME, 1},
    {"twilio", "01-mo-zh", true, {"{", "{{"}, SAME, 1},
    {"twilio", "01-mo-zh", true, {"\"request\"", "\"no_request\""}, SAME, 1}, /* no case in the folder */
};

static void wrong_samples_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char dir[] = "/tmp/channel-check-XXXXXX";
        assert_non_null(mkdtemp(dir));
        file_copy(dir, wrong[i].folder, wrong[i].name, wrong[i].body, wrong[i].in_case, wrong[i].in_body);
        if (channel_check(dir) != wrong[i].result)
            fail_msg("%s/%s with %s: not %d", wrong[i].folder, wrong[i].name,
                     wrong[i].in_case.to ? wrong[i].in_case.to : "another body", wrong[i].result);
        folder_end(dir);
    }
    assert_int_equal(channel_check(TREE "/no-such-folder"), 1);
}

/* Over a folder: a repeat must have the key of the first, another message must not, and pieces are joined. */
static void cases_of_a_folder_know_each_other(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *one, *two;
        bool body;
        struct copy in_two;
        int result;
    } all[] = {
        {"aliyun", "01-up-single", "06-up-replay", true, SAME, 0},
        {"kannel", "06-get-part1", "07-get-part2", false, SAME, 0},
        {"kannel",
         "06-get-part1",
         "07-get-part2",
         false,
         {"\"assembled_text\": \"路", "\"assembled_text\": \"灯"},
         1},
        {"kannel", "06-get-part1", "07-get-part2", false, {"udh=%05%00%03%A5", "udh=%05%00%03%A6"}, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        char dir[] = "/tmp/channel-check-XXXXXX";
        const struct copy same = SAME;
        assert_non_null(mkdtemp(dir));
        file_copy(dir, all[i].folder, all[i].one, all[i].body, same, same);
        file_copy(dir, all[i].folder, all[i].two, all[i].body, all[i].in_two, same);
        assert_int_equal(channel_check(dir), all[i].result);
        folder_end(dir);
    }
}

/* A file that describes no request neither passes nor fails; a folder of nothing else has no case. */
static void foreign_cases_count_neither_way(void **state)
{
    (void)state;
    char dir[] = "/tmp/channel-check-XXXXXX";
    assert_non_null(mkdtemp(dir));
    const struct copy same = SAME;
    file_put(dir, "02-table.json", "{\"cases\":[]}", same);
    assert_int_equal(channel_check(dir), 1);
    file_copy(dir, "aliyun", "01-up-single", true, same, same);
    assert_int_equal(channel_check(dir), 0);
    folder_end(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_samples_pass),
        cmocka_unit_test(wrong_samples_fail),
        cmocka_unit_test(cases_of_a_folder_know_each_other),
        cmocka_unit_test(foreign_cases_count_neither_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
