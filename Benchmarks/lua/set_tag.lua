-- A new value of a version's tag in each request: PATH FIRST MODEL VERSION…
local path, value, model
local versions = {}
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  path, value, model = args[1], tonumber(args[2]), args[3]
  for index = 4, #args do versions[#versions + 1] = args[index] end
end

function request()
  value = value + 1
  return wrk.format("POST", path, headers, string.format(
    '{"name":"%s","version":"%s","key":"checked","value":"%d"}', model, versions[value % #versions + 1], value))
end
