"""What `mkdocs build` needs to know of this repository: its files outside docs/ that pages link to, and folders of pages."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = {"SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md", "charts/batchyard/README.md": "chart.md"}
"""Pages of the site that stand elsewhere in the repository."""
SHOWN = (
    "examples/**/*.yaml",
    "charts/batchyard/values.yaml",
    "charts/batchyard/files/alerts.yaml",
    "charts/batchyard/templates/rbac.yaml",
    "LICENSE",
)
"""Files that the site has beside its pages, so that links to them hold there."""
_LINK = re.compile(r"\[([^\]]*)\]\(([^)#:\s]+)((?:#[^)\s]*)?)\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write out the entries of the navigation that are folders, and add the pages that have no place in it."""
    named = [_written_out(entry) for entry in config.nav or ()]
    others = [path.name for path in sorted((ROOT / "docs").glob("*.md")) if f"'{path.name}'" not in str(named)]
    config.nav = [*named, *({"More": others} for _ in others[:1])]
    return config


def _written_out(entry: dict[str, object]) -> dict[str, object]:
    ((title, value),) = entry.items()
    if not (isinstance(value, str) and value.endswith("/")):
        return entry
    return {title: sorted(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs" / value).glob("*.md"))}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    shown = {str(path.relative_to(ROOT)) for pattern in SHOWN for path in ROOT.glob(pattern)}
    for name, place in {**PAGES, **dict(zip(shown, shown, strict=True))}.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - mkdocs passes these
    """Links lead from file to file of the repository; on the site the folder docs/ is the top, and other folders are not there."""
    place = page.file.src_uri
    written = {site: name for name, site in PAGES.items()}.get(place, f"docs/{place}")

    def on_site(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(written), link[2]))
        there = PAGES.get(target, target.removeprefix("docs/"))
        where = posixpath.relpath(there, posixpath.dirname(place) or ".")
        return link[1] if (ROOT / target).is_dir() else f"[{link[1]}]({where}{link[3]})"

    return _LINK.sub(on_site, markdown)
