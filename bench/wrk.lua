-- Sends the bodies of a file, one a line, in turn, with the second argument as Authorization.
-- The last line of the output is a Load in JSON.

local requests, turn = {}, 0

function init(arguments)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = arguments[2]
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"per_second": %.3f, "p50_ms": %.4f, "p99_ms": %.4f, "failures": %d}',
    (summary.requests - errors.status) / (summary.duration / 1e6),
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.status + errors.connect + errors.read + errors.write
  ))
end
