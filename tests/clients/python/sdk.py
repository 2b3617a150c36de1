"""The official Python SDKs against a running gateway; prints one line per check.

The scripted providers call the tool `get_weather` in their first answer and say
"Hello from <lane>" in each later one.
"""

import asyncio
import json
import os

import anthropic
import httpx
import openai
from pydantic import BaseModel

URL = os.environ["GATEWAY_URL"]
KEY = os.environ["GATEWAY_KEY"]
MODELS = {
    "gpt-4o": "openai",
    "claude-3-sonnet": "anthropic",
    "gemini-flash": "gemini",
    "local-llama": "ollama",
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
HELLO = [{"role": "user", "content": "Hello?"}]

client = openai.OpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0)


def ok(what):
    print("ok", what, flush=True)


def tools_make_the_round_trip(model, lane):
    question = [{"role": "user", "content": "Weather in Paris?"}]
    with client.chat.completions.stream(model=model, messages=question, tools=[WEATHER]) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    call = message.tool_calls[0]
    assert call.function.name == "get_weather", call
    assert json.loads(call.function.arguments) == {"city": "Paris"}, call
    turn = {
        "role": "assistant",
        "content": message.content,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
        ],
    }
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    answer = client.chat.completions.create(
        model=model, messages=question + [turn, result], tools=[WEATHER]
    )
    assert answer.choices[0].message.content == f"Hello from {lane}", answer
    ok(f"tools make the round trip with {model}")


def chat_is_answered_and_strictly_typed(model, lane):
    answer = client.chat.completions.create(model=model, messages=HELLO)
    assert answer.choices[0].message.content == f"Hello from {lane}", answer
    assert answer.choices[0].finish_reason == "stop", answer
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (11, 7), answer
    openai.types.chat.ChatCompletion.model_validate(answer.model_dump(), strict=True)
    ok(f"chat is answered and strictly typed with {model}")


def streams_add_up(model, lane):
    options = {"include_usage": True}
    stream = client.chat.completions.create(
        model=model, messages=HELLO, stream=True, stream_options=options
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == f"Hello from {lane}", text
    assert chunks[-1].usage.total_tokens == 18, chunks[-1]
    ok(f"streams add up with {model}")


def base_url_without_v1_works():
    other = openai.OpenAI(base_url=URL, api_key=KEY, max_retries=0)
    answer = other.chat.completions.create(model="claude-3-sonnet", messages=HELLO)
    assert answer.choices[0].message.content == "Hello from anthropic", answer
    ok("a base_url without /v1 works")


def embeddings_are_decoded():
    for model in ("text-embedding-3-small", "ollama-embed"):
        answer = client.embeddings.create(model=model, input=["a", "b"])
        assert [len(item.embedding) for item in answer.data] == [4, 4], answer
        plain = client.embeddings.create(model=model, input=["a", "b"], encoding_format="float")
        for one, other in zip(answer.data, plain.data):
            assert all(abs(x - y) < 1e-6 for x, y in zip(one.embedding, other.embedding)), model
        ok(f"embeddings are decoded with {model}")


def models_are_listed():
    listed = {model.id for model in client.models.list()}
    assert set(MODELS) <= listed, listed
    assert client.models.retrieve("gpt-4o").id == "gpt-4o"
    ok("models are listed and retrieved")


def errors_are_the_sdks_own():
    wrong = openai.OpenAI(base_url=URL + "/v1", api_key="sk-wrong", max_retries=0)
    expected = [
        (openai.AuthenticationError, lambda: wrong.models.list()),
        (openai.NotFoundError, lambda: client.models.retrieve("nope")),
        (
            openai.NotFoundError,
            lambda: client.chat.completions.create(model="nope", messages=HELLO),
        ),
        (
            openai.BadRequestError,
            lambda: client.chat.completions.create(model="gpt-4o", messages=[]),
        ),
        (
            openai.InternalServerError,
            lambda: client.chat.completions.create(model="broken", messages=HELLO),
        ),
    ]
    for kind, call in expected:
        try:
            call()
        except kind as error:
            assert error.body["message"] and error.request_id, error
        else:
            raise AssertionError(f"{kind} was expected")
    ok("errors are raised as the SDK's own classes")


def structured_answers_are_asked_for():
    class City(BaseModel):
        name: str

    try:
        client.chat.completions.parse(model="gpt-4o", messages=HELLO, response_format=City)
    except ValueError:
        pass  # "Hello from openai" is no JSON; the request itself must have been accepted
    ok("a schema for the answer is accepted")


def raw_answers_carry_our_headers():
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=HELLO)
    for name in ("x-request-id", "x-headgate-cost-usd", "x-headgate-model"):
        assert raw.headers.get(name), (name, dict(raw.headers))
    ok("raw answers carry our headers")


async def many_callers_share_one_client():
    async with openai.AsyncOpenAI(base_url=URL + "/v1", api_key=KEY, max_retries=0) as many:
        calls = [many.chat.completions.create(model="gpt-4o", messages=HELLO) for _ in range(40)]
        answers = await asyncio.gather(*calls)
    assert all(a.choices[0].message.content == "Hello from openai" for a in answers)
    ok("forty calls at once share one client")


def anthropics_sdk_finds_the_models():
    other = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
    assert set(MODELS) <= {model.id for model in other.models.list()}
    ok("Anthropic's SDK lists the models with its own header")


def curl_like_calls_work():
    body = {"model": "gpt-4o", "messages": HELLO}
    for path in ("/chat/completions", "/openai/deployments/gpt-4o/chat/completions"):
        answer = httpx.post(URL + path, json=body, headers={"api-key": KEY})
        assert answer.status_code == 200, answer.text
    ok("plain HTTP works with Azure's header and path")


for each_model, each_lane in MODELS.items():
    tools_make_the_round_trip(each_model, each_lane)
    chat_is_answered_and_strictly_typed(each_model, each_lane)
    streams_add_up(each_model, each_lane)
base_url_without_v1_works()
embeddings_are_decoded()
models_are_listed()
errors_are_the_sdks_own()
structured_answers_are_asked_for()
raw_answers_carry_our_headers()
asyncio.run(many_callers_share_one_client())
anthropics_sdk_finds_the_models()
curl_like_calls_work()
