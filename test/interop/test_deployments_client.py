"""`mlflow.deployments`, the Python client from 2.9 on, against this gateway."""

import os
from unittest import mock

import requests
from mlflow.deployments import get_deploy_client
from support import (
    GATEWAY_URI,
    ROUTES,
    SPOKEN,
    InteropTest,
    chat_text,
    completion_text,
    main,
    user,
)

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class DeploymentsTest(InteropTest):
    def setUp(self):
        self.client = get_deploy_client(GATEWAY_URI)


class EndpointLookups(DeploymentsTest):
    def assert_endpoint(self, endpoint, name):
        self.assertEqual(endpoint.name, name)
        self.assertEqual((endpoint.endpoint_type, endpoint.model.provider, endpoint.model.name), ROUTES[name])
        self.assertTrue(endpoint.endpoint_url.startswith(f"{GATEWAY_URI}/"), endpoint.endpoint_url)
        self.assertIsNone(getattr(endpoint, "limit", None))

    def test_get_endpoint_describes_each_endpoint(self):
        for name in ROUTES:
            with self.subTest(name):
                self.assert_endpoint(self.client.get_endpoint(endpoint=name), name)

    def test_list_endpoints_lists_all_in_the_order_of_the_file(self):
        endpoints = self.client.list_endpoints()
        self.assertEqual([endpoint.name for endpoint in endpoints], list(ROUTES))
        for endpoint in endpoints:
            self.assert_endpoint(endpoint, endpoint.name)

    def test_an_endpoint_url_can_be_called_as_it_is(self):
        url = self.client.get_endpoint("openai-chat").endpoint_url
        answer = requests.post(url, json=user("hello"), timeout=10)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(
            self.assert_choices(answer.json(), "chat.completion", chat_text), ["You said: hello"]
        )

    def test_the_target_may_end_with_a_slash(self):
        client = get_deploy_client(f"{GATEWAY_URI}/")
        self.assert_endpoint(client.get_endpoint("mock-chat"), "mock-chat")
        self.assertEqual(len(client.list_endpoints()), len(ROUTES))

    def test_the_target_may_come_from_the_environment(self):
        with mock.patch.dict(os.environ, MLFLOW_DEPLOYMENTS_TARGET=GATEWAY_URI):
            self.assert_endpoint(get_deploy_client().get_endpoint("mock-chat"), "mock-chat")

    def test_an_unknown_endpoint_is_a_404_that_names_it(self):
        self.assert_fails(
            404, "The endpoint 'nobody' is not present", lambda: self.client.get_endpoint("nobody")
        )


class Predictions(DeploymentsTest):
    def chat(self, endpoint, inputs):
        answer = self.client.predict(endpoint=endpoint, inputs=inputs)
        return self.assert_choices(answer, "chat.completion", chat_text)

    def complete(self, endpoint, inputs):
        answer = self.client.predict(endpoint=endpoint, inputs=inputs)
        return self.assert_choices(answer, "text_completion", completion_text)

    def embed(self, endpoint, text, count):
        answer = self.client.predict(endpoint=endpoint, inputs={"input": text})
        self.assert_openai_embeddings(answer, count)

    def test_chat_of_the_simulator(self):
        first, again = (self.chat("mock-chat", user("What is MLflow?")) for _ in range(2))
        self.assertEqual(len(first), 1)
        self.assertEqual(first, again)

    def test_completions_of_the_simulator(self):
        self.assertEqual(len(self.complete("mock-completions", {"prompt": "It is one small step"})), 1)

    def test_embeddings_of_the_simulator(self):
        self.embed("mock-embeddings", "one", 1)
        self.embed("mock-embeddings", ["one", "two", "three"], 3)

    def test_tools_of_the_simulator(self):
        answer = self.client.predict(
            endpoint="mock-chat", inputs={**user("What is the weather in Paris?"), "tools": [WEATHER_TOOL]}
        )
        choice = answer["choices"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        self.assertEqual(choice["message"]["tool_calls"][0]["function"]["name"], "get_weather")

    def test_chat_of_a_provider(self):
        self.assertEqual(self.chat("openai-chat", user(SPOKEN)), [f"You said: {SPOKEN}"])

    def test_completions_of_a_provider(self):
        self.assertEqual(self.complete("openai-completions", {"prompt": SPOKEN}), [f"You said: {SPOKEN}"])

    def test_embeddings_of_a_provider(self):
        self.embed("openai-embeddings", SPOKEN, 1)
        self.embed("openai-embeddings", ["one", SPOKEN], 2)

    def test_parameters_reach_the_provider_unchanged(self):
        parameters = {"temperature": 1.5, "n": 2, "stop": ["END"], "max_tokens": 50, "top_p": 0.9}
        for texts in (
            self.chat("openai-chat", {**user("report"), **parameters}),
            self.complete("openai-completions", {"prompt": "report", **parameters}),
        ):
            self.assertEqual(len(texts), 2)
            self.assert_received(texts[0], {**parameters, **user("report"), "model": "gpt-4o-mini"})

    def test_the_callers_own_credentials_are_no_concern_of_the_provider(self):
        with mock.patch.dict(os.environ, MLFLOW_TRACKING_TOKEN="the-callers-own"):
            self.assertEqual(self.chat("openai-chat", user("hello")), ["You said: hello"])


class Failures(DeploymentsTest):
    def assert_predict_fails(self, status, fragment, query):
        endpoint, inputs = query
        self.assert_fails(status, fragment, lambda: self.client.predict(endpoint=endpoint, inputs=inputs))

    def test_an_unknown_endpoint_is_a_404(self):
        self.assert_predict_fails(404, "Not Found", ("nobody", user("hello")))

    def test_a_missing_field_is_a_422_that_names_it(self):
        self.assert_predict_fails(422, '"messages"', ("mock-chat", {"prompt": "hello"}))
        self.assert_predict_fails(422, '"prompt"', ("mock-completions", user("hello")))
        self.assert_predict_fails(422, '"input"', ("mock-embeddings", user("hello")))

    def test_a_temperature_out_of_range_is_a_422(self):
        self.assert_predict_fails(422, '"temperature"', ("openai-chat", {**user("hello"), "temperature": 2.5}))

    def test_naming_a_model_is_a_422(self):
        self.assert_predict_fails(422, "model", ("openai-chat", {**user("hello"), "model": "gpt-4"}))

    def test_a_providers_refusal_keeps_its_status(self):
        for status in (400, 409):
            self.assert_predict_fails(status, "failed on purpose", ("openai-chat", user(f"fail {status}")))

    def test_the_gateways_own_bad_key_is_not_the_callers_401(self):
        self.assert_predict_fails(502, "key", ("openai-chat", user("fail 401")))

    def test_a_busy_provider_is_asked_again_when_it_said(self):
        def ask(text):
            answer = self.client.predict(endpoint="openai-chat", inputs=user(text))
            return chat_text(answer["choices"][0])

        self.assert_waits_when_told(ask)


if __name__ == "__main__":
    main()
