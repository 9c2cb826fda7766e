// Runs the protocol's own suite against a server: {"address", "key"} on standard input; what became of each test on standard output. The suite knows neither our path nor a credential: a proxy adds both.
import { createServer, request } from "node:http"
import { startVitest } from "vitest/node"

const { address, key } = JSON.parse(await new Response(process.stdin).text())
const theirs = "/v1/stream/", ours = "/streams/"

// What is large is offered first (Expect: 100-continue), as it is refused by its length alone.
const proxy = createServer((asked, answer) => {
  const isLarge = asked.headers["content-length"] > 1_000_000
  const onward = request(address + asked.url.replace(theirs, ours), { method: asked.method, headers: { ...asked.headers, authorization: `Bearer ${key}`, ...(isLarge && { expect: "100-continue" }) } }, told => {
    if (told.headers.location) told.headers.location = told.headers.location.replace(ours, theirs)
    answer.writeHead(told.statusCode, told.headers)
    answer.flushHeaders()
    told.pipe(answer)
  })
  onward.on("error", () => answer.destroy())
  answer.on("close", () => onward.destroy())
  if (isLarge) {
    onward.on("continue", () => asked.pipe(onward)).on("response", () => asked.resume())
    onward.flushHeaders()
  } else {
    asked.pipe(onward)
  }
})
await new Promise(listening => proxy.listen(0, "127.0.0.1", listening))

process.env.STREAMS = `http://127.0.0.1:${proxy.address().port}`
const told = []
const vitest = await startVitest("test", [], {
  watch: false, root: import.meta.dirname, include: ["suite.mjs"], maxWorkers: 1, testTimeout: 40_000,
  reporters: [{ onTestCaseResult: test => told.push({ name: test.fullName, state: test.result().state, why: test.result().errors?.[0]?.message?.slice(0, 300) }) }],
}, { server: { watch: null } })
await vitest.close()
process.stdout.write(JSON.stringify(told))
process.exit(0)
