// A walk of LangChain through the door: node langchain.mjs WALK, by the settings DOOR_URL, DOOR_TOKEN and DOOR_MODEL. It says as JSON what it was told.
import assert from 'node:assert/strict';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';

let requests = 0;

function counted(...all) {
  requests++;
  return fetch(...all);
}

const speaks = settings => new ChatOpenAI({
  model: process.env.DOOR_MODEL, apiKey: process.env.DOOR_TOKEN, maxTokens: 200, configuration: { baseURL: `${process.env.DOOR_URL}/openai/v1`, fetch: counted }, ...settings,
});

const question = 'What is the weather in Oslo?';
const asked = [];
const weather = tool(async ({ city }) => { asked.push(city); return `7 degrees in ${city}`; }, { name: 'weather', description: 'The weather of a city', schema: z.object({ city: z.string() }) });

const counts = message => ({ input: message.usage_metadata.input_tokens, output: message.usage_metadata.output_tokens });

const agent = async settings => {
  const { messages } = await createAgent({ model: speaks(settings), tools: [weather] }).invoke({ messages: [{ role: 'user', content: question }] });
  return { text: messages.at(-1).text, asked, usage: messages.filter(message => message.usage_metadata).map(counts) };
};

const walks = {
  async invoke() {
    const reply = await speaks().invoke(question);
    return { text: reply.text, usage: [counts(reply)] };
  },

  async stream() {
    let whole;
    for await (const chunk of await speaks({ streamUsage: true }).stream(question)) whole = whole ? whole.concat(chunk) : chunk;
    return { text: whole.text, usage: [counts(whole)] };
  },

  agent: () => agent(),

  agent_by_responses: () => agent({ useResponsesApi: true }),

  async object() {
    const { parsed, raw } = await speaks().withStructuredOutput(z.object({ city: z.string(), degrees: z.number() }), { method: 'jsonSchema', includeRaw: true }).invoke(question);
    return { parsed, usage: [counts(raw)] };
  },

  async no_budget() {
    try {
      await speaks({ maxTokens: 4000 }).invoke('x'.repeat(20_000));
    } catch (error) {
      return { status: error.status, code: error.code, message: error.message, requests };
    }

    assert.fail('It was not refused.');
  },
};

console.log(JSON.stringify(await walks[process.argv[2]]()));
