"""The `openai` package against the gateway's OpenAI paths; skipped while the gateway does not serve them."""

import unittest
import urllib.error
import urllib.request

import openai
from support import GATEWAY_URI, SPOKEN, InteropTest, main, user


def gateway_serves_v1():
    """Whether a chat request is understood there, whatever the answer to an empty one is."""
    request = urllib.request.Request(
        f"{GATEWAY_URI}/v1/chat/completions", data=b"{}", headers={"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        return error.code not in (404, 405)


def setUpModule():
    if not gateway_serves_v1():
        raise unittest.SkipTest("the gateway does not serve /v1/chat/completions yet")


class OpenAiClient(InteropTest):
    def setUp(self):
        self.client = openai.OpenAI(base_url=f"{GATEWAY_URI}/v1", api_key="the-callers-own", max_retries=1)
        self.addCleanup(self.client.close)

    def test_chat(self):
        answer = self.client.chat.completions.create(model="openai-chat", **user(SPOKEN))
        self.assertEqual(answer.choices[0].message.content, f"You said: {SPOKEN}")
        self.assertEqual(answer.usage.total_tokens, 12)

    def test_a_streamed_chat_says_the_same_as_a_whole_one(self):
        for model in ("mock-chat", "openai-chat"):
            with self.subTest(model):
                whole = self.client.chat.completions.create(model=model, **user(SPOKEN))
                chunks = self.client.chat.completions.create(model=model, stream=True, **user(SPOKEN))
                text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
                self.assertEqual(text, whole.choices[0].message.content)

    def test_completions(self):
        answer = self.client.completions.create(model="openai-completions", prompt="hello")
        self.assertEqual(answer.choices[0].text, "You said: hello")

    def test_embeddings(self):
        for model in ("mock-embeddings", "openai-embeddings"):
            for options in ({}, {"encoding_format": "float"}):
                with self.subTest(model, **options):
                    answer = self.client.embeddings.create(model=model, input=["one", "three"], **options)
                    self.assert_vectors([item.embedding for item in answer.data], 2)

    def test_an_unknown_model_is_the_callers_mistake(self):
        with self.assertRaises(openai.APIStatusError) as caught:
            self.client.chat.completions.create(model="nobody", **user("hello"))
        self.assertIn(caught.exception.status_code, (400, 404))
        self.assertIn("nobody", str(caught.exception))


if __name__ == "__main__":
    main()
