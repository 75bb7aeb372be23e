"""``release-bot ask``: answer a question, as in chat."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import click

from bot.app import who
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.output import print_table
from bot.cli.query_options import as_of_of, as_of_option
from bot.commands.base import CommandContext
from bot.dialogue import ask as ask_in_words
from bot.domain.conversations import RefusedQuestion
from bot.queries.base import answer_text
from bot.render.json_form import moment_json
from bot.render.markup import TEXT
from bot.render.table import Column, Table
from bot.render.words import moment_words
from bot.watch_preview import ForgePreview

_REFUSED = (Column("times", is_number=True), Column("question"), Column("first", rank=1), Column("last", rank=1))


@click.command()
@click.argument("words", metavar="QUESTION", nargs=-1)
@as_of_option
@click.option("--after", default="", metavar="QUESTION", help="The question before, which a follow-up refers to.")
@click.option("--refused", "is_refused", is_flag=True, help="List what was asked in chat and not understood.")
@format_option
@click.pass_obj
def ask(
    options: Options, words: tuple[str, ...], as_of: str | None, after: str, output_format: str, *, is_refused: bool
) -> None:
    """Answer QUESTION as in chat, from the database only; a maintainer's changes can be made too."""
    if is_refused and (words or as_of or after):
        raise click.UsageError("--refused lists questions, and takes none")
    app = options.app()
    if is_refused:
        with app.reading() as store:
            _print_refused(options, store.conversations.refused(), app.as_of_now().zone, output_format)
        return
    text = " ".join(words)
    with app.reading_known() as (app, store):
        is_brief = not is_json(output_format)
        context = app.query_context(store, as_of_of(app, as_of), is_maintainer=True, is_brief=is_brief)
        command = CommandContext(context, who(), ForgePreview(app), lambda: app.chat) if as_of is None else None
        reply = ask_in_words(text, context, app.vocabulary(), command, lambda: after)
    answer = answer_text(reply.answer(TEXT))
    if is_json(output_format):
        data = reply.result.data()
        print_json({"question": text, "understood": reply.understanding.data(), "answer": answer, "data": data})
        return
    click.echo(answer)


def _print_refused(options: Options, questions: Sequence[RefusedQuestion], zone: ZoneInfo, output_format: str) -> None:
    """Print the questions that were not understood, the most frequent first."""
    if is_json(output_format):
        print_json([_refused_json(each, zone) for each in questions])
    elif not questions:
        click.echo("no question is kept that was asked in a public channel and not understood")
    else:
        rows = (
            (f"{each.times:,}", each.text, moment_words(each.first_at, zone), moment_words(each.last_at, zone))
            for each in questions
        )
        print_table(options, Table.of(_REFUSED, rows))


def _refused_json(question: RefusedQuestion, zone: ZoneInfo) -> dict[str, object]:
    return {
        "text": question.text,
        "times": question.times,
        "first_at": moment_json(question.first_at, zone),
        "last_at": moment_json(question.last_at, zone),
    }
