-- Sponsored runs by wrk: each line of the file that it is given is a session's token and a service. load.sh calls it.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

-- Each thread has sessions of its own and takes them in turn, so none has two runs under way while there are more sessions than connections.
function init(arguments)
  requests, at = {}, 0
  local body = '{"input":{"text":"A text of the length that a short question has, so that it is neither empty nor large."}}'
  local line_number = 0
  for line in io.lines(arguments[1]) do
    local token, service = line:match("^(%S+) (%S+)$")
    if line_number % 2 == number then
      requests[#requests + 1] = wrk.format("POST", "/agent/services/" .. service .. "/run", { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }, body)
    end
    line_number = line_number + 1
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format("%.0f runs a second, mean %.1f ms, p50 %.1f ms, p99 %.1f ms, %d runs, %d not answered with 200", summary.requests / (summary.duration / 1e6), latency.mean / 1e3, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.requests, failed))
  if failed > 0 then os.exit(1) end
end
