using Orleans.Runtime;

namespace Agora.Silo.Engine;

/// <summary>
/// Ends the process at once when the silo cannot go on, above all when it finds that the others have declared it dead: whoever runs it starts it
/// again. One line and an exit code of its own, in place of Orleans' abort two seconds later with all its stacks, and a dump where those are kept.
/// Nothing is drained: its grains live elsewhere by now, and whatever it still wrote would be refused (<c>one_writer</c>).
/// </summary>
internal sealed class EndOfSilo : IFatalErrorHandler
{
    public const int ExitCode = 3;
    private int _ending;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        // Environment.Exit waits for whoever came first.
        if (Interlocked.Exchange(ref _ending, 1) == 0)
        {
            Console.Error.WriteLine(Line(context, exception));
            Environment.Exit(ExitCode);
        }
    }

    internal static string Line(string? context, Exception? exception) =>
        $"This silo ends: {context ?? "Orleans cannot go on."}{(exception is null ? "" : $" {exception.GetType().Name}: {exception.Message}")}".ReplaceLineEndings(" ");
}
