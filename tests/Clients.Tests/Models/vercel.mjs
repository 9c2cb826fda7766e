// A walk of the AI SDK through the door: node vercel.mjs WALK, by the settings DOOR_URL, DOOR_TOKEN, DOOR_MODEL and DOOR_SPOKEN, which of its providers speaks. It says as JSON what it was told.
import assert from 'node:assert/strict';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateObject, generateText, RetryError, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const { DOOR_URL, DOOR_TOKEN: apiKey, DOOR_MODEL, DOOR_SPOKEN } = process.env;
let requests = 0;

function counted(...all) {
  requests++;
  return fetch(...all);
}

const openAi = { baseURL: `${DOOR_URL}/openai/v1`, apiKey, fetch: counted };
const spoken = {
  openai: name => createOpenAI(openAi)(name),
  openai_chat: name => createOpenAI(openAi).chat(name),
  compatible: name => createOpenAICompatible({ ...openAi, name: 'agora', includeUsage: true, supportsStructuredOutputs: true })(name),
  anthropic: name => createAnthropic({ baseURL: `${DOOR_URL}/anthropic/v1`, apiKey, fetch: counted })(name),
};

const model = spoken[DOOR_SPOKEN](DOOR_MODEL);
const prompt = 'What is the weather in Oslo?';
const maxOutputTokens = 200;
// Else it sends references to items that it takes to be stored, and leaves out what the model thought.
const providerOptions = { openai: { store: false, include: ['reasoning.encrypted_content'] } };
const asked = [];
const tools = {
  weather: tool({ description: 'The weather of a city', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => { asked.push(city); return { degrees: 7 }; } }),
};

const counts = usage => ({ input: usage.inputTokens, output: usage.outputTokens });

const walks = {
  async text() {
    const { text, usage } = await generateText({ model, prompt, maxOutputTokens, providerOptions });
    return { text, usage: [counts(usage)] };
  },

  async text_stream() {
    const stream = streamText({ model, prompt, maxOutputTokens, providerOptions, onError() {} });
    let text = '';
    for await (const delta of stream.textStream) text += delta;
    return { text, usage: [counts(await stream.totalUsage)] };
  },

  async steps() {
    const { text, steps } = await generateText({ model, prompt, maxOutputTokens, providerOptions, tools, stopWhen: stepCountIs(3) });
    return { text, asked, usage: steps.map(step => counts(step.usage)) };
  },

  async steps_stream() {
    const stream = streamText({ model, prompt, maxOutputTokens, providerOptions, tools, stopWhen: stepCountIs(3) });
    return { text: await stream.text, asked, usage: (await stream.steps).map(step => counts(step.usage)) };
  },

  async object() {
    const { object, usage } = await generateObject({ model, prompt, maxOutputTokens, providerOptions, schema: z.object({ city: z.string(), degrees: z.number() }) });
    return { parsed: object, usage: [counts(usage)] };
  },

  async no_budget() {
    try {
      await generateText({ model, prompt: 'x'.repeat(20_000), maxOutputTokens: 4000, providerOptions });
    } catch (error) {
      assert.ok(APICallError.isInstance(error) || RetryError.isInstance(error), `${error}`);
      return { status: error.statusCode, message: error.message, requests };
    }

    assert.fail('It was not refused.');
  },
};

console.log(JSON.stringify(await walks[process.argv[2]]()));
