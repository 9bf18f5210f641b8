"""`python -m tests.web` installs Debian's Chromium, before two workers wait for it."""

from tests.web.browser import program

program()
