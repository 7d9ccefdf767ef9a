"""The site as gunicorn serves it on another day: `DAYS_ON` days from now, and the clock runs."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

from app.safety import safe_settings
from app.site import create_app

time_machine.travel(datetime.now(UTC) + timedelta(days=int(os.environ["DAYS_ON"]))).start()
app = create_app(safe_settings())
