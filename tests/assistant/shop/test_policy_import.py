"""Policies as shops keep them: Markdown, HTML, PDF; converted, put in place at once, named where they are broken."""

import zlib
from pathlib import Path

import pytest

from assistant.errors import RecordsError
from assistant.shop.policies import Policies, before_folder
from assistant.shop.policy_import import import_policies
from assistant.shop.policy_languages import language_of_policy
from assistant.shop.policy_sections import arrange, guess_headings

PAGE = """<!doctype html><html lang="es-MX"><head><title>Tienda - Envíos</title><style>p {}</style></head><body>
<nav><a href="/">Inicio</a></nav><main><h1>Envíos</h1><p>Enviamos a <b>toda</b> Europa.</p>
<h2>Plazos</h2><p>El envío tarda tres días.</p><ul><li>Península: dos días</li><li>Islas: cinco días</li></ul>
<h3>Coste</h3><table><tr><th>Zona</th><th>Precio</th></tr><tr><td>Islas</td><td>9,50 €</td></tr></table>
<div>Gratis desde <span>50 €</span>.</div></main><footer>© Tienda</footer><script>alert(1)</script></body></html>"""


def pdf(lines: list[str]) -> bytes:
    """Make the smallest PDF that shows these lines."""
    shown = "\n".join(f"({line}) Tj 0 -14 Td" for line in lines)
    stream = zlib.compress(f"BT /F1 11 Tf 72 720 Td {shown} ET".encode("latin-1"))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    (folder / "zh").mkdir(parents=True)
    (folder / "Returns Policy.md").write_text("# Returns\n\n## How long\n\nYou have 45 days to return a lamp.\n")
    (folder / "zh" / "returns-policy.md").write_text("# 退货\n\n## 期限\n\n您有 45 天时间退货。\n")
    (folder / "shipping.html").write_text(PAGE)
    lines = [
        "Warranty",
        "What is covered",
        "We mend every lamp that fails within three years of the day",
        "you bought it.",
    ]
    (folder / "warranty.pdf").write_bytes(pdf(lines))
    return folder


def test_every_kind_of_file_can_be_searched(folder: Path, tmp_path: Path) -> None:
    report = import_policies(folder, tmp_path / "store")
    assert [(file.file, file.language, file.name, file.passages) for file in report.files] == [
        ("Returns Policy.md", "en", "returns-policy", 1),
        ("shipping.html", "es", "shipping", 2),
        ("warranty.pdf", "en", "warranty", 1),
        ("zh/returns-policy.md", "zh", "returns-policy", 1),
    ]
    assert report.problems == () and report.removed == ()
    policies = Policies(tmp_path / "store/policies")
    assert policies.search("how many days to return a lamp", "en")[0].title == "Returns: How long"
    assert "45 天" in policies.search("退货期限", "zh")[0].text
    warranty = policies.search("do you mend a lamp that fails", "en")[0]
    assert (warranty.title, warranty.source) == ("Warranty: What is covered", "warranty")
    sending = policies.search("plazos de envío a las islas", "es")[0]
    assert sending.title == "Envíos: Plazos"
    assert sending.text == (
        "El envío tarda tres días.\n\n- Península: dos días\n\n- Islas: cinco días\n\n"
        "### Coste\n\nZona | Precio\n\nIslas | 9,50 €\n\nGratis desde 50 €."
    )
    everything = str(policies.passages)
    assert "Inicio" not in everything and "alert" not in everything and "©" not in everything


def test_a_running_shop_reads_the_new_policies(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    import_policies(folder, store)
    running = Policies(store / "policies")
    (folder / "Returns Policy.md").write_text("# Returns\n\n## How long\n\nYou have 60 days.\n")
    (folder / "warranty.pdf").unlink()
    report = import_policies(folder, store)
    assert report.removed == ("en/warranty",)
    assert "60 days" in running.search("how long to return", "en")[0].text
    assert running.search("warranty covered", "en") == []
    (folder / "zh" / "returns-policy.md").unlink()
    (folder / "Returns Policy.md").unlink()
    assert import_policies(folder, store, partial=True).removed == ()
    assert set(running.passages) == {"en", "es", "zh"}
    assert {path.name for path in store.iterdir()} <= {"policies", ".policies.lock"}


def test_files_that_cannot_be_read_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "scan.pdf").write_bytes(pdf([]))
    (folder / "latin.md").write_bytes("# Rückgabe\n".encode("latin-1"))
    (folder / "empty.html").write_text("<html><body><script>1</script></body></html>")
    (folder / "title.md").write_text("# Nothing else\n")
    (folder / "warranty.md").write_text("# Warranty\n\nThree years.\n")
    (folder / ".hidden.md").write_text("# Hidden\n\nNo.\n")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    report = import_policies(folder, tmp_path / "store")
    problems = {problem.file: problem.message for problem in report.problems}
    assert set(problems) == {"broken.pdf", "scan.pdf", "latin.md", "empty.html", "title.md", "warranty.pdf"}
    assert "no PDF" in problems["broken.pdf"] and "scan" in problems["scan.pdf"] and "UTF-8" in problems["latin.md"]
    assert "warranty.md is already" in problems["warranty.pdf"]
    with pytest.raises(RecordsError, match=r"broken\.pdf.*--strict"):
        import_policies(folder, tmp_path / "other", strict=True)
    assert not (tmp_path / "other").exists()


def test_nothing_to_import_changes_nothing(folder: Path, tmp_path: Path) -> None:
    import_policies(folder, tmp_path / "store")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "bad.md").write_bytes(b"\xff")
    with pytest.raises(RecordsError, match=r"no policy that can be read(.|\n)*bad\.md"):
        import_policies(tmp_path / "none", tmp_path / "store")
    with pytest.raises(RecordsError, match="no folder"):
        import_policies(tmp_path / "gone", tmp_path / "store")
    assert set(Policies(tmp_path / "store/policies").passages) == {"en", "es", "zh"}


def test_a_crash_between_the_renamings_loses_nothing(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    import_policies(folder, store)
    running = Policies(store / "policies")
    (store / "policies").rename(before_folder(store / "policies"))
    assert running.search("days to return a lamp", "en") and Policies(store / "policies").search("return a lamp", "en")
    (folder / "warranty.pdf").unlink()
    assert import_policies(folder, store).removed == ("en/warranty",)
    assert not before_folder(store / "policies").exists() and Policies(store / "policies").search("lamp", "en")


@pytest.mark.parametrize(
    ("text", "arranged"),
    [
        ("Terms\n=====\n\nHello.\n\nFirst\n-----\n\nOne.", "# Terms\n\nHello.\n\n## First\n\nOne.\n"),
        (
            "### A\n\nOne.\n\n#### B\n\nTwo.\n\n### C\n\nThree.",
            "# Given\n\n## A\n\nOne.\n\n### B\n\nTwo.\n\n## C\n\nThree.\n",
        ),
        ("Just words.", "# Given\n\nJust words.\n"),
        ("# T\n\n```\n# no heading\n```", "# T\n\n```\n# no heading\n```\n"),
    ],
)
def test_headings_of_any_style_become_sections(text: str, arranged: str) -> None:
    assert arrange(text, "Given") == arranged


def test_long_sections_are_cut_between_paragraphs() -> None:
    text = arrange("# T\n\n## Long\n\n" + "\n\n".join(f"Paragraph {n}. " + "word " * 100 for n in range(6)), "T")
    assert text.count("\n## Long") == 3 and "## Long (3)" in text
    assert all(f"Paragraph {n}." in text for n in range(6))


def test_headings_of_plain_text_are_guessed() -> None:
    text = "Our terms\n\n1. Returns\nSend it back within 20 days and we pay for the way back,\nall of it.\n- a short point\nPlease keep the box.\n"
    marked = guess_headings(text)
    assert [line for line in marked.splitlines() if line.startswith("#")] == ["# Our terms", "## 1. Returns"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You can return what you bought within 30 days; we accept WeChat Pay (微信支付).", "en"),
        ("Sie können die Ware innerhalb von 30 Tagen zurückgeben, und wir erstatten den Preis.", "de"),
        ("Puede devolver los artículos en los 30 días que siguen a la compra.", "es"),
        ("Vous pouvez retourner les articles dans les 30 jours et nous vous remboursons.", "fr"),
        ("您可以在 30 天内退货。", "zh"),
        ("30 日以内に返品できます。", "ja"),
        ("12345", "en"),
    ],
)
def test_languages_are_told(text: str, language: str) -> None:
    assert language_of_policy(text) == language
