"""The pages before the door of the shop's own view: the password, and why it is closed."""

from html import escape

from ui.texts import text

_STYLE = """
:root { color-scheme: light dark; --page: #f5f1e8; --paper: #fff; --ink: #24221d; --quiet: #655f54; --edge: #8d8471;
  --green: #1e5a48; --on: #fff; --bad: #a12b2b; }
@media (prefers-color-scheme: dark) { :root { --page: #141714; --paper: #1f2420; --ink: #eeeae0; --quiet: #b7b1a3;
  --edge: #7b857c; --green: #8fd3b8; --on: #0f241c; --bad: #f3a3a0; } }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Noto Sans", sans-serif; }
main { width: min(360px, calc(100vw - 48px)); padding: 32px; border-radius: 18px; background: var(--paper);
  box-shadow: 0 8px 40px rgb(60 48 24 / 12%); box-sizing: border-box; }
h1 { margin: 0 0 4px; font: 700 24px/1.2 Georgia, "Noto Serif CJK SC", serif; }
p { margin: 0 0 18px; color: var(--quiet); }
label { display: block; margin-bottom: 4px; font-size: 14px; }
input { width: 100%; min-height: 46px; padding: 0 14px; border: 1px solid var(--edge); border-radius: 11px;
  background: var(--page); color: var(--ink); font: inherit; box-sizing: border-box; }
button { width: 100%; min-height: 46px; margin-top: 14px; border: 0; border-radius: 11px; background: var(--green);
  color: var(--on); font: inherit; font-weight: 650; cursor: pointer; }
:is(input, button):focus-visible { outline: 3px solid var(--green); outline-offset: 2px; }
[role=alert] { margin: 12px 0 0; color: var(--bad); font-weight: 600; }
code { overflow-wrap: anywhere; }
"""


def login_page(shop: str, language: str, problem: str = "") -> str:
    """Return the page that asks for the password; `problem` names the text that says what was wrong."""
    alert = f'<p role="alert">{text(problem, language)}</p>' if problem else ""
    return _page(
        shop,
        language,
        f"<p>{text('console_for', language)}</p>"
        '<form method="post" action="login">'
        f'<label for="password">{text("password", language)}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>'
        f'<button type="submit">{text("log_in", language)}</button>{alert}</form>',
    )


def closed_page(shop: str, language: str) -> str:
    """Return the page that says how to open the shop's view from elsewhere."""
    return _page(shop, language, f"<p>{text('console_closed', language)}</p><code>SHELFTALK_CONSOLE_PASSWORD=…</code>")


def _page(shop: str, language: str, content: str) -> str:
    title = text("console_title", language, shop=escape(shop))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )
