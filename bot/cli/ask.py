"""``release-bot ask``: answer a question as in chat."""

import click

from bot.app import who
from bot.cli.asking import as_of_of, as_of_option
from bot.cli.context import Options, format_option, is_json, print_json
from bot.render.answer_json import answer_json, understood_json
from bot.render.answer_text import answer_text
from bot.services.asking import ask as ask_desk
from bot.services.commanding import Command
from bot.watching import ForgeWatching


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1)
@as_of_option
@format_option
@click.pass_obj
def ask(options: Options, words: tuple[str, ...], as_of: str | None, output_format: str) -> None:
    """Answer QUESTION as in chat, from the database alone; maintainers' changes may be said as well."""
    app = options.known_app()
    text = " ".join(words)
    with app.reading() as store:
        desk = app.desk(store, as_of_of(app, as_of), is_maintainer=True)
        command = Command(who(), ForgeWatching(app), app.chat) if as_of is None else None
        asking = ask_desk(text, desk, app.vocabulary(), command)
    told = answer_text(asking.answer, asking.understanding.mended)
    if is_json(output_format):
        understood = understood_json(asking.understanding)
        print_json({"question": text, "understood": understood, "answer": told, "data": answer_json(asking.answer)})
        return
    click.echo(told)
