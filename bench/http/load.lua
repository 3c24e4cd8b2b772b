-- Sends the requests of a file in turn: method, path, type, credential and body
-- with tabs between them. The summary is one line of JSON.
local all, at = {}, 0

function init()
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local method, path, mime, auth, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = { Authorization = auth }
    if mime ~= "" then headers["Content-Type"] = mime end
    if body == "" then body = nil end
    all[#all + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  at = at % #all + 1
  return all[at]
end

function done(s, latency)
  io.write(string.format('{"requests":%d,"bad":%d,"p50":%.3f,"p99":%.3f}\n',
    s.requests, s.errors.status, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
