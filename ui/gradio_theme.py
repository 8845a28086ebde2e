"""The app's look: Gradio's theme in the shop's colours, the style sheet, and the page's few lines of script."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import gradio as gr

_HERE = Path(__file__).parent
_SHOPPERS = ("colours.css", "gradio.css", "gradio_side.css")

_ICON = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="11" fill="#1e5a48"/>'
    '<path d="M9 27c4-9 8-13 11-13s7 4 11 13z" fill="#fff"/><circle cx="28" cy="12" r="3" fill="#f0b95b"/></svg>'
)

# Gradio labels every message with its unrendered source, which a screen reader would read in its place; and it leaves
# the talk where it was scrolled to, also when the shopper has just said something below.
_TALK_JS = """
let said = 0;
new MutationObserver(() => {
  for (const message of document.querySelectorAll('#st-chat [data-testid][aria-label]')) {
    message.removeAttribute('aria-label');
  }
  const log = document.querySelector('#st-chat [role=log]');
  const name = document.querySelector('[data-chat-name]')?.dataset.chatName;
  if (log && name && log.ariaLabel !== name) log.ariaLabel = name;
  const before = said;
  said = document.querySelectorAll('#st-chat [data-testid=user]').length;
  if (log && said > before) log.scrollTo(0, log.scrollHeight);
}).observe(document, {
  subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label', 'data-chat-name'],
});
"""


def page_head(styles: Sequence[str], script: str) -> str:
    """Return a page's head with style sheets of this folder.

    They go there as they are: handed over as `css` they would come back rewritten and reordered.
    """
    rules = "".join((_HERE / name).read_text(encoding="utf-8") for name in styles)
    return (
        f"<style>{rules}</style><script>{script}</script>"
        f'<meta name="color-scheme" content="light dark"><link rel="icon" href="{_ICON}">'
    )


HEAD = page_head(_SHOPPERS, _TALK_JS)

SWITCH_THEME_JS = "() => { document.body.classList.toggle('dark'); }"

# Not where a keyboard would slide over the screen.
FOCUS_MESSAGE_JS = """() => {
  if (matchMedia('(pointer: fine)').matches) document.querySelector('#st-message textarea')?.focus();
}"""

_SYSTEM_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif")
_SYSTEM_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def shop_theme() -> gr.themes.Base:
    """Return the theme: colours by the style sheet's variables, fonts of the reader's own system, nothing fetched."""
    return gr.themes.Base(font=_SYSTEM_FONTS, font_mono=_SYSTEM_MONO, radius_size="md").set(
        body_background_fill="var(--st-page)",
        body_background_fill_dark="var(--st-page)",
        body_text_color="var(--st-ink)",
        body_text_color_dark="var(--st-ink)",
        background_fill_primary="var(--st-paper)",
        background_fill_primary_dark="var(--st-paper)",
        background_fill_secondary="var(--st-page)",
        background_fill_secondary_dark="var(--st-page)",
        border_color_primary="var(--st-line)",
        border_color_primary_dark="var(--st-line)",
        color_accent="var(--st-green)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        input_background_fill="var(--st-paper)",
        input_background_fill_dark="var(--st-paper)",
        input_border_color="var(--st-edge)",
        input_border_color_dark="var(--st-edge)",
        input_placeholder_color="var(--st-quiet)",
        input_placeholder_color_dark="var(--st-quiet)",
    )
