"""What strangers may write into names, notes and titles."""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\"><svg onload=alert(1)>'",
    "]]></title><!-- &lt; &#0;",
    "javascript:alert(1)",
    "v1\x00\x08\x1b[31m\ufffe",
    "v1\u202etxt.exe\u2066",
    "a\r\nBEGIN:VEVENT\nUID:stolen;,\\n",
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(1)",
    "{label}%s{{7*7}}",
    "x" * 10_000,
)
