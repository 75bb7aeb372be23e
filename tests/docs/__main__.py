"""Write into the pages of the docs what their commands print: ``python -m tests.docs [PAGE...]``, or ``make docs``."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs.pages import PAGES, Ran, rewrite, run_page
from tests.docs.world import ROOT, make_demo


def main(names: list[str]) -> int:
    """Rewrite the pages of these names, all without any; return 1 where a command of which nothing is shown fails."""
    pages = [Path(name).resolve() for name in names] or PAGES
    with TemporaryDirectory(prefix="release-bot-docs-") as made, ThreadPoolExecutor(3) as pool:
        demo = make_demo(Path(made))

        def run(page: Path) -> list[Ran]:
            folder = Path(made) / page.stem
            folder.mkdir()
            return run_page(page, folder, demo)

        failed = [_write(page, ran) for page, ran in zip(pages, pool.map(run, pages), strict=True)]
    return int(any(failed))


def _write(page: Path, ran: list[Ran]) -> bool:
    told = "rewritten" if rewrite(page, ran) else "unchanged"
    sys.stdout.write(f"{page.relative_to(ROOT)}: {told}\n")
    failed = [line for each in ran for line in each.failed]
    sys.stdout.writelines(f"{line}\n" for line in failed)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
