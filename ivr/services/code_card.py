"""The card that a customer is handed with his support code: one small page to be printed."""

from collections.abc import Mapping
from datetime import date
from html import escape
from string import Template

from ivr.services.support_codes import NewCode

_PAGE = Template("""<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>$title $number</title>
<style>
@page { margin: 15mm; }
body { font: 9pt/1.3 sans-serif; color: #000; background: #fff; }
main { box-sizing: border-box; width: 105mm; min-height: 65mm; padding: 5mm; border: .3mm solid #000; }
h1 { margin: 0; font-size: 13pt; }
p { margin: 1mm 0; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 1mm 4mm; margin: 3mm 0; }
dt, dd { margin: 0; }
dd { font-weight: bold; }
.code { font: bold 16pt monospace; white-space: nowrap; }
</style>
</head>
<body>
<main>
<h1>$title</h1>
<p>$name</p>
<dl>
<dt>$line_label</dt><dd>$line</dd>
<dt>$customer_label</dt><dd>$number</dd>
<dt>$pin_label</dt><dd>$pin</dd>
<dt>$code_label</dt><dd class="code">$number&nbsp;$pin&nbsp;#</dd>
</dl>
<p>$advice</p>
<p>$issued_label: $issued</p>
</main>
</body>
</html>
""")


def write_card(
    labels: Mapping[str, Mapping[str, str]], code: NewCode, line: str, issued: date
) -> str:
    """The page as HTML, in the customer's language; it loads nothing from anywhere."""
    words = labels[code.customer.language]
    values = {
        "language": code.customer.language,
        "title": words["title"],
        "name": code.customer.name,
        "line_label": words["line"],
        "line": line,
        "customer_label": words["customer"],
        "number": code.customer.number,
        "pin_label": words["pin"],
        "pin": code.pin,
        "code_label": words["code"],
        "advice": words["advice"],
        "issued_label": words["issued"],
        "issued": f"{issued:%d.%m.%Y}",
    }
    return _PAGE.substitute({name: escape(value) for name, value in values.items()})
