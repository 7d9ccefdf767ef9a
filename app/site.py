"""The site: its settings, its database, its pages for each audience, put together."""

from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flask import Flask, current_app
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from sqlmodel import select
from werkzeug.middleware.proxy_fix import ProxyFix

from app import access, caching, errors, formats, mail, prose, security, static_files, store, visits
from app.acting import acting
from app.authority.overriding import blueprint as overriding
from app.authority.prototypes import blueprint as authority_prototypes
from app.authority.risks import blueprint as authority_risks
from app.authority.routes import blueprint as authority
from app.authority.terms import blueprint as terms
from app.booth.routes import KEY_FILE
from app.booth.routes import blueprint as booth
from app.clerk.routes import blueprint as clerk
from app.connector.routes import blueprint as connector
from app.desks import desks_of
from app.finance.comments import blueprint as comments
from app.finance.risks import blueprint as finance_risks
from app.finance.routes import blueprint as finance
from app.hiding import Hiding
from app.log.routes import WITNESSES, cosignatures
from app.log.routes import blueprint as log
from app.me.addresses import blueprint as my_addresses
from app.me.data import blueprint as my_data
from app.me.ideas import blueprint as my_ideas
from app.me.routes import blueprint as sessions
from app.me.security import blueprint as my_security
from app.me.signatures import blueprint as my_signatures
from app.panel.interests import blueprint as interests
from app.panel.meetings import blueprint as meetings
from app.panel.picture import blueprint as picture
from app.panel.prototypes import blueprint as panel_prototypes
from app.panel.rounds import blueprint as rounds
from app.panel.routes import blueprint as panel
from app.partner.routes import blueprint as partner
from app.promises import just_recorded
from app.public.accountability import blueprint as accountability
from app.public.counting import blueprint as counting
from app.public.evidence import blueprint as evidence
from app.public.ideas import blueprint as ideas
from app.public.joint import blueprint as joint
from app.public.pictures import blueprint as pictures
from app.public.printed import blueprint as printed
from app.public.proofs import blueprint as proofs
from app.public.prototypes import blueprint as prototypes
from app.public.results import blueprint as results
from app.public.risks import blueprint as shared_risks
from app.public.routes import blueprint as public
from app.public.sharing import blueprint as sharing
from app.public.verify import blueprint as verify
from app.registrar.requests import blueprint as requests
from app.registrar.roles import blueprint as roles
from app.registrar.routes import blueprint as registrar
from app.settings import Settings, from_environment
from app.signin.invitations import blueprint as invitation
from app.signin.proofs import blueprint as proofs_of_person
from app.signin.routes import blueprint as signin
from app.signin.work import blueprint as work
from app.statements.routes import blueprint as statements
from ledger.places import Authority

_ROOT = Path(__file__).parent.parent
_AUDIENCES = (
    public, accountability, results, printed, counting, proofs,
    verify, evidence, pictures, panel, picture, finance, authority, terms, overriding, roles, signin, invitation,
    proofs_of_person, work,
    my_signatures, joint, shared_risks, partner, authority_risks, finance_risks,
    booth, clerk,
    sessions, my_security, my_addresses, my_data, registrar, requests, statements, log, static_files.blueprint,
    prototypes, sharing, panel_prototypes, authority_prototypes,
    ideas, my_ideas, connector, comments, rounds, interests, meetings,
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """The application, for these settings or for those of the environment. Touches no database until the first request."""
    settings = settings or from_environment()
    app = Flask(__name__, template_folder=str(_ROOT / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.earlier_keys),
        WTF_CSRF_SECRET_KEY=[*reversed(settings.earlier_keys), settings.secret_key],  # the last one signs
        SITE_NAME=settings.site_name,
        SITE_ADDRESS=settings.site_address,
        ISSUER=settings.issuer,
        **{WITNESSES: settings.witness_keys, KEY_FILE: settings.ballot_key_file},
        MAX_CONTENT_LENGTH=settings.largest_request,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
    )
    _templates(app)
    store.keep(app, store.open_for(settings))
    security.allow_files(app)
    # A witness's program has no session that another site could abuse: its signature is what lets it in.
    CSRFProtect(app).exempt(cosignatures)
    visits.register(app, settings)
    mail.register(app, settings)
    if settings.trusted_proxies:  # only what they add is believed: whoever asks can write the rest
        trusted = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, trusted, trusted, trusted)  # type: ignore[method-assign]  # as below
    app.wsgi_app = Hiding(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way to wrap what it serves
    WTFormsHelpers(app)
    formats.register(app)
    prose.register(app)
    security.secure(app, settings)
    for blueprint in _AUDIENCES:
        app.register_blueprint(blueprint)
    errors.register(app)
    access.guard(app)
    caching.register(app, release())
    return app


def release() -> str:
    """The version of this software."""
    try:
        return version("commonpurse")
    except PackageNotFoundError:
        return "unreleased"


def _templates(app: Flask) -> None:
    app.jinja_env.undefined = ChainableUndefined  # the GOV.UK macros walk through parameters that were not given
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(_ROOT / "templates"),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    app.jinja_env.globals["static"] = static_files.static
    app.jinja_env.globals["just_recorded"] = just_recorded
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, object]:
    return {
        "site_name": current_app.config["SITE_NAME"],
        "acting": acting(),
        "desks": desks_of(acting()),
        "demonstration": store.reading().exec(select(Authority.slug).where(Authority.demonstration)).first() is not None,
        "release": release(),
    }
