using Microsoft.Extensions.Logging;

namespace Agora.Simulation.Cluster;

/// <summary>Whatever the product logs as an error is a programmer's error, and a finding.</summary>
public sealed class Breakages(Findings findings) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            findings.AddNoticed($"broken: {formatter(state, exception)}: {exception?.GetType().Name}: {exception?.Message} {Where(exception)}");
        }
    }

    private static string? Where(Exception? exception) =>
        exception?.StackTrace?.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("at Agora.", StringComparison.Ordinal) && !l.Contains("Invariant.Check", StringComparison.Ordinal))?.Split(" in ")[0];
}
