#!/usr/bin/env python3
"""Whether every link of the documentation leads somewhere: files, and headings within them. Links to other sites are not followed.

    check_links.py FOLDER     all Markdown below FOLDER that git knows
"""
import os
import re
import subprocess
import sys


def prose(path):
    """The lines of a page outside of its fenced blocks."""
    outside, lines = True, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.lstrip().startswith("```"):
                outside = not outside
            elif outside:
                lines.append(line)
    return lines


def anchors(path):
    """The names of a page's headings, as GitHub makes them."""
    names, seen = set(), {}
    for line in prose(path):
        if match := re.match(r"#+ +(.*)", line):
            plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", match[1]).strip().lower()
            name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            count = seen.get(name, 0)
            seen[name] = count + 1
            names.add(f"{name}-{count}" if count else name)
    return names


def links(path):
    for line in prose(path):
        # Code is no link.
        for match in re.finditer(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            yield match[1]


def broken(folder, page):
    for link in links(os.path.join(folder, page)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = os.path.join(folder, os.path.dirname(page), target) if target else os.path.join(folder, page)
        if not os.path.exists(path):
            yield f"{page}: {link}: there is no such file"
        elif anchor and anchor not in anchors(path):
            yield f"{page}: {link}: there is no such heading"


def main():
    folder = sys.argv[1]
    pages = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=folder, check=True,
                           capture_output=True, text=True).stdout.split()
    found = [problem for page in pages for problem in broken(folder, page)]
    print("\n".join(found or [f"links of {len(pages)} pages: all lead somewhere"]))
    sys.exit(1 if found or not pages else 0)


if __name__ == "__main__":
    main()
