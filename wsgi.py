"""The application that gunicorn serves. Where the site is for the public and not safe, it does not start."""

from app.safety import safe_settings
from app.site import create_app

app = create_app(safe_settings())
