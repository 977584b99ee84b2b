-- A small file of a name and content of its own in each request: FOLDER FIRST BYTES
local folder, number, filler

function init(args)
  folder, number, filler = args[1], tonumber(args[2]), string.rep("x", tonumber(args[3]))
end

function request()
  number = number + 1
  return wrk.format("PUT", folder .. "/" .. number .. ".bin", {}, filler .. number)
end
