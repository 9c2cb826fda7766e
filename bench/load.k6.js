// Agents that search, look where they stand and buy runs, by k6. No test of this repository runs it: k6 is in no package source that the tests use. bench/locustfile.py is the same load, and is run.
//
//   AGENT_API_KEY=… AGORA_ADMIN_KEY=… k6 run --vus 50 --duration 30s -e URL=http://127.0.0.1:8080 bench/load.k6.js
//
// The keys are a platform key and an operator's: every agent gets a session and a wallet of its own, from which it pays. SERVICE is what they buy (text-keywords, of the demo), INPUT its input,
// in which {n} is a number that no other run has. The server needs settings for such load, and its money is spent: docs/scaling.md#load-a-server-of-your-own.
import http from 'k6/http';
import { check } from 'k6';

const url = __ENV.URL || 'http://127.0.0.1:8080';
const service = __ENV.SERVICE || 'text-keywords';
const input = __ENV.INPUT || '{"text":"Agents buy runs of services, run number {n}."}';

export const options = { thresholds: { http_req_failed: ['rate==0'], checks: ['rate==1'] } };

let token; // Of this virtual user.

export default function () {
  token = token || open();
  const turn = __ITER % 10;
  if (turn < 6) {
    const body = `{"input":${input.replace('{n}', `${__VU}-${__ITER}`)},"pay_with":"wallet","max_price_cents":100}`;
    answered(send(`/agent/services/${service}/run`, body, token, 'run'), 200);
  } else if (turn < 9) {
    answered(http.get(`${url}/agent/services?q=text`, asked(token, 'search')), 200);
  } else {
    answered(http.get(`${url}/agent/flow/status`, asked(token, 'status')), 200);
  }
}

function open() {
  const name = `load-${unique()}`;
  answered(send(`/admin/wallets/agent:${name}/deposit`, JSON.stringify({ amount_cents: 1000000 }), __ENV.AGORA_ADMIN_KEY, 'deposit'), 200);
  const scopes = { allowed_categories: ['*'], budget_limit_cents: 1000000 };
  const opened = send('/agent/auth', JSON.stringify({ agent_id: name, user_id: name, scopes }), __ENV.AGENT_API_KEY, 'auth');
  answered(opened, 201);
  return opened.json('data.token');
}

function send(path, body, key, name) {
  const params = asked(key, name);
  params.headers['Content-Type'] = 'application/json';
  params.headers['Idempotency-Key'] = unique();
  return http.post(`${url}${path}`, body, params);
}

function asked(key, name) {
  return { headers: { Authorization: `Bearer ${key}` }, tags: { name } };
}

function answered(response, status) {
  check(response, { [`status ${status}`]: (one) => one.status === status });
}

function unique() {
  return `${Date.now().toString(36)}-${__VU}-${__ITER}-${Math.random().toString(36).slice(2)}`;
}
