namespace Agora.Testing;

/// <summary>Commands that a test interrupts. Tests that a script began in the background inherit that SIGINT is ignored, and no shell takes that back.</summary>
public static class Interruptible
{
    public static IReadOnlyList<string> Command(params IReadOnlyList<string> command) => OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", .. command] : command;
}
