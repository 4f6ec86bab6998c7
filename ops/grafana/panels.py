"""What the dashboards show: a panel is one entry here. generate.py makes Grafana's JSON of it, draw.py pictures.

Each panel has a title, a unit of Grafana's, and its series by legend: expressions of PromQL, most of them made by the
functions below, of the instances that are chosen at the top of the dashboard.
"""

from typing import NamedTuple

CHOSEN = 'instance=~"$instance"'
WINDOW = "$__rate_interval"


class Panel(NamedTuple):
    title: str
    unit: str
    series: dict[str, str]
    stacked: bool = False
    latest: bool = False
    """Only the value of now, for what is dear to ask for at each point of a graph."""
    note: str = ""


class Board(NamedTuple):
    uid: str
    title: str
    rows: dict[str, tuple[Panel, ...]]

    @property
    def panels(self) -> list[Panel]:
        return [panel for row in self.rows.values() for panel in row]


def gauge(metric: str, by: str = "instance", *, of: str = "sum") -> str:
    return f"{of} by ({by}) ({metric}{{{CHOSEN}}})"


def rate(metric: str, by: str = "job", where: str = "", *, seconds: int = 1) -> str:
    """How often a counter counts, in ``seconds``."""
    matchers = f"{CHOSEN}, {where}" if where else CHOSEN
    expression = f"sum by ({by}) (rate({metric}{{{matchers}}}[{WINDOW}]))"
    return expression if seconds == 1 else f"{seconds} * {expression}"


def mean(histogram: str, by: str = "job", where: str = "") -> str:
    return f"{rate(histogram + '_sum', by, where)} / {rate(histogram + '_count', by, where)}"


def quantile(share: float, histogram: str, by: str = "job", where: str = "") -> str:
    return f"histogram_quantile({share}, {rate(histogram + '_bucket', f'le, {by}', where)})"


def quantiles(histogram: str, where: str = "") -> dict[str, str]:
    return {f"p{share * 100:g}": quantile(share, histogram, where=where) for share in (0.5, 0.95, 0.99)}


def increase(metric: str, window: str, by: str = "job", where: str = "") -> str:
    matchers = f"{CHOSEN}, {where}" if where else CHOSEN
    return f"sum by ({by}) (increase({metric}{{{matchers}}}[{window}]))"


def share(part: str, whole: str) -> str:
    return f"{part} / {whole}"


ANALYZE = 'route=~"/analyze.*"'
ONE_TEXT = 'route="/analyze"'
DOCUMENTS = rate("sentiment_count_total")
SENTIMENTS = rate("sentiment_count_total", "job, sentiment")
UNSURE = share(
    rate("sentiment_confidence_bucket", "sentiment", 'le="0.5"'), rate("sentiment_confidence_count", "sentiment")
)
SHADOW_SAME = share(
    rate("shadow_sentiments_total", "analyzer, language", 'same="yes"'),
    rate("shadow_sentiments_total", "analyzer, language"),
)
SHADOW_BOTH = rate("shadow_spans_total", "analyzer, feature", 'by="both"')
SHADOW_F1 = f"2 * {SHADOW_BOTH} / ({rate('shadow_spans_total', 'analyzer, feature')} + {SHADOW_BOTH})"
"""2 TP / (2 TP + FP + FN), where all spans are TP + FP + FN."""
JUDGED = increase("feedback_count_total", "1d", "analyzer, model_version")
RIGHT = increase("feedback_count_total", "1d", "analyzer, model_version", 'verdict="right"')
JUDGED_TEXTS = increase("feedback_language_count_total", "1d", "language")
RIGHT_TEXTS = increase("feedback_language_count_total", "1d", "language", 'verdict="right"')
MONTH = increase("request_count_total", "30d", where=ANALYZE)
FAILED = increase("request_count_total", "30d", where=f'{ANALYZE}, status=~"5.."')
BUDGET_LEFT = f"1 - ({FAILED} or 0 * {MONTH}) / {MONTH} / 0.001"
"""The share that may fail is docs/runbook.md's."""

SERVICE = Board(
    "sentiment-service",
    "Sentiment: service",
    {
        "Objectives": (
            Panel("Requests", "reqps", {"{{route}}": rate("request_count_total", "route", ANALYZE)}),
            Panel(
                "Share that failed",
                "percentunit",
                {"5 min": "job:request_errors:ratio_rate5m", "1 h": "job:request_errors:ratio_rate1h"},
            ),
            Panel(
                "Share slower than 0.5 s",
                "percentunit",
                {"5 min": "job:request_slow:ratio_rate5m", "1 h": "job:request_slow:ratio_rate1h"},
            ),
            Panel("Error budget left, 30 days", "percentunit", {"{{job}}": BUDGET_LEFT}, latest=True),
        ),
        "Requests": (
            Panel(
                "Answers by status",
                "reqps",
                {"{{status}}": rate("request_count_total", "status", ANALYZE)},
                stacked=True,
            ),
            Panel(
                "Errors by code",
                "reqps",
                {"{{type}}": rate("error_count_total", "type") + " > 0"},
                note="Of requests, and of documents in batches.",
            ),
            Panel("Time to answer one text", "s", quantiles("request_latency_seconds", ONE_TEXT)),
            Panel("p95 by route", "s", {"{{route}}": quantile(0.95, "request_latency_seconds", "route")}),
        ),
        "Saturation": (
            Panel(
                "Under way",
                "short",
                {
                    "requests": gauge("active_requests", "job"),
                    "documents, {{analyzer}}": gauge("admitted_documents", "analyzer"),
                },
            ),
            Panel("Documents waiting for a batch", "short", {"{{analyzer}}": gauge("queue_depth", "analyzer")}),
            Panel(
                "p95 of the wait for a batch", "s", {"{{analyzer}}": quantile(0.95, "queue_wait_seconds", "analyzer")}
            ),
            Panel("Documents in a batch, mean", "short", {"{{analyzer}}": mean("batch_size", "analyzer")}),
            Panel("Documents that found no room", "reqps", {"{{analyzer}}": rate("shed_count_total", "analyzer")}),
            Panel(
                "Who was refused",
                "reqps",
                {
                    "key: {{reason}}": rate("auth_failures_total", "reason"),
                    "rate: {{by}}": rate("rate_limited_total", "by"),
                },
            ),
            Panel(
                "Keys not read, per minute",
                "short",
                {"{{instance}}": rate("key_store_failures_total", "instance", seconds=60)},
            ),
            Panel("Processor, cores", "short", {"{{instance}}": rate("process_cpu_seconds_total", "instance")}),
            Panel("Memory", "bytes", {"{{instance}}": gauge("process_resident_memory_bytes")}),
            Panel("Open files and connections", "short", {"{{instance}}": gauge("process_open_fds")}),
            Panel(
                "Disk free", "percentunit", {"{{instance}}": share(gauge("disk_free_bytes"), gauge("disk_size_bytes"))}
            ),
            Panel("Targets that answer", "short", {"{{job}}": "sum by (job) (up)"}),
            Panel(
                "Windows not recorded in MLflow, per minute",
                "short",
                {"{{instance}}": rate("tracking_failures_total", "instance", seconds=60)},
            ),
        ),
    },
)

MODELS = Board(
    "sentiment-models",
    "Sentiment: models",
    {
        "Answers": (
            Panel("Documents", "reqps", {"answered": DOCUMENTS, "by the fallback": rate("fallback_count_total")}),
            Panel(
                "Sentiments",
                "percentunit",
                {"{{sentiment}}": f"{SENTIMENTS} / on (job) group_left {DOCUMENTS}"},
                stacked=True,
            ),
            Panel("Confidence, mean", "percentunit", {"{{sentiment}}": mean("sentiment_confidence", "sentiment")}),
            Panel("Share with a confidence under 0.5", "percentunit", {"{{sentiment}}": UNSURE}),
            Panel(
                "Entities in a text",
                "short",
                {"mean": mean("entities_per_text"), "p95": quantile(0.95, "entities_per_text")},
            ),
            Panel("Characters in a text", "short", {"mean": mean("text_length"), "p95": quantile(0.95, "text_length")}),
        ),
        "Drift": (
            Panel(
                "Population stability index",
                "short",
                {"{{distribution}}": gauge("population_stability_index", "distribution", of="max")},
                note="Of the latest documents against the model's reference: to 0.1 the same, from 0.25 another.",
            ),
        ),
        "Shadow": (
            Panel("Same sentiment as the primary", "percentunit", {"{{analyzer}}, {{language}}": SHADOW_SAME}),
            Panel("Overlap of spans, F1", "percentunit", {"{{analyzer}}, {{feature}}": SHADOW_F1}),
            Panel(
                "Difference of confidence, mean",
                "percentunit",
                {"{{analyzer}}, {{language}}": mean("shadow_confidence_difference", "analyzer, language")},
            ),
            Panel(
                "p95 of both",
                "s",
                {"{{side}}: {{analyzer}}": quantile(0.95, "shadow_latency_seconds", "side, analyzer")},
            ),
            Panel(
                "Not compared",
                "reqps",
                {
                    "{{reason}}": rate("shadow_failures_total", "reason") + " > 0",
                    "no room": rate("shadow_dropped_total") + " > 0",
                },
            ),
        ),
        "Canary": (
            Panel("Answers", "reqps", {"{{side}}: {{analyzer}}": rate("canary_answers_total", "side, analyzer")}),
            Panel(
                "Confidence, mean",
                "percentunit",
                {"{{side}}: {{analyzer}}": mean("canary_confidence", "side, analyzer")},
            ),
            Panel(
                "p95",
                "s",
                {"{{side}}: {{analyzer}}": quantile(0.95, "canary_latency_seconds", "side, analyzer")},
            ),
            Panel("Failed by the canary", "reqps", {"{{reason}}": rate("canary_failures_total", "reason") + " > 0"}),
        ),
        "Feedback": (
            Panel(
                "Accuracy of the judged, last 24 hours",
                "percentunit",
                {"{{analyzer}} {{model_version}}": share(f"({RIGHT} or 0 * {JUDGED})", JUDGED)},
                note="Whoever complains judges more often than whoever does not.",
            ),
            Panel(
                "Accuracy by language, last 24 hours", "percentunit", {"{{language}}": share(RIGHT_TEXTS, JUDGED_TEXTS)}
            ),
            Panel(
                "Answers judged, per hour",
                "short",
                {"{{verdict}}": rate("feedback_language_count_total", "verdict", seconds=3600)},
                stacked=True,
            ),
            Panel(
                "Taken for another, last 24 hours",
                "short",
                {
                    "{{sentiment}}, is {{right_sentiment}}": increase(
                        "feedback_sentiment_count_total", "1d", "sentiment, right_sentiment"
                    )
                    + " > 0"
                },
            ),
            Panel(
                "Verdicts not kept, per minute",
                "short",
                {"{{instance}}": rate("feedback_store_failures_total", "instance", seconds=60)},
            ),
        ),
        "Versions": (
            Panel(
                "Who answers",
                "short",
                {"{{analyzer}} {{model_version}}": gauge("analyzer_info", "analyzer, model_version")},
            ),
            Panel(
                "Versions of registered models, per hour",
                "short",
                {
                    "{{analyzer}}: swapped": rate("model_swaps_total", "analyzer", seconds=3600),
                    "refused: {{reason}}": rate("model_refusals_total", "reason", seconds=3600) + " > 0",
                },
            ),
            Panel(
                "Since the registry named a model's version",
                "s",
                {
                    "{{model}}": f"time() - {gauge('model_read_timestamp_seconds', 'model', of='min')}",
                    "{{model}}: the registry is away": gauge("model_registry_away", "model", of="max") + " > 0",
                },
            ),
            Panel(
                "Version of the service",
                "short",
                {"{{version}}, Python {{python}}": gauge("build_info", "version, python")},
            ),
            Panel(
                "Fit",
                "short",
                {"{{analyzer}}": gauge("analyzer_fit", "analyzer", of="min")},
                note="Whether the model that stands by answers its golden texts.",
            ),
        ),
    },
)

UPSTREAM = Board(
    "sentiment-upstream",
    "Sentiment: cost and upstream",
    {
        "Cost": (
            Panel(
                "Dollars an hour",
                "currencyUSD",
                {"{{operation}}": rate("estimated_dollars_total", "operation", seconds=3_600)},
                stacked=True,
            ),
            Panel(
                "Dollars, last 24 hours",
                "currencyUSD",
                {"{{operation}}": increase("estimated_dollars_total", "1d", "operation")},
            ),
            Panel("Units billed", "ops", {"{{operation}}": rate("billed_units_total", "operation")}),
            Panel("Day's budget spent", "percentunit", {"{{instance}}": gauge("budget_used_ratio", of="max")}),
            Panel("Documents not paid for", "reqps", {"refused": rate("budget_refusals_total")}),
            Panel(
                "Spending not kept, per minute",
                "short",
                {"{{instance}}": rate("spend_store_failures_total", "instance", seconds=60)},
            ),
        ),
        "Amazon Comprehend": (
            Panel("Calls", "reqps", {"{{operation}}": rate("comprehend_latency_seconds_count", "operation")}),
            Panel("p50 of a call", "s", {"{{operation}}": quantile(0.5, "comprehend_latency_seconds", "operation")}),
            Panel("p99 of a call", "s", {"{{operation}}": quantile(0.99, "comprehend_latency_seconds", "operation")}),
            Panel(
                "Breaker: 0 closed, 1 half-open, 2 open",
                "short",
                {"{{operation}}": gauge("breaker_state", "operation", of="max")},
            ),
            Panel(
                "Breaker, changes per minute",
                "short",
                {"{{operation}} {{state}}": rate("breaker_transitions_total", "operation, state", seconds=60) + " > 0"},
            ),
            Panel("Calls made again", "reqps", {"{{operation}}": rate("retry_count_total", "operation")}),
            Panel("Retry budget left", "short", {"{{instance}}": gauge("retry_budget_tokens", of="min")}),
            Panel(
                "Quota used",
                "percentunit",
                {
                    "{{operation}} {{kind}}": share(
                        rate("quota_wait_seconds_count", "operation, kind"), gauge("quota_rate", "operation, kind")
                    )
                },
            ),
            Panel(
                "Quota now, calls a second", "short", {"{{operation}} {{kind}}": gauge("quota_rate", "operation, kind")}
            ),
            Panel(
                "p95 of the wait for the quota",
                "s",
                {"{{operation}} {{kind}}": quantile(0.95, "quota_wait_seconds", "operation, kind")},
            ),
        ),
        "Instead of Comprehend": (
            Panel("Fallback", "reqps", {"{{reason}}": rate("fallback_count_total", "reason") + " > 0"}, stacked=True),
            Panel("Fallback failed", "reqps", {"{{reason}}": rate("fallback_failures_total", "reason")}),
            Panel(
                "Cache hits",
                "percentunit",
                {"hits": share(rate("cache_lookups_total", where='result="hit"'), rate("cache_lookups_total"))},
            ),
            Panel("Cache entries", "short", {"{{instance}}": gauge("cache_entries")}),
            Panel("Cache failures", "reqps", {"{{operation}}": rate("cache_failures_total", "operation")}),
        ),
    },
)

BOARDS = (SERVICE, MODELS, UPSTREAM)
