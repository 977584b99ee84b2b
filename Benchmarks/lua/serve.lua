-- POSTs to a deployment, or to whatever stands in its place: PATH, how many of them or 0, PAUSE in ms.
-- Of many, the path's %d is the number of one. Each subject comes back after a thousand requests.
local requests = {}
local sent = 0
local pause = 0

function init(args)
  local count = tonumber(args[2])
  pause = tonumber(args[3])
  local body = '{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'
  for number = 1, math.max(count, 1000) do
    local path = count > 0 and string.format(args[1], number % count) or args[1]
    local headers = { ["Content-Type"] = "application/json", ["X-User"] = "user-" .. number }
    requests[number] = wrk.format("POST", path, headers, body)
  end
  if pause == 0 then delay = nil end
end

function request()
  sent = sent + 1
  return requests[sent % #requests + 1]
end

-- Before each request; without it there is none.
function delay()
  return pause
end
