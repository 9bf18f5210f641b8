"""The whole terminal, drawn anew for each view until Ctrl-C. What is drawn is made elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from batchyard.cli.show.node_cells import Tone
from batchyard.cli.show.top import View, frame

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {
    Tone.TROUBLE: "bold red",
    Tone.CHANGING: "yellow",
    Tone.BUSY: "green",
    Tone.FREE: "cyan",
    Tone.PLAIN: "",
}


def shown(views: Iterable[View], now: Callable[[], datetime], console: Console | None = None) -> None:
    from rich.console import Console  # noqa: PLC0415 - scripts need none of it
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    terminal = console or Console()
    try:
        with Live(console=terminal, screen=True, auto_refresh=False) as live:
            for view in views:
                lines = frame(view, now(), *terminal.size)
                drawn = (Text.assemble(*((text, COLOURS[tone]) for text, tone in line)) for line in lines)
                live.update(Text("\n", no_wrap=True).join(drawn), refresh=True)
    except KeyboardInterrupt:
        return  # how people end it
