-- The same request again and again: METHOD PATH [BODY]. wrk formats it once and calls no Lua for it.
function init(args)
  wrk.method = args[1]
  wrk.path = args[2]
  wrk.body = args[3]
  if wrk.body then wrk.headers["Content-Type"] = "application/json" end
end
