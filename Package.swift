// swift-tools-version:6.2
import PackageDescription

// The folder is the layer: see ARCHITECTURE.md for the arrows that `make check` enforces.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func module(_ layer: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["MartletTestSupport"],
        resources: resources,
        swiftSettings: settings
    )
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

let package = Package(
    name: "martlet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "MartletClient", targets: ["MartletClient", "MartletWire"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        module("Core", "MartletCore", []),
        module("Core", "MartletJSON", []),
        module("Core", "MartletProofs", ["MartletCore", crypto]),
        module("Core", "MartletRouting", ["MartletCore", crypto]),
        module("Core", "MartletStatistics", ["MartletCore"]),
        module("Drivers", "MartletSQL", ["MartletCore"]),
        module("Drivers", "MartletSQLite", ["MartletCore", "MartletSQL", grdb, sqlite, nioPosix]),
        .systemLibrary(
            name: "CPostgres",
            path: "Sources/Drivers/CPostgres",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        module("Drivers", "MartletPostgres", ["CPostgres", "MartletCore", "MartletSQL", nio, nioPosix]),
        module("Drivers", "MartletFiles", ["MartletCore"]),
        module("Drivers", "MartletBlobs", ["MartletCore", "MartletFiles", crypto, nio, nioPosix]),
        module("Drivers", "MartletJournal", ["MartletCore", "MartletFiles", crypto, nio, nioPosix]),
        module(
            "Drivers",
            "MartletS3",
            [
                "MartletCore", "MartletJSON", "MartletBlobs", asyncHTTPClient, crypto, nio, nioHTTP1, nioPosix, nioSSL,
            ]
        ),
        module("Drivers", "MartletWebhooks", ["MartletCore"]),
        module(
            "Drivers",
            "MartletWebhookHTTP",
            ["MartletCore", "MartletWebhooks", nio, nioHTTP1, nioPosix, nioSSL]
        ),
        module("Drivers", "MartletBackends", ["MartletCore"]),
        module(
            "Drivers",
            "MartletSupervisor",
            [
                "MartletCore", "MartletBackends", asyncHTTPClient, logging, nio, nioHTTP1, nioPosix, subprocess,
                systemPackage,
            ]
        ),
        module("Drivers", "MartletProxy", ["MartletBackends", "MartletCore", nio, nioHTTP1, nioPosix, nioSSL]),
        module("Domain", "MartletCapture", ["MartletCore", "MartletJSON", yams]),
        module("Domain", "MartletSearch", ["MartletCore", "MartletSQL"]),
        module(
            "Domain",
            "MartletArtifacts",
            ["MartletCore", "MartletJSON", "MartletSQL", "MartletBlobs", crypto, nio]
        ),
        module("Domain", "MartletTracking", ["MartletCore", "MartletSQL", "MartletSearch"]),
        module("Domain", "MartletLedger", ["MartletCore", "MartletJSON", "MartletProofs", "MartletSQL"]),
        module(
            "Domain",
            "MartletEvents",
            [
                "MartletCore", "MartletJSON", "MartletSQL", "MartletWebhooks", "MartletSearch", "MartletLedger", crypto,
            ]
        ),
        module(
            "Domain",
            "MartletRegistry",
            [
                "MartletCore", "MartletJSON", "MartletSQL", "MartletCapture", "MartletSearch", "MartletArtifacts",
                "MartletTracking", "MartletLedger", "MartletEvents", crypto, nio,
            ]
        ),
        module(
            "Domain",
            "MartletDeployments",
            [
                "MartletBackends", "MartletCore", "MartletJSON", "MartletRouting", "MartletStatistics", "MartletSQL",
                "MartletJournal", "MartletSearch", "MartletArtifacts", "MartletLedger", "MartletEvents",
                "MartletRegistry", nio,
            ]
        ),
        module(
            "FrontEnds",
            "MartletHTTP",
            [
                "MartletCore", "MartletJSON", hummingbird, hummingbirdCore, httpTypes, logging, nio, nioHTTP1,
                nioHTTPTypes, nioHTTPTypesHTTP1,
            ]
        ),
        module(
            "FrontEnds",
            "MLflowFrontEnd",
            [
                "MartletCore", "MartletJSON", "MartletSearch", "MartletArtifacts", "MartletTracking", "MartletEvents",
                "MartletRegistry", "MartletHTTP",
                hummingbird, httpTypes, logging, nio,
            ]
        ),
        module(
            "FrontEnds",
            "NativeFrontEnd",
            [
                "MartletCore", "MartletJSON", "MartletProofs", "MartletRouting", "MartletStatistics", "MartletWire",
                "MartletCapture", "MartletSearch", "MartletArtifacts", "MartletLedger", "MartletEvents",
                "MartletRegistry", "MartletDeployments", "MartletHTTP",
                hummingbird, httpTypes, logging, nio,
            ]
        ),
        module(
            "FrontEnds",
            "GatewayFrontEnd",
            [
                "MartletCore", "MartletJSON", "MartletProxy", "MartletRouting", "MartletDeployments", "MartletHTTP",
                crypto, hummingbird, httpTypes, logging, nio, nioHTTP1, nioHTTPTypesHTTP1,
            ]
        ),
        module(
            "FrontEnds",
            "OperationsFrontEnd",
            ["MartletCore", "MartletRouting", "MartletDeployments", "MartletHTTP", hummingbird, httpTypes, nio]
        ),
        module("Client", "MartletWire", []),
        module(
            "Client",
            "MartletClient",
            [
                "MartletCore", "MartletJSON", "MartletProofs", "MartletWire", asyncHTTPClient, crypto, nio, nioHTTP1,
                nioPosix,
            ]
        ),
        module(
            "Testing",
            "MartletTestSupport",
            [
                "MartletCore", "MartletJSON", "MartletSQL", "MartletSQLite", "MartletPostgres", "MartletBlobs",
                "MartletS3", crypto, nio,
            ]
        ),
        module(
            "App",
            "MartletServer",
            [
                "MartletCore", "MartletFiles", "MartletProofs", "MartletSQL", "MartletSQLite", "MartletPostgres",
                "MartletBlobs", "MartletS3", "MartletJournal", "MartletWebhooks", "MartletWebhookHTTP",
                "MartletBackends", "MartletSupervisor", "MartletProxy", "MartletArtifacts", "MartletTracking",
                "MartletLedger", "MartletEvents", "MartletRegistry", "MartletDeployments", "MartletHTTP",
                "MLflowFrontEnd", "NativeFrontEnd", "GatewayFrontEnd", "OperationsFrontEnd",
                asyncHTTPClient, hummingbird, logging, lifecycle, signals, nio,
            ]
        ),
        module(
            "App",
            "MartletCommands",
            [
                "MartletCore", "MartletJSON", "MartletRouting", "MartletBlobs", "MartletArtifacts", "MartletClient",
                "MartletServer", "MartletSupervisor", "MartletWire", argumentParser, configuration, logging, nio,
                subprocess, systemPackage,
            ]
        ),
        .executableTarget(
            name: "martlet",
            dependencies: ["MartletCommands", argumentParser],
            path: "Sources/App/martlet",
            swiftSettings: settings
        ),
        tests(
            "MartletRegistryTests",
            [
                "MartletCore", "MartletJSON", "MartletSQL", "MartletSQLite", "MartletBlobs", "MartletCapture",
                "MartletSearch", "MartletArtifacts", "MartletTracking", "MartletEvents", "MartletLedger",
                "MartletRegistry", crypto, nio,
            ]
        ),
        tests(
            "MartletTrackingTests",
            ["MartletCore", "MartletSQL", "MartletSQLite", "MartletSearch", "MartletTracking"]
        ),
        tests(
            "MartletLedgerTests",
            ["MartletCore", "MartletJSON", "MartletProofs", "MartletSQL", "MartletSQLite", "MartletLedger"]
        ),
        tests(
            "MartletClientTests",
            [
                "MartletClient", "MartletCore", "MartletJSON", "MartletProofs", "MartletServer", "MartletSQL",
                "MartletWire", hummingbird, hummingbirdTesting, httpTypes, logging, nio, crypto,
            ]
        ),
        tests("MartletCommandsTests", ["MartletClient", "MartletCommands", "MartletWire", argumentParser]),
        tests("MartletCoreTests", ["MartletCore"]),
        tests("MartletJSONTests", ["MartletJSON"]),
        tests("MartletCaptureTests", ["MartletCapture", "MartletCore", "MartletJSON"]),
        tests("MartletProofsTests", ["MartletCore", "MartletProofs"]),
        tests("MartletRoutingTests", ["MartletCore", "MartletRouting"], resources: [.copy("vectors.txt")]),
        tests(
            "MartletDeploymentsTests",
            [
                "MartletCore", "MartletJSON", "MartletStatistics", "MartletSQL", "MartletJournal", "MartletArtifacts",
                "MartletLedger", "MartletEvents", "MartletRegistry", "MartletDeployments", "MartletRouting",
                nio, nioPosix,
            ]
        ),
        tests("MartletStatisticsTests", ["MartletCore", "MartletStatistics"]),
        tests(
            "MLflowFrontEndTests",
            [
                "MartletBlobs", "MartletCore", "MartletHTTP", "MartletJSON", "MartletProofs", "MartletServer",
                "MartletSQL",
                "MartletSQLite",
                hummingbird, hummingbirdTesting, httpTypes, nio,
            ]
        ),
        tests(
            "MartletHTTPTests",
            [
                "MartletHTTP", "OperationsFrontEnd", hummingbird, hummingbirdTesting, httpTypes, nio, nioEmbedded,
                nioHTTP1,
            ]
        ),
        tests(
            "DriverConformanceTests",
            ["MartletBlobs", "MartletCore", "MartletPostgres", "MartletS3", "MartletSQL", "MartletSQLite", nio]
        ),
        tests(
            "MartletServerTests",
            [
                "MartletArtifacts", "MartletBlobs", "MartletCore", "MartletHTTP", "MartletJournal", "MartletProofs",
                "MartletServer", "MartletSQL", "MartletSQLite",
                hummingbird, hummingbirdTesting, httpTypes, lifecycle, logging, nio,
            ]
        ),
        tests(
            "MartletS3Tests",
            [
                "MartletBlobs", "MartletCore", "MartletS3", asyncHTTPClient, hummingbird, httpTypes, logging, nio,
                nioHTTP1, nioPosix, nioSSL,
            ]
        ),
        tests(
            "MartletEventsTests",
            [
                "MartletCore", "MartletEvents", "MartletJSON", "MartletLedger", "MartletSearch", "MartletSQL",
                "MartletWebhooks", crypto,
            ]
        ),
        tests(
            "MartletWebhookHTTPTests",
            ["MartletCore", "MartletWebhookHTTP", "MartletWebhooks", nio, nioHTTP1, nioPosix, nioSSL]
        ),
        tests(
            "MartletSupervisorTests",
            ["MartletBackends", "MartletCore", "MartletProxy", "MartletSupervisor", asyncHTTPClient, logging, nio]
        ),
        tests(
            "MartletProxyTests",
            ["MartletBackends", "MartletCore", "MartletProxy", nio, nioHTTP1, nioPosix, nioSSL]
        ),
        tests("MartletJournalTests", ["MartletCore", "MartletJournal", nio]),
        tests("MartletBlobsTests", ["MartletCore", "MartletBlobs", crypto, nio]),
        tests(
            "MartletArtifactsTests",
            ["MartletCore", "MartletSQL", "MartletSQLite", "MartletBlobs", "MartletArtifacts", nio]
        ),
    ],
    swiftLanguageModes: [.v6]
)
