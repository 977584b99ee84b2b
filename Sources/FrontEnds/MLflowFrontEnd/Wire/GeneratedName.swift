/// Names for runs and models that their authors did not name, as in `gentle-wren-412`.
enum GeneratedName {
    private static let adjectives = [
        "able", "amber", "brave", "bright", "calm", "clear", "clever", "crisp", "eager", "early", "fair", "fine",
        "fond", "frank", "fresh", "gentle", "glad", "grand", "green", "happy", "keen", "kind", "light", "lively",
        "loyal", "lucky", "mellow", "merry", "mild", "neat", "nimble", "noble", "open", "patient", "plain", "proud",
        "quick", "quiet", "rare", "ready", "silent", "smooth", "steady", "still", "sunny", "swift", "tidy", "true",
        "warm", "wise",
    ]
    private static let birds = [
        "bittern", "bunting", "chough", "coot", "crane", "curlew", "dipper", "dove", "dunlin", "eider", "falcon",
        "finch", "gannet", "grebe", "heron", "hobby", "hoopoe", "ibis", "jackdaw", "jay", "kestrel", "kite", "knot",
        "lapwing", "lark", "linnet", "magpie", "martin", "martlet", "merlin", "oriole", "osprey", "owl", "petrel",
        "pipit", "plover", "quail", "raven", "redwing", "robin", "rook", "ruff", "siskin", "skua", "snipe", "stork",
        "swallow", "tern", "thrush", "wren",
    ]

    static func random() -> String {
        let adjective = self.adjectives[Int.random(in: 0..<self.adjectives.count)]
        let bird = self.birds[Int.random(in: 0..<self.birds.count)]
        return "\(adjective)-\(bird)-\(Int.random(in: 100...999))"
    }
}
