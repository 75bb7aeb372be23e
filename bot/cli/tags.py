"""``release-bot tags``: the observed tags."""

import click

from bot.cli.context import Options
from bot.cli.output import list_format_option, print_tables
from bot.cli.query_options import repositories_argument
from bot.domain.tags import TagState
from bot.render.json_form import tag_json
from bot.render.tag_table import tags_table
from bot.services.observations import observed_tags


@click.command()
@repositories_argument
@click.option("--unclassified", is_flag=True, help="Only tags that do not match the repository's version scheme.")
@click.option("--moved", is_flag=True, help="Only tags that moved to another commit.")
@click.option("--deleted", is_flag=True, help="Only deleted tags.")
@list_format_option
@click.pass_obj
def tags(
    options: Options,
    repositories: tuple[str, ...],
    output_format: str,
    *,
    unclassified: bool,
    moved: bool,
    deleted: bool,
) -> None:
    """List observed tags with all their dates; a date marked ? is implausible and not used."""
    app = options.known_app()
    zone = app.settings.time_zone
    states = {TagState.MOVED: moved, TagState.DELETED: deleted}
    with app.reading() as store:
        seen = observed_tags(app.repositories(repositories), store)
    if moved or deleted:
        seen = [each for each in seen if states.get(each.tag.state, False)]
    if unclassified:
        seen = [each for each in seen if each.is_unclassified]
    data = [tag_json(each, zone) for each in seen]
    print_tables(options, [tags_table(seen, zone)], output_format, data)
