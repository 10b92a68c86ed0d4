"""LangChain, by its packages for OpenAI's and for Anthropic's API."""

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from support import GATEWAY_URI, SPOKEN, WEATHER, WEATHER_QUESTION, InteropTest, main


def get_weather(city: str) -> str:
    """The weather in a city"""
    return f"sunny in {city}"


def chats(model):
    """One chat for each API in which LangChain reaches the model."""
    openai = {"model": model, "base_url": f"{GATEWAY_URI}/v1", "api_key": "the-callers-own", "max_retries": 0}
    yield "chat", ChatOpenAI(**openai)
    # The provider of the other route has no Responses API.
    if model == "mock-chat":
        yield "responses", ChatOpenAI(use_responses_api=True, **openai)
    yield "messages", ChatAnthropic(model=model, base_url=GATEWAY_URI, api_key="the-callers-own", max_retries=0)


class LangChain(InteropTest):
    def test_a_streamed_answer_says_the_same_as_a_whole_one(self):
        for model in ("mock-chat", "openai-chat"):
            for name, chat in chats(model):
                with self.subTest(name, model=model):
                    whole = chat.invoke(SPOKEN)
                    self.assertTrue(whole.text)
                    self.assertGreater(whole.usage_metadata["output_tokens"], 0)
                    self.assertEqual("".join(chunk.text for chunk in chat.stream(SPOKEN)), whole.text)

    def test_tools(self):
        for name, chat in chats("mock-chat"):
            with self.subTest(name):
                chat = chat.bind_tools([get_weather])
                asked = HumanMessage(WEATHER_QUESTION)
                answer = chat.invoke([asked])
                (call,) = answer.tool_calls
                self.assertEqual((call["name"], call["args"].keys()), (WEATHER["name"], {"city"}))
                result = ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"])
                self.assertIn("sunny", chat.invoke([asked, answer, result]).text)

    def test_embeddings(self):
        for model in ("mock-embeddings", "openai-embeddings"):
            with self.subTest(model):
                embeddings = OpenAIEmbeddings(
                    model=model,
                    base_url=f"{GATEWAY_URI}/v1",
                    api_key="the-callers-own",
                    check_embedding_ctx_length=False,
                )
                self.assert_vectors(embeddings.embed_documents(["one", "three"]), 2)


if __name__ == "__main__":
    main()
