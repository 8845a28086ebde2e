"""A model server of the tests' own: OpenAI's chat completions, streamed, by rules instead of a model."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = str | tuple[str, dict[str, Any]]
"""Words, or a tool's name and its arguments."""
Rule = Callable[[list[dict[str, Any]]], Answer]
"""Answers the messages of a request."""


@contextmanager
def model_server(rule: Rule) -> Iterator[str]:
    """Serve on a free port; yield the address up to /v1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            answer = rule(body["messages"])
            for delta in _deltas(answer):
                self.wfile.write(f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n".encode())
            usage = {"prompt_tokens": len(body["messages"]), "completion_tokens": 1}
            self.wfile.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    if isinstance(answer, str):
        yield from ({"content": word} for word in answer.split(" ") for word in (word, " "))
        return
    name, arguments = answer
    function = {"name": name, "arguments": json.dumps(arguments)}
    yield {"tool_calls": [{"index": 0, "id": f"call_{name}", "function": function}]}
