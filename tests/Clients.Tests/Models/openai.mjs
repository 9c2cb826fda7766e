// A walk of OpenAI's own client through the door: node openai.mjs WALK, by the settings DOOR_URL, DOOR_TOKEN and DOOR_MODEL. It says as JSON what it was told.
import assert from 'node:assert/strict';
import OpenAI, { APIError, AuthenticationError, NotFoundError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const model = process.env.DOOR_MODEL;
const client = new OpenAI({ baseURL: `${process.env.DOOR_URL}/openai/v1`, apiKey: process.env.DOOR_TOKEN, fetch: counted });
let requests = 0;

function counted(...all) {
  requests++;
  return fetch(...all);
}

const question = [{ role: 'user', content: 'What is the weather in Oslo?' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const weather = { type: 'function', function: { name: 'weather', description: 'The weather of a city', parameters } };
const Weather = z.object({ city: z.string(), degrees: z.number() });

const counts = usage => ({ input: usage.prompt_tokens ?? usage.input_tokens, output: usage.completion_tokens ?? usage.output_tokens });

const walks = {
  async models() {
    const ids = [];
    for await (const one of client.models.list()) ids.push(one.id);
    assert.ok(ids.includes(model));
    return { ids, one: (await client.models.retrieve(model)).id };
  },

  async chat() {
    const { data, response } = await client.chat.completions.create({ model, messages: question, max_tokens: 200 }).withResponse();
    assert.equal(data.choices[0].finish_reason, 'stop');
    return { text: data.choices[0].message.content, model: data.model, usage: [counts(data.usage)], headers: Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('agora-'))) };
  },

  async chat_stream() {
    const stream = client.chat.completions.stream({ model, messages: question, max_tokens: 200, stream_options: { include_usage: true } });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
    const whole = await stream.finalChatCompletion();
    assert.equal(whole.choices[0].message.content, text);
    return { text, usage: [counts(await stream.totalUsage())] };
  },

  async chat_tools() {
    const usage = [];
    const asked = [];
    const runner = client.chat.completions.runTools({
      model, messages: question, max_tokens: 200,
      tools: [{ type: 'function', function: { ...weather.function, parse: JSON.parse, function: ({ city }) => { asked.push(city); return `7 degrees in ${city}`; } } }],
    }).on('chatCompletion', completion => usage.push(counts(completion.usage)));
    return { text: await runner.finalContent(), asked, usage };
  },

  async chat_tools_stream() {
    const usage = [];
    const asked = [];
    const runner = client.chat.completions.runTools({
      model, messages: question, max_tokens: 200, stream: true, stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { ...weather.function, parse: JSON.parse, function: ({ city }) => { asked.push(city); return `7 degrees in ${city}`; } } }],
    }).on('chatCompletion', completion => usage.push(counts(completion.usage)));
    return { text: await runner.finalContent(), asked, usage };
  },

  async chat_parse() {
    const reply = await client.chat.completions.parse({ model, messages: question, max_tokens: 200, response_format: zodResponseFormat(Weather, 'weather') });
    return { parsed: reply.choices[0].message.parsed, usage: [counts(reply.usage)] };
  },

  async responses() {
    const reply = await client.responses.create({ model, input: 'What is the weather in Oslo?', max_output_tokens: 200 });
    assert.equal(reply.status, 'completed');
    return { text: reply.output_text, usage: [counts(reply.usage)] };
  },

  async responses_stream() {
    const stream = client.responses.stream({ model, input: 'What is the weather in Oslo?', max_output_tokens: 200 });
    let text = '';
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
    const whole = await stream.finalResponse();
    assert.equal(whole.output_text, text);
    return { text, usage: [counts(whole.usage)] };
  },

  async responses_tools() {
    const usage = [];
    const input = [{ role: 'user', content: 'What is the weather in Oslo?' }];
    const tools = [{ type: 'function', name: 'weather', description: 'The weather of a city', parameters, strict: true }];
    const asks = () => client.responses.create({ model, input, tools, store: false, include: ['reasoning.encrypted_content'], max_output_tokens: 200 });
    const first = await asks();
    usage.push(counts(first.usage));
    const call = first.output.find(item => item.type === 'function_call');
    input.push(...first.output, { type: 'function_call_output', call_id: call.call_id, output: '7 degrees' });
    const last = await asks();
    usage.push(counts(last.usage));
    return { text: last.output_text, asked: [JSON.parse(call.arguments).city], usage };
  },

  async responses_parse() {
    const reply = await client.responses.parse({
      model, input: 'What is the weather in Oslo?', max_output_tokens: 200,
      text: { format: { type: 'json_schema', name: 'weather', strict: true, schema: { type: 'object', properties: { city: { type: 'string' }, degrees: { type: 'number' } }, required: ['city', 'degrees'], additionalProperties: false } } },
    });
    return { parsed: reply.output_parsed, usage: [counts(reply.usage)] };
  },

  /** One that goes on from another, which was kept. */
  async responses_kept() {
    const first = await client.responses.create({ model, input: 'What is the weather in Oslo?', max_output_tokens: 200 });
    const read = await client.responses.retrieve(first.id);
    assert.deepEqual(read.output, first.output);
    const next = await client.responses.create({ model, input: 'And in Bergen?', previous_response_id: first.id, max_output_tokens: 200 });
    assert.ok(next.usage.input_tokens > first.usage.input_tokens);
    const asked = [];
    for await (const item of client.responses.inputItems.list(next.id, { order: 'asc', limit: 1 })) asked.push(item.content[0].text);
    assert.deepEqual(asked, ['And in Bergen?']);
    await client.responses.delete(first.id);
    await assert.rejects(client.responses.retrieve(first.id), NotFoundError);
    return { text: next.output_text, usage: [counts(first.usage), counts(next.usage)] };
  },

  async embeddings() {
    const wanted = { model, input: ['What is the weather in Oslo?', 'And in Bergen?'], dimensions: 5 };
    const coded = await client.embeddings.create(wanted);
    const plain = await client.embeddings.create({ ...wanted, encoding_format: 'float' });
    assert.deepEqual(coded.data.map(one => Array.from(one.embedding)), plain.data.map(one => one.embedding.map(Math.fround)));
    return { lengths: coded.data.map(one => one.embedding.length), usage: [coded, plain].map(reply => ({ input: reply.usage.prompt_tokens, output: reply.usage.total_tokens - reply.usage.prompt_tokens })) };
  },

  async speech() {
    const reply = await client.audio.speech.create({ model, voice: 'alloy', input: 'It is 7 degrees in Oslo.', response_format: 'wav' });
    return { type: reply.headers.get('content-type'), bytes: (await reply.arrayBuffer()).byteLength };
  },

  async input_tokens() {
    const input = [{ role: 'user', content: 'What is the weather in Oslo?' }];
    const counted = await client.responses.inputTokens.count({ model, input, instructions: 'Be brief.' });
    assert.equal(counted.object, 'response.input_tokens');
    const reply = await client.responses.create({ model, input, instructions: 'Be brief.', max_output_tokens: 200 });
    return { counted: counted.input_tokens, usage: [counts(reply.usage)] };
  },

  async no_route() {
    return refused(() => client.files.list(), NotFoundError);
  },

  async no_token() {
    const stranger = client.withOptions({ apiKey: 'nobody' });
    return refused(() => stranger.chat.completions.create({ model, messages: question }), AuthenticationError);
  },

  async no_model() {
    return refused(() => client.chat.completions.create({ model: 'no-such-model', messages: question }), NotFoundError);
  },

  async no_budget() {
    return refused(() => client.chat.completions.create({ model, messages: [{ role: 'user', content: 'x'.repeat(20_000) }], max_tokens: 4000 }), APIError);
  },

  async no_budget_responses() {
    return refused(() => client.responses.create({ model, input: 'x'.repeat(20_000), max_output_tokens: 4000, stream: true }), APIError);
  },

  async leaves() {
    const stream = await client.chat.completions.create({ model, messages: question, max_tokens: 200, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      if (!chunk.choices[0]?.delta?.content) continue;
      stream.controller.abort();
      break;
    }

    return { left: true };
  },
};

/** Of the kind that is expected, and asked for once: a client that asks again was told to. */
async function refused(asks, kind) {
  try {
    await asks();
  } catch (error) {
    assert.ok(error instanceof kind, `${error}`);
    return { status: error.status, code: error.code, type: error.type, param: error.param, message: error.message, requests, error: error.error };
  }

  assert.fail('It was not refused.');
}

console.log(JSON.stringify(await walks[process.argv[2]]()));
