"""Compares a notebook that Jupyter executed with the one that `workbook run` wrote: compare.py EMBEDDED JUPYTER."""
import json
import os
import re
import sys

MOST_BYTES = 1_500_000
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


def text(value):
    return "".join(value) if isinstance(value, list) else value


def masked(content):
    """A text without what differs from run to run: times, the kernel's random names, its styles, plotly.js."""
    content = content.replace("\r\n", "\n")
    content = re.sub(r"<script[^>]*\bid=\"c2fvl-plotly\".*?</script>\n?", "", content, flags=re.S)
    content = re.sub(r"<style>\s*\.dni-.*?</style>", "", content, flags=re.S)
    content = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID", content)
    return re.sub(r"\b\d+([.,:]\d+)*(?= ?(s|ms|min|h|seconds|minutes|images/s)\b)", "TIME", content)


def outputs(cell):
    """The cell's outputs but for the script by which the kernel's front end looks for the kernel."""
    return [o for o in cell["outputs"] if "dotnet-interactive-this-cell" not in text(o.get("data", {}).get("text/html", ""))]


def kind(output):
    return output["output_type"], output.get("name"), sorted(output.get("data", {}))


def faults(number, ours, theirs, is_volatile):
    expected, found = outputs(ours), outputs(theirs)
    if ours["source"] != theirs["source"]:
        yield f"cell {number}: another source"
    if [kind(o) for o in expected] != [kind(o) for o in found]:
        yield f"cell {number}: outputs {[kind(o) for o in found]}, embedded {[kind(o) for o in expected]}"
        return
    for a, b in zip(expected, found):
        contents = [(a.get("text"), b.get("text"))] + [(a["data"][m], b["data"][m]) for m in a.get("data", {})]
        for one, other in contents:
            if not is_volatile and one is not None and masked(text(one)) != masked(text(other)):
                left, right = masked(text(one)), masked(text(other))
                at = next((i for i, (x, y) in enumerate(zip(left, right)) if x != y), min(len(left), len(right)))
                yield f"cell {number}: embedded has {left[max(0, at - 40):at + 80]!r}, Jupyter {right[max(0, at - 40):at + 80]!r}"
    for output in found:
        html = text(output.get("data", {}).get("text/html", ""))
        if output.get("name") == "stderr":
            yield f"cell {number}: prints on stderr: {text(output['text'])[:200]!r}"
        if output["output_type"] == "error":
            yield f"cell {number}: {output['ename']}: {output['evalue'][:200]}"
        if "<figure" in html and "src=\"data:image/" not in html and not any(m in output["data"] for m in PICTURES):
            yield f"cell {number}: a figure without its static picture"


def main(embedded, executed):
    if not (os.path.exists(embedded) and os.path.exists(executed)):
        print(f"{embedded} or {executed} is not there")
        return 1
    with open(embedded, encoding="utf-8") as one, open(executed, encoding="utf-8") as other:
        ours, theirs = json.load(one)["cells"], json.load(other)["cells"]
    found = [] if [c["id"] for c in ours] == [c["id"] for c in theirs] else ["other cells"]
    number = 0
    for a, b in zip(ours, theirs):
        if a["cell_type"] == "code":
            number += 1
            found += faults(number, a, b, "volatile" in a["metadata"].get("tags", []))
    size = os.path.getsize(executed)
    if size > MOST_BYTES:
        found.append(f"{size / 1e6:.2f} MB, over {MOST_BYTES / 1e6} MB")
    for line in found:
        print(f"      {os.path.basename(executed)}, {line}")
    print(f"      {os.path.basename(executed)}: {number} code cells, {size / 1e6:.2f} MB")
    return 1 if found or number == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
