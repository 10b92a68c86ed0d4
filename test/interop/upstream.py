"""A small provider that speaks OpenAI's API, for the routes of gateway.yaml that are not simulated.

Prints its base URL and serves until it is ended. The last message decides the answer:

    report        what the provider received, as JSON
    fail STATUS   that HTTP status, with a message
    busy WORD     429 with `Retry-After: 1` the first time that WORD is seen, then an answer
    anything else `You said: ...`

A call without the key in INTEROP_UPSTREAM_KEY is answered with 401, so a client's own credentials must not get here.
"""

import base64
import json
import os
import re
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = os.environ["INTEROP_UPSTREAM_KEY"]
seen_words = set()
lock = threading.Lock()


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body are two writes: without this, the second may wait for the first one's acknowledgement.
    disable_nagle_algorithm = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["authorization"] != f"Bearer {KEY}":
            self.fail(401, "Incorrect API key provided: " + str(self.headers["authorization"]))
        elif self.path == "/v1/chat/completions":
            self.chat(body)
        elif self.path == "/v1/embeddings":
            self.reply(200, embeddings(body))
        else:
            self.fail(404, f"no such path: {self.path}")

    def chat(self, body):
        said = body["messages"][-1]["content"]
        word, _, argument = said.partition(" ")
        if word == "fail":
            # A real provider's 401 shows the key, or a part of it.
            suffix = f" for {KEY}" if argument == "401" else ""
            self.fail(int(argument), f"the upstream failed on purpose{suffix}")
        elif word == "busy" and first_time(argument):
            self.fail(429, "the upstream is busy", {"retry-after": "1"})
        else:
            text = json.dumps(body) if said == "report" else f"You said: {said}"
            if body.get("stream"):
                self.stream(body, text)
            else:
                self.reply(200, completion(body, text))

    def stream(self, body, text):
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": body["model"]}
        chunks = [
            {**head, "choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]}
            for part in re.findall(r"\S+\s*", text)
        ]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            chunks.append({**head, "choices": [], "usage": usage(7, 5)})
        events = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
        self.write(200, "text/event-stream", "".join(events).encode(), {})

    def fail(self, status, message, headers=None):
        self.reply(status, {"error": {"message": message, "type": "error", "code": None}}, headers)

    def reply(self, status, value, headers=None):
        self.write(status, "application/json", json.dumps(value).encode(), headers or {})

    def write(self, status, content_type, body, headers):
        self.send_response(status)
        for name, value in {**headers, "content-type": content_type, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def first_time(word):
    with lock:
        first = word not in seen_words
        seen_words.add(word)
        return first


def completion(body, text):
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": body["model"],
        "choices": [
            {"index": index, "message": message, "finish_reason": "stop"} for index in range(body.get("n") or 1)
        ],
        "usage": usage(7, 5),
    }


def usage(prompt, answer):
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


def embeddings(body):
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    encode = to_base64 if body.get("encoding_format") == "base64" else list
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": encode([float(len(text)), 0.5])}
            for index, text in enumerate(texts)
        ],
        "model": body["model"],
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
    }


def to_base64(vector):
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()
