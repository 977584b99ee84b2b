/// The version of this program.
package enum MartletVersion {
    package static let text = "0.1.0"
}
