"""``release-bot latest``: the newest final release of each series."""

import click

from bot.cli.asking import as_of_of, as_of_option, repositories_argument, series_began
from bot.cli.context import Options, format_option, is_json, print_json
from bot.domain.periods import Period
from bot.render.json_form import releases_json
from bot.render.tables import lacking_texts, releases_table, undated_line
from bot.services.counting import Question, lacking_of, latest_releases, undated_finals


@click.command()
@repositories_argument
@click.option("--series", metavar="S", help="Only this series, in any spelling: v7r1, 7.1.")
@as_of_option
@format_option
@click.pass_obj
def latest(
    options: Options, repositories: tuple[str, ...], series: str | None, as_of: str | None, output_format: str
) -> None:
    """Show the newest final release of each series, by version."""
    app = options.known_app()
    zone = app.settings.time_zone
    with app.reading() as store:
        moment, chosen = as_of_of(app, as_of), app.repositories(repositories)
        began = series_began(series, chosen, app, store)
        asked = Question(
            chosen, Period(None, moment.end, zone), moment, series=series, began=began, stale_after=app.stale_after
        )
        newest, found = latest_releases(chosen, store, moment, series), lacking_of(asked, store)
        undated = undated_finals(chosen, store, moment, series)
    if is_json(output_format):
        print_json(releases_json(newest, zone))
        return
    options.out.print(releases_table(newest, zone))
    if undated:
        options.out.print(undated_line(undated, "not considered"))
    for line in lacking_texts(found, moment):
        options.out.print(line)
