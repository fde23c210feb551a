#include "metrics.h"

static u64 counters[COUNTERS_N];
static u64 refusals[REFUSALS_N];
static u64 stored[DOORS_N][NATURES_N];

static const i64 bucket_us[] = {1000, 2000, 5000, 10000, 20000, 50000, 100000, 250000, 1000000, 5000000};
static u64 buckets[ARRAY_LEN(bucket_us) + 1];
static double latency_sum;

static const struct {
    const char *name, *help;
} names[] = {
#define X(id, name, help) {name, help},
    COUNTERS(X)
#undef X
};

void count_add(enum counter c, u64 n) { counters[c] += n; }
void count_refusal(enum refusal r) { refusals[r]++; }
void count_stored(enum door d, enum nature n) { stored[d][n]++; }

void count_latency(span taken)
{
    size_t i = 0;
    while (i < ARRAY_LEN(bucket_us) && taken.us > bucket_us[i]) i++;
    buckets[i]++;
    latency_sum += (double)taken.us / 1e6;
}

static void head(struct text *out, const char *name, const char *type, const char *help)
{
    text_addf(out, "# HELP mashangdu_%s %s\n# TYPE mashangdu_%s %s\n", name, help, name, type);
}

void metrics_gauge(struct text *out, const char *name, const char *help, double value)
{
    head(out, name, "gauge", help);
    text_addf(out, "mashangdu_%s %.9g\n", name, value);
}

void metrics_print(struct text *out)
{
    for (size_t i = 0; i < COUNTERS_N; i++) {
        head(out, names[i].name, "counter", names[i].help);
        text_addf(out, "mashangdu_%s %llu\n", names[i].name, (unsigned long long)counters[i]);
    }
    head(out, "refusals_total", "counter", "What was refused, by code.");
    for (size_t i = 1; i < REFUSALS_N; i++)
        text_addf(out, "mashangdu_refusals_total{code=\"%s\"} %llu\n", refusal_facts((enum refusal)i)->code,
                  (unsigned long long)refusals[i]);
    head(out, "stored_total", "counter", "Feedback committed, by channel and nature.");
    for (size_t d = 0; d < DOORS_N; d++)
        for (size_t n = 0; n < NATURES_N; n++)
            if (stored[d][n])
                text_addf(out, "mashangdu_stored_total{channel=\"%s\",nature=\"%s\"} %llu\n",
                          door_word((enum door)d), nature_word((enum nature)n),
                          (unsigned long long)stored[d][n]);
    head(out, "commit_seconds", "histogram", "From the last byte of a submission to its commit.");
    u64 sum = 0;
    for (size_t i = 0; i < ARRAY_LEN(bucket_us); i++) {
        sum += buckets[i];
        text_addf(out, "mashangdu_commit_seconds_bucket{le=\"%g\"} %llu\n", (double)bucket_us[i] / 1e6,
                  (unsigned long long)sum);
    }
    sum += buckets[ARRAY_LEN(bucket_us)];
    text_addf(out,
              "mashangdu_commit_seconds_bucket{le=\"+Inf\"} %llu\nmashangdu_commit_seconds_sum %.6f\n"
              "mashangdu_commit_seconds_count %llu\n",
              (unsigned long long)sum, latency_sum, (unsigned long long)sum);
}
