"""The one function that counts: it chooses the rule's module, and puts the reasons together."""

from ledger.tally.election import Election, Result, Rule, Why
from ledger.tally.equal_shares import endowment, explain, share_of
from ledger.tally.exact_shares import exact_endowment, exact_shares
from ledger.tally.greedy import greedy
from ledger.tally.phragmen import phragmen
from ledger.tally.profile import Profile, Show, UnsoundElection, people, plain_amount
from ledger.tally.working import Beat, Working, go_on

_GREEDY_REST = Rule(name="greedy", satisfaction="cost")


def count(election: Election, rule: Rule, show: Show | None = None, *, beat: Beat = go_on) -> Result:
    """Count an election by a rule. `show` says how an amount (in the smallest unit) reads in the reasons. `beat` is called
    again and again while shares are raised, which is what may take long: it may raise to end the count.

    Raises UnsoundElection when its figures make no sense, or when it limits staff time and the rule cannot share time out.
    """
    _can_share_time(election, rule)
    profile = Profile(election, minimum_votes=rule.minimum_votes)
    show = show or plain_amount(election.unit)
    working = Working()
    match rule.name:
        case "greedy":
            winners = greedy(profile, rule, show, working)
        case "equal-shares" if rule.completion == "add-opt":
            each = exact_endowment(profile, rule, share_of(profile)[0], beat)
            winners = exact_shares(profile, rule, each, show, working)
        case "equal-shares":
            winners = explain(profile, rule, endowment(profile, rule, beat), show, working)
            if rule.completion in {"greedy", "add1-exhaustive-greedy"}:
                winners += _rest_by_votes(profile, winners, show, working)
        case "phragmen":
            winners = phragmen(profile, show, working)
    return _result(profile, rule, tuple(winners), working)


def _can_share_time(election: Election, rule: Rule) -> None:
    if election.minutes_budget is None or rule.name == "greedy":
        return
    if rule.name == "phragmen":
        raise UnsoundElection(problem="phragmen does not share out staff time; choose greedy or equal-shares.")
    if rule.completion not in {"none", "greedy"}:
        raise UnsoundElection(problem=f"{rule.completion} raises shares of money only; with staff time choose none or greedy.")


def _rest_by_votes(profile: Profile, winners: list[str], show: Show, working: Working) -> list[str]:
    """What the shares left over is spent greedily; each reason goes on with what came of that."""
    rest = Working(ties=working.ties)
    extra = greedy(profile, _GREEDY_REST, show, rest, already=tuple(winners))
    for ref, sentence in rest.reasons.items():
        said = f"{working.reasons.get(ref, '')} The rest went by votes: {sentence}".strip()
        working.note(ref, said, rest.had[ref])
    return extra


def _result(profile: Profile, rule: Rule, winners: tuple[str, ...], working: Working) -> Result:
    step = {ref: number for number, ref in enumerate(winners, start=1)}
    why = {
        candidate.id: Why(
            votes=profile.votes[candidate.id],
            points=profile.points[candidate.id],
            cost=candidate.cost,
            chosen=candidate.id in step,
            step=step.get(candidate.id),
            sentence=working.reasons.get(candidate.id) or _not_reached(profile, candidate.id, rule),
            had=working.had.get(candidate.id),
            enough=working.enough.get(candidate.id),
        )
        for candidate in profile.election.candidates
    }
    return Result(
        rule=rule,
        winners=winners,
        ties=tuple(working.ties),
        votes=profile.election.voters,
        budget=profile.election.budget,
        cost=sum(profile.candidates[ref].cost for ref in winners),
        why=why,
        shares=working.shares,
    )


def _not_reached(profile: Profile, ref: str, rule: Rule) -> str:
    votes = profile.votes[ref]
    if ref in profile.barred:
        return profile.barred[ref]
    if votes < rule.minimum_votes:
        needed = "1 vote was" if rule.minimum_votes == 1 else f"{rule.minimum_votes:,} votes were"
        return f"{people(votes)} voted for it, and {needed} needed to be considered."
    return f"{people(votes)} voted for it, so nobody paid for it."
