"""(M0) and (M1): break what is served, where and when."""

import numpy as np
import pytest

NORTH, SOUTH, OLD = 0, 1, 2  # pools of the fleet

CHAT, LATER, MAIL, SCAN, JOB, PARTS = 0, 1, 2, 3, 4, 6  # rows of the fleet's plan


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((MAIL, {"pool": NORTH}), id="residency"),
        pytest.param((SCAN, {"pool": OLD}), id="hardware"),
        pytest.param((JOB, {"period": 0}), id="release"),
        pytest.param((LATER, {"period": 2}), id="deadline"),
        pytest.param((JOB, {"period": 3}), id="horizon"),
        pytest.param((SCAN, {"variant": 1}), id="variant"),
        pytest.param((SCAN, {"pool": 7}), id="pool"),
        pytest.param((SCAN, {"pool": -1}), id="negative pool"),
        pytest.param((SCAN, {"period": 4}), id="period"),
        pytest.param((PARTS, {"period": 0}), id="two units in one period"),
    ],
)
def test_an_option_that_does_not_exist(fleet, change):
    row, entries = change
    assert fleet.rules(fleet.row(row, **entries)) == ["M0"]


def test_a_hard_slo(fleet):
    slow = fleet.instance.replace(rtt_ms=np.array([[65.0, 50], [65, 12]]))  # chat from oslo now breaks 100 ms too often
    assert fleet.rules(instance=slow) == ["M0"]


def test_shares_outside_the_unit_interval(fleet):
    plan = fleet.plus((1, SOUTH, 0, 2, -0.1))
    share = plan.share.copy()
    share[MAIL] = 1.1
    verdict = fleet.verdict(plan.replace(share=share))
    assert [(v.rule, round(v.excess, 9)) for v in verdict.violations] == [("M0", 0.1), ("M0", 0.1)]


def test_an_unsplittable_batch_is_split(fleet):
    row = fleet.row(SCAN, share=0.5)
    assert fleet.rules(row.replace(**{n: np.append(getattr(row, n), getattr(row, n)[SCAN]) for n in FIELDS})) == ["M0"]


def test_an_unsplittable_batch_is_split_into_crumbs(fleet):
    """A share of 2.5e-7 passes for 0; two million of them are half a batch."""
    whole = fleet.row(SCAN, share=1 - 5e-7)
    crumb = np.array([2.5e-7])
    assert fleet.rules(whole) == []
    many = {n: np.append(getattr(whole, n), np.repeat(getattr(whole, n)[SCAN], 4)) for n in FIELDS[:-1]}
    assert fleet.rules(whole.replace(share=np.append(whole.share, np.repeat(crumb / 4, 4)), **many)) == []
    assert fleet.rules(whole.replace(share=np.append(whole.share, np.repeat(crumb, 4)), **many)) == ["M0"]


FIELDS = ("batch", "pool", "variant", "period", "share")


def test_an_interruptible_job_runs_in_other_parts(fleet):
    row = fleet.plan.share.copy()
    row[5], row[6] = 0.25, 0.75
    assert fleet.rules(fleet.plan.replace(share=row)) == ["M0"]


@pytest.mark.parametrize("share", [np.nan, np.inf, -np.inf, 1e300])
def test_a_share_that_is_no_number(fleet, share):
    assert fleet.rules(fleet.plus((CHAT, NORTH, 0, 0, share))) == ["M0"]


def test_a_batch_that_does_not_exist(fleet):
    assert fleet.rules(fleet.plus((99, NORTH, 0, 0, 1.0))) == ["M0"]
    lost = fleet.plan.replace(missed_batch=np.array([-1]), missed_share=np.array([0.0]))
    assert fleet.rules(lost) == ["M0"]


def test_columns_of_different_lengths(fleet):
    assert fleet.rules(fleet.plan.replace(variant=np.append(fleet.plan.variant, 0))) == ["M0"]
    assert fleet.rules(fleet.plan.replace(missed_share=np.array([0.0]))) == ["M0"]


def test_an_unused_option_need_not_exist(fleet):
    assert fleet.rules(fleet.plus((1, NORTH, 0, 0, 0.0))) == []


def test_a_batch_is_served_too_little_or_too_much(fleet):
    assert fleet.rules(fleet.row(CHAT, share=0.4)) == ["M1"]
    assert fleet.rules(fleet.row(CHAT, share=0.6)) == ["M1"]
    assert fleet.rules(fleet.without(SCAN)) == ["M1"]


def test_a_miss_where_none_is_allowed(fleet):
    plan = fleet.without(SCAN).replace(missed_batch=np.array([2]), missed_share=np.array([1.0]))
    assert fleet.rules(plan) == ["M1"]


@pytest.mark.parametrize("share", [np.nan, -0.1])
def test_a_missed_share_outside_the_unit_interval(soft, share):
    plan = soft.plan.replace(missed_batch=np.array([3, 3]), missed_share=np.array([0.1, share]))
    assert soft.rules(plan) == ["M1"]


def test_later_than_the_grace_permits(soft):
    assert soft.rules(soft.row(1, pool=0, period=3)) == ["M0"]


def test_a_rule_broken_everywhere_is_told_briefly(fleet):
    verdict = fleet.verdict(fleet.plus(*[(99, NORTH, 0, 0, 1.0)] * 60))
    assert len(verdict.violations) == 51
    assert verdict.violations[-1].message == "10 more of this kind"


def test_violations_say_where_in_words(fleet):
    (found,) = fleet.verdict(fleet.row(MAIL, pool=NORTH)).violations
    assert (
        found.where == "mail from berlin of period 0 (2026-01-01T00:00Z) at north-gpu in period 1 (2026-01-01T01:00Z)"
    )
    (found,) = fleet.verdict(fleet.row(JOB, period=0)).violations
    assert found.where.startswith("job train at north-gpu")
    assert found.excess == 1.0


def test_mail_from_the_old_servers_is_legal(fleet):
    """The mutations above fail for what they break, not for moving: this move is fine."""
    assert fleet.rules(fleet.row(MAIL, pool=OLD)) == []
    assert fleet.rules(fleet.row(MAIL, pool=SOUTH, variant=1)) == []
