"""What the tests of all clients share: where the gateway is, what it serves, and what an answer must hold."""

import json
import os
import sys
import time
import unittest

GATEWAY_URI = os.environ["INTEROP_GATEWAY_URI"]
GATEWAY_2023_URI = os.environ["INTEROP_GATEWAY_2023_URI"]
UPSTREAM_KEY = os.environ["INTEROP_UPSTREAM_KEY"]

# name: (type, provider, model)
OPENAI_ROUTES = {
    "openai-chat": ("llm/v1/chat", "openai", "gpt-4o-mini"),
    "openai-completions": ("llm/v1/completions", "openai", "gpt-4o-mini"),
    "openai-embeddings": ("llm/v1/embeddings", "openai", "text-embedding-3-small"),
}
ROUTES = {
    "mock-chat": ("llm/v1/chat", "mock", "mock-chat-model"),
    "mock-completions": ("llm/v1/completions", "mock", "mock-completions-model"),
    "mock-embeddings": ("llm/v1/embeddings", "mock", "mock-embeddings-model"),
    **OPENAI_ROUTES,
}

# Beyond ASCII, with quotes and a line break: what is lost first when bytes are handled carelessly.
SPOKEN = 'Grüße aus 東京 🙂,\nsaid "Ada"'

WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
WEATHER_QUESTION = "What is the weather in Paris?"


def user(text):
    return {"messages": [{"role": "user", "content": text}]}


class InteropTest(unittest.TestCase):
    """Assertions on failures and on the two shapes that answers have had."""

    maxDiff = None

    def assert_fails(self, status, fragment, call):
        """The call fails with this HTTP status, and the error's text holds the fragment but never the gateway's key."""
        with self.assertRaises(Exception) as caught:
            call()
        text = str(caught.exception)
        self.assertNotIn(UPSTREAM_KEY, text)
        response = getattr(caught.exception, "response", None)
        if response is None:
            # Before 2.8, what the client gives up on after its retries loses its body.
            self.assertIn(f"too many {status} error responses", text)
        else:
            self.assertEqual(response.status_code, status, text)
            self.assertIn(fragment, text)

    def assert_waits_when_told(self, ask):
        """`ask` takes a text. The provider is busy once, for a second; the client's retry must be told so."""
        started = time.monotonic()
        text = f"busy {time.time_ns()}"
        self.assertEqual(ask(text), f"You said: {text}")
        self.assertGreater(time.monotonic() - started, 0.9, "Retry-After did not reach the client")

    def assert_candidates(self, answer, route_type, text_of):
        """The shape of 2.5 to 2.8. Returns the candidates' texts."""
        self.assertEqual(set(answer), {"candidates", "metadata"})
        self.assertEqual(answer["metadata"]["route_type"], route_type)
        counts = [answer["metadata"][key] for key in ("input_tokens", "output_tokens", "total_tokens")]
        self.assertTrue(all(isinstance(count, int) and count > 0 for count in counts), counts)
        self.assertEqual(counts[2], counts[0] + counts[1])
        for candidate in answer["candidates"]:
            self.assertIn(candidate["metadata"]["finish_reason"], ("stop", "length"))
        return [text_of(candidate) for candidate in answer["candidates"]]

    def assert_choices(self, answer, kind, text_of):
        """The shape from 2.9 on, which is OpenAI's. Returns the choices' texts."""
        self.assertEqual(answer["object"], kind)
        self.assertIsInstance(answer["created"], int)
        self.assertIsInstance(answer["model"], str)
        usage = answer["usage"]
        self.assertEqual(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"])
        self.assertEqual([choice["index"] for choice in answer["choices"]], list(range(len(answer["choices"]))))
        for choice in answer["choices"]:
            self.assertIn(choice["finish_reason"], ("stop", "length"))
        return [text_of(choice) for choice in answer["choices"]]

    def assert_vectors(self, vectors, count):
        self.assertEqual(len(vectors), count)
        for vector in vectors:
            self.assertTrue(vector and all(isinstance(number, (int, float)) for number in vector))

    def assert_openai_embeddings(self, answer, count):
        self.assertEqual(answer["object"], "list")
        self.assertEqual([item["index"] for item in answer["data"]], list(range(count)))
        self.assertEqual({item["object"] for item in answer["data"]}, {"embedding"})
        self.assert_vectors([item["embedding"] for item in answer["data"]], count)
        self.assertEqual(answer["usage"]["total_tokens"], answer["usage"]["prompt_tokens"])

    def assert_received(self, report, expected):
        """`report` is the provider's own account of the request that reached it."""
        received = json.loads(report)
        self.assertEqual({key: received.get(key) for key in expected}, expected)
        self.assertFalse({"candidate_count", "prompt", "text"} & set(received), received)


def chat_text(item):
    return item["message"]["content"]


def completion_text(item):
    return item["text"]


def main():
    print(f"# {os.environ.get('INTEROP_CLIENT', sys.argv[0])} on Python {sys.version.split()[0]}", flush=True)
    unittest.main(module="__main__", verbosity=2)
