"""Arguments that several training commands have, each said once."""

from pathlib import Path
from typing import Annotated

import typer

Sets = Annotated[list[Path], typer.Argument(help="Folders of judged search sets.")]
Out = Annotated[Path, typer.Option(help="Where the model goes.")]
Base = Annotated[Path, typer.Option(help="The encoder's folder, from which the training starts.")]
Work = Annotated[Path, typer.Option(help="Where vectors are kept.")]
Steps = Annotated[int, typer.Option(min=0, help="Steps at most; 0 is two epochs.")]
Folds = Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")]
Anyway = Annotated[bool, typer.Option(help="Write it even where it isn't better.")]
