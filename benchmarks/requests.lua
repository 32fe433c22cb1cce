-- For wrk: POSTs the bodies of a file, one a line, in turn. Environment: BODIES, the file; FIRST, how many lines to leave out
-- at its beginning; COUNT, how many to send before the first of them is sent again.
local bodies, sent = {}, 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

function init()
  local first, count = tonumber(os.getenv("FIRST")), tonumber(os.getenv("COUNT"))
  local place = 0
  for line in io.lines(os.getenv("BODIES")) do
    place = place + 1
    if place > first then bodies[#bodies + 1] = line end
    if #bodies == count then break end
  end
end

function request()
  sent = sent % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[sent])
end

function done(summary, latency)
  local failed = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
