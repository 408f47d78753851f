"""`python -m apps.city`: serve the app."""

from __future__ import annotations

from apps.city.app import build
from apps.city.settings import CitySettings
from apps.web.running import serve

if __name__ == "__main__":
    settings = CitySettings()
    serve(build(settings), settings)
