// The official Node SDK and the AI SDK against a running gateway; prints one line per check.
//
// The scripted providers call the tool `get_weather` in their first answer and say
// "Hello from <lane>" in each later one.

import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateText, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";

const url = process.env.GATEWAY_URL;
const apiKey = process.env.GATEWAY_KEY;
const models = {
  "gpt-4o": "openai",
  "claude-3-sonnet": "anthropic",
  "gemini-flash": "gemini",
  "local-llama": "ollama",
};
const messages = [{ role: "user", content: "Hello?" }];
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const compatible = createOpenAICompatible({
  name: "headgate",
  baseURL: `${url}/v1`,
  apiKey,
  includeUsage: true,
});

const ok = (what) => console.log("ok", what);

// The AI SDK runs the tool and asks again by itself.
const weather = tool({
  description: "The weather",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});

for (const [model, lane] of Object.entries(models)) {
  const withTool = await generateText({
    model: compatible(model),
    prompt: "Weather in Paris?",
    tools: { get_weather: weather },
    stopWhen: stepCountIs(2),
    maxRetries: 0,
  });
  assert.deepEqual(withTool.steps[0].toolCalls[0].input, { city: "Paris" });
  assert.equal(withTool.text, `Hello from ${lane}`);
  ok(`the AI SDK runs a tool with ${model}`);

  const streamed = streamText({ model: compatible(model), prompt: "Hello?", maxRetries: 0 });
  let text = "";
  for await (const piece of streamed.textStream) text += piece;
  assert.equal(text, `Hello from ${lane}`);
  assert.equal((await streamed.usage).totalTokens, 18);
  ok(`the AI SDK streams with ${model}`);

  const answer = await openai.chat.completions.create({ model, messages });
  assert.equal(answer.choices[0].message.content, `Hello from ${lane}`);
  assert.equal(answer.usage.total_tokens, 18);
  const stream = await openai.chat.completions.create({ model, messages, stream: true });
  text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  assert.equal(text, `Hello from ${lane}`);
  ok(`the OpenAI SDK asks and streams with ${model}`);
}

for (const model of ["text-embedding-3-small", "ollama-embed"]) {
  const decoded = await openai.embeddings.create({ model, input: ["a", "b"] });
  assert.deepEqual(decoded.data.map((item) => item.embedding.length), [4, 4]);
  const { embedding } = await embed({ model: compatible.textEmbeddingModel(model), value: "a" });
  assert.equal(embedding.length, 4);
  ok(`embeddings are decoded with ${model}`);
}

const listed = [];
for await (const model of openai.models.list()) listed.push(model.id);
for (const model of Object.keys(models)) assert.ok(listed.includes(model), model);
ok("models are listed");

const wrong = new OpenAI({ baseURL: `${url}/v1`, apiKey: "sk-wrong", maxRetries: 0 });
await assert.rejects(wrong.models.list(), OpenAI.AuthenticationError);
await assert.rejects(openai.chat.completions.create({ model: "nope", messages }), OpenAI.NotFoundError);
await assert.rejects(
  openai.chat.completions.create({ model: "broken", messages }),
  OpenAI.InternalServerError,
);
ok("errors are raised as the SDK's own classes");

const stopped = await openai.chat.completions.create({ model: "gpt-4o", messages, stream: true });
stopped.controller.abort();
const after = await openai.chat.completions.create({ model: "gpt-4o", messages });
assert.equal(after.choices[0].message.content, "Hello from openai");
ok("a stream may be given up");
