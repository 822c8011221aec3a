"""What Prometheus reads. Needs `prometheus-client`, so it is imported only by who can do without."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from jupyter_live import __version__
from jupyter_live.access import Role
from jupyter_live.operating.survey import Survey

NAME = "jupyter_live"

PROPAGATION = (
    "Seconds from the logging of a change in one process to its being applied in this one, of changes that came by"
    " message. By the clocks of both machines: what their difference makes negative counts as 0."
)


class Moment(NamedTuple):
    """What one scrape tells."""

    survey: Survey
    is_draining: bool
    lag: float
    """Of the event loop, in seconds; `lag_max` since the last scrape."""
    lag_max: float


def exposition(moment: Moment) -> bytes:
    """The text that Prometheus reads, in its format 0.0.4."""
    registry = CollectorRegistry()
    registry.register(_Collected(moment))
    ProcessCollector(namespace=NAME, registry=registry)  # processor time, memory, open files: on Linux
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def collect(self) -> Iterable[Metric]:
        survey = self._moment.survey
        yield InfoMetricFamily(NAME, "This process.", {"version": __version__, "pid": str(os.getpid())})
        yield from _process(self._moment)
        yield from _people(survey)
        yield from _documents(survey)
        yield from _log(survey)
        yield from _others(survey)


def _process(moment: Moment) -> Iterator[Metric]:
    yield _gauge("draining", "1 while the process sends everybody away, to end.", moment.is_draining)
    yield _gauge("loop_lag_seconds", "Seconds by which the event loop was late when last looked at.", moment.lag)
    yield _gauge("loop_lag_max_seconds", "The most since the last scrape.", moment.lag_max)


def _people(survey: Survey) -> Iterator[Metric]:
    roles = {role.value: survey.roles[role.value] for role in Role}
    yield _labelled("connections", "Sockets on documents.", "role", roles)
    yield _gauge("lobby_connections", "Sockets of people who are online, whatever they have open.", survey.lobby)
    yield _gauge("connections_behind", "Sockets too slow for single changes: they get one difference.", survey.behind)
    yield _gauge("outbox_bytes", "Bytes that wait to be sent to all sockets.", survey.outbox_bytes)
    yield _gauge("outbox_max_bytes", "Bytes that wait to be sent to the slowest socket.", survey.outbox_max)


def _documents(survey: Survey) -> Iterator[Metric]:
    files = {where: survey.files[where] for where in ("here", "elsewhere", "behind", "none")}
    told = "Open documents, by where their file is; `behind` is in no process, forks have `none`."
    yield _labelled("rooms", told, "file", files)
    yield _labelled("rooms_troubled", "Open documents that have a trouble, by its code.", "code", survey.codes)


def _log(survey: Survey) -> Iterator[Metric]:
    yield _gauge("log_up", "1 when the log takes what it is given.", survey.log_code is None)
    yield _gauge("log_waiting_rows", "Changes that are not durable yet.", survey.backlog.rows)
    yield _gauge("log_lag_seconds", "Seconds for which the oldest of them has waited.", survey.backlog.seconds)


def _others(survey: Survey) -> Iterator[Metric]:
    tally = survey.tally
    resyncs = {"gap": tally.gaps, "slow": tally.slow, "epoch": tally.epochs}
    text = "How often single changes by message did not do, by reason."
    counter = CounterMetricFamily(f"{NAME}_resyncs", text, labels=["reason"])
    for reason, number in resyncs.items():
        counter.add_metric([reason], number)
    yield counter
    yield _gauge("layer_up", "1 when the channel layer takes messages to other processes.", survey.is_linked)
    yield CounterMetricFamily(f"{NAME}_layer_reconnects", "Links for which the layer worked again.", tally.reconnects)
    buckets = [*tally.delays.cumulated()]
    yield HistogramMetricFamily(f"{NAME}_propagation_seconds", PROPAGATION, buckets, tally.delays.total)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{NAME}_{name}", text, float(value))


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    gauge = GaugeMetricFamily(f"{NAME}_{name}", text, labels=[label])
    for value, number in values.items():
        gauge.add_metric([value], number)
    return gauge
