using System.Collections.Concurrent;
using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Application.Reading;

/// <summary>
/// Whose turn it is to look further into a store. One of a tenant's at a time, and so many of all tenants': who waits behind a crowd of its own keeps no other tenant waiting
/// for more than one look. Behind <see cref="Limits.LooksWaiting"/> that wait a tenant's next is told to come again (overloaded).
/// </summary>
internal sealed class Turns : IDisposable
{
    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _all = new(Limits.LooksAtOnce);

    /// <returns>Its end.</returns>
    public async Task<IDisposable> Take(string tenant, CancellationToken cancel)
    {
        var line = _lines.GetOrAdd(tenant, static _ => new());
        line.Come();
        try
        {
            await line.First.WaitAsync(cancel);
            try
            {
                await _all.WaitAsync(cancel);
            }
            catch
            {
                line.First.Release();
                throw;
            }
        }
        catch
        {
            line.Go();
            throw;
        }

        return new Turn(this, line);
    }

    public void Dispose()
    {
        _all.Dispose();
        foreach (var line in _lines.Values) line.First.Dispose();
    }

    private sealed class Line
    {
        private int _there;

        public SemaphoreSlim First { get; } = new(1);

        public void Come()
        {
            if (Interlocked.Increment(ref _there) <= Limits.LooksWaiting) return;

            Go();
            throw new OperatingException(new(FailureKind.Overloaded));
        }

        public void Go() => Interlocked.Decrement(ref _there);
    }

    private sealed class Turn(Turns turns, Line line) : IDisposable
    {
        public void Dispose()
        {
            turns._all.Release();
            line.First.Release();
            line.Go();
        }
    }
}
