"""``release-bot ask``: answer a question, as in chat."""

import click

from bot.app import who
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.query_options import as_of_of, as_of_option
from bot.commands.base import CommandContext
from bot.dialogue import ask as ask_in_words
from bot.queries.base import answer_text
from bot.render.markup import TEXT
from bot.watch_preview import ForgePreview


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1)
@as_of_option
@format_option
@click.pass_obj
def ask(options: Options, words: tuple[str, ...], as_of: str | None, output_format: str) -> None:
    """Answer QUESTION as in chat, from the database only; a maintainer's changes can be made too."""
    app = options.known_app()
    text = " ".join(words)
    with app.reading() as store:
        context = app.query_context(store, as_of_of(app, as_of), is_maintainer=True)
        command = CommandContext(context, who(), ForgePreview(app), app.chat) if as_of is None else None
        reply = ask_in_words(text, context, app.vocabulary(), command)
    answer = answer_text(reply.answer(TEXT))
    if is_json(output_format):
        data = reply.result.data()
        print_json({"question": text, "understood": reply.understanding.data(), "answer": answer, "data": data})
        return
    click.echo(answer)
