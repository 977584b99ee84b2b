import Glibc

/// What Linux says about this process, for Prometheus.
enum ProcessMetrics {
    static func prometheusText(version: String) -> String {
        var text = """
            # HELP martlet_build_info The version of this server.
            # TYPE martlet_build_info gauge
            martlet_build_info{version="\(version)"} 1

            """
        if let bytes = self.residentBytes() {
            text += """
                # HELP process_resident_memory_bytes Resident memory.
                # TYPE process_resident_memory_bytes gauge
                process_resident_memory_bytes \(bytes)

                """
        }
        return text
    }

    /// Resident memory, from `/proc/self/statm`, whose second number counts pages.
    private static func residentBytes() -> Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var total = 0
        var resident = 0
        return withUnsafeMutablePointer(to: &total) { total in
            withUnsafeMutablePointer(to: &resident) { resident in
                let read = withVaList([total, resident]) { vfscanf(file, "%ld %ld", $0) }
                return read == 2 ? resident.pointee * Int(sysconf(Int32(_SC_PAGESIZE))) : nil
            }
        }
    }
}
