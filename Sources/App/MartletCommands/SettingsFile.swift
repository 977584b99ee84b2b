import ArgumentParser
import MartletCore
import MartletJSON

/// The JSON file with settings: members are called like the settings, and a dot in a name is an object of its own.
struct SettingsFile {
    /// What it says, spelt as an option would be.
    private(set) var values: [Setting: String] = [:]

    /// - Throws: `ValidationError` that names the member that cannot be meant, or `MartletClientError` where there is
    ///   nothing to read.
    init(path: String) throws {
        let bytes = Array(try TextFile.read(path).utf8)
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth)
        } catch {
            throw ValidationError("'\(path)' is no JSON: \(error.reason) at byte \(error.offset)")
        }
        guard document.root.kind == .object else { throw ValidationError("'\(path)' is no JSON object") }
        try self.read(document.root, below: "")
    }

    private mutating func read(_ object: JSONValue, below group: String) throws {
        for (name, value) in object.members {
            let name = group + (name.string ?? name.source)
            if value.kind == .object, Setting.allCases.contains(where: { $0.rawValue.hasPrefix("\(name).") }) {
                try self.read(value, below: "\(name).")
                continue
            }
            guard let setting = Setting(rawValue: name) else {
                throw ValidationError("there is no setting '\(name)': 'martlet help serve' says what there is")
            }
            guard self.values.updateValue(try Self.text(of: value, for: setting), forKey: setting) == nil else {
                throw ValidationError("the file says \(name) twice")
            }
        }
    }

    private static func text(of value: JSONValue, for setting: Setting) throws -> String {
        switch value.kind {
        case .string: return value.string ?? ""
        case .integer, .true, .false: return value.source
        case .array where setting.isList:
            let texts = value.elements.compactMap(\.string)
            if texts.count == Array(value.elements).count { return texts.joined(separator: ",") }
        default: break
        }
        let kinds = setting.isList ? "a text, or a list of texts" : "a text, a whole number, true or false"
        throw ValidationError("the value of \(setting.rawValue) is not \(kinds)")
    }
}
