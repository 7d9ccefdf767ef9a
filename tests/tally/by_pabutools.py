"""The outside reference of the count: pabutools, exact, on an election of ours. It is GPL, so it stays in the tests."""

from typing import Any

import pabutools.rules as reference
from pabutools import election as pb
from pabutools.rules.exhaustion import completion_by_rule_combination, exhaustion_by_budget_increase
from pabutools.tiebreaking import TieBreakingRule

from ledger.tally import Election, Rule


class _PointsForEachPound(pb.AdditiveSatisfaction):  # type: ignore[misc]  # pabutools publishes no types
    """Its greedy rule orders by satisfaction for each unit of cost: points times cost makes that points."""

    def __init__(self, instance: Any, profile: Any, ballot: Any) -> None:  # noqa: ANN401 - pabutools publishes no types
        def worth(_instance: Any, _profile: Any, ballot: Any, project: Any, _ready: Any) -> Any:  # noqa: ANN401 - as above
            return ballot.get(project, 0) * project.cost

        super().__init__(instance, profile, ballot, worth)


def winners(election: Election, rule: Rule) -> list[str]:
    """In the order of selection, where pabutools keeps it: all rules but Phragmén."""
    projects = {c.id: pb.Project(c.id, c.cost) for c in election.candidates}
    instance = pb.Instance(projects.values(), budget_limit=election.budget)
    profile = _profile(election, rule, projects, instance)
    options: dict[str, Any] = {"tie_breaking": _ties(election)}
    if rule.name == "phragmen":
        won = reference.sequential_phragmen(instance, profile, **options)
    else:
        options["sat_class"] = {
            "cost": pb.Cost_Sat,
            "cardinality": pb.Cardinality_Sat,
            "points": _PointsForEachPound if rule.name == "greedy" else pb.Additive_Cardinal_Sat,
        }[rule.satisfaction]
        if rule.name == "greedy":
            won = reference.greedy_utilitarian_welfare(instance, profile, **options)
        else:
            won = _equal_shares(election, rule, instance, profile, options)
    return [project.name for project in won]


def _profile(election: Election, rule: Rule, projects: dict[str, Any], instance: Any) -> Any:  # noqa: ANN401 - no types
    ballots = [group.choices for group in election.groups for _ in range(group.count)]
    if rule.satisfaction == "points":
        given = [pb.CardinalBallot({projects[ref]: points for ref, points in ballot}) for ballot in ballots]
        return pb.CardinalProfile(given, instance=instance)
    approved = [pb.ApprovalBallot({projects[ref] for ref, _ in ballot}) for ballot in ballots]
    return pb.ApprovalProfile(approved, instance=instance)


def _ties(election: Election) -> TieBreakingRule:
    votes = {
        candidate.id: sum(group.count for group in election.groups if candidate.id in dict(group.choices))
        for candidate in election.candidates
    }
    return TieBreakingRule(lambda _instance, _profile, project: (-votes[project.name], project.cost, project.name))


def _equal_shares(election: Election, rule: Rule, instance: Any, profile: Any, options: dict[str, Any]) -> Any:  # noqa: ANN401 - no types
    shares, greedy = reference.method_of_equal_shares, reference.greedy_utilitarian_welfare
    by_votes = options | {"sat_class": pb.Cost_Sat}
    match rule.completion:
        case "none":
            return shares(instance, profile, **options)
        case "greedy":
            return completion_by_rule_combination(instance, profile, [shares, greedy], [options, by_votes])
        case "add1-exhaustive":
            return shares(instance, profile, voter_budget_increment=1, **options)
        case "add1-exhaustive-greedy":
            raised = options | {"voter_budget_increment": 1}
            return completion_by_rule_combination(instance, profile, [shares, greedy], [raised, by_votes])
        case "add1":
            # Its bound is meant to end a count that never overspends; where all that anyone voted for costs more, it would
            # end a count that has not overspent yet.
            voted = {ref for group in election.groups for ref, _ in group.choices}
            wanted = sum(candidate.cost for candidate in election.candidates if candidate.id in voted)
            bound = {"budget_bound": max(10**6, 1_000 * election.budget)} if wanted > election.budget else {}
            return exhaustion_by_budget_increase(
                instance, profile, shares, options, exhaustive_stop=False, budget_step=election.voters, **bound
            )
