namespace Agora.Cli;

/// <summary>Where it runs: what it reads and writes, and what it was told besides its arguments.</summary>
/// <param name="Width">Characters of a line; null: nobody looks at it, so lines are as long as they are.</param>
/// <param name="Setting">Of the environment.</param>
/// <param name="Folder">Of profiles and of what is kept between calls.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, int? Width, Func<string, string?> Setting, string Folder)
{
    /// <summary>Whoever read the output has gone.</summary>
    public Func<bool> IsGone { get; init; } = static () => false;

    public static Terminal OfProcess()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var config = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } named ? named : Path.Combine(home, ".config");
        var pipe = PipedOutput.Of();
        return new(
            Console.In, pipe is null ? Console.Out : new StreamWriter(pipe) { AutoFlush = true }, Console.Error, Console.IsOutputRedirected ? null : Console.WindowWidth, name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
            Path.Combine(config, "agora")) { IsGone = () => pipe is { IsGone: true } };
    }
}
