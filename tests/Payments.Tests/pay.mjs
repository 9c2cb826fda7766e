// Pays for one POST as the public x402 client does: node pay.mjs URL VERSION [PAYMENT_ID], the body and a bearer token on stdin, or nothing. Prints what came of it as JSON.
import { appendPaymentIdentifierToExtensions } from '@x402/extensions/payment-identifier';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client';
import { decodePaymentResponseHeader, wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { privateKeyToAccount } from 'viem/accounts';

const [url, version, paymentId] = process.argv.slice(2);
let input = '';
for await (const chunk of process.stdin) input += chunk;
const { body, token } = input ? JSON.parse(input) : { body: { text: 'hello' } };

// A key for tests alone: it is public, and holds nothing.
const account = privateKeyToAccount('0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318');
const client = version === '1'
  ? new x402Client().registerV1('base-sepolia', new ExactEvmSchemeV1(account))
  : new x402Client().register('eip155:*', new ExactEvmScheme(account));
if (paymentId) {
  client.onBeforePaymentCreation(async ({ paymentRequired }) => {
    appendPaymentIdentifierToExtensions(paymentRequired.extensions, paymentId);
  });
}

let sent = null;
const recording = async (input, init) => {
  const request = new Request(input, init);
  sent = request.headers.get('PAYMENT-SIGNATURE') ?? request.headers.get('X-PAYMENT');
  const response = await fetch(request);
  if (version !== '1' || response.status !== 402) return response;
  // A client that knows version 1 alone reads the body: the header of version 2 says nothing to it.
  const headers = new Headers(response.headers);
  headers.delete('PAYMENT-REQUIRED');
  return new Response(await response.text(), { status: 402, headers });
};

const response = await wrapFetchWithPayment(recording, client)(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
  body: JSON.stringify(body),
});
const settled = response.headers.get('PAYMENT-RESPONSE') ?? response.headers.get('X-PAYMENT-RESPONSE');
console.log(JSON.stringify({
  status: response.status,
  body: await response.text(),
  settled: settled && decodePaymentResponseHeader(settled),
  sent,
  payer: account.address,
}));
