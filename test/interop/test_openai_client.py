"""The `openai` package against the gateway's OpenAI paths."""

import json

import openai
from support import GATEWAY_URI, ROUTES, SPOKEN, UPSTREAM_KEY, WEATHER, WEATHER_QUESTION, InteropTest, main, user

CHATS = ("mock-chat", "openai-chat")


class OpenAiTest(InteropTest):
    def setUp(self):
        self.client = openai.OpenAI(base_url=f"{GATEWAY_URI}/v1", api_key="the-callers-own", max_retries=1)
        self.addCleanup(self.client.close)


class Chats(OpenAiTest):
    def test_chat(self):
        answer = self.client.chat.completions.create(model="openai-chat", **user(SPOKEN))
        self.assertEqual(answer.choices[0].message.content, f"You said: {SPOKEN}")
        self.assertEqual(answer.usage.total_tokens, 12)

    def test_a_streamed_chat_says_the_same_as_a_whole_one(self):
        for model in CHATS:
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

    def test_tools(self):
        tools = [{"type": "function", "function": WEATHER}]
        messages = user(WEATHER_QUESTION)["messages"]
        answer = self.client.chat.completions.create(model="mock-chat", messages=messages, tools=tools).choices[0]
        self.assertEqual(answer.finish_reason, "tool_calls")
        call = answer.message.tool_calls[0]
        self.assertEqual(call.function.name, "get_weather")
        self.assertEqual(json.loads(call.function.arguments).keys(), {"city"})
        with self.client.chat.completions.stream(model="mock-chat", messages=messages, tools=tools) as stream:
            streamed = stream.get_final_completion().choices[0]
        self.assertEqual(streamed.finish_reason, "tool_calls")
        self.assertEqual(streamed.message.tool_calls[0].function.arguments, call.function.arguments)
        messages += [answer.message, {"role": "tool", "tool_call_id": call.id, "content": "sunny, 23 degrees"}]
        last = self.client.chat.completions.create(model="mock-chat", messages=messages, tools=tools).choices[0]
        self.assertEqual(last.finish_reason, "stop")
        self.assertIn("sunny", last.message.content)


class Responses(OpenAiTest):
    def test_a_streamed_answer_says_the_same_as_a_whole_one(self):
        whole = self.client.responses.create(model="mock-chat", input=f"Say {SPOKEN}", store=False)
        self.assertEqual(whole.status, "completed")
        self.assertIn("東京", whole.output_text)
        self.assertGreater(whole.usage.output_tokens, 0)
        with self.client.responses.stream(model="mock-chat", input=f"Say {SPOKEN}", store=False) as stream:
            deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
            last = stream.get_final_response()
        self.assertEqual("".join(deltas), whole.output_text)
        self.assertEqual(last.output_text, whole.output_text)
        self.assertEqual(last.usage, whole.usage)

    def test_tools(self):
        given = {"model": "mock-chat", "store": False, "tools": [{"type": "function", "strict": False, **WEATHER}]}
        items = user(WEATHER_QUESTION)["messages"]
        answer = self.client.responses.create(input=items, **given)
        calls = [item for item in answer.output if item.type == "function_call"]
        self.assertEqual([call.name for call in calls], ["get_weather"])
        self.assertEqual(json.loads(calls[0].arguments).keys(), {"city"})
        result = {"type": "function_call_output", "call_id": calls[0].call_id, "output": "sunny, 23 degrees"}
        last = self.client.responses.create(input=[*items, *answer.output, result], **given)
        self.assertIn("sunny", last.output_text)

    def test_a_wrong_request_is_an_exception(self):
        with self.assertRaises(openai.NotFoundError):
            self.client.responses.create(model="nobody", input="hello")


class Models(OpenAiTest):
    def test_are_the_routes(self):
        self.assertEqual({model.id for model in self.client.models.list()}, set(ROUTES))
        self.assertEqual(self.client.models.retrieve("mock-chat").id, "mock-chat")


class Failures(OpenAiTest):
    def test_an_unknown_model_is_the_callers_mistake(self):
        with self.assertRaises(openai.NotFoundError) as caught:
            self.client.chat.completions.create(model="nobody", **user("hello"))
        self.assertIn("nobody", str(caught.exception))

    def test_those_of_the_provider_are_exceptions_of_their_own(self):
        expected = {
            400: openai.BadRequestError,
            404: openai.NotFoundError,
            429: openai.RateLimitError,
            500: openai.InternalServerError,
            503: openai.InternalServerError,
        }
        client = self.client.with_options(max_retries=0)
        for status, exception in expected.items():
            for stream in (False, True):
                with self.subTest(status, stream=stream), self.assertRaises(exception) as caught:
                    client.chat.completions.create(model="openai-chat", stream=stream, **user(f"fail {status}"))
                self.assertIn("failed on purpose", str(caught.exception))

    def test_the_gateways_own_bad_key_is_not_the_callers(self):
        with self.assertRaises(openai.APIStatusError) as caught:
            self.client.with_options(max_retries=0).chat.completions.create(model="openai-chat", **user("fail 401"))
        self.assertNotIsInstance(caught.exception, openai.AuthenticationError)
        self.assertNotIn(UPSTREAM_KEY, str(caught.exception))

    def test_a_busy_provider_is_asked_again_when_it_said(self):
        def ask(text):
            return self.client.chat.completions.create(model="openai-chat", **user(text)).choices[0].message.content

        self.assert_waits_when_told(ask)


if __name__ == "__main__":
    main()
