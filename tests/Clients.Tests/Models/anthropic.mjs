// A walk of Anthropic's own client through the door: node anthropic.mjs WALK, by the settings DOOR_URL, DOOR_TOKEN and DOOR_MODEL. It says as JSON what it was told.
import assert from 'node:assert/strict';
import Anthropic, { APIError, AuthenticationError, NotFoundError } from '@anthropic-ai/sdk';

let requests = 0;

function counted(...all) {
  requests++;
  return fetch(...all);
}

const model = process.env.DOOR_MODEL;
const door = { baseURL: `${process.env.DOOR_URL}/anthropic`, fetch: counted };
const client = new Anthropic({ ...door, apiKey: process.env.DOOR_TOKEN, authToken: null });
const question = [{ role: 'user', content: 'What is the weather in Oslo?' }];
const weather = { name: 'weather', description: 'The weather of a city', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };

const counts = usage => ({ input: usage.input_tokens, output: usage.output_tokens });
const textOf = reply => reply.content.filter(block => block.type === 'text').map(block => block.text).join('');

const walks = {
  async models() {
    const ids = [];
    for await (const one of client.models.list()) ids.push(one.id);
    assert.ok(ids.includes(model));
    return { ids, one: (await client.models.retrieve(model)).id };
  },

  async messages() {
    const reply = await client.messages.create({ model, max_tokens: 200, messages: question });
    assert.equal(reply.stop_reason, 'end_turn');
    return { text: textOf(reply), usage: [counts(reply.usage)] };
  },

  async messages_with_bearer() {
    const bearer = new Anthropic({ ...door, apiKey: null, authToken: process.env.DOOR_TOKEN });
    const reply = await bearer.messages.create({ model, max_tokens: 200, messages: question });
    return { text: textOf(reply), usage: [counts(reply.usage)] };
  },

  async messages_stream() {
    let text = '';
    const stream = client.messages.stream({ model, max_tokens: 200, messages: question }).on('text', delta => { text += delta; });
    const whole = await stream.finalMessage();
    assert.equal(textOf(whole), text);
    return { text, usage: [counts(whole.usage)] };
  },

  /** The call and its result are sent back as they came, with whatever the model thought before. */
  async tools() {
    return talkWithTool(messages => client.messages.create({ model, max_tokens: 2000, messages, tools: [weather] }));
  },

  async tools_stream() {
    return talkWithTool(messages => client.messages.stream({ model, max_tokens: 2000, messages, tools: [weather] }).finalMessage());
  },

  async thinking() {
    return talkWithTool(messages => client.messages.create({ model, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages, tools: [weather] }));
  },

  async thinking_stream() {
    return talkWithTool(messages => client.messages.stream({ model, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages, tools: [weather] }).finalMessage());
  },

  async tool_runner() {
    const usage = [];
    const asked = [];
    const runner = client.beta.messages.toolRunner({
      model, max_tokens: 2000, messages: question,
      tools: [{ ...weather, run: ({ city }) => { asked.push(city); return '7 degrees'; } }],
    });
    let last;
    for await (const message of runner) {
      usage.push(counts(message.usage));
      last = message;
    }

    return { text: textOf(last), asked, usage };
  },

  async count_tokens() {
    const wanted = { model, system: 'Be brief.', messages: question, tools: [weather] };
    const counted = await client.messages.countTokens(wanted);
    const reply = await client.messages.create({ ...wanted, tool_choice: { type: 'none' }, max_tokens: 200 });
    return { counted: counted.input_tokens, usage: [counts(reply.usage)] };
  },

  async no_route() {
    return refused(() => client.beta.files.list(), NotFoundError);
  },

  async no_token() {
    const stranger = client.withOptions({ apiKey: 'nobody' });
    return refused(() => stranger.messages.create({ model, max_tokens: 200, messages: question }), AuthenticationError);
  },

  async no_model() {
    return refused(() => client.messages.create({ model: 'no-such-model', max_tokens: 200, messages: question }), NotFoundError);
  },

  async no_budget() {
    return refused(() => client.messages.create({ model, max_tokens: 4000, messages: [{ role: 'user', content: 'x'.repeat(20_000) }] }), APIError);
  },

  async no_budget_stream() {
    return refused(() => client.messages.stream({ model, max_tokens: 4000, messages: [{ role: 'user', content: 'x'.repeat(20_000) }] }).finalMessage(), APIError);
  },

  async leaves() {
    const stream = client.messages.stream({ model, max_tokens: 200, messages: question });
    for await (const event of stream) {
      if (event.type === 'content_block_delta') break;
    }

    return { left: true };
  },
};

async function talkWithTool(asks) {
  const usage = [];
  const thoughts = [];
  const asked = [];
  const messages = [...question];
  for (;;) {
    const reply = await asks(messages);
    usage.push(counts(reply.usage));
    thoughts.push(...reply.content.filter(block => block.type === 'thinking').map(block => block.thinking));
    const call = reply.content.find(block => block.type === 'tool_use');
    if (!call) return { text: textOf(reply), asked, thoughts, usage };

    asked.push(call.input.city);
    messages.push({ role: 'assistant', content: reply.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '7 degrees' }] });
  }
}

/** Of the kind that is expected, with how many requests it took: a client asks again where it was told that it may. */
async function refused(asks, kind) {
  try {
    await asks();
  } catch (error) {
    assert.ok(error instanceof kind, `${error}`);
    return { status: error.status, type: error.type, message: error.message, error: error.error?.error, requests };
  }

  assert.fail('It was not refused.');
}

console.log(JSON.stringify(await walks[process.argv[2]]()));
