-- Calls of a model by wrk: a file of tokens, of which each request takes the next, and a path. models.sh calls it.
function init(arguments)
  requests, at = {}, 0
  local body = '{"model":"' .. (arguments[2]:find("openai") and "m" or "scripted-small") .. '","messages":[{"role":"system","content":"You answer in a few words."},{"role":"user","content":"What does a call of a model cost, and who pays for it?"}],"max_tokens":20}'
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", arguments[2], { ["Authorization"] = "Bearer " .. line, ["Content-Type"] = "application/json" }, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format("%.0f a second, mean %.1f ms, p50 %.1f ms, p99 %.1f ms, %d not answered with 200", summary.requests / (summary.duration / 1e6), latency.mean / 1e3, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
