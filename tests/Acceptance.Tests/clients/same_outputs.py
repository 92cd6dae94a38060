"""Runs a notebook with stock nbclient on a plain ipykernel, and compares the outputs with those of another run.

    same_outputs.py NOTEBOOK --server URL     the other run goes through a Jupyter server's kernels
    same_outputs.py NOTEBOOK --executed FILE  the other run is in this file

Exit code 0 when every output is the same; else each difference is a line. The server is named without a token:
jupyter_server 1.x's own kernel client sends none on its WebSocket.
"""

import argparse
import asyncio
import base64
import io
import os
import sys

import nbformat
from nbclient import NotebookClient

TIMEOUT_SECONDS = 90


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("notebook")
    other = parser.add_mutually_exclusive_group(required=True)
    other.add_argument("--server")
    other.add_argument("--executed")
    options = parser.parse_args()

    if options.server:
        actual = asyncio.run(run(options.notebook, gateway=options.server))
    else:
        actual = nbformat.read(options.executed, as_version=4)
    expected = asyncio.run(run(options.notebook))

    problems = list(differences(expected, actual))
    for problem in problems:
        print(problem)
    outputs = sum(len(normalised(cell)) for cell in code_cells(expected))
    print(f"{outputs} outputs in {len(code_cells(expected))} code cells, {len(problems)} differences")
    return 1 if problems else 0


async def run(path, gateway=None):
    notebook = nbformat.read(path, as_version=4)
    options = {"timeout": TIMEOUT_SECONDS, "kernel_name": "python3"}
    if gateway:
        os.environ["JUPYTER_GATEWAY_URL"] = gateway
        options["kernel_manager_class"] = "jupyter_server.gateway.managers.GatewayKernelManager"
    await NotebookClient(notebook, **options).async_execute()
    return notebook


def differences(expected, actual):
    for number, (want, got) in enumerate(zip(code_cells(expected), code_cells(actual)), start=1):
        if want.execution_count != got.execution_count:
            yield f"cell {number}: execution count {got.execution_count}, a plain kernel says {want.execution_count}"
        want, got = normalised(want), normalised(got)
        if len(want) != len(got):
            kinds = [kind for kind, _ in want], [kind for kind, _ in got]
            yield f"cell {number}: outputs {kinds[1]}, a plain kernel gives {kinds[0]}"
        for index, (one, two) in enumerate(zip(want, got), start=1):
            if not equal(one, two):
                yield f"cell {number}, output {index}: {short(two)}, a plain kernel gives {short(one)}"


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def normalised(cell):
    """The outputs as (kind, content) pairs; how a stream was cut into pieces is chance, so pieces are joined."""
    result = []
    for output in cell.outputs:
        if output.output_type == "stream":
            if result and result[-1][0] == output.name:
                result[-1] = (output.name, result[-1][1] + output.text)
            else:
                result.append((output.name, output.text))
        elif output.output_type == "error":
            result.append(("error", (output.ename, output.evalue)))
        else:
            result.append((output.output_type, (dict(output.data), dict(output.metadata))))
    return result


def equal(one, two):
    if one == two:
        return True
    if one[0] != two[0] or not isinstance(one[1], tuple) or "image/png" not in one[1][0] or "image/png" not in two[1][0]:
        return False
    return same_pixels(one[1][0].pop("image/png"), two[1][0].pop("image/png")) and one == two


def same_pixels(one, two):
    """PNG files may differ by what they say about their maker; the picture must not."""
    from PIL import Image, ImageChops

    pictures = [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA") for data in (one, two)]
    return pictures[0].size == pictures[1].size and ImageChops.difference(*pictures).getbbox() is None


def short(output):
    text = repr(output)
    return text if len(text) <= 300 else text[:300] + "..."


if __name__ == "__main__":
    sys.exit(main())
