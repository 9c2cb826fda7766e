// Pays for one POST as the public x402 client does: node pay.mjs URL VERSION [PAYMENT_ID]. Prints what came of it as JSON.
import { appendPaymentIdentifierToExtensions } from '@x402/extensions/payment-identifier';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client';
import { decodePaymentResponseHeader, wrapFetchWithPayment, x402Client } from '@x402/fetch';
import { privateKeyToAccount } from 'viem/accounts';

const [url, version, paymentId] = process.argv.slice(2);

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
  return fetch(request);
};

const response = await wrapFetchWithPayment(recording, client)(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ text: 'hello' }),
});
const settled = response.headers.get('PAYMENT-RESPONSE') ?? response.headers.get('X-PAYMENT-RESPONSE');
console.log(JSON.stringify({
  status: response.status,
  body: await response.text(),
  settled: settled && decodePaymentResponseHeader(settled),
  sent,
  payer: account.address,
}));
