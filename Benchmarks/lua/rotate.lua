-- GETs of several paths in turn: PATH…
local requests = {}
local sent = 0

function init(args)
  for _, path in ipairs(args) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  sent = sent + 1
  return requests[sent % #requests + 1]
end
