"""What everybody may read. Every page is a function of the ledger; none of them changes anything."""

import json
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlmodel import Session

from app.access import allowed, anyone
from app.acting import today
from app.explaining import Explained, explained
from app.formats import resource_name
from app.public.charts import delivery_chart, flow_chart, votes_chart
from app.public.choices import Choice, chosen_page, resource_choices, site_authorities
from app.public.counting import words_of
from app.public.csv_files import csv_response, flow_rows
from app.public.ideas import idea_page, may_declare, shared_idea
from app.public.proofs import ENTRY
from app.public.sentences import flow_sentence, flow_title, votes_sentence
from app.store import reading
from app.things import of_round
from app.witnessing import standing
from ledger.checkpoints import proving
from ledger.entries import DatabaseBook, tree_size
from ledger.flows import Position, overview, position, positions, project_positions
from ledger.journal import Wanted, follow, journal
from ledger.kinds.controlling import is_frozen
from ledger.kinds.living import missing
from ledger.money import TIME, format_amount
from ledger.names import names_of
from ledger.people import ERASED, names
from ledger.pictures import picture_of
from ledger.places import districts, partnership, partnerships
from ledger.powers import LiveTerms, terms_at
from ledger.records import Kind
from ledger.renewing import reminder
from ledger.rounds.explaining import round_explained
from ledger.rounds.idea_reading import idea_lines
from ledger.rounds.interests import interests_in
from ledger.rounds.meetings import meetings_of
from ledger.rounds.paper_audit import audited
from ledger.rounds.proposals import Proposal, proposals_of
from ledger.rounds.reading import RoundView, open_rounds, overruling, proposal_view, round_stages, round_view
from ledger.rounds.roll import keyring_of
from ledger.rounds.roll_call import roll_call
from ledger.signatures import signatories_of
from ledger.words import moved, sentence

blueprint = Blueprint("public", __name__)

_TOTALS = ("devolved", "lent", "awarded", "purses", "taken_back", "set_aside", "unallocated")
_FILTERS = ("kind", "place", "subject", "resource")
_KINDS = tuple((kind.value, kind.heading) for kind in Kind)


@blueprint.get("/")
@anyone
def home() -> str:
    """Where the money and the time go, in one picture, one sentence and one table."""
    choice = chosen_page(reading(), request.args)
    if choice is None:
        return render_template("public/empty.html")
    return render_template(
        "public/home.html",
        **_flows(choice),
        standing=standing(reading()),
        open_rounds=open_rounds(reading(), authority=choice.authority.slug, today=today()),
    )


@blueprint.get("/flows")
@anyone
def flows() -> str:
    """The same picture, for a whole authority or for one place."""
    choice = chosen_page(reading(), request.args)
    if choice is None:
        return render_template("public/empty.html")
    return render_template("public/flows.html", **_flows(choice))


@blueprint.get("/flows.csv")
@anyone
def flows_csv() -> Response:
    """The numbers of the picture as a file: every project, none gathered."""
    choice = chosen_page(reading(), request.args)
    if choice is None:
        abort(404)
    view = overview(reading(), authority=choice.authority.slug, resource=choice.resource, place=choice.place)
    name = "-".join(part for part in ("flows", choice.authority.slug, choice.place, choice.resource) if part)
    return csv_response(flow_rows(view), name=name)


def _flows(choice: Choice) -> dict[str, object]:
    """What the home page and the flows page share: the chart, its table, and the switch between money and time."""
    session = reading()
    view = overview(session, authority=choice.authority.slug, resource=choice.resource, place=choice.place)
    said = {part: format_amount(getattr(view, part), choice.resource) for part in _TOTALS}
    return {
        "choice": choice,
        "authorities": site_authorities(session),
        "resources": resource_choices(session, choice),
        "view": view,
        "said": said,
        "chart": flow_chart(view, title=flow_title(view, choice.authority.name), sentence=flow_sentence(view)),
        "csv": f"{url_for('public.flows_csv')}?{urlencode(choice.query())}",
    }


@blueprint.get("/places")
@anyone
def places() -> str:
    """Every partnership, with where its resource stands."""
    session = reading()
    choice = chosen_page(session, request.args)
    if choice is None:
        return render_template("public/empty.html")
    found = partnerships(session, choice.authority.slug)
    return render_template(
        "public/places.html",
        choice=choice,
        authorities=site_authorities(session),
        resources=resource_choices(session, choice),
        places=found,
        districts={row.slug: row.name for row in districts(session, choice.authority.slug)},
        positions=positions(session, resource=choice.resource, places=[row.slug for row in found]),
    )


@blueprint.get("/places/<slug>")
@anyone
def place(slug: str) -> str:
    """One partnership: its powers, its pot, its projects, its rounds."""
    session = reading()
    row = partnership(session, slug)
    choice = chosen_page(session, {**request.args, "authority": row.authority, "place": slug})
    if choice is None:
        abort(404)
    live = terms_at(session, slug, on=today())
    rounds = round_stages(session, place=slug, today=today())
    projects = _projects([line for r, _ in rounds for line in round_view(session, r.ref, today=today()).lines], choice)
    newest = journal(session, Wanted(place=slug))
    stands = position(session, place=slug, resource=choice.resource)
    return render_template(
        "public/place.html",
        place=row,
        picture=picture_of(session, slug),
        choice=choice,
        resources=resource_choices(session, choice),
        position=stands,
        live=live,
        reminder=reminder(session, slug, on=today()),
        lacks=_lacks(session, live),
        evidence_size=tree_size(session),
        expired=live is not None and today() > live.terms.sunset,
        frozen=is_frozen(DatabaseBook(session), slug),
        overrides=[overruling(session, entry) for entry in DatabaseBook(session).where(Kind.OVERRIDE, place=slug)],
        instruments=list(DatabaseBook(session).where(Kind.DEVOLUTION, place=slug)),
        rounds=rounds,
        projects=projects,
        chart=_delivery(row.name, projects, choice),
        newest=[(entry, sentence(entry, newest.names)) for entry in newest.entries[:6]],
        journal=newest,
    )


def _projects(lines: list[object], choice: Choice) -> list[tuple[str, str, Position]]:
    """The projects of a place that got something of this resource: reference, title, position."""
    titles = {line.proposal.ref: line.proposal.title for line in lines if line.allocation}  # type: ignore[attr-defined]  # Lines
    found = project_positions(reading(), projects=list(titles), resource=choice.resource)
    return [(ref, titles[ref], stands) for ref, stands in found.items() if stands.awarded]


def _lacks(session: Session, live: LiveTerms | None) -> list[str]:
    """What the place lacks today to open a round and allocate; nothing where it is live, or has no terms yet."""
    if live is None or live.terms.edition == 1:
        return []
    return missing(DatabaseBook(session), entry=live.entry, terms=live.terms, on=today())


def _delivery(name: str, projects: list[tuple[str, str, Position]], choice: Choice) -> object:
    if not projects:
        return None
    total, done = (sum(getattr(row[2], part) for row in projects) for part in ("awarded", "delivered"))
    verb = "worked" if choice.resource == TIME else "paid"
    many = f"{len(projects)} projects" if len(projects) != 1 else "one project"
    return delivery_chart(
        [(title, stands) for _, title, stands in projects],
        resource=choice.resource,
        title=f"{format_amount(done, choice.resource)} of {format_amount(total, choice.resource)} awarded in {name} is {verb}",
        sentence=f"Votes gave {format_amount(total, choice.resource)} to {many}.",
    )


@blueprint.get("/rounds/<ref>")
@anyone
def round_(ref: str) -> str:
    """A round: its rule, its proposals, its result and the reasons."""
    view = round_view(reading(), ref, today=today())
    chart = None
    if view.counted is not None:
        spent = format_amount(view.counted.cost, view.currency)
        chart = votes_chart(
            view,
            title=f"{len(view.counted.winners)} of {len(view.lines)} proposals were chosen, for {spent}",
            sentence=votes_sentence(reading(), view.row.ref, sealed=view.counted.votes),
        )
    overruling_it = [overruled.entry for overruled in view.overrides]
    return render_template(
        "public/round.html",
        view=view,
        chart=chart,
        may_vote=allowed("vote", of_round(view)),
        may_override=allowed("override a decision", of_round(view)),
        names=names_of(reading(), [entry for entry in (view.opened, view.result, view.decision, *overruling_it) if entry]),
        keyring=keyring_of(reading(), ref),
        minutes=any(line.proposal.minutes for line in view.lines),
        count=_explained(view),
        ideas=idea_lines(reading(), ref, today=today()) if view.frozen is None else (),
        interests=_interests(ref),
        roll_call=roll_call(reading(), view),
        meetings=meetings_of(reading(), ref),
        may_call=allowed("call a meeting", of_round(view)),
        may_freeze=view.frozen is None and allowed("freeze the rules of a round", of_round(view)),
        may_write=allowed("write an idea", of_round(view)),
        audited=audited(reading(), ref),
    )


def _explained(view: RoundView) -> Explained | None:
    found = round_explained(reading(), view)
    if found is None:
        return None
    return explained(found.result, found.beside, words_of(view))


def _interests(ref: str) -> list[tuple[str, str, str]]:
    """Who declared an interest in what, in their words: a member of a panel acts in public."""
    rows = interests_in(reading(), ref)
    titles = {line.idea.ref: line.idea.title for line in idea_lines(reading(), ref, today=today())}
    titles |= {row.ref: row.title for row in proposals_of(reading(), ref)}
    people = names(reading(), {row.person for row in rows})
    return [(titles.get(row.proposal, row.proposal), people.get(row.person, ERASED), row.what) for row in rows]


@blueprint.get("/proposals/<ref>")
@anyone
def proposal(ref: str) -> str:
    """A proposal; once it is a project, where its award stands and every entry about it."""
    if reading().get(Proposal, ref) is None:
        return idea_page(ref)
    view = proposal_view(reading(), ref)
    names = names_of(reading(), view.entries)
    resources = [view.currency, TIME] if view.proposal.minutes else [view.currency]
    return render_template(
        "public/proposal.html",
        view=view,
        positions={name: project_positions(reading(), projects=[ref], resource=name)[ref] for name in resources},
        entries=[(entry, sentence(entry, names)) for entry in view.entries],
        idea=shared_idea(ref),
        may_declare=may_declare(view.row, view.place),
    )


@blueprint.get("/ledger")
@anyone
def ledger() -> str:
    """Every entry, the newest first, narrowed by kind, place or resource."""
    session = reading()
    kind = request.args.get("kind", "")
    wanted = Wanted(
        kind=Kind(kind) if kind in set(Kind) else None,
        place=request.args.get("place") or None,
        subject=request.args.get("subject") or None,
        resource=request.args.get("resource") or None,
    )
    number = request.args.get("page", "1")
    page = journal(session, wanted, page=int(number) if number.isascii() and number.isdecimal() and len(number) < 8 else 1)  # noqa: PLR2004 - digits
    return render_template(
        "public/ledger.html",
        page=page,
        rows=[(entry, sentence(entry, page.names), moved(entry)) for entry in page.entries],
        kinds=[("", "Every kind"), *_KINDS],
        resources=[("", "Anything"), *((code, resource_name(code)) for code in (*_currencies(), TIME))],
        places=[("", "Every place"), *_places_by_name()],
        kept={
            name: value for name, value in request.args.items() if name in {"kind", "place", "subject", "resource"} and value
        },
        size=tree_size(session),
        standing=standing(session),
    )


def _places_by_name() -> list[tuple[str, str]]:
    """Every partnership by its name; where the site has several authorities, with whose it is."""
    own = {row.slug: row.name for row in site_authorities(reading())}
    rows = partnerships(reading())
    return [(row.slug, f"{row.name} ({own[row.authority]})" if len(own) > 1 else row.name) for row in rows]


def _currencies() -> list[str]:
    """The currencies of the site's authorities, each once."""
    return sorted({row.currency for row in site_authorities(reading())})


@blueprint.get(ENTRY)
@anyone
def entry(index: int) -> str:
    """One entry: what it moved, by what power, and where it went next."""
    found = follow(reading(), index)
    return render_template(
        "public/entry.html",
        found=found,
        said=sentence(found.entry, found.names),
        moved=moved(found.entry),
        mandates=[(above, sentence(above, found.names)) for above in found.mandates],
        followers=[(after, sentence(after, found.names)) for after in found.followers],
        document=json.dumps(json.loads(found.written), indent=2, ensure_ascii=False),
        proof=proving(reading(), index),
        standing=standing(reading()),
        signatories=signatories_of(reading(), found.entry),
    )


@blueprint.get("/healthz")
@anyone
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@anyone
def readyz() -> Response:
    """The ledger can be read."""
    return Response(f"ok {tree_size(reading())}\n", mimetype="text/plain")
