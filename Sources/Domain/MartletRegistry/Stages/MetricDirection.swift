/// Which way a metric gets better.
package enum MetricDirection: String, Sendable {
    case higher, lower

    /// Parts of names that mean a distance from what is wanted, as libraries spell them.
    private static let lowerIsBetter: Set = [
        "loss", "error", "err", "mse", "rmse", "mae", "mape", "smape", "msle", "rmsle", "perplexity", "ppl", "wer",
        "cer",
        "fid", "nll", "logloss", "deviance", "divergence", "kl", "latency", "brier", "ece", "fpr", "fnr", "hamming",
        "distance", "bpc", "bpb", "eer", "regret", "duration", "seconds", "ms", "cost",
    ]

    /// Guesses from a name, as in `val_loss` or `test/accuracy`: higher is better unless a word says otherwise.
    package init(guessingFrom name: String) {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        self = words.contains { Self.lowerIsBetter.contains(String($0)) } ? .lower : .higher
    }

    /// By how much `new` is better than `old`; negative when it is worse.
    package func gain(from old: Double, to new: Double) -> Double {
        self == .higher ? new - old : old - new
    }
}
