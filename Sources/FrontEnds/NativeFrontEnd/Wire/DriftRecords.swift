import MartletCore
import MartletDeployments
import MartletRouting
import MartletStatistics
import MartletWire

extension DriftReportRecord {
    init(_ report: DriftReport) {
        self.init(
            since: report.since.text,
            arms: report.arms.map { arm in
                ArmDriftRecord(arm: arm.arm.rawValue, features: arm.features.map { FeatureDriftRecord($0) })
            }
        )
    }
}

extension FeatureDriftRecord {
    fileprivate init(_ feature: DriftReport.Feature) {
        self.init(
            name: feature.name,
            hasReference: feature.hasReference,
            count: Int64(clamping: feature.count),
            psi: feature.stability?.value,
            psiWithoutDrift: feature.stability?.expectedWithoutDrift,
            ksDistance: feature.distance?.distance,
            ksPValue: feature.distance?.pValue
        )
    }
}

extension DriftDocument {
    init(_ settings: DriftSettings) {
        func places(_ side: DriftSettings.Place.Side) -> [String: [String]]? {
            let places = settings.places.filter { $0.value.side == side }.mapValues(\.path)
            return places.isEmpty ? nil : places
        }
        self.init(
            partsPerMillion: Int64(settings.share.partsPerMillion),
            features: places(.request),
            scores: places(.answer)
        )
    }
}
