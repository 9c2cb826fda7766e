using System.Collections.Concurrent;
using System.Globalization;

namespace Agora.Fuzz;

/// <summary>What came of the inputs. Of findings the first 20 are kept whole.</summary>
internal sealed class Tally
{
    private const int FindingsKept = 20;
    private readonly ConcurrentDictionary<int, long> _statuses = new();
    private readonly ConcurrentDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _findings = new();
    private readonly Lock _gate = new();
    private (TimeSpan Took, string Route) _slowest = (TimeSpan.Zero, "-");
    private long _inputs;
    private volatile bool _over;

    public bool IsOver => _over;

    public bool HasFindings => !_findings.IsEmpty;

    public void Count() => Interlocked.Increment(ref _inputs);

    public void Count(int status, TimeSpan took, string route)
    {
        _statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
        if (status is >= 500 and not 505)
        {
            _failures.AddOrUpdate(string.Create(CultureInfo.InvariantCulture, $"{status} {route}"), 1, static (_, count) => count + 1);
        }

        if (took > _slowest.Took)
        {
            lock (_gate)
            {
                _slowest = took > _slowest.Took ? (took, route) : _slowest;
            }
        }
    }

    /// <param name="isEnd">Nothing more can be sent.</param>
    public void Find(string what, bool isEnd = false)
    {
        _over |= isEnd;
        if (_findings.Count < FindingsKept)
        {
            _findings.Enqueue(what);
        }
    }

    public async Task Write(TextWriter output, TimeSpan took, long? before, long? after)
    {
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{_inputs:N0} inputs in {took.TotalSeconds:N1} s ({_inputs / took.TotalSeconds:N0} a second)"));
        await output.WriteLineAsync($"statuses: {string.Join(", ", _statuses.OrderBy(s => s.Key).Select(s => string.Create(CultureInfo.InvariantCulture, $"{(s.Key == 0 ? "closed" : s.Key)} × {s.Value:N0}")))}; the others were sent by clients that did not wait");
        await output.WriteLineAsync($"5xx by route, but for 505 (a version of HTTP that there is not): {string.Join(", ", _failures.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} × {f.Value:N0}")))}");
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"slowest: {_slowest.Took.TotalMilliseconds:N0} ms, {_slowest.Route}"));
        await output.WriteLineAsync($"memory: {Megabytes(before)} before, {Megabytes(after)} after");
        await output.WriteLineAsync($"findings: {_findings.Count}");
        foreach (var finding in _findings)
        {
            await output.WriteLineAsync($"---\n{finding}");
        }
    }

    private static string Megabytes(long? bytes) => bytes is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known / 1_048_576.0:N0} MB") : "unknown";
}
