// alone.mjs SOCKET PORT PROGRAM [ARGUMENT…]: runs a program that reaches nothing but this one port. It is started in a network namespace of its own (unshare --net), where only loopback is;
// 127.0.0.1:PORT in there is relayed to the Unix socket SOCKET, whose name is in the file system and so reaches out of the namespace.
import { execFileSync, spawn } from 'node:child_process';
import net from 'node:net';

const [socket, port, program, ...rest] = process.argv.slice(2);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
const relay = net.createServer({ allowHalfOpen: true }, inside => {
  const outside = net.connect({ path: socket, allowHalfOpen: true });
  inside.pipe(outside).pipe(inside);
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
});
relay.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(program, rest, { stdio: 'inherit' });
  child.on('error', error => { console.error(String(error)); process.exit(127); });
  child.on('exit', code => process.exit(code ?? 1));
});
