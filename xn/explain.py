"""`xn explain`: the same as `xn cases explain`, for whoever has only a case in hand."""

from __future__ import annotations

import typer

from xn.cases.command import explain

app = typer.Typer()
app.command()(explain)
