import ArgumentParser
import MartletCommands

@main
enum Program {
    static func main() async {
        await MartletCommand.main(nil)
    }
}
