"""The application that gunicorn serves."""

from app.site import create_app

app = create_app()
