import MartletBackends
import MartletSupervisor
import Testing

@Suite("Processes that hang, and busy ones")
struct PulseTests {
    private static let start = ContinuousClock.now

    @Test("one that nobody asks hangs after three looks in vain")
    func unasked() {
        let (silences, _) = Self.silences(looks: 5) { _, _ in }
        #expect(silences == [nil, nil, 30, 40, 50])
    }

    @Test("one that somebody asks hangs when it has been silent for as long as a request may take")
    func asked() {
        let (silences, _) = Self.silences(looks: 7) { look, use in (use.begun, use.underWay) = (look, 1) }
        #expect(silences == [nil, nil, nil, nil, nil, 60, 70])
    }

    @Test("one may go on with what was given up before the first look")
    func givenUp() {
        let (silences, _) = Self.silences(looks: 6) { _, use in (use.begun, use.underWay) = (1, 0) }
        #expect(silences == [nil, nil, nil, nil, nil, 60])
    }

    @Test("one that passes on an answer may pause as long as the gateway waits for more of it")
    func streaming() {
        let (silences, _) = Self.silences(looks: 12) { _, use in (use.underWay, use.streaming) = (1, 1) }
        #expect(silences == Array(repeating: nil, count: 11) + [120])
    }

    @Test("whatever requests hear of it is a sign of life")
    func heard() {
        let (silences, _) = Self.silences(looks: 9) { look, use in use.heard = look / 3 }
        #expect(silences == Array(repeating: nil, count: 9))
    }

    @Test("one that answers again has forgotten its silence")
    func answered() {
        var (silences, pulse) = Self.silences(looks: 2) { _, _ in }
        let then = Self.start + .seconds(30)
        silences.append(
            pulse.note(isAnswered: true, BackendUse(), requestTime: .seconds(60), at: then).map(Self.seconds)
        )
        let later = then + .seconds(1_000)
        silences.append(pulse.note(isAnswered: false, BackendUse(), requestTime: .zero, at: later).map(Self.seconds))
        #expect(silences == [nil, nil, nil, nil])
    }

    /// Looks in vain every ten seconds, where a request may take a minute.
    private static func silences(looks: Int, _ change: (Int, inout BackendUse) -> Void) -> ([Int64?], Pulse) {
        var (use, pulse) = (BackendUse(), Pulse(BackendUse(), at: Self.start))
        let silences = (1...looks).map { look in
            change(look, &use)
            let now = Self.start + .seconds(10 * look)
            return pulse.note(isAnswered: false, use, requestTime: .seconds(60), at: now).map(Self.seconds)
        }
        return (silences, pulse)
    }

    private static func seconds(_ time: Duration) -> Int64 { time.components.seconds }
}
