#include "outbox.h"

/* The first line that fits; "" fits everything. */
static const struct {
    const char *state, *cause;
    bool decide;
    const char *english, *chinese;
} lines[] = {
    {"unknown", "", true,
     "ask the provider whether it arrived: it did not - redrive --even-unknown; it did, or nobody can say - drop",
     "向服务商核实是否送达：确认未送达可重发；已送达或无法确认的，放弃"},
    {"unknown", "", false, "wait for its delivery receipt", "等待送达回执"},
    {"dead", "settings", false, "correct the channel's settings, then redrive", "先改正渠道设置，再重发"},
    {"dead", "content", false,
     "the channel cannot write this message: set its template or let another channel take over, then redrive",
     "本渠道写不出这条消息：补上模板或设置备用渠道后重发"},
    {"dead", "money", false, "top up the provider's account, then redrive", "先给服务商账户充值，再重发"},
    {"dead", "recipient", false,
     "the number is wrong or does not want it: reach the citizen another way, then drop",
     "号码有误或对方拒收：改用其他方式联系，然后放弃"},
    {"dead", "gone", false, "the receiver wants nothing more: drop, or agree with it and enable the channel",
     "对方已永久停止接收：放弃，或与对方商定后重新启用渠道"},
    {"dead", "channel", false, "enable the channel or redrive through another",
     "启用该渠道，或换一个渠道重发"},
    {"dead", "", false, "look at last_error and the channel log, mend it, then redrive",
     "查看最后一次错误和渠道日志，处理后重发"},
    {"failed", "", false,
     "the provider could not deliver it: redrive later, or reach the citizen another way and drop",
     "服务商未能送达：稍后重发，或改用其他方式联系后放弃"},
};

const char *outbox_advice(struct str state, struct str cause, bool decide, bool kept, bool chinese)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (!str_eq(str_of(lines[i].state), state) || lines[i].decide != decide) continue;
        if (lines[i].cause[0] && !str_eq(str_of(lines[i].cause), cause)) continue;
        if (!kept && !str_eq(state, STR("unknown")))
            return chinese ? "内容已按期清空，不能重发；请放弃"
                           : "its words are gone and it cannot go again: drop";
        return chinese ? lines[i].chinese : lines[i].english;
    }
    return NULL;
}
