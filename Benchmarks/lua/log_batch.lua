-- A hundred new points, ten of each of ten metrics, in each request: PATH FIRST RUN…
-- FIRST is where the numbering of the batches starts; it has nine digits.
--
-- Bodies differ in the batch's number alone, which goes into a list of pieces that is cut once: it is not
-- wrk's formatting that is to be measured.
local path, batch
local runs = {}
local pieces = {}
local headers = { ["Content-Type"] = "application/json" }

local function point(index)
  return string.format('{"key":"b%d","value":%d.#,"timestamp":17#%02d,"step":#%02d}', index % 10, index, index, index)
end

local function cut(template)
  for piece, hole in template:gmatch("([^#]*)(#?)") do
    pieces[#pieces + 1] = piece
    if hole == "#" then pieces[#pieces + 1] = "" end
  end
end

function init(args)
  path, batch = args[1], tonumber(args[2])
  for index = 3, #args do runs[#runs + 1] = args[index] end
  local points = {}
  for index = 0, 99 do points[#points + 1] = point(index) end
  cut('","metrics":[' .. table.concat(points, ",") .. "]}")
end

function request()
  batch = batch + 1
  local number = tostring(batch)
  for index = 2, #pieces - 1, 2 do pieces[index] = number end
  local run = runs[batch % #runs + 1]
  return wrk.format("POST", path, headers, '{"run_id":"' .. run .. table.concat(pieces))
end
