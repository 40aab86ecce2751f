"""The blocks of a page of the documentation that are to be run: those whose fence says "run" behind the language."""
import re


def blocks(path, language="python"):
    """A dictionary of the blocks in the order of the page: the words behind "run", or else the heading, to the code."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    found, heading, name, start = {}, "", None, 0
    for number, line in enumerate(lines):
        if name is not None:
            if line == "```":
                # Empty lines before it: a traceback names the line of the page.
                found[name] = "\n" * start + "\n".join(lines[start:number]) + "\n"
                name = None
        elif line.startswith("#"):
            heading = line.lstrip("# ")
        elif match := re.fullmatch(rf"```{language} run ?(.*)", line):
            name, start = match[1] or heading, number + 1
            if name in found:
                raise ValueError(f"{path}: two blocks are called {name}")
    if name is not None:
        raise ValueError(f"{path}: the block {name} has no end")
    return found
