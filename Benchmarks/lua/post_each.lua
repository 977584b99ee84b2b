-- POSTs in turn: PATH BODY [PATH BODY]…
local requests = {}
local sent = 0
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  for index = 1, #args, 2 do
    requests[#requests + 1] = wrk.format("POST", args[index], headers, args[index + 1])
  end
end

function request()
  sent = sent + 1
  return requests[sent % #requests + 1]
end
