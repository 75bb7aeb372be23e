"""``release-bot tags``: the tags as observed."""

import click

from bot.cli.asking import repositories_argument
from bot.cli.context import Options, format_option, is_json, print_json
from bot.domain.tags import TagState
from bot.render.json_form import tag_json
from bot.render.tables import doubts_lines, tags_table
from bot.services.observing import observed_tags


@click.command()
@repositories_argument
@click.option("--unclassified", is_flag=True, help="Only tags that the repository's scheme cannot read.")
@click.option("--moved", is_flag=True, help="Only tags that moved to another commit since they were first seen.")
@click.option("--deleted", is_flag=True, help="Only tags that vanished.")
@format_option
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
    """List tags as observed, with every date that is known of them; a date marked ? is not believed."""
    app = options.known_app()
    zone = app.settings.time_zone
    states = {TagState.MOVED: moved, TagState.DELETED: deleted}
    with app.reading() as store:
        seen = observed_tags(app.repositories(repositories), store)
    if moved or deleted:
        seen = [each for each in seen if states.get(each.tag.state, False)]
    if unclassified:
        seen = [each for each in seen if each.is_unclassified]
    if is_json(output_format):
        print_json([tag_json(each, zone) for each in seen])
    else:
        options.out.print(tags_table(seen, zone))
        for line in doubts_lines(seen, zone):
            options.out.print(line)
