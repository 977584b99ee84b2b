import ArgumentParser
import MartletCommands

@main
enum Program {
    static func main() async {
        StandardOutput.flushAtExit()
        await MartletCommand.main(nil)
    }
}
