"""Limits of a Slack message.

Slack's block reference gives a message 50 blocks and a section 3,000 characters. All
blocks together are limited too, which it does not document: beyond some 13,300
characters, to which each block adds about 125, Slack answers
``msg_blocks_too_long`` (measured at https://github.com/slackapi/bolt-js/issues/2509).
"""

from bot.chats.fitting import MessageLimits
from bot.chats.slack.mrkdwn import cut


def size(text: str) -> int:
    """Return the length of a text in bytes, as sent."""
    return len(text.encode())


LIMITS = MessageLimits(
    # Below the measured limit of all blocks together.
    longest=12_000,
    most_blocks=50,
    block_cost=125,
    longest_block=3_000,
    # Together with a line break, heading and line fit into a section.
    longest_heading=400,
    longest_line=2_599,
    marks=("•", "        ◦"),
    size=size,
    cut=cut,
)
