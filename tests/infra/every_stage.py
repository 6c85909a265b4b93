"""Synthesizes every stage with cdk-nag's packs: `python -m tests.infra.every_stage FOLDER` fills a folder per stage.

Findings are to be read, not raised: they are in each assembly's validation report.
"""

import sys
from contextlib import suppress
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.app import FLAGS, build
from tests.infra.synth import TRIED


def main(folder: Path) -> None:
    """Each stage's assembly, with cdk-nag's report in it."""
    for name, stage in TRIED.items():
        app = App(outdir=str(folder / name), context=FLAGS)
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
        build(app, stage)
        with suppress(RuntimeError):
            app.synth()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
