/// For how long backends are waited for, by whoever asks them and by whoever runs them.
package enum BackendPatience {
    /// How long one may say nothing in the middle of a long answer.
    package static let streamSilenceMax = Duration.seconds(120)
}
