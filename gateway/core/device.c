#include "core/device.h"

/* The first that stands in the header counts: browsers name those they are like behind their own name, and before it. */
static const struct device_name {
    struct str mark, words;
} browsers[] =
    {
        {STR("MicroMessenger"), STR("微信")}, {STR("DingTalk"), STR("钉钉")},
        {STR("wxwork"), STR("企业微信")},     {STR("HuaweiBrowser"), STR("华为浏览器")},
        {STR("QQBrowser"), STR("QQ 浏览器")}, {STR("MetaSr"), STR("搜狗浏览器")},
        {STR("360SE"), STR("360 浏览器")},    {STR("360EE"), STR("360 浏览器")},
        {STR("QIHU"), STR("360 浏览器")},     {STR("UOSBrowser"), STR("统信浏览器")},
        {STR("UBrowser"), STR("UC 浏览器")},  {STR("Edg"), STR("Edge")},
        {STR("OPR/"), STR("Opera")},          {STR("Firefox/"), STR("Firefox")},
        {STR("FxiOS/"), STR("Firefox")},      {STR("CriOS/"), STR("Chrome")},
        {STR("Chrome/"), STR("Chrome")},      {STR("Safari/"), STR("Safari")},
},
  systems[] = {
      {STR("OpenHarmony"), STR("HarmonyOS")},
      {STR("HarmonyOS"), STR("HarmonyOS")},
      {STR("Android"), STR("Android")},
      {STR("iPhone"), STR("iPhone")},
      {STR("iPad"), STR("iPad")},
      {STR("Windows"), STR("Windows")},
      {STR("Mac OS X"), STR("macOS")},
      {STR("UOS"), STR("统信 UOS")},
      {STR("Kylin"), STR("麒麟")},
      {STR("CrOS"), STR("ChromeOS")},
      {STR("Linux"), STR("Linux")},
};

static struct str name_of(const struct device_name *names, size_t n, struct str user_agent)
{
    for (size_t i = 0; i < n; i++)
        if (str_find(user_agent, names[i].mark) != SIZE_MAX) return names[i].words;
    return STR_NONE;
}

void device_words(struct str user_agent, struct text *out)
{
    const struct str browser = name_of(browsers, ARRAY_LEN(browsers), user_agent),
                     system = name_of(systems, ARRAY_LEN(systems), user_agent);
    text_add(out, browser);
    if (browser.n && system.n) text_addz(out, " · ");
    text_add(out, system);
}
