"""`mlflow.gateway`, the Python client of 2.5 to 2.9, against this gateway."""

import os
import unittest
from unittest import mock

import mlflow.gateway
import requests
from mlflow.gateway import MlflowGatewayClient
from mlflow.version import VERSION
from support import (
    GATEWAY_2023_URI,
    GATEWAY_URI,
    OPENAI_ROUTES,
    ROUTES,
    SPOKEN,
    InteropTest,
    chat_text,
    completion_text,
    main,
    user,
)

RELEASE = tuple(int(part) for part in VERSION.split(".")[:2])
# Before 2.8 the client has a fixed list of providers and cannot read a route of another one.
READS_ANY_PROVIDER = RELEASE >= (2, 8)
LISTED_URI = GATEWAY_URI if READS_ANY_PROVIDER else GATEWAY_2023_URI
LISTED_ROUTES = ROUTES if READS_ANY_PROVIDER else OPENAI_ROUTES
# From 2.9 on, MLflow's servers answer on this path in OpenAI's shape too.
OPENAI_SHAPE = RELEASE >= (2, 9)
COUNT_FIELD = "n" if OPENAI_SHAPE else "candidate_count"


class RouteLookups(InteropTest):
    def setUp(self):
        mlflow.gateway.set_gateway_uri(LISTED_URI)

    def assert_route(self, route, name):
        self.assertEqual(route.name, name)
        kind = getattr(route.route_type, "value", route.route_type)
        provider = getattr(route.model.provider, "value", route.model.provider)
        self.assertEqual((kind, provider, route.model.name), LISTED_ROUTES[name])
        self.assertEqual(route.route_url, f"{LISTED_URI}/gateway/{name}/invocations")

    def test_get_route_describes_each_route(self):
        for name in LISTED_ROUTES:
            with self.subTest(name):
                self.assert_route(mlflow.gateway.get_route(name), name)

    def test_search_routes_lists_all_in_the_order_of_the_file(self):
        routes = mlflow.gateway.search_routes()
        self.assertEqual([route.name for route in routes], list(LISTED_ROUTES))
        for route in routes:
            self.assert_route(route, route.name)

    def test_the_client_class_lists_all_on_one_page_without_a_token(self):
        page = MlflowGatewayClient(LISTED_URI).search_routes()
        self.assertEqual([route.name for route in page], list(LISTED_ROUTES))
        self.assertIsNone(page.token)

    def test_a_route_url_can_be_called_as_it_is(self):
        route = mlflow.gateway.get_route("openai-chat")
        answer = requests.post(route.route_url, json=user("hello"), timeout=10)
        self.assertEqual(answer.status_code, 200, answer.text)

    def test_a_gateway_uri_may_end_with_a_slash(self):
        mlflow.gateway.set_gateway_uri(f"{LISTED_URI}/")
        self.assert_route(mlflow.gateway.get_route("openai-chat"), "openai-chat")
        self.assertEqual(len(mlflow.gateway.search_routes()), len(LISTED_ROUTES))

    def test_an_unknown_route_is_a_404_that_names_it(self):
        self.assert_fails(404, "The route 'nobody' is not present", lambda: mlflow.gateway.get_route("nobody"))


class Queries(InteropTest):
    def setUp(self):
        mlflow.gateway.set_gateway_uri(GATEWAY_URI)

    def chat(self, route, data):
        answer = mlflow.gateway.query(route=route, data=data)
        if OPENAI_SHAPE:
            return self.assert_choices(answer, "chat.completion", chat_text)
        return self.assert_candidates(answer, "llm/v1/chat", chat_text)

    def complete(self, route, data):
        answer = mlflow.gateway.query(route=route, data=data)
        if OPENAI_SHAPE:
            return self.assert_choices(answer, "text_completion", completion_text)
        return self.assert_candidates(answer, "llm/v1/completions", completion_text)

    def embed(self, route, text, count):
        answer = mlflow.gateway.query(route=route, data={"text": text})
        if OPENAI_SHAPE:
            self.assert_openai_embeddings(answer, count)
        else:
            self.assertEqual(answer["metadata"]["route_type"], "llm/v1/embeddings")
            self.assert_vectors(answer["embeddings"], count)

    def test_chat_of_the_simulator(self):
        first, again = (self.chat("mock-chat", user("What is MLflow?")) for _ in range(2))
        self.assertEqual(len(first), 1)
        self.assertEqual(first, again)

    def test_completions_of_the_simulator(self):
        self.assertEqual(len(self.complete("mock-completions", {"prompt": "It is one small step"})), 1)

    def test_embeddings_of_the_simulator(self):
        self.embed("mock-embeddings", "one", 1)
        self.embed("mock-embeddings", ["one", "two", "three"], 3)

    def test_chat_of_a_provider(self):
        self.assertEqual(self.chat("openai-chat", user(SPOKEN)), [f"You said: {SPOKEN}"])

    def test_completions_of_a_provider(self):
        self.assertEqual(self.complete("openai-completions", {"prompt": SPOKEN}), [f"You said: {SPOKEN}"])

    def test_embeddings_of_a_provider(self):
        self.embed("openai-embeddings", SPOKEN, 1)
        self.embed("openai-embeddings", ["one", SPOKEN], 2)

    def test_the_client_class_gives_the_same_answer(self):
        client = MlflowGatewayClient(gateway_uri=GATEWAY_URI)
        self.assertEqual(
            client.query("openai-chat", user("hello")), mlflow.gateway.query("openai-chat", user("hello"))
        )

    def test_the_uri_may_come_from_the_environment(self):
        with mock.patch("mlflow.gateway.utils._gateway_uri", None):
            with mock.patch.dict(os.environ, MLFLOW_GATEWAY_URI=GATEWAY_URI):
                self.assertEqual(self.chat("openai-chat", user("hello")), ["You said: hello"])

    def test_parameters_reach_the_provider_in_its_own_words(self):
        parameters = {"temperature": 0.25, COUNT_FIELD: 2, "stop": ["END"], "max_tokens": 50, "top_p": 0.9}
        # Until 2.9 a temperature went from 0 to 1, and OpenAI's goes to 2.
        expected = {**parameters, "temperature": 0.25 if OPENAI_SHAPE else 0.5, "n": 2, "model": "gpt-4o-mini"}
        expected.pop("candidate_count", None)
        for texts in (
            self.chat("openai-chat", {**user("report"), **parameters}),
            self.complete("openai-completions", {"prompt": "report", **parameters}),
        ):
            self.assertEqual(len(texts), 2)
            self.assert_received(texts[0], {**expected, **user("report")})

    def test_the_callers_own_credentials_are_no_concern_of_the_provider(self):
        with mock.patch.dict(os.environ, MLFLOW_TRACKING_TOKEN="the-callers-own"):
            self.assertEqual(self.chat("openai-chat", user("hello")), ["You said: hello"])


class Failures(InteropTest):
    def setUp(self):
        mlflow.gateway.set_gateway_uri(GATEWAY_URI)

    def assert_query_fails(self, status, fragment, query):
        route, data = query
        self.assert_fails(status, fragment, lambda: mlflow.gateway.query(route, data))

    def test_an_unknown_route_is_a_404(self):
        self.assert_query_fails(404, "Not Found", ("nobody", user("hello")))

    def test_a_missing_field_is_a_422_that_names_it(self):
        self.assert_query_fails(422, '"messages"', ("mock-chat", {"prompt": "hello"}))
        self.assert_query_fails(422, '"prompt"', ("mock-completions", user("hello")))
        self.assert_query_fails(422, '"input"' if OPENAI_SHAPE else '"text"', ("mock-embeddings", user("hello")))

    def test_a_temperature_out_of_range_is_a_422(self):
        self.assert_query_fails(422, '"temperature"', ("openai-chat", {**user("hello"), "temperature": 2.5}))

    def test_naming_a_model_is_a_422(self):
        self.assert_query_fails(422, "model", ("openai-chat", {**user("hello"), "model": "gpt-4"}))

    @unittest.skipIf(OPENAI_SHAPE, "n is this release's own word")
    def test_n_is_refused_with_a_hint(self):
        self.assert_query_fails(400, "candidate_count", ("openai-completions", {"prompt": "hello", "n": 2}))

    def test_a_providers_refusal_keeps_its_status(self):
        for status in (400, 409):
            self.assert_query_fails(status, "failed on purpose", ("openai-chat", user(f"fail {status}")))

    def test_the_gateways_own_bad_key_is_not_the_callers_401(self):
        self.assert_query_fails(502, "key", ("openai-chat", user("fail 401")))

    def test_a_busy_provider_is_asked_again_when_it_said(self):
        def ask(text):
            answer = mlflow.gateway.query("openai-chat", user(text))
            return chat_text(answer["choices" if OPENAI_SHAPE else "candidates"][0])

        self.assert_waits_when_told(ask)

    @unittest.skipUnless(hasattr(MlflowGatewayClient, "set_limits"), "this release has no limits")
    def test_limits_are_shown_and_not_set_by_callers(self):
        client = MlflowGatewayClient(GATEWAY_URI)
        self.assertEqual(client.get_limits("mock-chat").limits, [])
        self.assert_fails(403, "operator", lambda: client.set_limits("mock-chat", []))


if __name__ == "__main__":
    main()
