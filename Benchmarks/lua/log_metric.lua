-- One new point of a metric in each request: PATH FIRST RUN…
-- FIRST is where the numbering of the steps starts, so that no call repeats another's points.
local path, step
local runs = {}
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  path, step = args[1], tonumber(args[2])
  for index = 3, #args do runs[#runs + 1] = args[index] end
end

function request()
  step = step + 1
  return wrk.format("POST", path, headers, string.format(
    '{"run_id":"%s","key":"loss","value":%.6f,"timestamp":%d,"step":%d}',
    runs[step % #runs + 1], step % 1000 / 1000, 1700000000000 + step, step))
end
