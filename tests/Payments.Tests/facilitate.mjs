// Lets the reference facilitator read one POST /verify from stdin, on a chain that agrees with everything: what it checks without one is checked.
import { x402Facilitator } from '@x402/core/facilitator';
import { ExactEvmScheme } from '@x402/evm/exact/facilitator';
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/facilitator';
import { verifyTypedData } from 'viem';

const payers = new Set();
const chain = {
  getAddresses: () => ['0x000000000000000000000000000000000000dEaD'],
  verifyTypedData,
  // The payer is an account, the asset a contract.
  getCode: async ({ address }) => (payers.has(address.toLowerCase()) ? '0x' : '0x6000'),
  readContract: async () => undefined,
};

let body = '';
for await (const chunk of process.stdin) body += chunk;
const { paymentPayload, paymentRequirements } = JSON.parse(body);
payers.add(paymentPayload.payload.authorization.from.toLowerCase());

const facilitator = new x402Facilitator()
  .register('eip155:84532', new ExactEvmScheme(chain))
  .registerV1('base-sepolia', new ExactEvmSchemeV1(chain));
console.log(JSON.stringify(await facilitator.verify(paymentPayload, paymentRequirements)));
