"""How Sphinx makes the site of these pages: `make site`."""

from bot import __version__

project = "release-bot"
author = "the release-bot contributors"
project_copyright = author
release = version = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
# The pages link to headings by the names that forges give them.
myst_heading_anchors = 4
# What a page shows of the bot is text as printed, not a language.
highlight_language = "text"
suppress_warnings: list[str] = []
nitpicky = True

html_theme = "furo"
html_title = "release-bot"
html_show_sphinx = False
html_copy_source = False
# The pages load nothing from elsewhere.
html_theme_options = {"footer_icons": []}
