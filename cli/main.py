"""`omnihub`: the hub on this machine, tokens for it, and the stories it was built for."""

import typer

from cli import break_, catalog, demo, play, redrive, run, token

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.command()(run.run)
app.command()(token.token)
app.command()(play.play)
app.command()(demo.demo)
app.command()(redrive.redrive)
app.add_typer(catalog.app, name="catalog")
app.add_typer(break_.app, name="break")
