"""The `anthropic` package against the gateway's Anthropic paths; no provider here speaks this API."""

import anthropic
from support import GATEWAY_URI, ROUTES, SPOKEN, UPSTREAM_KEY, WEATHER, WEATHER_QUESTION, InteropTest, main, user

CHATS = ("mock-chat", "openai-chat")
TOOL = {"name": WEATHER["name"], "description": WEATHER["description"], "input_schema": WEATHER["parameters"]}


class AnthropicTest(InteropTest):
    base_url = GATEWAY_URI

    def setUp(self):
        self.client = anthropic.Anthropic(base_url=self.base_url, api_key="the-callers-own", max_retries=1)
        self.addCleanup(self.client.close)

    def ask(self, model, text, **options):
        return self.client.messages.create(model=model, max_tokens=500, **user(text), **options)


class Messages(AnthropicTest):
    def test_of_a_provider(self):
        message = self.ask("openai-chat", SPOKEN)
        self.assertEqual([block.text for block in message.content], [f"You said: {SPOKEN}"])
        self.assertEqual(message.stop_reason, "end_turn")
        self.assertEqual((message.usage.input_tokens, message.usage.output_tokens), (7, 5))

    def test_a_streamed_message_says_the_same_as_a_whole_one(self):
        for model in CHATS:
            with self.subTest(model):
                whole = self.ask(model, SPOKEN)
                with self.client.messages.stream(model=model, max_tokens=500, **user(SPOKEN)) as stream:
                    text = "".join(stream.text_stream)
                    last = stream.get_final_message()
                self.assertEqual(text, whole.content[0].text)
                self.assertEqual(last.content[0].text, text)
                self.assertEqual(last.stop_reason, whole.stop_reason)
                self.assertEqual(last.usage.output_tokens, whole.usage.output_tokens)

    def test_an_answer_may_be_cut(self):
        message = self.client.messages.create(model="mock-chat", max_tokens=3, **user("Count to 50"))
        self.assertEqual(message.stop_reason, "max_tokens")
        self.assertEqual(message.usage.output_tokens, 3)

    def test_tools(self):
        message = self.ask("mock-chat", WEATHER_QUESTION, tools=[TOOL])
        self.assertEqual(message.stop_reason, "tool_use")
        call = message.content[-1]
        self.assertEqual((call.type, call.name, call.input.keys()), ("tool_use", "get_weather", {"city"}))
        asked = user(WEATHER_QUESTION)["messages"]
        with self.client.messages.stream(model="mock-chat", max_tokens=500, messages=asked, tools=[TOOL]) as stream:
            self.assertEqual(stream.get_final_message().content[-1].input, call.input)
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny, 23 degrees"}
        last = self.client.messages.create(
            model="mock-chat",
            max_tokens=500,
            tools=[TOOL],
            messages=[
                *asked,
                {"role": "assistant", "content": message.content},
                {"role": "user", "content": [result]},
            ],
        )
        self.assertEqual(last.stop_reason, "end_turn")
        self.assertIn("sunny", last.content[0].text)

    def test_tokens_are_counted(self):
        short, long = (
            self.client.messages.count_tokens(model="openai-chat", **user(text)).input_tokens
            for text in ("hello", "hello " * 100)
        )
        self.assertGreater(short, 0)
        self.assertGreater(long, short)


class MessagesBelowAnthropic(Messages):
    base_url = f"{GATEWAY_URI}/anthropic"


class Models(AnthropicTest):
    def test_are_the_routes(self):
        for base_url in (GATEWAY_URI, f"{GATEWAY_URI}/anthropic"):
            with self.subTest(base_url):
                client = self.client.with_options(base_url=base_url)
                self.assertEqual({model.id for model in client.models.list()}, set(ROUTES))
                self.assertEqual(client.models.retrieve("mock-chat").id, "mock-chat")


class Failures(AnthropicTest):
    def test_an_unknown_model_is_the_callers_mistake(self):
        with self.assertRaises(anthropic.NotFoundError) as caught:
            self.ask("nobody", "hello")
        self.assertIn("nobody", str(caught.exception))

    def test_those_of_the_provider_are_exceptions_of_their_own(self):
        expected = {
            400: anthropic.BadRequestError,
            404: anthropic.NotFoundError,
            429: anthropic.RateLimitError,
            500: anthropic.InternalServerError,
            503: anthropic.InternalServerError,
        }
        client = self.client.with_options(max_retries=0)
        for status, exception in expected.items():
            for stream in (False, True):
                with self.subTest(status, stream=stream), self.assertRaises(exception) as caught:
                    client.messages.create(
                        model="openai-chat", max_tokens=9, stream=stream, **user(f"fail {status}")
                    )
                self.assertIn("failed on purpose", str(caught.exception))

    def test_the_gateways_own_bad_key_is_not_the_callers(self):
        with self.assertRaises(anthropic.APIStatusError) as caught:
            self.client.with_options(max_retries=0).messages.create(
                model="openai-chat", max_tokens=9, **user("fail 401")
            )
        self.assertNotIsInstance(caught.exception, anthropic.AuthenticationError)
        self.assertNotIn(UPSTREAM_KEY, str(caught.exception))

    def test_a_busy_provider_is_asked_again_when_it_said(self):
        self.assert_waits_when_told(lambda text: self.ask("openai-chat", text).content[0].text)


if __name__ == "__main__":
    main()
